package peer

import (
	"context"
	"slices"

	"starling/crdt"
	"starling/sync/trust"
)

// limits say which of an actor's changes count by themselves, as the heads that are
// held tell.
type limits struct {
	counts  uint64 // up to here
	carries uint64 // up to here they also carry what they build on
	// signed is the newest head of one who could write, and line the farthest that any
	// of them tells of. A head beyond the line has gone with what it is over, and vouched for what is
	// above the others.
	signed, line uint64
}

func (l *limits) add(h trust.Head, st standing) {
	if !st.writes && !st.remarks {
		return
	}
	l.signed = max(l.signed, h.Seq)
	l.line = max(l.line, st.line)
	l.counts = max(l.counts, min(h.Seq, st.line))
	if st.writes && !h.Import {
		l.carries = max(l.carries, min(h.Seq, st.line))
	}
}

// within reports whether a change counts by itself.
func (l limits) within(seq uint64) bool {
	return seq <= l.counts || seq > l.signed && seq <= l.line
}

// limitsOf are those of all actors of a document of whom a head is held.
func (p *Peer) limitsOf(ctx context.Context, space SpaceID, doc crdt.DocID) (map[crdt.ActorID]limits, error) {
	heads, err := p.store.HeadsSince(ctx, doc, nil)
	if err != nil {
		return nil, err
	}
	all, origin := make(map[crdt.ActorID]limits), p.originOf(space, doc)
	for _, held := range heads {
		h := toTrustHead(held)
		if st := p.standing(space, signedFor(h, doc, origin), h); st.known {
			l := all[held.Actor]
			l.add(h, st)
			all[held.Actor] = l
		}
	}
	return all, nil
}

// overLines are the changes of a document that are held and do not count: of one
// of whom a line was drawn, beyond it, and no change that counts by itself builds
// on them. What else builds on them does not count either, and is not listed.
func (p *Peer) overLines(ctx context.Context, space SpaceID, doc crdt.DocID) ([]crdt.Hash, error) {
	if lines, err := p.touchesLines(ctx, space, doc); err != nil || !lines {
		return nil, err
	}
	return p.uncounted(ctx, space, doc)
}

// uncounted is overLines, whoever has written in the document. Others may write in
// it meanwhile: that is not judged, and counts as carrying.
func (p *Peer) uncounted(ctx context.Context, space SpaceID, doc crdt.DocID) ([]crdt.Hash, error) {
	at := p.store.Committed(doc) // before the heads
	limits, err := p.limitsOf(ctx, space, doc)
	if err != nil {
		return nil, err
	}
	over := false
	for a, tip := range at {
		l, signed := limits[a]
		over = over || signed && !l.within(tip.Seq)
	}
	if !over {
		return nil, nil
	}
	return p.uncarried(ctx, doc, at, limits)
}

// touchesLines reports whether somebody has written in a document of whom a line
// may be drawn.
func (p *Peer) touchesLines(ctx context.Context, space SpaceID, doc crdt.DocID) (bool, error) {
	lined := p.lined(space)
	if len(lined) == 0 {
		return false, nil
	}
	devices, err := p.store.ActorDevices(ctx, doc)
	if err != nil {
		return false, err
	}
	for _, device := range devices {
		if slices.Contains(lined, device) {
			return true, nil
		}
	}
	return false, nil
}

// stone is a change as far as it is needed to find what it carries.
type stone struct {
	crdt.Hash
	deps            []crdt.Hash
	counts, carries bool
}

// uncarried goes through all changes of a document twice. An actor of whom no
// head is known is left alone: what it wrote was taken for good reasons once.
func (p *Peer) uncarried(ctx context.Context, doc crdt.DocID, at crdt.Vector, limits map[crdt.ActorID]limits) (gone []crdt.Hash, err error) {
	var stones []stone
	err = p.store.ChangesSince(ctx, doc, nil, func(c crdt.Change) error {
		l, signed := limits[c.Actor]
		late := !at.Has(c.Actor, c.Seq)
		stones = append(stones, stone{c.Hash, c.Deps, late || !signed || l.within(c.Seq), late || c.Seq <= l.carries})
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	carried := make(map[crdt.Hash]struct{})
	for _, s := range slices.Backward(stones) { // each before what it builds on
		if _, ok := carried[s.Hash]; ok {
			s.carries = true
		} else if !s.counts {
			gone = append(gone, s.Hash)
		}
		if s.carries {
			for _, dep := range s.deps {
				carried[dep] = struct{}{}
			}
		}
	}
	return gone, nil
}
