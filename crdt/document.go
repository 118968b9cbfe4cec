package crdt

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"starling/crdt/guard"
	"starling/crdt/sequence"
)

var (
	// ErrFounded says that a document has its first change already.
	ErrFounded = errors.New("the document has begun already")
	// ErrBroken says that the engine and our own books differ, so the document
	// must be closed and read from its store again. Nothing stored is wrong.
	ErrBroken = errors.New("the document must be opened anew")
)

// Document is one open document. Its methods are safe for concurrent use, take
// a short lock and do no I/O.
type Document struct {
	mu     sync.Mutex
	id     DocID
	actor  ActorID
	engine *engine
	guard  guard.Index
	vector Vector
	heads  map[Hash]struct{}
	text   string
	runes  int // code points in text
	log    patchLog
	order  *sequence.Text // of the text's elements, for exact.go
	unread bool           // text was not compared with the engine's since it changed by order
	drift  error          // found since the last audit
	broken bool
}

// Config says which document to open, and from what.
type Config struct {
	ID DocID
	// Actor makes this document's own changes. Rule: no actor ever numbers two
	// changes alike, so it is either new or was stopped cleanly with all its
	// changes among those given here.
	Actor ActorID
	// Snapshot and Changes come from our own store: checked when they were
	// stored, and against their hashes when they were read. Snapshot may be
	// nil; Changes follow it, each after those it builds on.
	Snapshot []byte
	Changes  []Change
	// Seen is the last patch number that a view of the same document may have
	// from an earlier opening, 0 for none. Patches are numbered from beyond it,
	// so that such a view finds itself stale instead of mistaking new patches
	// for old ones.
	Seen uint64
}

// Open makes a document of what the store holds; of nothing, an empty one that
// has no text until [Document.Found] or the first change from a peer.
func Open(c Config) (*Document, error) {
	d := &Document{
		id: c.ID, actor: c.Actor,
		vector: Vector{}, heads: make(map[Hash]struct{}), log: newPatchLog(c.Seen),
		order: sequence.New(contentKey),
	}
	if err := d.open(c); err != nil {
		return nil, fmt.Errorf("open document %v: %w", c.ID, err)
	}
	return d, nil
}

func (d *Document) open(c Config) error {
	if c.Snapshot != nil {
		old, err := expandAll(c.Snapshot)
		if err != nil {
			return err
		}
		if err := d.index(old); err != nil {
			return err
		}
	}
	if err := d.index(c.Changes); err != nil {
		return err
	}
	var err error
	if d.engine, err = newEngine(c.Actor, c.Snapshot); err != nil {
		return err
	}
	if err := d.loadAndCompare(c.Changes); err != nil {
		return err
	}
	if d.text, err = d.engine.string(); err != nil {
		return err
	}
	d.runes = utf8.RuneCountInString(d.text)
	d.checkOrder()
	return nil
}

// index passes stored changes by the guard, so that a damaged store can't
// reach the engine either.
func (d *Document) index(changes []Change) error {
	for _, c := range changes {
		p, err := c.read()
		if err != nil {
			return fmt.Errorf("change %v: %w", c.Hash, err)
		}
		if err := d.guard.Check(p.ops); err != nil {
			return fmt.Errorf("change %v: %w", c.Hash, err)
		}
		if err := d.note(p, nil); err != nil {
			return err
		}
	}
	return nil
}

// note enters a change into our own books. did, unless nil, learns what it does
// to the text.
func (d *Document) note(p parsed, did *sequence.Splices) error {
	if err := d.guard.Add(p.ops); err != nil {
		return fmt.Errorf("change %v: %w", p.Hash, err)
	}
	d.order.Apply(p.ops, did)
	d.vector.Advance(p.Actor, Tip{p.Seq, p.Hash})
	for _, dep := range p.Deps {
		delete(d.heads, dep)
	}
	d.heads[p.Hash] = struct{}{}
	return nil
}

// loadAndCompare gives the engine changes that are in our books already.
func (d *Document) loadAndCompare(changes []Change) error {
	if len(changes) > 0 {
		var all bytes.Buffer
		for _, c := range changes {
			all.Write(c.Bytes)
		}
		if err := d.engine.load(all.Bytes()); err != nil {
			return err
		}
	}
	if got := d.engine.heads(); !sameSet(got, d.heads) {
		return fmt.Errorf("the engine holds %d heads and not our %d: %w", len(got), len(d.heads), ErrBroken)
	}
	return nil
}

func sameSet(a, b map[Hash]struct{}) bool {
	if len(a) != len(b) {
		return false
	}
	for h := range a {
		if _, ok := b[h]; !ok {
			return false
		}
	}
	return true
}

// ID is the document's name.
func (d *Document) ID() DocID { return d.id }

// Actor makes this document's own changes.
func (d *Document) Actor() ActorID { return d.actor }

// Text returns the text and the number of the last patch in it.
func (d *Document) Text() (text string, seen uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text, d.log.last()
}

// Vector returns a copy of what the document holds, committed or not.
func (d *Document) Vector() Vector {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.vector.Clone()
}

// Since returns the patches after the one numbered seen, or [ErrStale].
func (d *Document) Since(seen uint64) ([]Patch, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	patches, err := d.log.since(seen)
	return slices.Clone(patches), err
}

// Snapshot is the whole document as an Automerge document chunk and the vector
// it covers.
func (d *Document) Snapshot() ([]byte, Vector) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.engine.doc.Save(), d.vector.Clone()
}

// Has reports whether the change is held.
func (d *Document) Has(h Hash) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.guard.Has(h)
}

// Held returns the hash of an actor's change by number, if it is held.
func (d *Document) Held(actor ActorID, seq uint64) (Hash, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	h, ok := d.guard.Hash(string(actor), seq)
	return Hash(h), ok
}

// Broken reports whether the document takes nothing any more; see [ErrBroken].
func (d *Document) Broken() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.broken
}

// Found makes the first change of a new document: the empty text under
// `content`. now labels the change, cut to whole seconds.
func (d *Document) Found(now time.Time) (Change, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken {
		return Change{}, fmt.Errorf("found document %v: %w", d.id, ErrBroken)
	}
	if len(d.vector) > 0 {
		return Change{}, fmt.Errorf("found document %v: %w", d.id, ErrFounded)
	}
	if err := d.engine.found(); err != nil {
		return Change{}, d.fail("found", err)
	}
	c, err := d.commit(now)
	if err != nil {
		return Change{}, d.fail("found", err)
	}
	return c, nil
}

// commit ends the engine's open change and enters it into our books.
func (d *Document) commit(now time.Time) (Change, error) {
	chunk, err := d.engine.commit(now)
	if err != nil {
		return Change{}, err
	}
	p, err := parse(chunk)
	if err != nil {
		return Change{}, err
	}
	return p.Change, d.note(p, nil)
}

// fail marks the document as broken: the engine may hold what our books don't.
func (d *Document) fail(op string, err error) error {
	d.broken = true
	return fmt.Errorf("%s document %v: %w: %w", op, d.id, ErrBroken, err)
}
