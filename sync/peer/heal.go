package peer

import (
	"context"
	"slices"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/trust"
)

// lost is told by the store that some of a document was found damaged. What is
// lost is asked for by comparing vectors anew, as each connection does at its
// start: a peer that has been told of a change does not expect it to be lost. An
// open document goes on with a new actor, since the store takes no changes after
// one that it lacks.
func (p *Peer) lost(doc crdt.DocID) {
	p.holdings.forget()
	p.background.Go(func() {
		if d := p.docs.ifOpen(doc); d != nil {
			if !p.store.Committed(doc).Covers(d.text().Vector()) {
				d.outdate()
			}
			p.docs.release(d)
		}
		for _, s := range p.sessions() {
			s.End(nil)
		}
	})
}

// outdate has the document read anew before long.
func (d *openDoc) outdate() {
	d.order.Lock()
	d.outdated.Store(true)
	d.order.Unlock()
	d.p.upkeep.nudge()
}

// heal puts what came back into the rows that it was lost from, and leaves out of
// an arrival what stands in rows by then. Neither the guard nor any head is asked:
// rows are only filled with what they held before. In particular a change of the
// file that a document was founded with may come again after the founding. What
// waits for it, or was read without it, is for [openDoc.mend].
func (p *Peer) heal(ctx context.Context, box *inbox, a *arrival) error {
	if len(a.changes) == 0 {
		return nil
	}
	if lost, err := p.store.HasLost(ctx, a.Doc); err != nil || !lost {
		return err
	}
	ctx = context.WithoutCancel(ctx) // what is in the rows must come into the document
	box.mu.Lock()
	again, healed, err := p.putBack(ctx, a)
	waits := box.intake != nil && box.intake.waiting > 0
	box.mu.Unlock()
	if err != nil || len(again) == 0 {
		return err
	}
	if healed {
		p.log.Info("changes that were lost have come again", "doc", a.Doc, "from", a.From.Tag())
	}
	d := p.docs.ifOpen(a.Doc)
	if d == nil && healed && waits {
		if d, err = p.openStored(ctx, a.Doc); err != nil {
			return err
		}
	}
	if d == nil {
		return nil
	}
	defer p.docs.release(d)
	shown := d.text().Vector()
	if healed || slices.ContainsFunc(again, func(c crdt.Change) bool { return !shown.Has(c.Actor, c.Seq) }) {
		d.outdate()
	}
	return nil
}

// putBack is heal in the rows; under inbox.mu. It returns what of the arrival the
// rows hold by then, and whether any of it was put back.
func (p *Peer) putBack(ctx context.Context, a *arrival) (again []crdt.Change, healed bool, err error) {
	d, err := p.store.Document(ctx, a.Doc)
	if err != nil || d.Space != a.Space {
		return nil, false, err // a wrong space is told by deliver
	}
	held, healed, err := p.store.Heal(ctx, a.Doc, a.changes)
	if err != nil {
		return nil, false, err
	}
	var left []crdt.Change
	for i, c := range a.changes {
		if held[i] {
			again = append(again, c)
		} else {
			left = append(left, c)
		}
	}
	a.changes = left
	if len(again) == 0 {
		return nil, false, nil
	}
	committed := p.store.Committed(a.Doc)
	a.heads = slices.DeleteFunc(a.heads, func(h trust.Head) bool {
		return committed.Has(crdt.ActorID(h.Actor), h.Seq)
	})
	since := committed.Clone()
	for _, c := range again {
		if c.Seq <= since[c.Actor].Seq {
			since[c.Actor] = crdt.Tip{Seq: c.Seq - 1}
		}
	}
	heads, err := p.store.HeadsSince(ctx, a.Doc, since)
	if err != nil {
		return nil, false, err
	}
	p.committed(store.Entry{Space: a.Space, Doc: a.Doc, Changes: again}, heads, a.From)
	return again, healed, nil
}
