package peer_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"starling/crdt"
	"starling/sync/peer"
)

// person is a peer that comes and goes, with a watcher that follows a document.
type person struct {
	name, home string
	*peer.Peer
	leave func()

	mu    sync.Mutex
	runes []rune // what the watcher's events make of the text
}

// come opens the peer, puts it on the network and has it follow doc, unless
// that is zero.
func (p *person) come(t *testing.T, doc crdt.DocID) {
	t.Helper()
	p.Peer = open(t, p.home, p.name)
	stop := run(t, p.Peer)
	unwatch := func() {}
	if doc != (crdt.DocID{}) {
		unwatch = p.watch(t, doc)
	}
	p.leave = func() {
		stop()
		unwatch()
		if err := p.Close(); err != nil {
			t.Errorf("%s: close: %v", p.name, err)
		}
	}
}

// watch begins with the text that is held and replays what comes.
func (p *person) watch(t *testing.T, doc crdt.DocID) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- p.Watch(ctx, doc, func() error {
			base := text(t, p.Peer, doc)
			p.mu.Lock()
			p.runes = []rune(base)
			p.mu.Unlock()
			close(ready)
			return nil
		}, func(e peer.WatchEvent) error {
			p.mu.Lock()
			defer p.mu.Unlock()
			if e.At < 0 || e.At+e.Delete > len(p.runes) {
				return fmt.Errorf("%+v is outside of %d code points", e, len(p.runes))
			}
			p.runes = append(p.runes[:e.At:e.At], append([]rune(e.Insert), p.runes[e.At+e.Delete:]...)...)
			return nil
		})
	}()
	<-ready
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("%s: watch: %v", p.name, err)
		}
	}
}

func (p *person) watched() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return string(p.runes)
}

// scribble makes a random edit, as a person does in a view.
func (p *person) scribble(t *testing.T, rng *rand.Rand, doc crdt.DocID) {
	t.Helper()
	d, err := p.OpenDocument(t.Context(), doc)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	text, seen := d.Snapshot()
	length := len([]rune(text))
	at := rng.IntN(length + 1)
	e := crdt.Edit{Seen: seen, At: at, Insert: []string{"a", "ü\n", "世界 ", "🙂", strings.ToLower(p.name) + " "}[rng.IntN(5)]}
	if rng.IntN(3) == 0 {
		e.Delete = rng.IntN(min(length-at, 6) + 1)
	}
	if _, _, err := d.Edit(e); err != nil {
		t.Fatalf("%s: %v", p.name, err)
	}
}

// Four people write at random, leave and come again, lose each other and meet.
// In the end all hold one text, and on each what "watch" printed makes it too.
func TestPeopleConverge(t *testing.T) {
	const seed = 11
	rng := rand.New(rand.NewPCG(seed, 1))
	people := []*person{{name: "Ada"}, {name: "Grace"}, {name: "Alan"}, {name: "Edsger"}}
	for _, p := range people {
		p.home = t.TempDir()
		p.come(t, crdt.DocID{})
	}
	first := people[0]
	space := newSpace(t, first.Peer)
	doc := newDoc(t, first.Peer, space, "begin\n")
	for _, p := range people[1:] {
		connect(t, p.Peer, first.Peer)
		pair(t, first.Peer, p.Peer, space)
	}
	for _, p := range people {
		eventually(t, "all have the document", func() bool { return text(t, p.Peer, doc) == "begin\n" })
		p.leave()
		p.come(t, doc)
	}
	meet := func(i, j int) { // the later one may be gone; then it fails, as it should
		_, _ = people[i].Connect(t.Context(), status(t, people[j].Peer).Listen[0])
	}
	for range 40 {
		i, j := rng.IntN(len(people)), rng.IntN(len(people))
		switch rng.IntN(12) {
		case 0:
			people[i].leave()
			people[i].come(t, doc)
		case 1:
			peer.Cut(people[i].Peer)
		case 2, 3:
			if i != j {
				meet(i, j)
			}
		default:
			for range 1 + rng.IntN(8) {
				people[i].scribble(t, rng, doc)
			}
		}
	}
	for i := range people[1:] {
		meet(i+1, i)
	}
	var want string
	deadline := time.Now().Add(time.Minute)
	for same := false; !same; {
		same = true
		want = text(t, first.Peer, doc)
		for _, p := range people {
			same = same && text(t, p.Peer, doc) == want && p.watched() == want
		}
		if time.Now().After(deadline) {
			for _, p := range people {
				t.Logf("%s holds\n%q and was told\n%q", p.name, text(t, p.Peer, doc), p.watched())
			}
			t.Fatal("they did not converge")
		}
		if !same {
			<-time.After(5 * time.Millisecond)
		}
	}
	if len(want) < 100 {
		t.Errorf("only %q: the test tests little", want)
	}
	for _, p := range people {
		p.leave()
	}
}
