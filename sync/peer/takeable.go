package peer

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/trust"
)

// What of all that waits can be taken in is found in one way, whether it is told to a
// person, shown in a text or taken in: it lies beyond a line, nobody carries it yet,
// and nothing that it builds on is lacking. Of a fork it is the side that an owner
// chose, else the one with the smaller hash, and none where one of them is held.

// takeable are the changes that wait here and can be taken in, each after what it
// builds on. Of those for which may is false it is as if they were not here.
func (in *intake) takeable(held holding, by choices, may func(crdt.Hash) bool) (out []*waitingChange) {
	in.carryAll()
	sound := in.sound(func(w *waitingChange) bool {
		return w.claimed() && w.Seq > held.Last(w.Actor) && (!w.waits() || may(w.Hash))
	})
	for _, w := range in.oneOfEach(sound, by) {
		if w.waits() {
			out = append(out, w)
		}
	}
	return out
}

// waits reports whether the change counts only if it is taken in.
func (w *waitingChange) waits() bool { return w.isBeyond() && !w.carried }

// number is what no two changes have in common but for a fork.
type number struct {
	actor crdt.ActorID
	seq   uint64
}

func (w *waitingChange) number() number { return number{w.Actor, w.Seq} }

// oneOfEach leaves out of sound changes those that give way to another one of their
// number, and all that builds on them.
func (in *intake) oneOfEach(sound []*waitingChange, by choices) (out []*waitingChange) {
	slices.SortFunc(sound, func(v, w *waitingChange) int { // each after what it builds on, too
		return cmp.Or(cmp.Compare(v.StartOp, w.StartOp), cmp.Compare(v.Actor, w.Actor), cmp.Compare(v.Seq, w.Seq))
	})
	same := make(map[number][]*waitingChange)
	for _, w := range sound {
		same[w.number()] = append(same[w.number()], w)
	}
	rank, gone := in.rank(by), make(map[*waitingChange]bool)
	for _, w := range sound {
		rivals := slices.DeleteFunc(same[w.number()], func(other *waitingChange) bool { return gone[other] })
		delete(same, w.number())
		if len(rivals) < 2 {
			continue
		}
		first := slices.MinFunc(rivals, func(v, w *waitingChange) int {
			return cmp.Or(cmp.Compare(rank[v], rank[w]), bytes.Compare(v.Hash[:], w.Hash[:]))
		})
		for _, other := range rivals {
			if other != first {
				in.above(other, gone)
			}
		}
	}
	for _, w := range sound {
		if !gone[w] {
			out = append(out, w)
		}
	}
	return out
}

// above adds a change and all that waits and builds on it.
func (in *intake) above(w *waitingChange, to map[*waitingChange]bool) {
	for stack := []*waitingChange{w}; len(stack) > 0; {
		w := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if to[w] {
			continue
		}
		to[w] = true
		for _, kid := range in.knots[w.Hash].kids {
			stack = append(stack, kid.change)
		}
	}
}

// choices are what says which of two changes with one number counts in a document,
// but for their hashes; see [batch.counts].
type choices struct {
	side   crdt.Hash // for which the document was made as a branch
	chosen []trust.ForkInfo
}

func (p *Peer) choicesOf(space SpaceID, doc crdt.DocID) choices {
	side, _ := p.sideOf(space, doc)
	return choices{side, p.docs.chosenIn(doc)}
}

// rank tells the changes that were chosen, below 0: the lesser go before.
func (in *intake) rank(by choices) map[*waitingChange]int {
	rank := make(map[*waitingChange]int)
	if k := in.knots[by.side]; k != nil && k.change != nil {
		rank[k.change] = -len(by.chosen) - 1
	}
	for i, f := range by.chosen {
		in.below(f.Counts, func(w *waitingChange) bool {
			if rank[w] == 0 && f.Actor == string(w.Actor) && w.Seq <= f.Seq {
				rank[w] = i - len(by.chosen)
			}
			return false
		})
	}
	return rank
}

// besideChange is a change that waits, and the device that wrote it, zero for one
// that is not known.
type besideChange struct {
	crdt.Change
	device DeviceID
	since  WaitingSince // what the line was drawn for, "" if that is not known
}

// lineOf is what the line was drawn for beyond which a change lies: of several, the
// farthest.
func (in *intake) lineOf(w *waitingChange) (since WaitingSince) {
	line := uint64(0)
	for _, n := range in.of[w.Actor] {
		by := in.vouching[n]
		if w.reached.has(n) && by.since != "" && (since == "" || by.line > line || by.line == line && by.since < since) {
			line, since = by.line, by.since
		}
	}
	return since
}

// waitingIn are the changes that can be taken into a document, each after those of
// them that it builds on.
func (p *Peer) waitingIn(ctx context.Context, space SpaceID, doc crdt.DocID) (out []besideChange, err error) {
	if len(p.lined(space)) == 0 {
		return nil, nil
	}
	if err := p.store.Flush(ctx); err != nil {
		return nil, err
	}
	b := &brancher{p: p, space: space, doc: doc, loose: make(map[crdt.Hash]crdt.Change)}
	beside, heads, err := p.store.Beside(ctx, doc)
	if err != nil && !errors.Is(err, store.ErrNoDocument) {
		return nil, err
	}
	for _, c := range beside {
		b.loose[c.Hash] = c
	}
	for _, h := range heads {
		b.heads = append(b.heads, toTrustHead(h))
	}
	by := b.addReceived()
	if len(b.loose) == 0 {
		return nil, nil
	}
	if b.held, err = b.heldIn(ctx, doc); err != nil {
		return nil, err
	}
	in, held := b.judge(by)
	for _, w := range in.takeable(held, p.choicesOf(space, doc), func(crdt.Hash) bool { return true }) {
		out = append(out, besideChange{w.Change, w.device, in.lineOf(w)})
	}
	return out, nil
}

// addReceived adds what has come since a line was drawn, and waits in memory. It
// returns by what the heads count.
func (b *brancher) addReceived() terms {
	box := b.p.docs.enterBox(b.doc)
	defer b.p.docs.leaveBox(box)
	box.mu.Lock()
	defer box.mu.Unlock()
	in := box.begin(b.p, b.space)
	changes, heads := in.everything()
	for _, w := range changes {
		b.loose[w.Hash] = w.Change
	}
	for _, h := range heads {
		b.heads = append(b.heads, h.Head)
	}
	return in.by
}
