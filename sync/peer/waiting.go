package peer

import (
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
	// Tips are those of the changes on which none of the others builds.
	Tips []crdt.Hash
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

// Waiting tells of whom something waits beside a document because of a line and can be
// taken in, and how much, by the first of it. What stands there because of a fork is
// none of it.
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
	all, tips := make(map[key]*Waiting), make(map[key]map[crdt.Hash]struct{})
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
		if tips[k] == nil {
			tips[k] = make(map[crdt.Hash]struct{})
		}
		tips[k][c.Hash] = struct{}{}
		for _, h := range c.Deps {
			delete(tips[k], h)
		}
		if at.Before(known.First) {
			known.First = at
		}
		if at.After(known.Last) {
			known.Last = at
		}
	}
	var out []Waiting
	for k, w := range all {
		w.Tips = slices.SortedFunc(maps.Keys(tips[k]), crdt.Hash.Compare)
		out = append(out, *w)
	}
	slices.SortFunc(out, func(a, b Waiting) int {
		return cmp.Or(a.First.Compare(b.First), cmp.Compare(a.Person.Name, b.Person.Name), a.Person.ID.Compare(b.Person.ID))
	})
	return out, nil
}

// waitingOf says of whom a change is, and why it waits.
func (p *Peer) waitingOf(space SpaceID, c besideChange) Waiting {
	if c.device.IsZero() {
		return Waiting{Person: Person{Name: importedName(c.Actor)}, Since: cmp.Or(c.since, SinceRemoval)}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	w, person := Waiting{Since: SinceRemoval}, c.device
	if sp := p.spaces[space]; sp != nil {
		_, in := sp.roster.Role(c.device)
		for _, m := range sp.roster.Removed() {
			if slices.Contains(sp.roster.Ever(m.ID), c.device) {
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
	w.Since = cmp.Or(c.since, w.Since)
	w.Mine = w.Mine || c.device == p.me.ID
	w.Person = p.whoLocked(person)
	return w
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
		box.mu.Lock()
		if in := box.intake; in != nil {
			changes, _ := in.everything()
			if slices.ContainsFunc(changes, (*waitingChange).waits) {
				docs[box.id] = struct{}{}
			}
		}
		box.mu.Unlock()
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
