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
