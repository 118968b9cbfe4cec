package crdt

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"starling/crdt/format"
	"starling/crdt/graph"
	"starling/crdt/opid"
	"starling/crdt/opset"
)

// Config says which document to open, and from what.
type Config struct {
	ID DocID
	// Actor makes this document's own changes. Rule: no actor ever numbers two
	// changes alike, so it is either new or was stopped cleanly with all its
	// changes among those given here.
	Actor ActorID
	// Form, Snapshot and Changes come from our own store, which has checked
	// them against their hashes. Form is the compact form, without which the
	// document is built from Snapshot, if there is one; both may be nil. Changes
	// are those that the first of them lacks, each after those it builds on.
	Form     []byte
	Snapshot []byte
	Changes  []Change
	// History gives all changes of the document, each once and after those it
	// builds on, for the hashes that a compact
	// form leaves out. It is called without a lock, by whoever calls
	// [Document.Apply] or [Document.Held]. nil if there is no Form.
	History func(yield func(Change) error) error
	// Own are the actors of this device in the document, of this run and of
	// earlier ones: what [Document.Undo] may take back. Actor need not be among
	// them.
	Own []ActorID
	// Founder is the actor that founded the document, if that is known.
	Founder ActorID
	// Seen is the last patch number that a view of the same document may have
	// from an earlier opening, 0 for none. Patches are numbered from beyond it,
	// so that such a view finds itself stale instead of mistaking new patches
	// for old ones.
	Seen uint64
	// Was is the text that such views have, if it is not nil: then they are told
	// by patches what is other now, and go on. It must be what all patches up to
	// Seen have made.
	Was *string
}

// Open makes a document of what the store holds; of nothing, an empty one that
// has no text until [Document.Found] or the first change from a peer. It fails
// with [ErrBadForm] if the compact form can't be read; then it is to be called
// without.
func Open(c Config) (*Document, error) {
	actors := &opid.Actors{}
	d := &Document{
		id: c.ID, actor: c.Actor, actors: actors, graph: graph.New(actors), set: opset.New(actors),
		log: newPatchLog(c.Seen), history: c.History, founder: c.Founder,
		groups: undoGroups{own: append([]ActorID{c.Actor}, c.Own...)},
	}
	if err := d.open(c); err != nil {
		return nil, fmt.Errorf("open document %v: %w", c.ID, err)
	}
	return d, nil
}

func (d *Document) open(c Config) error {
	var err error
	switch {
	case c.Form != nil:
		err = d.readForm(c.Form)
	case c.Snapshot != nil:
		err = d.readSnapshot(c.Snapshot)
	}
	if err != nil {
		return err
	}
	d.me = d.actors.Number([]byte(d.actor))
	if err := d.replay(c.Changes); err != nil {
		return err
	}
	d.findText()
	if c.Was != nil {
		d.tellFrom(*c.Was, c.Seen)
	}
	return nil
}

// tellFrom logs, as nobody's, what leads from the text of an earlier opening, with
// its last patch, to that of this one.
func (d *Document) tellFrom(was string, seen uint64) {
	d.log = patchLog{first: seen + 1}
	for _, s := range diff(was, d.whole()) {
		d.log.add(Patch{At: s.at, Delete: s.del, Insert: s.ins, Inserted: utf8.RuneCountInString(s.ins)})
	}
}

// replay enters stored changes, past the guard like all others.
func (d *Document) replay(changes []Change) error {
	for _, c := range changes {
		err := d.replayOne(c)
		if errors.Is(err, graph.ErrNoHashes) {
			if err = d.readHashes(); err == nil {
				err = d.replayOne(c)
			}
		}
		if err != nil {
			return fmt.Errorf("change %v: %w", c.Hash, err)
		}
	}
	return nil
}

func (d *Document) replayOne(c Change) error {
	ops, err := c.read()
	if err != nil {
		return err
	}
	return d.enter(ops, d.rules(c), nil)
}

// readSnapshot builds the document from a document chunk, whose changes' hashes
// it computes.
func (d *Document) readSnapshot(chunk []byte) error {
	doc, err := format.ParseDocument(chunk)
	if err != nil {
		return fmt.Errorf("read the snapshot: %w", err)
	}
	err = doc.Expand(func(c *format.Change, _ []byte) error {
		_, err := d.graph.Add(c, d.numbersOf(c))
		return err
	})
	if err != nil {
		return fmt.Errorf("read the snapshot's changes: %w", err)
	}
	if d.set, err = objectsOf(doc, d.actors); err != nil {
		return fmt.Errorf("read the snapshot's operations: %w", err)
	}
	return nil
}

// objectsOf builds what a document chunk's operations make.
func objectsOf(doc *format.Document, actors *opid.Actors) (*opset.Set, error) {
	numbers := make([]uint32, len(doc.Actors))
	for i, name := range doc.Actors {
		numbers[i] = actors.Number(name)
	}
	b := opset.NewBuilder(actors, numbers)
	if err := doc.EachOp(b.Add); err != nil {
		return nil, err
	}
	return b.Finish()
}
