package crdt

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"starling/crdt/format"
)

// maxOpsPerChange is how many operations one change of ours holds at most,
// below what a peer's limits allow.
const maxOpsPerChange = format.MaxOps / 2

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
	return d.apply(newer, splices, now)
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
	return d.apply(nil, diff(d.text, text), now)
}

func (d *Document) ready() error {
	switch {
	case d.broken:
		return ErrBroken
	case d.engine.text == nil:
		return ErrNoContent
	}
	return nil
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
	length := d.runes // of the text that the view sees
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
func (d *Document) apply(newer []Patch, splices []splice, now time.Time) (Edited, error) {
	out := Edited{Own: d.log.last() + 1, Patches: slices.Clone(newer)}
	w := splicer{d: d, now: now}
	for _, s := range splices {
		if err := w.splice(s); err != nil {
			return Edited{}, d.fail("edit", err)
		}
	}
	if err := w.commit(); err != nil {
		return Edited{}, d.fail("edit", err)
	}
	out.Changes = w.changes
	if n := len(out.Changes); n > 0 {
		out.Patches = append(out.Patches, d.patch(splices, d.actor, out.Changes[n-1].Seq)...)
		d.checkOrder()
	}
	return out, nil
}

// patch applies splices to the text, and logs and returns what they did.
func (d *Document) patch(splices []splice, actor ActorID, seq uint64) []Patch {
	d.text = rewrite(d.text, splices)
	patches := make([]Patch, 0, len(splices))
	for _, s := range splices {
		n := utf8.RuneCountInString(s.ins)
		d.runes += n - s.del
		patches = append(patches, d.log.add(Patch{
			At: s.at, Delete: s.del, Insert: s.ins, Inserted: n, Actor: actor, Seq: seq,
		}))
	}
	return patches
}

// splicer gives splices to the engine and commits whenever a change is full.
type splicer struct {
	d       *Document
	now     time.Time
	ops     int
	changes []Change
}

func (w *splicer) splice(s splice) error {
	for del := s.del; del > 0; {
		n, err := w.room(del)
		if err != nil {
			return err
		}
		if err := w.d.engine.text.Splice(s.at, n, ""); err != nil {
			return err
		}
		del -= n
	}
	at := s.at
	for rest := s.ins; rest != ""; {
		n, err := w.room(utf8.RuneCountInString(rest))
		if err != nil {
			return err
		}
		cut := cutRunes(rest, n)
		if err := w.d.engine.text.Splice(at, 0, strings.Clone(rest[:cut])); err != nil {
			return err
		}
		at += n
		rest = rest[cut:]
	}
	return nil
}

// room takes place for up to want operations in the open change, committing a
// full one.
func (w *splicer) room(want int) (int, error) {
	if w.ops == maxOpsPerChange {
		if err := w.commit(); err != nil {
			return 0, err
		}
	}
	n := min(want, maxOpsPerChange-w.ops)
	w.ops += n
	return n, nil
}

func (w *splicer) commit() error {
	if w.ops == 0 {
		return nil
	}
	c, err := w.d.commit(w.now)
	if err != nil {
		return err
	}
	w.changes = append(w.changes, c)
	w.ops = 0
	return nil
}
