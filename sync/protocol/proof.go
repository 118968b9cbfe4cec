package protocol

import (
	"context"
	"fmt"

	"starling/crdt"
	"starling/sync/trust"
)

// prover is a [Host] that can vouch for what it holds and no head that is held is over.
type prover interface {
	// Proof finds, for the changes of some actors up to those given, heads over later
	// changes that do not count, and these, each after what it builds on. Who gets them
	// follows the hashes from there. It is called from a catch-up, and may take its time.
	Proof(ctx context.Context, space trust.SpaceID, doc crdt.DocID, of crdt.Vector) ([]crdt.Change, []trust.Head, error)
}

// prove sends after a catch-up what vouches for that of it, beyond base, which no head is
// over.
func (s *Session) prove(ctx context.Context, b *batcher, base, ours crdt.Vector) error {
	p, ok := s.host.(prover)
	lacking := crdt.Vector{}
	for a, tip := range ours {
		if !b.passes(a) && tip.Seq > base[a].Seq && tip.Seq > b.top[a] {
			lacking[a] = tip
		}
	}
	if !ok || len(lacking) == 0 {
		return nil
	}
	all, heads, err := p.Proof(ctx, b.space, b.doc, lacking)
	if err != nil {
		return fmt.Errorf("read what vouches for changes: %w", err)
	}
	m, size := &changes{Space: b.space, Doc: b.doc}, 0
	for _, c := range all {
		if size > 0 && size+len(c.Bytes) > batchSize || len(m.Changes) == MaxChanges {
			if err := b.write(m); err != nil {
				return err
			}
			m, size = &changes{Space: b.space, Doc: b.doc}, 0
		}
		m.Changes = append(m.Changes, c.Bytes)
		size += len(c.Bytes)
	}
	for _, h := range heads[:min(len(heads), MaxHeads)] {
		m.Heads = append(m.Heads, toHead(h))
	}
	if len(m.Changes) == 0 {
		return nil
	}
	return b.write(m)
}
