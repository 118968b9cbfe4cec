package peer

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"starling/crdt"
	"starling/sync/protocol"
)

// Limits of what is kept of snapshots that are not whole, or not checked yet. A
// size counts from the first piece on, as its sender says it.
const (
	maxArriving      = 64
	maxArrivingBytes = 32 << 20
	// maxLeft is of how many snapshots pieces are kept whose sender has gone, of
	// each, so that they go on where they stopped.
	maxLeft = 8
	// staleArriving is after what time without a piece another may take the room.
	staleArriving = 30 * time.Second
)

// Arriving is a document that comes as a snapshot. Its text may be shown, to be
// read only and as unverified: nothing of it was checked yet.
type Arriving struct {
	Doc        crdt.DocID
	Space      SpaceID
	Readable   bool   // Title and Text are known
	Title      string // as lists will show it
	Text       string
	Held, Size int // bytes of the snapshot
}

// arriving are the pieces of snapshots, each sender's apart: what one says of a
// document can't take the place of what another one brings. Where there is no room,
// that gives way first whose sender has gone, then what has stopped, then what is
// of a sender who has more than the one whose turn it is. It is safe for concurrent
// use; the zero value is ready.
type arriving struct {
	mu    sync.Mutex
	parts map[arrivingKey]*arrivingDoc
	// Each is held while one snapshot is in memory with all it holds: while its text
	// is read, while it is taken as a whole, and while its changes are taken.
	reading, whole, apart sync.Mutex
}

type arrivingKey struct {
	doc  crdt.DocID
	from DeviceID
}

type arrivingDoc struct {
	space SpaceID
	sum   [32]byte
	size  int
	bytes []byte
	text  string
	title string
	at    time.Time // of the last piece
	read  bool      // text and title are known
	taken bool      // whole, and being checked
	left  bool      // the sender has gone
	mixed bool      // another one has sent the beginning
}

// arrived is what came of a piece.
type arrived struct {
	whole []byte // the chunk, once, with the last piece
	mixed bool   // not all of it is of who sent that one
	lost  bool   // the snapshot has come to its end and is not here
	// changed are the documents that begin to come, or come no more.
	changed []ArrivingChanged
}

// Arriving tells of a document that comes as a snapshot; false if none does, or if
// it was checked by now.
func (p *Peer) Arriving(doc crdt.DocID) (Arriving, bool) {
	p.arriving.mu.Lock()
	defer p.arriving.mu.Unlock()
	for _, a := range p.arriving.tell(func(k arrivingKey, _ *arrivingDoc) bool { return k.doc == doc }) {
		return a, true
	}
	return Arriving{}, false
}

// AllArriving tells of all documents of a space that come as snapshots, in the order
// of their IDs. The lists do not have them yet.
func (p *Peer) AllArriving(space SpaceID) []Arriving {
	p.arriving.mu.Lock()
	defer p.arriving.mu.Unlock()
	return p.arriving.tell(func(_ arrivingKey, d *arrivingDoc) bool { return d.space == space })
}

// tell lists each document once, as it has come furthest; under mu.
func (a *arriving) tell(of func(arrivingKey, *arrivingDoc) bool) []Arriving {
	best := make(map[crdt.DocID]*arrivingDoc)
	for k, d := range a.parts {
		if b := best[k.doc]; of(k, d) && (b == nil || d.read && !b.read || d.read == b.read && len(d.bytes) > len(b.bytes)) {
			best[k.doc] = d
		}
	}
	out := make([]Arriving, 0, len(best))
	for doc, d := range best {
		out = append(out, Arriving{
			Doc: doc, Space: d.space, Readable: d.read, Title: d.title, Text: d.text,
			Held: len(d.bytes), Size: d.size,
		})
	}
	slices.SortFunc(out, func(a, b Arriving) int { return a.Doc.Compare(b.Doc) })
	return out
}

// add keeps a piece; one that does not go on with what is here is passed over.
func (a *arriving) add(pc protocol.Piece, now time.Time) (out arrived) {
	a.mu.Lock()
	defer a.mu.Unlock()
	d := a.part(pc, now, &out)
	if d != nil {
		d.at, d.left = now, false
	}
	if d == nil || d.taken || pc.Offset != len(d.bytes) {
		out.lost = pc.Offset+len(pc.Bytes) == pc.Size && (d == nil || !d.taken)
		return out
	}
	d.bytes = append(d.bytes, pc.Bytes...)
	if len(d.bytes) < d.size {
		return out
	}
	for k, other := range a.parts {
		if k.doc == pc.Doc && other.taken { // that one is asked about again, if it fails
			delete(a.parts, arrivingKey{pc.Doc, pc.From})
			out.lost = true
			return out
		}
	}
	d.taken = true
	out.whole, out.mixed = d.bytes, d.mixed
	return out
}

