package crdt

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"starling/crdt/format"
	"starling/crdt/graph"
	"starling/crdt/opid"
	"starling/crdt/opset"
	"starling/crdt/sequence"
)

var (
	// ErrFounded says that a document has its first change already.
	ErrFounded = errors.New("the document has begun already")
	// ErrBroken says that a document's own books differ, so that it must be
	// closed and read from its store again. Nothing stored is wrong.
	ErrBroken = errors.New("the document must be opened anew")
)

// Document is one open document. Its methods are safe for concurrent use, take
// a short lock and, except [Document.Apply] and [Document.Held], do no I/O.
type Document struct {
	mu      sync.Mutex
	id      DocID
	actor   ActorID
	actors  *opid.Actors
	me      uint32 // the number of actor
	graph   *graph.Graph
	set     *opset.Set
	text    *sequence.Sequence // nil until the text has arrived
	textObj opid.ID
	log     patchLog
	cache   string // the text, if cached
	cached  bool
	numbers []uint32    // for author
	spare   []format.Op // for author
	history func(func(Change) error) error
	founder ActorID
	groups  undoGroups
	broken  bool
}

// ID is the document's name.
func (d *Document) ID() DocID { return d.id }

// Actor makes this document's own changes.
func (d *Document) Actor() ActorID { return d.actor }

// Text returns the text and the number of the last patch in it.
func (d *Document) Text() (text string, seen uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.whole(), d.log.last()
}

// Head returns the first n code points of the text, or all of a shorter one.
func (d *Document) Head(n int) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.text == nil {
		return ""
	}
	return d.text.Slice(0, min(n, d.text.Len()))
}

// whole is the text, which is kept until it changes.
func (d *Document) whole() string {
	if !d.cached {
		d.cache, d.cached = "", true
		if d.text != nil {
			d.cache = d.text.Text()
		}
	}
	return d.cache
}

// Vector returns a copy of what the document holds, committed or not.
func (d *Document) Vector() Vector {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.vector()
}

func (d *Document) vector() Vector {
	v := make(Vector, d.actors.Len())
	for n := range uint32(d.actors.Len()) {
		seq := d.graph.Last(n)
		if i, ok := d.graph.BySeq(n, seq); ok {
			hash, _ := d.graph.Hash(i)
			v[ActorID(d.actors.Name(n))] = Tip{uint64(seq), hash}
		}
	}
	return v
}

// Heads are the hashes of the changes that no other builds on, sorted.
func (d *Document) Heads() []Hash {
	d.mu.Lock()
	defer d.mu.Unlock()
	hashes := d.headHashes()
	heads := make([]Hash, len(hashes))
	for i, h := range hashes {
		heads[i] = h
	}
	return heads
}

// headHashes are the hashes of the changes that no other builds on, sorted.
func (d *Document) headHashes() [][32]byte {
	return d.hashesOf(d.graph.Heads())
}

// hashesOf are the hashes of heads, sorted. Those are never absent.
func (d *Document) hashesOf(heads []int) [][32]byte {
	hashes := make([][32]byte, len(heads))
	for i, at := range heads {
		hashes[i], _ = d.graph.Hash(at)
	}
	slices.SortFunc(hashes, func(a, b [32]byte) int { return Hash(a).Compare(b) })
	return hashes
}

// Since returns the patches after the one numbered seen, or [ErrStale].
func (d *Document) Since(seen uint64) ([]Patch, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	patches, err := d.log.since(seen)
	return slices.Clone(patches), err
}

// Has reports whether a change is known to be held. It may be held and not be
// known by its hash, if it is old.
func (d *Document) Has(h Hash) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, ok, _ := d.graph.Find(h)
	return ok
}

// Held returns the hash of an actor's change by number, if it is held. That of
// an old one may have to be read from [Config.History].
func (d *Document) Held(actor ActorID, seq uint64) (Hash, bool) {
	hash, ok, known := d.held(actor, seq)
	if ok && !known && d.readHashes() == nil {
		hash, ok, known = d.held(actor, seq)
	}
	return hash, ok && known
}

func (d *Document) held(actor ActorID, seq uint64) (hash Hash, ok, known bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, ok := d.actors.Find(string(actor))
	if !ok || seq == 0 || seq > uint64(d.graph.Last(n)) {
		return Hash{}, false, false
	}
	i, ok := d.graph.BySeq(n, uint32(seq))
	if !ok {
		return Hash{}, false, false
	}
	h, known := d.graph.Hash(i)
	return Hash(h), true, known
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
	if d.graph.Len() > 0 {
		return Change{}, fmt.Errorf("found document %v: %w", d.id, ErrFounded)
	}
	w := d.newAuthor(now.Unix(), "")
	if err := w.found(); err != nil {
		return Change{}, d.fail("found", err)
	}
	return w.changes[0], nil
}

// fail marks the document as broken: some of its books may hold what others
// don't.
func (d *Document) fail(op string, err error) error {
	d.broken = true
	return fmt.Errorf("%s document %v: %w: %w", op, d.id, ErrBroken, err)
}
