package peer

import (
	"testing"

	"starling/crdt"
	"starling/sync/identity"
)

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