// part finds what a piece goes on with, or begins it; nil if it does neither.
func (a *arriving) part(pc protocol.Piece, now time.Time, out *arrived) *arrivingDoc {
	key := arrivingKey{pc.Doc, pc.From}
	same := func(d *arrivingDoc) bool { return d.sum == pc.Sum && d.space == pc.Space && d.size == pc.Size }
	d := a.parts[key]
	switch {
	case d != nil && (d.taken || same(d)): // or its beginning again, which is passed over
		return d
	case pc.Offset == 0:
		delete(a.parts, key) // another one
		if !a.room(pc, now, out) {
			return nil
		}
		if a.parts == nil {
			a.parts = make(map[arrivingKey]*arrivingDoc)
		}
		d = &arrivingDoc{space: pc.Space, sum: pc.Sum, size: pc.Size}
		a.parts[key] = d
		out.changed = append(out.changed, ArrivingChanged{pc.Space, pc.Doc})
		return d
	}
	for k, other := range a.parts { // it goes on with what another one has left
		if k.doc == pc.Doc && other.left && same(other) && len(other.bytes) == pc.Offset {
			delete(a.parts, k)
			a.parts[key], other.mixed = other, true
			return other
		}
	}
	return nil
}

// room makes room for another one, and reports whether there is some; under mu.
func (a *arriving) room(pc protocol.Piece, now time.Time, out *arrived) bool {
	for {
		sum, of := pc.Size, map[DeviceID]share{pc.From: {1, pc.Size}}
		for k, d := range a.parts {
			sum += d.size
			of[k.from] = share{of[k.from].docs + 1, of[k.from].bytes + d.size}
		}
		full := len(a.parts) >= maxArriving
		if !full && sum <= maxArrivingBytes {
			return true
		}
		key, ok := a.least(pc.From, of, full, now)
		if !ok {
			return false
		}
		out.changed = append(out.changed, ArrivingChanged{a.parts[key].space, key.doc})
		delete(a.parts, key)
	}
}

// share is how much of the room one sender has.
type share struct{ docs, bytes int }

// least finds what gives way to one more of a sender; under mu.
func (a *arriving) least(from DeviceID, of map[DeviceID]share, full bool, now time.Time) (least arrivingKey, ok bool) {
	var found *arrivingDoc
	kind := func(d *arrivingDoc) int {
		switch {
		case d.left:
			return 0
		case now.Sub(d.at) > staleArriving:
			return 1
		}
		return 2
	}
	has := func(k arrivingKey) int {
		if full {
			return of[k.from].docs
		}
		return of[k.from].bytes
	}
	for k, d := range a.parts {
		if d.taken || kind(d) == 2 && has(k) <= has(arrivingKey{from: from}) {
			continue
		}
		if found == nil || cmp.Or(cmp.Compare(kind(d), kind(found)), cmp.Compare(has(least), has(k)), d.at.Compare(found.at)) < 0 {
			least, found = k, d
		}
	}
	return least, found != nil
}

// read reads the text of a snapshot, which may be anything.
func (a *arriving) read(chunk []byte) (crdt.Contents, error) {
	a.reading.Lock()
	defer a.reading.Unlock()
	return crdt.ReadContentsWithin(chunk, sentBounds)
}

func (a *arriving) show(pc protocol.Piece, text string) {
	title := titleOf(text)
	a.mu.Lock()
	defer a.mu.Unlock()
	if d := a.parts[arrivingKey{pc.Doc, pc.From}]; d != nil {
		d.text, d.title, d.read = text, title, true
	}
}

// drop forgets what one has sent of a document.
func (a *arriving) drop(pc protocol.Piece) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.parts, arrivingKey{pc.Doc, pc.From})
}

// forget forgets a document that has come otherwise, and reports whether there was
// something to forget. What is being checked stays until that is done.
func (a *arriving) forget(doc crdt.DocID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	before := len(a.parts)
	maps.DeleteFunc(a.parts, func(k arrivingKey, d *arrivingDoc) bool { return k.doc == doc && !d.taken })
	return len(a.parts) < before
}

// leave notes that a sender has gone, and forgets all but the last few of its
// snapshots that are not whole. It returns those documents.
func (a *arriving) leave(from DeviceID) (gone []ArrivingChanged) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var left []arrivingKey
	for k, d := range a.parts {
		if k.from == from && !d.taken {
			d.left = true
			left = append(left, k)
		}
	}
	slices.SortFunc(left, func(k, l arrivingKey) int { return a.parts[l].at.Compare(a.parts[k].at) })
	for _, k := range left[min(len(left), maxLeft):] {
		gone = append(gone, ArrivingChanged{a.parts[k].space, k.doc})
		delete(a.parts, k)
	}
	return gone
}

// pieces are those that any sender may go on with, one of each document.
func (a *arriving) pieces(space SpaceID) (out []protocol.Piece) {
	a.mu.Lock()
	defer a.mu.Unlock()
	most := make(map[crdt.DocID]*arrivingDoc)
	for k, d := range a.parts {
		if d.space == space && d.left && (most[k.doc] == nil || len(d.bytes) > len(most[k.doc].bytes)) {
			most[k.doc] = d
		}
	}
	for doc, d := range most {
		out = append(out, protocol.Piece{Space: space, Doc: doc, Sum: d.sum, Size: d.size, Offset: len(d.bytes)})
	}
	return out
}
