package peer_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"starling/sync/peer"
)

// seldom looks every 20 ms at most: it costs those who are measured some time.
func seldom(ok func() bool) func() bool {
	next := time.Now()
	return func() bool {
		if time.Now().Before(next) {
			return false
		}
		done := ok()
		next = time.Now().Add(20 * time.Millisecond)
		return done
	}
}

// TestManyDocuments brings a space of many documents to a new member, and
// connects the two again when nothing has changed. STARLING_DOCUMENTS says how
// many, to measure it: 10,000 in the budgets.
func TestManyDocuments(t *testing.T) {
	n := 200
	if s := os.Getenv("STARLING_DOCUMENTS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	a, b := start(t, "Ada"), start(t, "Bob")
	space := newSpace(t, a)
	for i := range n {
		id := newDoc(t, a, space, fmt.Sprintf("Document %d\n\n%s", i, strings.Repeat("Some words of it. ", 20)))
		peer.Shut(a, id)
	}
	connect(t, a, b)
	begin := time.Now()
	pair(t, a, b, space)
	eventually(t, "the space is there", func() bool { return status(t, b).Spaces == 1 })
	within(t, time.Minute, "all are acknowledged", seldom(func() bool { return peer.AllReached(a, space, b.ID()) }))
	t.Logf("%d documents stored and acknowledged after %v", n, time.Since(begin))
	if docs, err := b.Documents(t.Context(), space); err != nil || len(docs) != n {
		t.Fatalf("%d documents have arrived: %v", len(docs), err)
	}
	if n <= 200 {
		within(t, time.Minute, "all are checked", seldom(func() bool { return status(t, b).Behind == 0 }))
		t.Logf("checked after %v", time.Since(begin))
	}

	for range 3 {
		x, y := peer.SessionWith(a, b.ID()), peer.SessionWith(b, a.ID())
		peer.Cut(a)
		eventually(t, "another connection", func() bool {
			v, w := peer.SessionWith(a, b.ID()), peer.SessionWith(b, a.ID())
			return v != nil && v != x && w != nil && w != y
		})
		begin = time.Now()
		eventually(t, "compared", func() bool {
			v, w := peer.SessionWith(a, b.ID()), peer.SessionWith(b, a.ID()) // two may have crossed
			return v != nil && v != x && v.Together(space) && w != nil && w != y && w.Together(space)
		})
		t.Logf("connected and compared after %v", time.Since(begin))
	}
}
