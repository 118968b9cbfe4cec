package peer

import (
	"fmt"

	"starling/crdt"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// largeChange is one with more operations than people's may have, which only what
// a file brought may be. A hundred bytes can stand for one: so its operations are
// not read before a head says that it is that.
type largeChange struct {
	chunk []byte
	crdt.ManyOpsError
}

// readLarge reads the large changes of a message. It fails if one is a person's.
// One of which no head says anything yet is not kept: when it is asked for again,
// the head has come.
func (p *Peer) readLarge(box *inbox, a *arrival) error {
	if len(a.large) == 0 {
		return nil
	}
	heads := append(box.headsFor(a), a.heads...)
	held := p.store.Committed(a.Doc)
	for _, l := range a.large {
		own, imported := false, false
		for _, h := range heads {
			of := h.Actor == string(l.Actor)
			own = own || of && !h.Import
			imported = imported || of && h.Import && p.standing(a.Space, a.Doc, h).writes
		}
		switch {
		case held.Has(crdt.ActorID(l.Actor), l.Seq):
			continue
		case own && !imported:
			return fmt.Errorf("%w: change %d of actor %x: %w", protocol.ErrMalformed, l.Seq, l.Actor, &l.ManyOpsError)
		case !imported:
			a.dropped = true
			continue
		}
		c, err := crdt.ParseChange(l.chunk)
		if err != nil {
			return fmt.Errorf("%w: %w", protocol.ErrMalformed, err)
		}
		a.changes = append(a.changes, c)
	}
	a.large = nil
	return nil
}

// headsFor are the heads that wait over changes of the actors of large changes.
func (box *inbox) headsFor(a *arrival) (heads []trust.Head) {
	box.mu.Lock()
	defer box.mu.Unlock()
	if box.intake == nil || box.intake.by.space != a.Space {
		return nil
	}
	for _, l := range a.large {
		for _, h := range box.intake.heads[crdt.ActorID(l.Actor)] {
			heads = append(heads, h.Head)
		}
	}
	return heads
}
