package peer

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"starling/crdt"
	"starling/sync/trust"
)

// What comes after a person was shown what waits goes on waiting, whether it builds on
// what was shown or not.
func TestOnlyWhatWasShownIsTakenIn(t *testing.T) {
	for _, open := range []bool{true, false} {
		t.Run(fmt.Sprint(open), func(t *testing.T) {
			m := newTeam(t, 1, trust.Editor, trust.Editor, trust.Editor)
			owner, writer, other, reader := m.peers[0], m.peers[1], m.peers[2], m.peers[3]
			m.says(writer, "one ")
			m.give(writer, reader)
			for _, who := range []*Peer{writer, other} {
				m.removes(owner, who)
			}
			m.says(writer, "two ") // before they hear of it
			m.says(other, "three ")
			m.tell(owner, reader)
			m.wantText(reader, "begin\n")
			shown := m.tips(reader)
			m.give(writer, reader)
			m.give(other, reader)
			if open {
				m.toggle(reader)
			}
			if n := len(m.tips(reader)); n != 2 {
				t.Fatalf("%d tips wait", n)
			}
			if n, err := reader.TakeIn(t.Context(), m.doc, shown); err != nil || n != 1 {
				t.Fatalf("it takes in %d: %v", n, err)
			}
			m.wantText(reader, "one begin\n")
			if _, err := reader.TakeIn(t.Context(), m.doc, shown); !errors.Is(err, ErrNothingWaits) {
				t.Errorf("once more: %v", err)
			}
			m.flush(reader)
			m.mend(reader)
			m.wantText(reader, "one begin\n")
			m.meet(owner, reader)
			m.wantText(owner, "one begin\n")
			m.takesIn(reader, 2)
			if text := m.text(reader); !strings.Contains(text, "two ") || !strings.Contains(text, "three ") {
				t.Errorf("with the rest it is %q", text)
			}
		})
	}
}

// Both sides of a fork stand beside a document, since who wrote them was removed: what
// an owner chose is told, shown in the text and taken in, with what builds on it.
func TestTheChosenSideIsTakenIn(t *testing.T) {
	for _, chosen := range []bool{true, false} {
		t.Run(fmt.Sprint(chosen), func(t *testing.T) {
			m := newTeam(t, 1, trust.Owner, trust.Editor)
			owner, late, writer := m.peers[0], m.peers[1], m.peers[2]
			m.says(writer, "both ")
			copied := m.copyOf(writer)
			for _, p := range []*Peer{writer, copied} {
				for i := range 3 {
					m.says(p, fmt.Sprintf("%d of %d ", i, slices.Index(m.peers, p)))
				}
			}
			last := writer // whose side counts, so that both will have been held
			if one, other := m.second(writer), m.second(copied); bytes.Compare(one[:], other[:]) > 0 {
				last = copied
			}
			m.exchange(m.peers[5-slices.Index(m.peers, last)], owner)
			var fork ForkInfo
			soon(t, "there is a branch", func() bool {
				m.exchange(last, owner)
				forks, err := owner.Forks(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range forks {
					fork = f
				}
				return len(forks) == 1 && fork.Here
			})
			counts := m.text(owner)
			if chosen {
				soon(t, "the other side is chosen", func() bool {
					return owner.ChooseBranch(t.Context(), fork.Branch) == nil
				})
				soon(t, "it counts", func() bool { m.mend(owner); return m.text(owner) != counts })
				counts = m.text(owner)
			}
			m.tell(owner, late)
			m.removes(late, writer)
			m.tell(late, owner)
			soon(t, "nothing of it is left", func() bool { m.mend(owner); return m.text(owner) == "begin\n" })
			if beside := m.beside(owner); len(beside) != 7 {
				t.Fatalf("%d changes stand beside it: it tests nothing", len(beside))
			}
			m.wantWaiting(owner, "4 changes by "+owner.who(writer.ID()).Name+" came after their removal and are not shown; an owner or editor can take them in")
			if with, err := owner.TextWith(t.Context(), m.doc); err != nil || with != counts {
				t.Errorf("the text with it is %q, want %q: %v", with, counts, err)
			}
			m.takesIn(owner, 4)
			m.mend(owner)
			m.wantText(owner, counts)
		})
	}
}

// second is the second change of the only one who has written more than one.
func (m *team) second(p *Peer) (second crdt.Hash) {
	m.t.Helper()
	for _, c := range m.lacks(p, nil) {
		if c.Seq == 2 {
			second = c.Hash
		}
	}
	return second
}
