package peer

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"starling/crdt"
	"starling/sync/trust"
)

// tips are those of all that a peer tells of what waits.
func (m *team) tips(p *Peer) (tips []crdt.Hash) {
	m.t.Helper()
	list, err := p.Waiting(m.t.Context(), m.doc)
	if err != nil {
		m.t.Fatal(err)
	}
	for _, w := range list {
		tips = append(tips, w.Tips...)
	}
	return tips
}

func (m *team) takesIn(p *Peer, want int) {
	m.t.Helper()
	n, err := p.TakeIn(m.t.Context(), m.doc, m.tips(p))
	if err != nil || n != want {
		m.t.Fatalf("peer %d takes in %d changes, want %d: %v", slices.Index(m.peers, p), n, want, err)
	}
}

// An owner who lacks what somebody wrote removes them: what others had read is gone
// everywhere, and one of them brings it back for all, with the document open or closed.
func TestWhatWaitsIsTakenIn(t *testing.T) {
	for _, seed := range []uint64{0, 1} { // with SQLite, and without
		for _, open := range []bool{true, false} {
			t.Run(fmt.Sprint(seed, open), func(t *testing.T) {
				m := newTeam(t, seed, trust.Editor, trust.Editor)
				owner, writer, reader := m.peers[0], m.peers[1], m.peers[2]
				m.says(writer, "one ")
				m.says(writer, "two ")
				m.give(writer, reader)
				if open {
					m.toggle(reader)
					m.toggle(owner)
				} else {
					m.shut(reader)
				}
				m.removes(owner, writer)
				m.tell(owner, reader)
				m.give(owner, reader)
				m.wantText(reader, "begin\n")
				m.takesIn(reader, 2)
				m.wantText(reader, "two one begin\n")
				m.meet(owner, reader)
				m.wantText(owner, "two one begin\n")
				m.wantSame(owner, reader)
				if beside := m.beside(reader); len(beside) > 0 {
					t.Errorf("%d are still beside", len(beside))
				}
				if _, err := reader.TakeIn(t.Context(), m.doc, m.tips(reader)); !errors.Is(err, ErrNothingWaits) {
					t.Errorf("once more: %v", err)
				}
				if !open {
					m.shut(reader)
				}
				reader.reconsider(t.Context(), m.space) // as after a restart
				m.mend(reader)
				m.wantText(reader, "two one begin\n")
			})
		}
	}
}

// A whole document that somebody founded comes back, too, and so does what was written
// by one who was demoted and may write again.
func TestADocumentThatWentEmptyIsTakenIn(t *testing.T) {
	m := newTeam(t, 0, trust.Owner, trust.Owner)
	late, founder, reader := m.peers[1], m.peers[0], m.peers[2]
	id, err := founder.NewDocument(t.Context(), m.space, "all of it\n")
	if err != nil {
		t.Fatal(err)
	}
	m.doc = id
	m.give(founder, reader) // and not to the late one
	if _, err := late.ChangeRole(t.Context(), m.space, founder.ID().String(), "viewer", LineOptions{}); err != nil {
		t.Fatal(err)
	}
	m.tell(late, reader)
	m.tell(late, founder)
	m.wantText(reader, "")
	m.wantText(founder, "")
	if _, err := founder.TakeIn(t.Context(), m.doc, m.tips(founder)); !errors.Is(err, ErrReadOnly) {
		t.Errorf("a viewer takes in: %v", err)
	}
	if _, err := late.ChangeRole(t.Context(), m.space, founder.ID().String(), "owner", LineOptions{}); err != nil {
		t.Fatal(err)
	}
	m.tell(late, founder)
	m.tell(late, reader)
	m.wantText(founder, "")
	n, err := founder.TakeIn(t.Context(), m.doc, m.tips(founder))
	if err != nil || n == 0 {
		t.Fatalf("it takes in %d: %v", n, err)
	}
	m.wantText(founder, "all of it\n")
	m.meet(m.peers...)
	m.wantText(reader, "all of it\n")
	m.wantText(late, "all of it\n")
}

// Whatever is removed, written and taken in, in whatever order it is heard of: all
// come to the same, and what was taken in by one who may write stays.
func TestAllTakeInTheSame(t *testing.T) {
	taken := 0
	for seed := range uint64(seeds(t, 24)) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			m := newTeam(t, seed, trust.Owner, trust.Editor)
			m.lossy = true
			for range 80 {
				if p := m.pick(); m.rng.IntN(8) == 0 {
					taken += m.mayTakeIn(p)
				} else {
					m.step3()
				}
			}
			m.lossy = false
			m.meet(m.peers...)
			left := m.left()
			for _, p := range left {
				m.mayTakeIn(p)
			}
			m.meet(m.peers...)
			for _, p := range left {
				m.wantSame(left[0], p)
				if beside := m.beside(p); len(beside) > 0 && p.readOnly(m.space) == nil {
					t.Errorf("%d changes wait still", len(beside))
				}
			}
		})
	}
	if taken == 0 {
		t.Error("nothing was taken in: it tests nothing")
	}
}

// step3 is step in a team of three.
func (m *team) step3() {
	m.t.Helper()
	if m.rng.IntN(8) > 0 {
		switch p := m.pick(); m.rng.IntN(10) {
		case 0, 1, 2, 3:
			m.write(p)
		case 4, 5, 6:
			m.give(p, m.pick())
		case 7, 8:
			if q := m.pick(); q != p {
				m.tell(p, q)
			}
		default:
			m.toggle(p)
		}
		return
	}
	if by, who := m.rng.IntN(2), 1+m.rng.IntN(2); by != who {
		m.change(m.peers[by], m.peers[who])
	}
}

// mayTakeIn takes in what waits, if anything does.
func (m *team) mayTakeIn(p *Peer) int {
	m.t.Helper()
	n, err := p.TakeIn(m.t.Context(), m.doc, m.tips(p))
	if err != nil && !errors.Is(err, ErrNothingWaits) && !errors.Is(err, ErrReadOnly) && !errors.Is(err, errAnew) {
		m.t.Error(err)
	}
	m.flush(p)
	return n
}
