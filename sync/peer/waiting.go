package peer

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"starling/crdt"
	"starling/crdt/store"
)

// Waiting is what one person wrote in a document beyond a line: it is kept, and not
// shown until somebody takes it in; see [Peer.TakeIn].
type Waiting struct {
	Person Person
	Mine   bool // the person here wrote it
	// Since says what the line was drawn for.
	Since       WaitingSince
	Changes     int
	First, Last time.Time // by the clocks of those who wrote
}

// WaitingSince is why somebody's writing waits.
type WaitingSince string

// Why writing waits.
const (
	SinceRemoval WaitingSince = "removal" // its author was removed
	SinceRole    WaitingSince = "role"    // they could write no more, for a time at least
	SinceDevice  WaitingSince = "device"  // the device on which they wrote was revoked
)

// String says it to a person.
func (w Waiting) String() string {
	n, are, they, them := fmt.Sprintf("%d changes", w.Changes), "are", "they are", "them"
	if w.Changes == 1 {
		n, are, they, them = "1 change", "is", "it is", "it"
	}
	whose, whom := "by "+w.Person.Name, "their"
	if w.Mine {
		whose, whom = "of yours", "your"
	}
	after := map[WaitingSince]string{
		SinceRemoval: whom + " removal", SinceRole: "a change of " + whom + " role", SinceDevice: "the removal of " + whom + " device",
	}[w.Since]
	said := fmt.Sprintf("%s %s came after %s and %s not shown", n, whose, after, are)
	if w.Mine {
		return said + " to others; " + they + " kept here, and an owner or editor who has " + them + " can take " + them + " in"
	}
	return said + "; an owner or editor can take " + them + " in"
}

// Waiting tells of whom something waits beside a document because of a line, and how
// much, by the first of it. What stands there because of a fork is none of it.
func (p *Peer) Waiting(ctx context.Context, doc crdt.DocID) ([]Waiting, error) {
	held, err := p.store.Document(ctx, doc)
	if err != nil {
		return nil, fmt.Errorf("what waits beside document %v: %w", doc, err)
	}
	changes, err := p.waitingIn(ctx, held.Space, doc)
	if err != nil {
		return nil, fmt.Errorf("what waits beside document %v: %w", doc, err)
	}
	type key struct {
		who   DeviceID
		name  string
		since WaitingSince
	}
	all := make(map[key]*Waiting)
	for _, c := range changes {
		w := p.waitingOf(held.Space, c)
		k := key{w.Person.ID, w.Person.Name, w.Since}
		at := time.Unix(c.Time, 0)
		if all[k] == nil {
			w.First, w.Last = at, at
			all[k] = &w
		}
		known := all[k]
		known.Changes++
		if at.Before(known.First) {
			known.First = at
		}
		if at.After(known.Last) {
			known.Last = at
		}
	}
	var out []Waiting
	for _, w := range all {
		out = append(out, *w)
	}
	slices.SortFunc(out, func(a, b Waiting) int {
		return cmp.Or(a.First.Compare(b.First), cmp.Compare(a.Person.Name, b.Person.Name), a.Person.ID.Compare(b.Person.ID))
	})
	return out, nil
}

// besideChange is a change that waits, and the device that wrote it, zero for one
// that is not known.
type besideChange struct {
	crdt.Change
	device DeviceID
}

