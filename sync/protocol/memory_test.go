package protocol

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt"
	"starling/sync/identity"
	"starling/sync/trust"
)

// A document with more actors than a message can name is compared, caught up
// with, acknowledged and asked for like any other.
func TestADocumentOfManyActors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newFakeHost(t, 1), newFakeHost(t, 2)
		space := found(1, a, b)
		const n = 2*MaxActors + 100
		for i := range n {
			c := makeChange([]byte(fmt.Sprintf("actor %010d", i)), 1, 0)
			for _, h := range []*fakeHost{a, b}[:1+i%2] { // the other has a half
				d := h.doc(space, docs[0])
				d.take(c)
				d.committed++
				d.heads = append(d.heads, h.head(c))
			}
		}
		refused := false
		b.refuse = func(Received) error {
			if refused {
				return nil
			}
			refused = true // which makes it ask for the rest, and say what it has
			return errDisk
		}
		l, _ := dial(a, b)
		pass(time.Minute)
		same(t, a, b)
		if got := len(b.content()[docs[0]]); got != n || !refused {
			t.Errorf("%d actors", got)
		}
		a.edit(space, docs[0], 0)
		pass(time.Minute)
		same(t, a, b)
		if closed, _, cause := l.ended(); closed {
			t.Errorf("the session ended: %v", cause)
		}
		if !a.acked[docs[0]].Equal(b.content()[docs[0]]) {
			t.Error("not all is acknowledged")
		}
	})
}

// What a member can make us remember has a limit, beyond which it is hung up on.
func TestAMemberThatNamesTooMuch(t *testing.T) {
	space := trust.SpaceID{1}
	entries := func(i, n int) []entry {
		out := make([]entry, n)
		for j := range out {
			out[j] = entry{Actor: []byte(fmt.Sprintf("%06d%06d", i, j)), Seq: 1}
		}
		return out
	}
	doc := func(i int) crdt.DocID { return crdt.DocID{byte(i), byte(i >> 8), byte(i >> 16), 1} }
	const room = 10 * MaxActors // entries that there is room for
	tests := map[string]struct {
		say        func(i int) message
		under, too int // how many messages there is room for, and how many are too many
	}{
		"documents by vectors": {func(i int) message {
			return &vectors{Space: space, Documents: []docVector{{Doc: doc(2 * i)}, {Doc: doc(2*i + 1)}}}
		}, 50, 51},
		"documents by acknowledgements": {func(i int) message { return &have{Space: space, Doc: doc(i), Vector: entries(0, 1)} }, 100, 101},
		"documents by requests":         {func(i int) message { return &have{Space: space, Doc: doc(i), Want: true} }, 100, 101},
		"documents by changes": {func(i int) message {
			c := makeChange([]byte("0123456789abcdef"), 2, 0, crdt.Hash{1})
			return &changes{Space: space, Doc: doc(i), Changes: [][]byte{c.Bytes}}
		}, 100, 101},
		"actors by vectors": {func(i int) message {
			return &vectors{Space: space, Documents: []docVector{{Doc: doc(i), Vector: entries(i, MaxActors)}}}
		}, 10, 11},
		"actors by acknowledgements": {func(i int) message {
			return &have{Space: space, Doc: doc(0), Vector: entries(i, MaxActors)}
		}, 5, 6},
		"actors by requests": {func(i int) message {
			return &have{Space: space, Doc: doc(i), Vector: entries(i, MaxActors), Want: true}
		}, 10, 11},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newFakeHost(t, 1)
				found(1, h, nobody(9))
				p := newRaw(t, h)
				d := p.join(h, space)
				p.send(&digest{d.Space, d.Roster, [32]byte{1}}, &parts{d.Space, make([][16]byte, Parts)})
				synctest.Wait()
				s := p.link.session
				s.mu.Lock()
				sp := s.spaces[space]
				sp.entries = 2*MaxEntries - room
				for i := range MaxDocuments - 100 {
					sp.other[crdt.DocID{byte(i), byte(i >> 8), byte(i >> 16), 2}] = crdt.Vector{}
				}
				s.mu.Unlock()
				for i := range tt.under {
					p.send(tt.say(i))
				}
				p.wantCause("just enough", nil)
				for i := tt.under; i < tt.too; i++ {
					p.send(tt.say(i))
				}
				p.wantCause("too much", ErrLimit)
			})
		})
	}
}

// One who does not read can't make us queue answers.
func TestQuestionsWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		space := found(1, h, nobody(9))
		p := newRaw(t, h)
		p.join(h, space)
		p.end.mu.Lock()
		p.end.room = 0
		for _, c := range p.end.control {
			c.room = 64 << 20
		}
		p.end.mu.Unlock()
		s := p.link.session
		for i := range 2000 {
			p.bytes(kind(100+i%100), 1, nil)
			p.send(&have{Space: space, Doc: docs[0], Want: true}, &presence{Space: space}, &hello{Version: Version})
			s.Rename()
			s.SetReach([]identity.DeviceID{{byte(i)}})
			s.ShowPresence(Presence{Space: space, Caret: spot(i)})
		}
		synctest.Wait()
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.control) > 110 || len(s.late) > 1 || len(s.cursors) > 1 {
			t.Errorf("%d messages, %d catch-ups and %d places wait", len(s.control), len(s.late), len(s.cursors))
		}
	})
}

// A space of thousands of documents is caught up with in no time: the work does
// not grow with what waits.
func TestManyDocuments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newFakeHost(t, 1), newFakeHost(t, 2)
		space := found(1, a, b)
		for i := range 5000 {
			a.editFast(space, crdt.DocID{byte(i), byte(i >> 8)})
		}
		l, _ := dial(a, b)
		pass(10 * time.Second)
		same(t, a, b)
		if l.bulks < 1 || l.bulks > maxCatchUps {
			t.Errorf("%d streams", l.bulks)
		}
	})
}
