package peer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// minSnapshot is how many changes a snapshot stands for at least that is sent as
// it is; fewer go out as changes.
const minSnapshot = compactAfter

// feedChanges is how many changes of a snapshot are taken in one go. With them go
// the heads over them, one for each 1,024 at least, so that few wait for one.
const feedChanges = 4096

// Limits of what is kept of snapshots that are not whole, or not checked yet.
const (
	maxArriving      = 64
	maxArrivingBytes = 32 << 20
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

// arriving are the pieces of snapshots. It is safe for concurrent use; the zero
// value is ready.
type arriving struct {
	mu    sync.Mutex
	docs  map[crdt.DocID]*arrivingDoc
	whole sync.Mutex // held while one is taken as a whole
}

type arrivingDoc struct {
	space SpaceID
	sum   [32]byte
	size  int
	bytes []byte
	text  string
	title string
	read  bool // text and title are known
	taken bool // whole, and being checked
}

// Arriving tells of a document that comes as a snapshot; false if none does, or if
// it was checked by now.
func (p *Peer) Arriving(doc crdt.DocID) (Arriving, bool) {
	p.arriving.mu.Lock()
	defer p.arriving.mu.Unlock()
	d := p.arriving.docs[doc]
	if d == nil {
		return Arriving{}, false
	}
	return d.tell(doc), true
}

// AllArriving tells of all documents of a space that come as snapshots, in the order
// of their IDs. The lists do not have them yet.
func (p *Peer) AllArriving(space SpaceID) (out []Arriving) {
	p.arriving.mu.Lock()
	defer p.arriving.mu.Unlock()
	for doc, d := range p.arriving.docs {
		if d.space == space {
			out = append(out, d.tell(doc))
		}
	}
	slices.SortFunc(out, func(a, b Arriving) int { return a.Doc.Compare(b.Doc) })
	return out
}

// tell is called under mu.
func (d *arrivingDoc) tell(doc crdt.DocID) Arriving {
	return Arriving{
		Doc: doc, Space: d.space, Readable: d.read, Title: d.title, Text: d.text,
		Held: len(d.bytes), Size: d.size,
	}
}

// add keeps a piece. It returns the whole chunk once, with the last one, and whether
// another document comes than did before; a piece that does not go on with what is
// here is passed over.
func (a *arriving) add(pc protocol.Piece) (whole []byte, began bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	d := a.docs[pc.Doc]
	if d == nil || d.sum != pc.Sum || d.space != pc.Space || d.size != pc.Size {
		if pc.Offset != 0 || d != nil && d.taken || !a.room(pc) {
			return nil, false
		}
		began = true
		d = &arrivingDoc{space: pc.Space, sum: pc.Sum, size: pc.Size}
		if a.docs == nil {
			a.docs = make(map[crdt.DocID]*arrivingDoc)
		}
		a.docs[pc.Doc] = d
	}
	if d.taken || pc.Offset != len(d.bytes) {
		return nil, began
	}
	d.bytes = append(d.bytes, pc.Bytes...)
	if len(d.bytes) < d.size {
		return nil, began
	}
	d.taken = true
	return d.bytes, began
}

// room reports whether there is room for another one; under mu.
func (a *arriving) room(pc protocol.Piece) bool {
	sum := pc.Size
	for _, d := range a.docs {
		sum += d.size
	}
	return len(a.docs) < maxArriving && sum <= maxArrivingBytes
}

func (a *arriving) show(doc crdt.DocID, text string) {
	title := titleOf(text)
	a.mu.Lock()
	defer a.mu.Unlock()
	if d := a.docs[doc]; d != nil {
		d.text, d.title, d.read = text, title, true
	}
}

// drop forgets a document, and reports whether there was something to forget.
func (a *arriving) drop(doc crdt.DocID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	had := a.docs[doc] != nil
	delete(a.docs, doc)
	return had
}

// pieces are those that are not whole.
func (a *arriving) pieces(space SpaceID) (out []protocol.Piece) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for doc, d := range a.docs {
		if d.space == space && !d.taken {
			out = append(out, protocol.Piece{Space: space, Doc: doc, Sum: d.sum, Size: d.size, Offset: len(d.bytes)})
		}
	}
	return out
}