// waitingOf says of whom a change is, and why it waits.
func (p *Peer) waitingOf(space SpaceID, c besideChange) Waiting {
	if c.device.IsZero() {
		return Waiting{Person: Person{Name: importedName(c.Actor)}, Since: SinceRemoval}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	w, person := Waiting{Since: SinceRemoval}, c.device
	if sp := p.spaces[space]; sp != nil {
		_, in := sp.roster.Role(c.device)
		for _, m := range sp.roster.Removed() {
			if slices.Contains(m.Devices, c.device) {
				person = m.ID
			}
		}
		for _, m := range sp.roster.Members() {
			switch ever := sp.roster.Ever(m.ID); {
			case slices.Contains(m.Devices, c.device):
				person = m.ID
			case !in && slices.Contains(ever, c.device):
				person, w.Since = m.ID, SinceDevice
			}
		}
		if in {
			w.Since = SinceRole
		}
		me, mine := sp.roster.Person(p.me.ID)
		w.Mine = mine && me == person
	}
	w.Mine = w.Mine || c.device == p.me.ID
	w.Person = p.whoLocked(person)
	return w
}

// waitingIn are the changes that wait because of a line, each after those of them that
// it builds on.
func (p *Peer) waitingIn(ctx context.Context, space SpaceID, doc crdt.DocID) ([]besideChange, error) {
	if len(p.lined(space)) == 0 {
		return nil, nil
	}
	if err := p.store.Flush(ctx); err != nil {
		return nil, err
	}
	beside, heads, err := p.store.Beside(ctx, doc)
	if err != nil && !errors.Is(err, store.ErrNoDocument) {
		return nil, err
	}
	beside = unforked(beside, p.store.Committed(doc))
	left, err := p.inNoBranch(ctx, space, doc, p.originOf(space, doc), beside)
	if err != nil {
		return nil, err
	}
	devices, err := p.store.ActorDevices(ctx, doc)
	if err != nil && !errors.Is(err, store.ErrNoDocument) {
		return nil, err
	}
	known := make(map[crdt.ActorID]DeviceID)
	for a, device := range devices {
		known[a] = device
	}
	for _, h := range heads {
		if !h.Import {
			known[h.Actor] = h.Device
		}
	}
	var out []besideChange
	for _, c := range beside {
		if _, ok := left[c.Hash]; ok {
			out = append(out, besideChange{c, known[c.Actor]})
		}
	}
	return p.addReceived(doc, out), nil
}

// addReceived adds what has come since the line was drawn, and waits in memory.
func (p *Peer) addReceived(doc crdt.DocID, out []besideChange) []besideChange {
	box := p.docs.enterBox(doc)
	defer p.docs.leaveBox(box)
	box.mu.Lock()
	defer box.mu.Unlock()
	if box.intake == nil {
		return out
	}
	changes, _ := box.intake.everything()
	for _, w := range changes {
		same := func(c besideChange) bool { return c.Hash == w.Hash }
		if w.claimed() && w.isBeyond() && !w.carried && !slices.ContainsFunc(out, same) {
			out = append(out, besideChange{w.Change, w.device})
		}
	}
	return out
}

// unforked leaves out those changes of whose number another one is held, or stands
// beside the document too and has the smaller hash, and all that builds on them.
func unforked(beside []crdt.Change, held crdt.Vector) []crdt.Change {
	first, gone := make(map[number]crdt.Hash), make(map[crdt.Hash]bool)
	for _, c := range beside {
		n := number{c.Actor, c.Seq}
		if other, ok := first[n]; !ok || bytes.Compare(c.Hash[:], other[:]) < 0 {
			first[n] = c.Hash
		}
	}
	var out []crdt.Change
	for _, c := range beside {
		lost := c.Seq <= held[c.Actor].Seq || first[number{c.Actor, c.Seq}] != c.Hash
		if lost || slices.ContainsFunc(c.Deps, func(h crdt.Hash) bool { return gone[h] }) {
			gone[c.Hash] = true
			continue
		}
		out = append(out, c)
	}
	return out
}

// inNoBranch are those of some changes that are in none of a document's branches.
func (p *Peer) inNoBranch(ctx context.Context, space SpaceID, doc, origin crdt.DocID, beside []crdt.Change) (map[crdt.Hash]bool, error) {
	left := make(map[crdt.Hash]bool)
	for _, c := range beside {
		left[c.Hash] = false
	}
	for _, f := range p.forks(space) {
		if of := crdt.DocID(f.Doc); of != doc && of != origin {
			continue
		}
		for _, branch := range branchesOf(f) {
			if err := p.lookUp(ctx, branch, left); err != nil {
				return nil, err
			}
			maps.DeleteFunc(left, func(_ crdt.Hash, there bool) bool { return there })
		}
	}
	return left, nil
}

// WaitingDocuments are those of all spaces beside which something may wait, by ID.
func (p *Peer) WaitingDocuments(ctx context.Context) ([]crdt.DocID, error) {
	docs := make(map[crdt.DocID]struct{})
	for _, space := range p.spaceIDs() {
		beside, err := p.store.Besides(ctx, space)
		if err != nil {
			return nil, err
		}
		for _, doc := range beside {
			docs[doc] = struct{}{}
		}
	}
	for _, box := range p.docs.waiting() {
		if len(p.addReceived(box.id, nil)) > 0 {
			docs[box.id] = struct{}{}
		}
		p.docs.leaveBox(box)
	}
	return slices.SortedFunc(maps.Keys(docs), crdt.DocID.Compare), nil
}

// TextWith is a document's text as it would be with all that waits beside it. It is
// made of all changes anew, which for 100,000 of them takes some tenths of a second.
func (p *Peer) TextWith(ctx context.Context, doc crdt.DocID) (string, error) {
	held, err := p.store.Document(ctx, doc)
	if err != nil {
		return "", fmt.Errorf("text of document %v: %w", doc, err)
	}
	waiting, err := p.waitingIn(ctx, held.Space, doc)
	if err != nil {
		return "", fmt.Errorf("text of document %v: %w", doc, err)
	}
	var all []crdt.Change
	err = p.store.ChangesSince(ctx, doc, nil, func(c crdt.Change) error {
		all = append(all, c)
		return ctx.Err()
	})
	if err != nil && !errors.Is(err, store.ErrNoDocument) {
		return "", fmt.Errorf("text of document %v: %w", doc, err)
	}
	d, err := crdt.Open(crdt.Config{ID: doc, Actor: nobody, Changes: all})
	if err != nil {
		return "", fmt.Errorf("text of document %v: %w", doc, err)
	}
	for _, c := range waiting {
		if _, err := d.Apply([]crdt.Change{c.Change}); err != nil && d.Broken() {
			return "", fmt.Errorf("text of document %v with what waits: %w", doc, err)
		}
	}
	text, _ := d.Text()
	return text, nil
}

// nobody is the actor of a document in which nothing is written.
const nobody = crdt.ActorID("nobody writes in it, ever")
