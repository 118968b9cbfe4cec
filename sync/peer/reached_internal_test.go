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
	for n := range 2 * maxRecalled {
		h.heard(crdt.DocID{2, byte(n >> 8), byte(n)}, bo, now, []DeviceID{cy})
	}
	if len(h.said) > maxRecalled {
		t.Errorf("%d are remembered", len(h.said))
	}
}

// Whoever begins to pass something on is the only one, and looks again if there was
// something new meanwhile.
func TestOneIsFoundWhoPassesOn(t *testing.T) {
	var h hearsay
	if !h.begin() || h.begin() {
		t.Error("nobody begins, or two do")
	}
	if !h.more() || h.begin() || !h.more() || h.more() {
		t.Error("what is new meanwhile is not looked at, or what is not new is")
	}
	if !h.begin() {
		t.Error("nobody begins again")
	}
}
