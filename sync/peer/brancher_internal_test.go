package peer

import (
	"fmt"
	"slices"
	"strings"
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

// Of a device that forks without end no more than so many branches are made, but each
// in which somebody else has written on top, whenever that comes.
func TestBranchesOfOneDevice(t *testing.T) {
	p, id := alone(t)
	d := begin(t, p, id, "begin\n")
	a, b := newAuthor(t, d), newAuthor(t, d)
	a.admit(t)
	b.admit(t)
	var forks []crdt.Change
	for i := range maxBranches + 2 {
		a.restart(t)
		forks = append(forks, a.write(t, 0, fmt.Sprintf("fork %d ", i))...)
	}
	slices.SortFunc(forks, func(x, y crdt.Change) int { return x.Hash.Compare(y.Hash) }) // the first counts
	last := forks[maxBranches+1]
	for _, c := range forks[:maxBranches+1] {
		d.mustReceive(t, a.sends(c))
	}
	look := func() {
		if _, err := p.keepBranches(t.Context(), id, d.id); err != nil {
			t.Fatal(err)
		}
	}
	soon(t, "there are as many branches as there may be", func() bool { look(); return len(p.forks(id)) == maxBranches })
	d.mustReceive(t, a.sends(last))
	look()
	if n := len(p.forks(id)); n != maxBranches {
		t.Errorf("%d branches of one device", n)
	}
	if _, err := b.doc.Apply([]crdt.Change{last}); err != nil {
		t.Fatal(err)
	}
	d.mustReceive(t, b.sends(b.write(t, 0, "honest ")...))
	soon(t, "what somebody else has written on top is in a branch", func() bool {
		look()
		return slices.ContainsFunc(p.forks(id), func(f trust.ForkInfo) bool {
			text, _ := p.Text(t.Context(), branchesOf(f)[0])
			return strings.Contains(text, "honest ")
		})
	})
}
