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
	message := ""
	if e.Begins {
		message = beginMessage
	}
	out, err := d.edit(e.Seen, []Splice{{e.At, e.Delete, e.Insert}}, now, message)
	if err != nil {
		return Edited{}, fmt.Errorf("edit document %v: %w", d.id, err)
	}
	return out, nil
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
	return d.apply(diff(d.whole(), text), now)
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

// apply makes splices one after the other, commits them and logs their patches.
func (d *Document) apply(splices []splice, now time.Time) (Edited, error) {
	w := d.newAuthor(now.Unix(), "")
	for _, s := range splices {
		if err := w.splice(s); err != nil {
			return Edited{}, d.fail("edit", err)
		}
	}
	return w.finish(nil)
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
