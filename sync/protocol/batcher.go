package protocol

import (
	"starling/crdt"
	"starling/sync/trust"
)

// batcher cuts a document's missing changes into messages.
type batcher struct {
	lane  *lane
	open  func() bool // whether the space still is
	space trust.SpaceID
	doc   crdt.DocID
	heads []trust.Head // sorted by actor and seq
	top   map[crdt.ActorID]uint64
	// only are the actors of whom anything is sent, nil for all. Of the others more may
	// be committed after a look at what is held, on top of what was withheld.
	only map[crdt.ActorID]struct{}

	// reached is what the peer will have, covered what of it has a head, and
	// sent what of that is on its way; base is what it was taken to have. A change
	// that was committed after the heads were read has none yet; the next catch-up
	// brings it once more.
	base, reached, covered, sent crdt.Vector
	chunks                       [][]byte
	size                         int
}

// write sends nothing of a space that was closed meanwhile: who was removed gets
// no more of what is being sent.
func (b *batcher) write(m message) error {
	if !b.open() {
		return errParted
	}
	return b.lane.write(m)
}

// passes reports whether an actor is passed over.
func (b *batcher) passes(a crdt.ActorID) bool {
	_, ok := b.only[a]
	return b.only != nil && !ok
}

func (b *batcher) add(c crdt.Change) error {
	if b.passes(c.Actor) {
		return nil
	}
	if b.size > 0 && b.size+len(c.Bytes) > batchSize || len(b.chunks) == MaxChanges {
		if err := b.flush(false); err != nil {
			return err
		}
	}
	b.chunks = append(b.chunks, c.Bytes)
	b.size += len(c.Bytes)
	tip := crdt.Tip{Seq: c.Seq, Hash: c.Hash}
	b.reached.Advance(c.Actor, tip)
	if c.Seq <= b.top[c.Actor] {
		b.covered.Advance(c.Actor, tip)
	}
	return nil
}

// headSpan is in how many numbers of an actor at least one head is sent of those
// that are held, so that one who receives a long history piece by piece, and
// passes it on so, need not keep more of it waiting for a head than that.
const headSpan = 1024

func sameSpan(a, b uint64) bool { return a/headSpan == b/headSpan }

// flush sends a message with, for each actor, the newest head that its changes
// so far reach, and one for each span. A change that no head covers yet waits at
// the peer for the next message.
func (b *batcher) flush(last bool) error {
	if len(b.chunks) == 0 && !last {
		return nil
	}
	m := &changes{Space: b.space, Doc: b.doc, Changes: b.chunks}
	var rest []trust.Head
	for i, h := range b.heads {
		tip := b.reached[crdt.ActorID(h.Actor)].Seq
		next := i + 1
		replaced := next < len(b.heads) && b.heads[next].Actor == h.Actor && b.heads[next].Seq <= tip && sameSpan(b.heads[next].Seq, h.Seq)
		switch {
		case h.Seq > tip:
			rest = append(rest, h)
		case replaced:
		case len(m.Heads) < MaxHeads:
			m.Heads = append(m.Heads, toHead(h))
		default:
			rest = append(rest, h)
		}
	}
	b.heads, b.chunks, b.size = rest, nil, 0
	if len(m.Changes) == 0 && len(m.Heads) == 0 {
		return nil
	}
	if err := b.write(m); err != nil {
		return err
	}
	b.sent.Merge(b.covered)
	if last && len(m.Heads) == MaxHeads {
		return b.flush(true)
	}
	return nil
}
