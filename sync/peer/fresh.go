package peer

import (
	"fmt"
	"slices"

	"starling/crdt"
	"starling/crdt/store"
)

// A document of which nothing is held, and that begins in what has come, is judged
// and stored in one step, as most are that come to a new member: it is built in
// memory of what is ripe, so that the guard sees all of it, and goes to the store
// with its title and its text. So nobody has to open it for that, which would cost
// more than all the rest, and it can be read and written in as soon as it is there.
//
// What a founder vouches for of a file waits for the founding change, so that both
// come in together: without that the document could be read and not written in.
//
// Whatever is not plain is left to the way of all other changes (rows.go), such as a
// commenter's change, one beyond a line, one that the guard refuses, or more than is
// to be in memory for a stranger's sake.

const (
	// freshChanges and freshOps are the most that is taken so.
	freshChanges = maxThings / 2
	freshOps     = 1 << 18
	// freshBusy are operations from which on it is done for one document at a time.
	freshBusy = 4096
)

// takeFresh takes a new document, and reports whether it did; under inbox.mu.
func (p *Peer) takeFresh(in *intake, r *rows) (took bool, err error) {
	if !r.new || in.by.elsewhere != nil {
		return false, nil
	}
	step := in.nextOf(freshChanges, freshOps)
	if !plainly(in, step) {
		in.backAll(step)
		return false, nil
	}
	roster := p.frontier(in.by.space)
	text, ok := p.readFresh(in, step)
	if !ok {
		in.backAll(step)
		return false, nil
	}
	if err := p.submit(in, r, store.Entry{Changes: changesOf(step), Text: text}, step); err != nil {
		in.backAll(step)
		if refusedByStore(err) {
			return false, nil // the other way finds out which
		}
		p.store.Reset(r.doc)
		return false, err
	}
	if !slices.Equal(roster.statements, p.frontier(in.by.space).statements) {
		p.behind.again(r.doc) // who asked meanwhile what lies beyond a line did not see it
	}
	for _, w := range step {
		r.note(w.Change)
		in.done(w)
	}
	return true, nil
}

// plainly reports whether changes are those of a document from its founding on, and
// all count without anything else.
func plainly(in *intake, step []*waitingChange) bool {
	founder, ok := in.founding()
	b := newBeginning(founder)
	ops := uint64(0)
	for _, w := range step {
		if ops += w.Ops(); ops > freshOps || !w.wide() || w.isBeyond() || b.take(w.Change, w.foreign()) != nil {
			return false
		}
	}
	return ok && b.founded
}

// readFresh has the guard judge a new document's changes, and returns what it reads.
func (p *Peer) readFresh(in *intake, step []*waitingChange) (*store.Text, bool) {
	ops := uint64(0)
	for _, w := range step {
		ops += w.Ops()
	}
	if ops > freshBusy {
		p.arriving.reading.Lock()
		defer p.arriving.reading.Unlock()
	}
	founder, _ := in.founding()
	doc, err := crdt.Open(crdt.Config{ID: in.by.doc, Actor: wholeReader, Founder: founder})
	if err == nil {
		_, err = doc.Apply(changesOf(step))
	}
	if err != nil {
		return nil, false
	}
	text, _ := doc.Text()
	return &store.Text{Holds: doc.Vector(), Title: titleFrom(doc.Head), Body: text}, true
}

// awaitsFounding reports whether all that could be taken of a new document is of a
// file, and waits for the founding change. Not where much waits already: then that
// is too long to come in one step.
func (in *intake) awaitsFounding(r *rows) bool {
	if !r.new || in.founder == "" || !in.all.fits(4) {
		return false
	}
	for _, w := range in.ripe {
		if w.ripe() && !w.foreign() {
			return false
		}
	}
	return true
}

// beginning follows changes, each after those it builds on, to where a document is
// founded: all that comes before that is below it, and nothing of a file comes after
// (unfounded.go).
type beginning struct {
	founder crdt.ActorID
	founded bool
	ends    map[crdt.Hash]struct{} // before it: what nothing builds on yet
}

func newBeginning(founder crdt.ActorID) beginning {
	return beginning{founder: founder, ends: make(map[crdt.Hash]struct{})}
}

// take notes the next change. It fails if the document can't begin so.
func (b *beginning) take(c crdt.Change, foreign bool) error {
	switch {
	case b.founded && foreign:
		return fmt.Errorf("%w: %w", errNotPlain, errLate)
	case b.founded:
		return nil
	}
	for _, h := range c.Deps {
		delete(b.ends, h)
	}
	b.founded = c.Actor == b.founder
	if b.founded && len(b.ends) > 0 {
		return fmt.Errorf("%w: it begins beside %d other changes", errNotPlain, len(b.ends))
	}
	b.ends[c.Hash] = struct{}{}
	return nil
}
