package peer

import (
	"context"
	"errors"
	"slices"
	"time"

	"starling/crdt"
	"starling/sync/trust"
)

// An actor that numbers two changes alike is one device's home that was copied, or
// put back from a backup, and runs twice or on. Of two such changes the one with
// the smaller hash counts on every peer, unless an owner chooses, whichever comes
// first. The other one gives way, with all that builds on it.
//
// Which of them counts is found out where the first of the branches that differs
// could be taken: then the document is open, and what it builds on is held. If the
// one that is held gives way, it retreats as what lies beyond a line does
// (retreat.go).

// forking is what an intake knows of forks.
type forking struct {
	// suspects are actors of whom something waits that does not seem to follow on
	// what is held, and since when.
	suspects map[crdt.ActorID]time.Time
	// yields are changes that are held and give way.
	yields []crdt.Hash
}

// suspectAfter is how long it may take for what is missing to come.
const suspectAfter = 150 * time.Millisecond

func (f *forking) suspect(a crdt.ActorID) {
	if f.suspects == nil {
		f.suspects = make(map[crdt.ActorID]time.Time)
	}
	if _, ok := f.suspects[a]; !ok {
		f.suspects[a] = time.Now()
	}
}

// admit lessens what is said to be held, so that whoever holds another branch sends
// all of it: numbers alone do not tell the branches apart.
func (f *forking) admit(held crdt.Vector) crdt.Vector {
	for a, since := range f.suspects {
		if tip := held[a]; tip.Seq > 1 && time.Since(since) > suspectAfter {
			tip.Seq = 1
			held[a] = tip
		}
	}
	return held
}

// ForkedIn are the actors of a document that are known to have numbered changes
// twice: what the two sides of a session hold of them is not told by numbers.
func (h host) ForkedIn(doc crdt.DocID) []crdt.ActorID { return h.n.p.docs.forkedIn(doc) }

// fork finds which of two changes counts, one of which waits and one of which is
// held. It returns true if the one that waits gives way. Else that which is held
// does when the document is read anew, and the other one waits until then.
func (b *batch) fork(w *waitingChange) (lost bool) {
	d := b.d
	held, ok := d.text().Held(w.Actor, w.Seq)
	if !ok || held == w.Hash {
		return true // its books differ, or it came another way
	}
	proof := forkProof{space: d.space, doc: d.id, change: w.Change, held: held, device: w.device}
	for _, h := range b.in.heads[w.Actor] {
		proof.heads = append(proof.heads, h.Head)
	}
	d.p.background.Go(func() {
		ctx := d.p.upkeep.ctx
		_ = d.commit(ctx) // the head over what is held may be on its way; what fails there is told by itself
		d.p.proveFork(ctx, proof)
	})
	lost = !b.counts(w, held)
	if !lost && !slices.Contains(b.in.yields, held) {
		b.in.yields = append(b.in.yields, held)
	}
	if !lost || w.Actor == d.text().Actor() {
		d.outdate() // and so a new actor of ours writes on
	}
	return lost
}

// forkProof is what is known of two changes with one number.
type forkProof struct {
	space  SpaceID
	doc    crdt.DocID
	change crdt.Change
	held   crdt.Hash
	device DeviceID
	heads  []trust.Head
}

// proveFork states that an actor has numbered two changes alike, by two heads with
// one number. A device that finds its own actor so signs both.
func (p *Peer) proveFork(ctx context.Context, f forkProof) {
	since := p.store.Committed(f.doc)
	since[f.change.Actor] = crdt.Tip{Seq: f.change.Seq - 1}
	held, err := p.store.HeadsSince(ctx, f.doc, since)
	_, beside, besideErr := p.store.Beside(ctx, f.doc) // what was held may have given way by now
	if err := errors.Join(err, besideErr); err != nil && ctx.Err() == nil {
		p.log.Error("the heads of a fork cannot be read", "doc", f.doc, "err", err)
	}
	for _, h := range append(held, beside...) {
		if h.Actor == f.change.Actor {
			f.heads = append(f.heads, toTrustHead(h))
		}
	}
	if f.device == p.ID() && len(f.heads) > 0 {
		nonce, roster := f.heads[0].Nonce, p.frontier(f.space).statements
		for _, hash := range []crdt.Hash{f.change.Hash, f.held} {
			f.heads = append(f.heads, trust.SignHead(p.id, f.space, f.doc, nonce, f.change.Seq, hash, roster))
		}
	}
	one, other, ok := f.pair()
	if !ok {
		p.log.Warn("an actor has numbered two changes alike, which cannot be proved yet",
			"doc", f.doc, "actor", f.change.Actor, "seq", f.change.Seq)
		return
	}
	err = p.amend(ctx, f.space, func(sp *space) ([]*trust.Statement, error) {
		return sp.roster.Fork(f.doc, one, other)
	})
	if err != nil && ctx.Err() == nil && !errors.Is(err, ErrRemoved) {
		p.log.Error("a fork cannot be stated", "doc", f.doc, "err", err)
	}
	p.makeBranches(ctx, f.space)
}

// pair are two heads of the least number that prove it.
func (f *forkProof) pair() (one, other trust.Head, ok bool) {
	slices.SortStableFunc(f.heads, func(a, b trust.Head) int { return int(a.Seq) - int(b.Seq) })
	for i, a := range f.heads {
		for _, b := range f.heads[i+1:] {
			if a.Seq == b.Seq && a.Hash != b.Hash && !a.Import && !b.Import {
				return a, b, true
			}
		}
	}
	return one, other, false
}
