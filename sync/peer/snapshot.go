package peer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

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

// sentBounds are what a snapshot holds at most that is sent as it is. All peers
// agree on them; a longer document goes out as changes.
var sentBounds = crdt.Bounds{Inflated: 64 << 20, Ops: maxWholeOps, Changes: maxWholeChanges}

// takePiece takes a piece of a snapshot. When it is whole its text is shown. Then
// it is taken as a whole or, where that cannot be, its changes are taken like any
// others. One for which there was no room is asked for again.
func (p *Peer) takePiece(ctx context.Context, pc protocol.Piece) (want crdt.Vector, err error) {
	home, held, err := p.homeOf(ctx, pc.Doc)
	if err != nil {
		return nil, err
	}
	if held && home != pc.Space {
		return nil, wrongSpace(&arrival{Received: protocol.Received{Doc: pc.Doc}})
	}
	if len(p.store.Committed(pc.Doc)) > 0 {
		if p.arriving.forget(pc.Doc) {
			p.hub.emit(ArrivingChanged{pc.Space, pc.Doc})
		}
		return p.store.Committed(pc.Doc), nil // it has come otherwise: what lacks is asked for
	}
	came := p.arriving.add(pc, time.Now())
	p.tellArriving(came.changed)
	switch {
	case came.lost:
		return crdt.Vector{}, protocol.ErrLetGo
	case came.whole == nil:
		return nil, nil
	}
	defer func() {
		p.arriving.drop(pc)
		p.hub.emit(ArrivingChanged{pc.Space, pc.Doc}, DocumentsChanged{pc.Space}, TextChanged{pc.Doc})
	}()
	whole := came.whole
	switch ok := sha256.Sum256(whole) == pc.Sum; {
	case !ok && came.mixed: // whoever sent the beginning may be the one to blame
		return crdt.Vector{}, protocol.ErrLetGo
	case !ok:
		return nil, fmt.Errorf("a snapshot is not what it should be: %w", protocol.ErrMalformed)
	}
	contents, err := p.arriving.read(whole)
	if err != nil {
		return nil, fmt.Errorf("%w: a snapshot: %w", protocol.ErrMalformed, err)
	}
	p.arriving.show(pc, contents.Text)
	p.hub.emit(ArrivingChanged{pc.Space, pc.Doc})
	err = p.takeWhole(ctx, pc, whole)
	if err == nil || ctx.Err() != nil || errors.Is(err, protocol.ErrMalformed) {
		return nil, err
	}
	p.log.Debug("a snapshot is taken change by change", "doc", pc.Doc, "from", pc.From.Tag(), "err", err)
	return p.takeSnapshot(ctx, pc, whole)
}

func (p *Peer) tellArriving(changed []ArrivingChanged) {
	for _, c := range changed {
		p.hub.emit(c)
	}
}

// takeSnapshot takes the changes of a snapshot, each batch with the heads over it;
// of one snapshot at a time, as it is in memory with all it holds.
func (p *Peer) takeSnapshot(ctx context.Context, pc protocol.Piece, chunk []byte) (want crdt.Vector, err error) {
	p.arriving.apart.Lock()
	defer p.arriving.apart.Unlock()
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
	if err := crdt.Within(l.Snapshot, sentBounds); err != nil {
		return protocol.Snapshot{}, nil // it goes out as changes
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
