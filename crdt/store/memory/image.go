package memory

import (
	"maps"
	"slices"
	"time"

	"starling/crdt"
	"starling/crdt/store"
)

// image is everything that is stored. It is never written to once it is
// committed, but its slices may be appended to by the one that follows it.
type image struct {
	docs    map[crdt.DocID]*document
	counter int // of documents and of when they fell behind
	records records
}

// copy is an image to be changed; its documents are still shared.
func (i *image) copy() *image {
	next := *i
	next.docs = maps.Clone(i.docs)
	if next.docs == nil {
		next.docs = map[crdt.DocID]*document{}
	}
	return &next
}

// apart is a copy that can be appended to beside i.
func (i *image) apart() *image {
	next := i.copy()
	for id, d := range next.docs {
		d = d.copy()
		d.changes = slices.Clip(d.changes)
		d.clocks = slices.Clip(d.clocks)
		for _, a := range d.actors {
			a.hashes, a.heads = slices.Clip(a.hashes), slices.Clip(a.heads)
		}
		next.docs[id] = d
	}
	return next
}

// document is one document. changes and clocks go together.
type document struct {
	id                 crdt.DocID
	num                int
	space              [32]byte
	title              string
	created, updated   time.Time
	changes            []crdt.Change // in the order of commits
	clocks             []clock
	actors             map[crdt.ActorID]*actor
	snapshot           []byte
	covers             crdt.Vector // of snapshot
	form               *store.Form
	text               *docText
	unindexed          bool
	behind             crdt.Vector // nil for not behind
	behindNum, behind1 int         // since when, and the place of the first change
	refused            map[crdt.Hash]bool
	beside             []crdt.Change
	besideHeads        []store.Head
	acks               map[[32]byte]crdt.Vector
}

// clock is, for each other actor, the last change that a change builds on. It is
// never written to once it is made; nil is not known.
type clock map[crdt.ActorID]uint64

// actor is an actor of a document: the hashes of its changes from 1 on, and its
// heads by seq.
type actor struct {
	num     int
	hashes  []crdt.Hash
	heads   []store.Head
	owned   bool
	device  [32]byte
	nonce   [16]byte
	retired bool
}

func (a *actor) tip() crdt.Tip {
	n := len(a.hashes)
	if n == 0 {
		return crdt.Tip{}
	}
	return crdt.Tip{Seq: uint64(n), Hash: a.hashes[n-1]}
}

// imported says that an importer has vouched for the actor.
func (a *actor) imported() bool {
	return slices.ContainsFunc(a.heads, func(h store.Head) bool { return h.Import })
}

// copy is a document to be changed.
func (d *document) copy() *document {
	next := *d
	next.actors = make(map[crdt.ActorID]*actor, len(d.actors)+1)
	for id, a := range d.actors {
		own := *a
		next.actors[id] = &own
	}
	return &next
}

func (d *document) actor(id crdt.ActorID) *actor {
	a := d.actors[id]
	if a == nil {
		a = &actor{num: len(d.actors)}
		d.actors[id] = a
	}
	return a
}

func (d *document) tip(id crdt.ActorID) crdt.Tip {
	if a := d.actors[id]; a != nil {
		return a.tip()
	}
	return crdt.Tip{}
}

func (d *document) vector() crdt.Vector {
	v := make(crdt.Vector, len(d.actors))
	for id, a := range d.actors {
		if tip := a.tip(); tip.Seq > 0 {
			v[id] = tip
		}
	}
	return v
}

// holds reports whether everything that v names is held.
func (d *document) holds(v crdt.Vector) bool {
	for id, want := range v {
		if a := d.actors[id]; a == nil || want.Seq < 1 || want.Seq > uint64(len(a.hashes)) || a.hashes[want.Seq-1] != want.Hash {
			return false
		}
	}
	return true
}

// ids lists the actors by their bytes.
func (d *document) ids() []crdt.ActorID { return slices.Sorted(maps.Keys(d.actors)) }

// place finds a change by its hash, the newest first; -1 if it is not held.
func (d *document) place(hash crdt.Hash) int {
	for i, c := range slices.Backward(d.changes) {
		if c.Hash == hash {
			return i
		}
	}
	return -1
}

// beyond lists the changes that v lacks.
func (d *document) beyond(v crdt.Vector) []crdt.Change {
	var out []crdt.Change
	for _, c := range d.changes {
		if !v.Has(c.Actor, c.Seq) {
			out = append(out, c)
		}
	}
	return out
}

// clockOf is what a change builds on that comes now.
func (d *document) clockOf(c *crdt.Change) clock {
	union := clock{}
	for _, dep := range c.Deps {
		i := d.place(dep)
		if i < 0 || d.clocks[i] == nil {
			return nil
		}
		of := d.changes[i].Actor
		if len(c.Deps) == 1 && of == c.Actor {
			return d.clocks[i]
		}
		for other, seq := range d.clocks[i] {
			union[other] = max(union[other], seq)
		}
		union[of] = max(union[of], d.changes[i].Seq)
	}
	delete(union, c.Actor)
	return union
}
