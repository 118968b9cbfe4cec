package simulation

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt"
	"starling/sync/peer"
)

// short is a story that is written down and not drawn.
func short(t *testing.T, people int, tell func(*testing.T, *world, crdt.DocID)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, plan{people: people})
		defer func() {
			if t.Failed() {
				t.Log(w.report())
			}
		}()
		w.net.setWeather(weather{latency: time.Millisecond, window: 256 << 10})
		w.begin()
		tell(t, w, w.docs[0])
		w.heal()
		w.settle()
		w.end()
	})
}

// edits has somebody write a few times.
func (w *world) edits(p *person, doc crdt.DocID, n int) {
	w.t.Helper()
	for range n {
		if err := p.write(doc); err != nil {
			w.t.Fatalf("%s: %v", p.name, err)
		}
	}
}

// What only another one's memory holds, whose disk was full, comes back to who
// wrote it and lost it.
func TestGivenBackAfterPowerCut(t *testing.T) {
	short(t, 2, func(t *testing.T, w *world, doc crdt.DocID) {
		writer, keeper := w.people[0], w.people[1]
		d, err := keeper.OpenDocument(t.Context(), doc)
		if err != nil {
			t.Fatal(err)
		}
		keeper.docs[doc] = d
		time.Sleep(time.Second) // all is flushed
		keeper.disk.SetFull(true)
		w.edits(writer, doc, 3)
		time.Sleep(100 * time.Millisecond) // the other one has got it
		was := writer.disk.Committed()
		w.model.rewind(writer, was, writer.disk.Flushed(), "power cuts")
		writer.crash(true)
		if lost := len(was.Changes(doc)) - len(writer.disk.Committed().Changes(doc)); lost != 3 {
			t.Fatalf("%d changes are lost, want 3", lost)
		}
		writer.come()
		synctest.Wait()
		writer.meet(keeper)
		w.tasks.Wait()
		keeper.disk.SetFull(false)
		back := func() bool {
			held := hashes(writer.holds().Changes(doc))
			for _, c := range was.Changes(doc) {
				if !held[c.Hash] {
					return false
				}
			}
			return true
		}
		if !w.waitFor(time.Minute, back) {
			w.wrong("what was lost does not come back")
		}
	})
}

// Of a home that was put back to an earlier image both texts are kept, in two
// documents, whichever hash is smaller and whichever branch has more changes.
func TestPutBack(t *testing.T) {
	for i, edits := range [][2]int{{6, 2}, {6, 2}, {6, 2}, {2, 6}, {2, 6}, {2, 6}} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			short(t, 3, func(t *testing.T, w *world, doc crdt.DocID) {
				p := w.people[0]
				w.edits(p, doc, 3)
				time.Sleep(time.Second)
				p.keepImage()
				time.Sleep(5 * time.Second)
				w.edits(p, doc, edits[0])
				time.Sleep(5 * time.Second)
				w.net.partition(map[netip.AddrPort]int{p.addr: 1})
				p.putBack()
				w.edits(p, doc, edits[1])
				time.Sleep(5 * time.Second)
				w.net.partition(nil)
				for _, other := range w.people[1:] {
					p.meet(other)
				}
				w.tasks.Wait()
				there := func() bool { return len(w.people[1].holds().Documents()) > 1 }
				if !w.waitFor(time.Minute, there) {
					w.wrong("the other branch is no document of its own")
				}
			})
		})
	}
}

// Who hears of a removal takes back what its author wrote beyond the line also in a
// document that nobody looks at, and that has rested for long.
func TestLineInAClosedDocument(t *testing.T) {
	short(t, 3, func(t *testing.T, w *world, doc crdt.DocID) {
		owner, writer, keeper := w.people[0], w.people[1], w.people[2]
		w.edits(writer, doc, 3)
		time.Sleep(time.Minute)
		w.net.partition(map[netip.AddrPort]int{owner.addr: 1})
		writer.meet(keeper)
		w.tasks.Wait()
		w.edits(writer, doc, 3)
		time.Sleep(time.Minute)
		own := len(keeper.holds().Changes(doc))
		if err := writer.leave(); err != nil {
			t.Fatal(err)
		}
		w.model.rule(owner, writer.id.ID())
		w.model.blame(writer.id.ID())
		w.state(owner, "remove", writer, func(ctx context.Context, who string) (peer.LineReport, error) {
			return owner.Remove(ctx, w.space, who, peer.LineOptions{})
		})
		counted := len(owner.holds().Changes(doc))
		if own < counted+3 {
			t.Fatalf("of %d changes, %d are beyond the line", own, own-counted)
		}
		w.net.partition(nil)
		keeper.meet(owner)
		w.tasks.Wait()
		back := func() bool { return len(keeper.holds().Changes(doc)) == counted }
		if !w.waitFor(10*time.Second, back) {
			w.wrong("of %d changes, %d are beyond the line and count", len(keeper.holds().Changes(doc)), own-counted)
		}
		if len(keeper.docs) > 0 {
			t.Error("the document is open")
		}
	})
}
