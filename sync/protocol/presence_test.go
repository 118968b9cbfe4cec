package protocol

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt"
	"starling/sync/trust"
)

func TestPresence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p, space := member(t, h)
		p.drain()
		start, sent, caret := time.Now(), 0, 0
		for i := range 1000 {
			p.link.session.ShowPresence(Presence{Space: space, Doc: docs[0], Caret: i})
			pass(time.Millisecond)
			for _, m := range of[*presence](p.drain()) {
				sent++
				if m.Caret <= caret && caret > 0 {
					t.Fatalf("place %d after %d", m.Caret, caret)
				}
				caret = m.Caret
			}
		}
		pass(time.Second)
		for _, m := range of[*presence](p.drain()) {
			caret = m.Caret
		}
		if rate := float64(sent) / time.Since(start).Seconds(); sent < 14 || sent > 31 || caret != 999 {
			t.Errorf("%d sent, %.0f a second, the last %d", sent, rate, caret)
		}
		// It comes behind the edit that it refers to, however long the disk takes.
		h.disk = 100 * time.Millisecond
		h.edit(space, docs[0], 10)
		p.link.session.ShowPresence(Presence{Space: space, Doc: docs[0], At: seqs(h, docs[0])})
		pass(time.Second)
		got := p.drain()
		edit := slices.IndexFunc(got, func(m message) bool { return m.kind() == kindChanges })
		cursor := slices.IndexFunc(got, func(m message) bool { return m.kind() == kindPresence })
		if edit < 0 || cursor < edit {
			t.Errorf("the edit is message %d, the cursor message %d", edit, cursor)
		}
		p.link.session.ShowPresence(Presence{Space: trust.SpaceID{5}, Doc: docs[0]})
		pass(time.Second)
		if got := p.drain(); len(of[*presence](got)) > 0 {
			t.Error("a place in a space that is not shared was told")
		}
	})
}

// One who types faster than the disk writes is seen all the same.
func TestPresenceOnASlowDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p, space := member(t, h)
		h.disk = 70 * time.Millisecond
		shown := 0
		for range 100 {
			h.edit(space, docs[0], 10)
			p.link.session.ShowPresence(Presence{Space: space, Doc: docs[0], At: seqs(h, docs[0])})
			pass(50 * time.Millisecond)
			shown += len(of[*presence](p.drain()))
		}
		if shown < 10 {
			t.Errorf("shown %d times in 5 s", shown)
		}
	})
}

// seqs is what a host holds, committed or not.
func seqs(h *fakeHost, doc crdt.DocID) crdt.Seqs {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := make(crdt.Seqs)
	for actor, tip := range h.docs[doc].held {
		at[actor] = tip.Seq
	}
	return at
}

func TestPlacesArePassedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p, space := member(t, h)
		for i := range 2 * MaxPlaces {
			p.send(&presence{Space: space, Doc: crdt.DocID{byte(i), byte(i >> 8)}, Caret: 7})
		}
		p.wantCause("many places", nil)
		if len(h.places) != MaxPlaces || h.places[0].Caret != 7 {
			t.Errorf("%d places", len(h.places))
		}
		p.send(&presence{Space: space, Doc: crdt.DocID{1}, Gone: true}, &presence{Space: space, Doc: crdt.DocID{1, 9}})
		p.wantCause("one left", nil)
		if len(h.places) != MaxPlaces+2 {
			t.Errorf("%d places after one was left", len(h.places))
		}
		p.send(&presence{Space: space, At: []place{{Actor: []byte("a"), Seq: 1}, {Actor: []byte("a"), Seq: 2}}})
		p.wantCause("an actor twice", ErrMalformed)
	})
}
