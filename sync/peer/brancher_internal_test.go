package peer

import (
	"testing"

	"starling/crdt"
	"starling/sync/trust"
)

// What stands beside a document is looked at for branches while it counts but for its
// number, and not once its author was removed before that.
func TestBeyondALineIsNoBranch(t *testing.T) {
	p, id := alone(t)
	d := begin(t, p, id, "begin\n")
	a := newAuthor(t, d)
	a.admit(t)
	m := &team{t: t, peers: []*Peer{p}, space: id, doc: d.id}
	kept := a.write(t, 0, "kept ")
	d.mustReceive(t, a.sends(kept...))
	beyond := a.write(t, 0, "beyond ")
	d.mustReceive(t, a.sends(beyond...))
	m.flush(p)
	d.Close()
	m.shut(p)
	gather := func() int {
		box := p.docs.enterBox(d.id)
		defer p.docs.leaveBox(box)
		box.mu.Lock()
		defer box.mu.Unlock()
		b := &brancher{p: p, space: id, doc: d.id, origin: d.id, box: box}
		if err := b.gather(t.Context()); err != nil {
			t.Fatal(err)
		}
		return len(b.loose)
	}
	// As for a fork, whose author may write.
	if _, err := p.store.Retreat(t.Context(), d.id, []crdt.Hash{beyond[0].Hash}, overLine); err != nil {
		t.Fatal(err)
	}
	if n := gather(); n != 1 {
		t.Errorf("%d changes that count but for their number are loose", n)
	}
	lines := []trust.Line{{Doc: d.id, Actor: string(a.doc.Actor()), Seq: kept[0].Seq}}
	err := p.amend(t.Context(), id, func(sp *space) ([]*trust.Statement, error) {
		return sp.roster.Remove(p.id, trust.Removal{Subject: a.id.ID(), Whole: true, Lines: lines}, noon)
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := gather(); n != 0 {
		t.Errorf("%d changes beyond the line are loose", n)
	}
}
