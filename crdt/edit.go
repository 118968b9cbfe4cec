package crdt

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"starling/crdt/opset"
)

// Edited is what an edit did.
type Edited struct {
	// Changes say the edit to others: one, unless it is so large that it had to
	// be split, and none if it did nothing.
	Changes []Change
	// Patches are all those after the edit's Seen, in order; those from number
	// Own on are the edit's own.
	Patches []Patch
	Own     uint64
}

// Edit applies e and returns what is to be stored and shown. It fails, and
// changes nothing, with [ErrOutside], [ErrNotUTF8], [ErrStale] or
// [ErrNoContent].
func (d *Document) Edit(e Edit, now time.Time) (Edited, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	splices, newer, err := d.place(e)
	if err != nil {
		return Edited{}, fmt.Errorf("edit document %v: %w", d.id, err)
	}
	message := ""
	if e.Begins {
		message = beginMessage
	}
	return d.apply(newer, splices, now, message)
}

// Replace makes the whole text to be text, by a small set of splices in one
// change.
func (d *Document) Replace(text string, now time.Time) (Edited, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !utf8.ValidString(text) {
		return Edited{}, fmt.Errorf("write document %v: %w", d.id, ErrNotUTF8)
	}
	if err := d.ready(); err != nil {
		return Edited{}, fmt.Errorf("write document %v: %w", d.id, err)
	}
	return d.apply(nil, diff(d.whole(), text), now, "")
}

// ready reports whether the text can be written to.
func (d *Document) ready() error {
	if err := d.writable(); err != nil || d.text != nil {
		return err
	}
	return ErrNoContent
}

// writable reports whether anything can be written.
func (d *Document) writable() error {
	switch {
	case d.broken:
		return ErrBroken
	case !d.founded():
		return ErrNoContent
	}
	return nil
}

// founded reports whether the change with which the document was founded is
// held. Before that everyone would refuse what is written in a document that
// came as a file.
func (d *Document) founded() bool {
	founder, ok := d.actors.Find(string(d.founder))
	return d.founder == "" || ok && d.graph.Last(founder) > 0
}

// place shifts an edit past the patches that its view has not seen, and returns
// those too. They must not be written to.
func (d *Document) place(e Edit) (splices []splice, newer []Patch, err error) {
	if err := d.ready(); err != nil {
		return nil, nil, err
	}
	if !utf8.ValidString(e.Insert) {
		return nil, nil, ErrNotUTF8
	}
	if newer, err = d.log.since(e.Seen); err != nil {
		return nil, nil, err
	}
	length := d.text.Len() // of the text that the view sees
	for _, p := range newer {
		length += p.Delete - p.Inserted
	}
	if e.At < 0 || e.Delete < 0 || e.At > length || e.Delete > length-e.At {
		return nil, nil, ErrOutside
	}
	at := e.At
	for _, p := range newer {
		at = p.Shift(at, true)
	}
	return joinSplices(at, shiftSpan(span{e.At, e.At + e.Delete}, newer), e.Insert), newer, nil
}

// joinSplices makes splices of an insertion at a place and the spans to remove,
// which are in order and apart, right to left so that no place moves another.
func joinSplices(at int, remove []span, insert string) []splice {
	var splices []splice
	for i := len(remove) - 1; i >= 0; i-- {
		s := remove[i]
		if s.from == s.to {
			continue
		}
		ins := ""
		if s.from == at {
			ins, insert = insert, ""
		}
		splices = append(splices, splice{s.from, s.to - s.from, ins})
	}
	if insert != "" {
		splices = append(splices, splice{shiftBack(at, splices), 0, insert})
	}
	return splices
}

// shiftBack moves a place past splices that are already made.
func shiftBack(at int, made []splice) int {
	for _, s := range made {
		at = Patch{At: s.at, Delete: s.del, Inserted: utf8.RuneCountInString(s.ins)}.Shift(at, true)
	}
	return at
}

// apply makes the splices, commits them and logs their patches, which it returns
// after those in newer.
func (d *Document) apply(newer []Patch, splices []splice, now time.Time, message string) (Edited, error) {
	w := d.newAuthor(now.Unix(), message)
	for _, s := range splices {
		if err := w.splice(s); err != nil {
			return Edited{}, d.fail("edit", err)
		}
	}
	return w.finish(newer)
}

// finish commits what is open and returns all that was done, with its patches
// after those in newer.
func (w *author) finish(newer []Patch) (Edited, error) {
	d := w.d
	if err := w.commit(); err != nil {
		return Edited{}, d.fail("edit", err)
	}
	out := Edited{Own: d.log.last() + 1, Patches: slices.Clone(newer), Changes: w.changes}
	if n := len(out.Changes); n > 0 {
		out.Patches = append(out.Patches, d.patch(&w.did, d.actor, out.Changes[n-1].Seq)...)
	}
	return out, nil
}

// patch logs and returns what was done to the text.
func (d *Document) patch(did *opset.Effects, actor ActorID, seq uint64) []Patch {
	splices := did.Splices()
	if len(splices) == 0 {
		return nil
	}
	d.cached = false
	patches := make([]Patch, 0, len(splices))
	for _, s := range splices {
		patches = append(patches, d.log.add(Patch{
			At: s.At, Delete: s.Delete, Insert: s.Insert, Inserted: utf8.RuneCountInString(s.Insert), Actor: actor, Seq: seq,
		}))
	}
	return patches
}
