package peer

import (
	"bytes"
	"log/slog"
	"testing"

	"starling/crdt"
	"starling/sync/identity"
	"starling/sync/protocol"
)

// Nothing is wrong with a peer that stops while it notes what another one has.
func TestStopsWhileItNotesWhatIsHeld(t *testing.T) {
	var said bytes.Buffer
	p, space := alone(t)
	p.log = slog.New(slog.NewTextHandler(&said, nil))
	p.upkeep.stop()
	p.takeCompared(DeviceID{1}, space, protocol.View{})
	p.background.Wait()
	if said.Len() > 0 {
		t.Errorf("a peer that has been stopped says %s", said.String())
	}
}

// An acknowledgement may come before the disk here has taken the document.
func TestAcknowledgedBeforeItIsHere(t *testing.T) {
	p, space := alone(t)
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	held := crdt.Vector{"a": {Seq: 3}}
	p.takeAck(id.ID(), space, crdt.DocID{1}, held)
	if !p.reached.has(id.ID(), space, crdt.DocID{1}, held, nil) {
		t.Error("it is forgotten who has the document")
	}
	for n := range maxEarly {
		p.takeAck(id.ID(), space, crdt.DocID{2, byte(n >> 8), byte(n)}, held)
	}
	if n := len(p.reached.devices[id.ID()][space].since); n != maxEarly {
		t.Errorf("%d documents that are not here are remembered, want %d", n, maxEarly)
	}
}

// What one says of others takes the place of what they said before, and of no more
// documents than somebody looks at is anything remembered.
func TestHearsay(t *testing.T) {
	var h hearsay
	doc, now := crdt.DocID{1}, [32]byte{1}
	ada, bo, cy, dai := DeviceID{1}, DeviceID{2}, DeviceID{3}, DeviceID{4}
	tell := func(by DeviceID, digest [32]byte, devices ...DeviceID) { h.heard(doc, by, digest, devices) }
	gone := DeviceID{}
	by := func(of DeviceID) DeviceID {
		by, _ := h.who(doc, []DeviceID{{9}, of}, now, func(by DeviceID) bool { return by != gone })
		return by
	}
	tell(bo, now, cy)
	tell(ada, now, dai)
	if by(cy) != bo || by(dai) != ada {
		t.Errorf("it is by the word of %v and %v", by(cy), by(dai))
	}
	tell(ada, [32]byte{2}, dai, cy)
	if by(cy) != bo || !by(dai).IsZero() {
		t.Error("what one says of another text takes the place of what others say of this one")
	}
	if tell(ada, now, dai, cy); by(cy) != ada {
		t.Error("of two who say it the second is named")
	}
	if gone = ada; by(cy) != bo || !by(dai).IsZero() {
		t.Error("the word of one who counts no more is believed, or stands before another's")
	}
	gone = DeviceID{}
	tell(ada, now, dai)
	tell(bo, now)
	if !by(cy).IsZero() || by(dai) != ada {
		t.Error("a word that was taken back counts, or one of another's does not")
	}
	for n := range 2 * maxHearsay {
		other := crdt.DocID{2, byte(n >> 8), byte(n)}
		h.heard(other, bo, now, []DeviceID{cy})
		if begin := h.ask(topic{doc: other}, true, func(topic) bool { return true }); begin != (n == 0) {
			t.Fatalf("at document %d somebody begins to pass on: %v", n, begin)
		}
	}
	if len(h.said) > maxRecalled || len(h.asked) > maxHearsay || len(h.news) > maxHearsay {
		t.Errorf("%d, %d and %d are remembered", len(h.said), len(h.asked), len(h.news))
	}
	if h.note(topic{doc: doc}) {
		t.Error("what nobody asks for is passed on")
	}
	last := crdt.DocID{2, (2*maxHearsay - 1) >> 8, 255}
	h.forget(topic{doc: last}) // of which there is news
	if n := len(h.take()); n != len(h.asked) || len(h.take()) != 0 {
		t.Errorf("%d are told of", n)
	}
	if h.forget(topic{doc: last}); h.note(topic{doc: last}) || !h.note(topic{}) {
		t.Error("what nobody asks for any more is passed on, or what others ask for is not")
	}
}

// However much is asked for, what others ask for is still told of: what nobody wants any
// more goes first, then what is not here, and of what is here no more than one.
func TestWhatMakesRoomForMoreThatIsAsked(t *testing.T) {
	all := func(topic) bool { return true }
	held := func(n int) topic { return topic{doc: crdt.DocID{1, byte(n >> 8), byte(n)}} }
	var h hearsay
	for n := range maxHearsay - 1 {
		h.ask(held(n), true, all)
	}
	unknown := topic{doc: crdt.DocID{2}}
	h.ask(unknown, false, all)
	count := func() (n int) {
		for i := range maxHearsay {
			if h.note(held(i)); h.asked[held(i)] {
				n++
			}
		}
		return n
	}
	if h.ask(topic{doc: crdt.DocID{3}}, false, all); count() != maxHearsay-1 || len(h.asked) != maxHearsay {
		t.Errorf("one that is not here leaves %d of %d", count(), len(h.asked))
	}
	if h.ask(held(maxHearsay-1), true, all); count() != maxHearsay {
		t.Errorf("%d are told of, without what is not here", count())
	}
	if h.ask(unknown, false, all); count() != maxHearsay {
		t.Errorf("one that is not here takes the place of one that is: %d", count())
	}
	if h.ask(topic{doc: crdt.DocID{4}}, true, all); count() != maxHearsay-1 || len(h.asked) != maxHearsay {
		t.Errorf("one more leaves %d", count())
	}
	h.ask(topic{doc: crdt.DocID{5}}, true, func(t topic) bool { return t.doc[2] != 0 })
	if n := count(); n < maxHearsay-5 || n > maxHearsay-4 {
		t.Errorf("%d are left of which all but 4 are wanted", n)
	}
	if h.note(unknown); h.asked[unknown] {
		t.Error("what nobody asks for is told of")
	}
}