// takePiece takes a piece of a snapshot. When it is whole its text is shown. Then
// it is taken as a whole or, where that cannot be, its changes are taken like any
// others.
func (p *Peer) takePiece(ctx context.Context, pc protocol.Piece) (want crdt.Vector, err error) {
	if len(p.store.Committed(pc.Doc)) > 0 {
		if p.arriving.drop(pc.Doc) {
			p.hub.emit(ArrivingChanged{pc.Space, pc.Doc})
		}
		return p.store.Committed(pc.Doc), nil // it has come otherwise: what lacks is asked for
	}
	whole, began := p.arriving.add(pc)
	if began {
		p.hub.emit(ArrivingChanged{pc.Space, pc.Doc})
	}
	if whole == nil {
		return nil, nil
	}
	defer func() {
		p.arriving.drop(pc.Doc)
		p.hub.emit(ArrivingChanged{pc.Space, pc.Doc}, DocumentsChanged{pc.Space}, TextChanged{pc.Doc})
	}()
	if sha256.Sum256(whole) != pc.Sum {
		return nil, fmt.Errorf("a snapshot is not what it should be: %w", protocol.ErrMalformed)
	}
	contents, err := crdt.ReadContents(whole)
	if err != nil {
		return nil, fmt.Errorf("%w: a snapshot: %w", protocol.ErrMalformed, err)
	}
	p.arriving.show(pc.Doc, contents.Text)
	p.hub.emit(ArrivingChanged{pc.Space, pc.Doc})
	err = p.takeWhole(ctx, pc, whole)
	if err == nil || ctx.Err() != nil || errors.Is(err, protocol.ErrMalformed) {
		return nil, err
	}
	p.log.Debug("a snapshot is taken change by change", "doc", pc.Doc, "from", pc.From.Tag(), "err", err)
	return p.takeSnapshot(ctx, pc, whole)
}

// takeSnapshot takes the changes of a snapshot, each batch with the heads over it.
func (p *Peer) takeSnapshot(ctx context.Context, pc protocol.Piece, chunk []byte) (want crdt.Vector, err error) {
	type place struct {
		actor string
		seq   uint64
	}
	over := make(map[place]trust.Head, len(pc.Heads))
	for _, h := range pc.Heads {
		over[place{h.Actor, h.Seq}] = h
	}
	batch := protocol.Received{From: pc.From, Space: pc.Space, Doc: pc.Doc}
	take := func() error {
		if len(batch.Chunks) == 0 {
			return nil
		}
		want, err = p.receive(ctx, batch)
		batch.Chunks, batch.Heads = nil, nil
		return err
	}
	err = crdt.Expand(chunk, func(c crdt.Change) error {
		batch.Chunks = append(batch.Chunks, c.Bytes)
		if h, ok := over[place{string(c.Actor), c.Seq}]; ok {
			h.Hash = c.Hash
			batch.Heads = append(batch.Heads, h)
		}
		if len(batch.Chunks) < feedChanges {
			return nil
		}
		return take()
	})
	return want, errors.Join(err, take())
}

// snapshotOf is the stored snapshot of a document with a long history.
func (p *Peer) snapshotOf(ctx context.Context, doc crdt.DocID) (protocol.Snapshot, error) {
	covers := p.store.Committed(doc)
	n := uint64(0)
	for _, tip := range covers {
		n += tip.Seq
	}
	if n < minSnapshot {
		return protocol.Snapshot{}, nil
	}
	l, err := p.store.Load(ctx, doc)
	if damage := (*store.DamageError)(nil); errors.As(err, &damage) {
		return protocol.Snapshot{}, nil // what is readable goes out as changes
	}
	if err != nil || len(l.Snapshot) == 0 {
		return protocol.Snapshot{}, err
	}
	for _, c := range l.Changes { // that stand behind it
		if covers[c.Actor].Seq >= c.Seq {
			covers[c.Actor] = crdt.Tip{Seq: c.Seq - 1}
		}
		if c.Seq == 1 {
			delete(covers, c.Actor)
		}
	}
	return protocol.Snapshot{Chunk: l.Snapshot, Covers: covers}, nil
}
