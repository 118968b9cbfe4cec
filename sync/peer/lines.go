package peer

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"starling/sync/trust"
)

// Who is removed from a space, or may no longer write there, has a line drawn in
// each document: what lies within it counts as it did, and what lies beyond waits
// unshown. It counts only once somebody else's change counts that builds on it, of
// one who may write and within their own line: so honest text that was written on
// top is never lost. All peers come to the same, since this depends on the
// statements, the heads and the changes alone, and not on when they come.
//
//   - In the intake, what waits is told of lines by its heads (vouch.go).
//   - What is held already and lies beyond a line retreats when the roster changes
//     (retreat.go); it stands beside the document, and comes in again if it counts.

// standing is what a head is worth in a document.
type standing struct {
	known bool // the roster that it names is here
	// writes says that its device could write whatever it liked by that roster,
	// and remarks that it was a commenter's.
	writes, remarks bool
	person          DeviceID
	// line is up to which number its actor's changes count by themselves.
	line uint64
	// before is up to which number they were no commenter's, who could write once.
	before uint64
	// since is what the line was drawn for, "" if none is or that is not known.
	since WaitingSince
}

// noLine is beyond every change.
const noLine = math.MaxUint64

// claim is how far a change counts as what its heads say that it is.
type claim uint8

const (
	nothing claim = iota
	beyond        // a line: if others build on it
	within        // its line
)

// written says how far a change counts as one of somebody who may write.
func (s standing) written(seq uint64) claim {
	if !s.writes && seq > s.before {
		return nothing
	}
	return s.within(seq)
}

// remarked says how far it counts as a commenter's.
func (s standing) remarked(seq uint64) claim {
	if !s.remarks {
		return nothing
	}
	return s.within(seq)
}

func (s standing) within(seq uint64) claim {
	if seq > s.line {
		return beyond
	}
	return within
}

// standing looks up what a head is worth. The import heads of a founder count
// where the founding does, which comes after all that they are over.
func (p *Peer) standing(space SpaceID, doc [16]byte, h trust.Head) standing {
	p.mu.Lock()
	defer p.mu.Unlock()
	sp := p.spaces[space]
	if sp == nil {
		return standing{}
	}
	if !h.Import {
		return sp.standing(doc, h)
	}
	founder := trust.ActorID(h.Device, doc, h.Nonce)
	h.Actor = string(founder[:])
	st := sp.standing(doc, h)
	if st.line > 0 {
		st.line, st.since = noLine, ""
	}
	return st
}

// standing is that in one space; under Peer.mu.
func (sp *space) standing(doc [16]byte, h trust.Head) standing {
	of := sp.roster.Standing(h, doc)
	st := standing{
		known: of.Known, writes: of.Role.Writes(), remarks: of.Role == trust.Commenter,
		person: of.Person, line: of.Line,
	}
	if st.remarks {
		st.before = sp.roster.Before(h, doc)
	}
	if st.line != noLine {
		st.since = sinceOf(sp.roster.LineBy(h, doc))
	}
	return st
}

// sinceOf is what a statement draws a line for, "" for none.
func sinceOf(by *trust.Statement) WaitingSince {
	switch {
	case by == nil:
		return ""
	case by.Kind == trust.Admit:
		return SinceRole
	case by.Whole:
		return SinceRemoval
	default:
		return SinceDevice
	}
}

// lined are the devices of whom something that is held may not count.
func (p *Peer) lined(space SpaceID) [][32]byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if sp := p.spaces[space]; sp != nil {
		return rosterOf[[32]byte](sp.roster.Lined())
	}
	return nil
}

// devicesOf are the devices that were ever a person's, and that by which the person
// is named. What they wrote is judged alike however late it is heard of, also after
// some of them, or the person, have gone.
func (p *Peer) devicesOf(space SpaceID, person DeviceID) []DeviceID {
	p.mu.Lock()
	defer p.mu.Unlock()
	if sp := p.spaces[space]; sp != nil {
		return sp.roster.Ever(person)
	}
	return []DeviceID{person}
}

// followed is a roster that a document follows: what heads name that are signed in
// it. Of two, the later one has the greater number.
type followed struct {
	at         uint64
	statements []trust.StatementHash
	writes     bool // whether we may write by it
}

// frontier is the roster as it is now.
func (p *Peer) frontier(space SpaceID) followed {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := followed{at: p.docs.asked.Add(1)}
	if sp := p.spaces[space]; sp != nil {
		f.statements = sp.roster.Frontier(p.me.ID)
		role, ok := sp.roster.Role(p.me.ID)
		f.writes = ok && role.Writes()
	}
	return f
}

// follow has heads name a roster from now on, as the document is what counts by it.
func (d *openDoc) follow(f followed) {
	d.order.Lock()
	defer d.order.Unlock()
	if f.at > d.roster.at {
		d.roster = f
		d.followed.Store(f.at)
	}
}

// spaceIDs are our spaces.
func (p *Peer) spaceIDs() []SpaceID {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Collect(maps.Keys(p.spaces))
}

// readOnly says why nothing may be written in a space, nil if it may.
func (p *Peer) readOnly(space SpaceID) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	sp := p.spaces[space]
	if sp == nil {
		return fmt.Errorf("%w: you are not in its space any more", ErrReadOnly)
	}
	switch role, ok := sp.roster.Role(p.me.ID); {
	case !ok && !sp.tells(p.me.ID):
		return notYet{ErrReadOnly}
	case !ok && sp.leftBy(p.me.ID):
		return fmt.Errorf("%w: you have left its space", ErrReadOnly)
	case !ok:
		return fmt.Errorf("%w: you were removed from its space", ErrReadOnly)
	case !role.Writes():
		return fmt.Errorf("%w: you are a %v", ErrReadOnly, role)
	}
	return nil
}

// carryAll finds what counts since others build on it: on what of theirs nothing is
// lacking, as they do not count before. It does so anew only when something has come
// since.
func (in *intake) carryAll() {
	if !in.lined || !in.stirred {
		return
	}
	in.stirred = false
	for _, w := range in.sound((*waitingChange).claimed) {
		if w.written == within {
			in.carry(w)
		}
	}
}

// sound are the changes that wait, are as they should be and lack nothing but others
// that are, each after what it builds on.
func (in *intake) sound(be func(*waitingChange) bool) (sound []*waitingChange) {
	for _, k := range in.knots {
		in.steps++
		if w := k.change; w != nil && w.missing == 0 && be(w) {
			sound = append(sound, w)
		}
	}
	below := make(map[*waitingChange]int) // of which that is known
	for i := 0; i < len(sound); i++ {
		for _, kid := range in.knots[sound[i].Hash].kids {
			in.steps++
			if below[kid.change]++; below[kid.change] == kid.change.missing && be(kid.change) {
				sound = append(sound, kid.change)
			}
		}
	}
	return sound
}

// claimed reports whether a change counts, if others build on it that do.
func (w *waitingChange) claimed() bool {
	return !w.lost && (w.written != nothing || w.remarked != nothing || w.imported != nothing && !w.late)
}

// carry has all that waits below a change which counts by itself count too.
func (in *intake) carry(w *waitingChange) {
	if w.carries {
		return
	}
	w.carries = true
	for stack := []*waitingChange{w}; len(stack) > 0; {
		w := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, dep := range w.deps {
			in.steps++
			if dep == nil || dep.change == nil || dep.change.carries {
				continue
			}
			dep.change.carried, dep.change.carries = true, true
			in.ripen(dep.change)
			stack = append(stack, dep.change)
		}
	}
}
