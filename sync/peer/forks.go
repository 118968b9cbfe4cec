package peer

import (
	"slices"
	"time"

	"starling/crdt"
)

// An actor that numbers two changes alike is one device's home that was copied, or
// put back from a backup, and runs twice or on. Of two such changes the one with
// the smaller hash counts on every peer, unless an owner chooses, whichever comes
// first. The other one gives way, with all that builds on it.
//
// The truth is the first number at which two branches differ, and their changes of
// that number: all peers that have both find the same, whatever came first.
//
//  1. Which of them counts is found out where the first change that differs could be
//     taken: then the document is open, and what it builds on is held.
//  2. If the one that is held gives way, it retreats as what lies beyond a line does
//     (retreat.go), when all that was written is stored. It is on the disk at any
//     time: in the document, beside it, or in its branch.
//  3. Whatever does not count, and whatever builds on it, whoever wrote that and
//     however late it comes, goes into a document of its own, whose ID follows from
//     the split (branch.go). This needs nobody's word. What stands beside a document
//     is looked at again at each start.
//  4. Two signed heads with one number prove the fork to those who have not both
//     branches (prove.go); that is tried until it can be done.

// forking is what an intake knows of forks.
type forking struct {
	// suspects are actors of whom something waits that does not seem to follow on
	// what is held, and since when.
	suspects map[crdt.ActorID]time.Time
	// yields are changes that are held and give way.
	yields []crdt.Hash
	// branched are changes that do not count here and are held in branches, as far as
	// that is remembered: they need not wait here when they come again.
	branched map[crdt.Hash]struct{}
}

// suspectAfter is how long it may take for what is missing to come. What was left to
// another one is looked after within two seconds; to suspect a fork before that costs
// all that the actor has written, sent once more by everyone who is asked, and so
// keeps busy peers busier.
const suspectAfter = 3 * time.Second

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

// moved has changes wait no more that are held in a branch now. What builds on them
// goes on waiting, until it is moved too.
func (in *intake) moved(h crdt.Hash) {
	if in.branched == nil || len(in.branched) >= maxBarred {
		in.branched = make(map[crdt.Hash]struct{}) // they will be found there again
	}
	in.branched[h] = struct{}{}
	if k := in.knots[h]; k != nil && k.change != nil {
		in.dropHeads(k)
		in.remove(k)
	}
}

// fork finds which of two changes counts, one of which waits and one of which is
// held. It returns true if the one that waits gives way. Else that which is held
// does when the document is read anew, and the other one waits until then.
func (b *batch) fork(w *waitingChange) (lost bool) {
	d := b.d
	held, ok := d.text().Held(w.Actor, w.Seq)
	if ok && held == w.Hash {
		return true // it came another way
	}
	d.p.noteForked(d.space, d.id, w.Actor)
	d.p.lookAtForks(d.space, d.id)
	if !ok {
		return true // its books differ
	}
	lost = !b.counts(w, held)
	if !lost && !slices.Contains(b.in.yields, held) {
		b.in.yields = append(b.in.yields, held)
	}
	if !lost || w.Actor == d.text().Actor() {
		d.outdate() // and so a new actor of ours writes on
	}
	return lost
}
