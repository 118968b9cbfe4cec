package protocol

import (
	"bufio"
	"bytes"
	"fmt"
	"reflect"
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
		start, sent, caret := time.Now(), 0, uint64(0)
		for i := range 1000 {
			p.link.session.ShowPresence(Presence{Space: space, Doc: docs[0], Caret: spot(i)})
			pass(time.Millisecond)
			for _, m := range of[*presence](p.drain()) {
				sent++
				if m.Caret.Counter <= caret {
					t.Fatalf("place %d after %d", m.Caret.Counter, caret)
				}
				caret = m.Caret.Counter
			}
		}
		pass(time.Second)
		for _, m := range of[*presence](p.drain()) {
			caret = m.Caret.Counter
		}
		if rate := float64(sent) / time.Since(start).Seconds(); sent < 14 || sent > 31 || caret != 1000 {
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
func seqs(h *fakeHost, doc crdt.DocID) crdt.Vector {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.docs[doc].held.Clone()
}

// spot is an anchor, one for each i.
func spot(i int) crdt.Anchor {
	return crdt.Anchor{Actor: "0123456789abcdef", Counter: uint64(i) + 1, After: true}
}

// What one says of where one is arrives, but for what it goes behind. It is
// small, however many write in the document.
func TestAPresenceOnTheWire(t *testing.T) {
	space, doc := trust.SpaceID{1}, crdt.DocID{2}
	many := crdt.Vector{}
	for i := range 1000 {
		many[crdt.ActorID(fmt.Sprintf("actor %010d", i))] = crdt.Tip{Seq: 1}
	}
	me, top, start := crdt.ActorID("fedcba9876543210"), spot(50_000), crdt.Anchor{After: true}
	tests := map[string]struct {
		p    Presence
		most int // bytes of the frame
	}{
		"a caret":     {Presence{Space: space, Doc: doc, Caret: spot(100_000), End: spot(100_000), Actor: me, Seq: 100_000, Typing: true}, 115},
		"a selection": {Presence{Space: space, Doc: doc, Caret: spot(100_000), End: spot(7), Actor: me, Seq: 100_000}, 135},
		"a view":      {Presence{Space: space, Doc: doc, Caret: spot(100_000), End: spot(7), Actor: me, Seq: 100_000, Top: &top}, 160},
		"a start":     {Presence{Space: space, Doc: doc, Caret: start, End: start}, 70},
		"all in view": {Presence{Space: space, Doc: doc, Caret: start, End: start, Top: &start}, 75},
		"gone":        {Presence{Space: space, Doc: doc, Gone: true}, 70},
	}
	for name, tt := range tests {
		sent := tt.p
		sent.At = many
		frame, err := appendFrame(nil, sent.message())
		if err != nil || len(frame) > tt.most {
			t.Errorf("%s: %d bytes, %v", name, len(frame), err)
		}
		m, err := readFrame(bufio.NewReader(bytes.NewReader(frame)), unlimited)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := m.(*presence).presence(); !reflect.DeepEqual(got, tt.p) {
			t.Errorf("%s: %+v is read as %+v", name, tt.p, got)
		}
	}
}

func TestPlacesArePassedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p, space := member(t, h)
		for i := range 2 * MaxPlaces {
			p.send(&presence{Space: space, Doc: crdt.DocID{byte(i), byte(i >> 8)}, Caret: toAnchor(spot(7))})
		}
		p.wantCause("many places", nil)
		if len(h.places) != MaxPlaces || h.places[0].Caret != spot(7) {
			t.Errorf("%d places", len(h.places))
		}
		p.send(&presence{Space: space, Doc: crdt.DocID{1}, Gone: true}, &presence{Space: space, Doc: crdt.DocID{1, 9}})
		p.wantCause("one left", nil)
		if len(h.places) != MaxPlaces+2 {
			t.Errorf("%d places after one was left", len(h.places))
		}
		p.send(&presence{Space: space, Caret: anchor{Counter: 1}})
		p.wantCause("an anchor at nobody's", ErrMalformed)
	})
}

// Programs from before a view was told, and from after more is, understand each
// other: what one does not say is not known, what one does not know is passed over.
func TestPresenceOfOtherPrograms(t *testing.T) {
	type older struct {
		Space  trust.SpaceID `cbor:"1,keyasint"`
		Doc    crdt.DocID    `cbor:"2,keyasint"`
		Caret  anchor        `cbor:"3,keyasint"`
		End    *anchor       `cbor:"4,keyasint,omitempty"`
		Actor  []byte        `cbor:"5,keyasint,omitempty"`
		Seq    uint64        `cbor:"6,keyasint,omitempty"`
		Typing bool          `cbor:"7,keyasint,omitempty"`
		Gone   bool          `cbor:"8,keyasint,omitempty"`
	}
	type later struct {
		presence
		More map[int]string `cbor:"10,keyasint"`
	}
	caret, top := toAnchor(spot(3)), toAnchor(spot(1))
	read := func(from, to any) {
		t.Helper()
		body, err := encMode.Marshal(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := decMode.Unmarshal(body, to); err != nil {
			t.Fatal(err)
		}
	}
	said := older{Space: trust.SpaceID{1}, Doc: crdt.DocID{2}, Caret: caret, Actor: caret.Actor, Seq: 7, Typing: true}
	var ours presence
	if read(said, &ours); ours.Top != nil || ours.check() != nil || ours.presence().Caret != spot(3) {
		t.Errorf("an older program's is read as %+v", ours)
	}
	ours.Top = &top
	var old older
	if read(&ours, &old); !reflect.DeepEqual(old, said) {
		t.Errorf("an older program reads %+v, want %+v", old, said)
	}
	var again presence
	if read(later{ours, map[int]string{1: "more"}}, &again); !reflect.DeepEqual(again, ours) {
		t.Errorf("a later program's is read as %+v, want %+v", again, ours)
	}
}
