package peer_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/peer"
)

// flip changes one byte of the rows of changes that where names, in the home of a
// peer that is not running, and takes the compact forms away unless keepForm.
func flip(t *testing.T, home, where string, keepForm bool) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(home, store.File))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	res, err := db.Exec(`UPDATE changes SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) ||
		CASE substr(bytes, -1) WHEN x'2a' THEN x'2b' ELSE x'2a' END AS BLOB) WHERE ` + where)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := res.RowsAffected(); n == 0 || err != nil {
		t.Fatalf("%d rows are spoilt, %v", n, err)
	}
	if keepForm {
		return
	}
	if _, err := db.Exec("DELETE FROM forms"); err != nil {
		t.Fatal(err)
	}
}

// runIn has a peer on the network until stop.
func runIn(t *testing.T, home, name string) (p *peer.Peer, stop func()) {
	t.Helper()
	p = open(t, home, name)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	eventually(t, "running", func() bool { return status(t, p).Running })
	return p, func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// whole waits until a document is whole in p, and has both write in it.
func whole(t *testing.T, p, other *peer.Peer, doc crdt.DocID, want string) {
	t.Helper()
	eventually(t, "all is back", func() bool { return text(t, p, doc) == want && sound(t, p, doc) })
	write(t, p, doc, want+"after\n")
	eventually(t, "an edit arrives there", func() bool { return text(t, other, doc) == want+"after\n" })
	write(t, other, doc, want+"after\nthat\n")
	eventually(t, "an edit arrives here", func() bool { return text(t, p, doc) == want+"after\nthat\n" })
}

func sound(t *testing.T, p *peer.Peer, doc crdt.DocID) bool {
	t.Helper()
	r, err := p.Verify(t.Context(), doc)
	return err == nil && len(r.Problems) == 0
}

// A changed byte in a row is mended by any peer that has the change: one's own or
// another's, while the compact form hides it or not, whether the document is open
// or only its rows are looked at when it comes.
func TestPeersHealDamage(t *testing.T) {
	const own = "seq = 2 AND actor = (SELECT actor FROM changes WHERE seq = 2 ORDER BY num LIMIT 1)"
	const others = "seq = 2 AND actor = (SELECT actor FROM changes WHERE seq = 2 ORDER BY num DESC LIMIT 1)"
	for i, c := range []struct {
		name, where string
		form        bool
	}{
		{"own", own, false},
		{"own behind a form", own, true},
		{"another's", others, false},
		{"another's behind a form", others, true},
		{"first", "num = (SELECT min(num) FROM changes)", false},
		{"several of both", "seq IN (2, 4)", false},
	} {
		for j, looked := range []string{"before", "meanwhile"} {
			if testing.Short() && (i+j)%3 != 0 {
				continue
			}
			t.Run(c.name+" found "+looked, func(t *testing.T) { testHeal(t, c.where, c.form, looked == "before") })
		}
	}
}

func testHeal(t *testing.T, where string, form, before bool) {
	home := t.TempDir()
	a, b := start(t, "Ada"), (*peer.Peer)(nil)
	p, stop := runIn(t, home, "Grace")
	b = p
	space := newSpace(t, b)
	doc := newDoc(t, b, space, "")
	connect(t, b, a)
	pair(t, b, a, space)
	want := ""
	for i := range 5 {
		for _, p := range []*peer.Peer{b, a} {
			want += fmt.Sprintf("line %d of %s\n", i, p.Me().Name)
			eventually(t, "the text is there", func() bool {
				return listed(t, p, doc) && len(text(t, p, doc)) == len(want)-len(fmt.Sprintf("line %d of %s\n", i, p.Me().Name))
			})
			write(t, p, doc, want)
		}
	}
	eventually(t, "both have it", func() bool { return text(t, b, doc) == want })
	stop()
	flip(t, home, where, form)
	b = startIn(t, home, "Grace")
	if before {
		if _, err := b.Verify(t.Context(), doc); err != nil {
			t.Fatal(err)
		}
		if form && text(t, b, doc) != want {
			t.Errorf("without what was lost the text is %q, although the form has it all", text(t, b, doc))
		}
	}
	connect(t, b, a)
	whole(t, b, a, doc, want)
}

// A byte that is found damaged while the document is open and in use, which goes
// on, is mended too, without a restart or anyone's doing.
func TestPeersHealWhatIsFoundWhileOpen(t *testing.T) {
	home := t.TempDir()
	a := start(t, "Ada")
	b, stop := runIn(t, home, "Grace")
	space := newSpace(t, b)
	doc := newDoc(t, b, space, "one\n")
	connect(t, b, a)
	pair(t, b, a, space)
	write(t, b, doc, "one\ntwo\n")
	write(t, b, doc, "one\ntwo\nthree\n")
	eventually(t, "it arrives", func() bool { return listed(t, a, doc) && text(t, a, doc) == "one\ntwo\nthree\n" })
	stop()
	flip(t, home, "seq = 2", true)
	b = startIn(t, home, "Grace")
	d := openDoc(t, b, doc) // from its form
	connect(t, b, a)
	write(t, b, doc, "one\ntwo\nthree\nfour\n")
	eventually(t, "an edit arrives", func() bool { return text(t, a, doc) == "one\ntwo\nthree\nfour\n" })
	whole(t, b, a, doc, "one\ntwo\nthree\nfour\n") // verify finds it
	eventually(t, "all is saved", func() bool { return d.State().Saved })
}

// What is lost of an imported file may come again after the founding.
func TestPeersHealAnImport(t *testing.T) {
	for _, f := range fixtures(t)[:peer.Shorter(6, 2)] {
		t.Run(f.name, func(t *testing.T) {
			home := t.TempDir()
			a := start(t, "Ada")
			b, stop := runIn(t, home, "Grace")
			space := newSpace(t, b)
			doc := importFile(t, b, space, f)
			connect(t, b, a)
			pair(t, b, a, space)
			eventually(t, "it arrives", func() bool { return listed(t, a, doc) && text(t, a, doc) == f.Text })
			stop()
			flip(t, home, "num = (SELECT min(num) FROM changes)", false)
			b = startIn(t, home, "Grace")
			if _, err := b.Verify(t.Context(), doc); err != nil {
				t.Fatal(err)
			}
			connect(t, b, a)
			whole(t, b, a, doc, f.Text)
		})
	}
}
