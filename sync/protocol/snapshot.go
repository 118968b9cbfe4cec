package protocol

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"starling/crdt"
	"starling/sync/identity"
	"starling/sync/trust"
)

// A peer that has nothing of a document with a long history gets the snapshot of
// it that is stored, as it is, and the heads over what it covers; then the rest as
// changes. It takes a fraction of the bytes, and its text can be shown before any
// change is checked. One that breaks off goes on where it stopped: the receiver
// keeps the piece, and says on the next connection how far it has come.

// Snapshot is a document chunk and the changes that it stands for. A nil Chunk is
// none.
type Snapshot struct {
	Chunk  []byte
	Covers crdt.Vector // of which only the numbers count
}

// Piece is a part of a snapshot that has come, from its beginning.
type Piece struct {
	From   identity.DeviceID
	Space  trust.SpaceID
	Doc    crdt.DocID
	Sum    [32]byte // SHA-256 of the whole
	Size   int      // of the whole
	Offset int      // of Bytes
	Bytes  []byte
	Heads  []trust.Head // with the last one; without hashes, which the changes give
}

// snapshot is a piece of a snapshot, on a stream for catching up.
type snapshot struct {
	Space  trust.SpaceID `cbor:"1,keyasint"`
	Doc    crdt.DocID    `cbor:"2,keyasint"`
	Sum    [32]byte      `cbor:"3,keyasint"`
	Size   uint64        `cbor:"4,keyasint"`
	Offset uint64        `cbor:"5,keyasint"`
	Bytes  []byte        `cbor:"6,keyasint"`
	Heads  []headRun     `cbor:"7,keyasint,omitempty"`
}

// headRun is heads of one actor under one roster: the numbers, and 64 bytes of
// signature for each.
type headRun struct {
	Actor  []byte            `cbor:"1,keyasint"`
	Device identity.DeviceID `cbor:"2,keyasint"`
	Nonce  trust.Nonce       `cbor:"3,keyasint"`
	Import bool              `cbor:"4,keyasint,omitempty"`
	Roster [][32]byte        `cbor:"5,keyasint,omitempty"`
	Seqs   []uint64          `cbor:"6,keyasint"`
	Sigs   []byte            `cbor:"7,keyasint"`
}

// resume says how much of snapshots the sender has, on the control stream.
type resume struct {
	Space  trust.SpaceID `cbor:"1,keyasint"`
	Pieces []pieceHeld   `cbor:"2,keyasint"`
}

type pieceHeld struct {
	Doc  crdt.DocID `cbor:"1,keyasint"`
	Sum  [32]byte   `cbor:"2,keyasint"`
	Held uint64     `cbor:"3,keyasint"`
}

func (*snapshot) kind() kind { return kindSnapshot }
func (*resume) kind() kind   { return kindResume }

func (m *resume) check() error { return atMost("pieces", len(m.Pieces), MaxPieces) }

func (m *snapshot) check() error {
	if m.Size == 0 || m.Size > MaxSnapshot || m.Offset > m.Size || uint64(len(m.Bytes)) > m.Size-m.Offset {
		return fmt.Errorf("a piece of %d bytes at %d of %d: %w", len(m.Bytes), m.Offset, m.Size, ErrLimit)
	}
	heads := 0
	for _, r := range m.Heads {
		if len(r.Actor) == 0 || len(r.Actor) > crdt.MaxActorLen || len(r.Seqs) == 0 || len(r.Sigs) != 64*len(r.Seqs) {
			return fmt.Errorf("heads of a snapshot: %w", ErrMalformed)
		}
		if err := atMost("statements of a head", len(r.Roster), trust.MaxHeadRoster); err != nil {
			return err
		}
		heads += len(r.Seqs)
	}
	return atMost("heads of a snapshot", heads, MaxSnapshotHeads)
}

// runs packs heads, sorted by actor and seq.
func runs(heads []trust.Head) (out []headRun) {
	for _, h := range heads {
		full := toHead(h)
		if n := len(out) - 1; n < 0 || string(out[n].Actor) != h.Actor || out[n].Device != h.Device ||
			out[n].Import != h.Import || !sameRoster(out[n].Roster, full.Roster) || len(h.Sig) != 64 {
			out = append(out, headRun{Actor: full.Actor, Device: h.Device, Nonce: h.Nonce, Import: h.Import, Roster: full.Roster})
		}
		last := &out[len(out)-1]
		last.Seqs, last.Sigs = append(last.Seqs, h.Seq), append(last.Sigs, h.Sig...)
	}
	return out
}

// thinned are the last head of each actor in each span; heads are sorted.
func thinned(heads []trust.Head) (out []trust.Head) {
	for i, h := range heads {
		if i+1 == len(heads) || heads[i+1].Actor != h.Actor || !sameSpan(heads[i+1].Seq, h.Seq) {
			out = append(out, h)
		}
	}
	return out
}

func unpack(all []headRun) (out []trust.Head) {
	for _, r := range all {
		for i, seq := range r.Seqs {
			h := head{Actor: r.Actor, Seq: seq, Device: r.Device, Nonce: r.Nonce, Import: r.Import, Roster: r.Roster, Sig: r.Sigs[64*i : 64*i+64]}
			out = append(out, h.trust())
		}
	}
	return out
}

// streamSnapshot sends the stored snapshot of a document of which the peer has
// nothing. It returns what that covers, nil if nothing was sent.
func (s *Session) streamSnapshot(ctx context.Context, b *batcher) (crdt.Vector, error) {
	snap, err := s.host.Snapshot(ctx, b.space, b.doc)
	if err != nil || len(snap.Chunk) == 0 || len(snap.Chunk) > MaxSnapshot {
		return nil, err
	}
	heads, err := s.host.HeadsSince(ctx, b.space, b.doc, nil)
	if err != nil {
		return nil, err
	}
	heads = slices.DeleteFunc(heads, func(h trust.Head) bool { return !snap.Covers.Has(crdt.ActorID(h.Actor), h.Seq) })
	slices.SortFunc(heads, compareHeads)
	if heads = thinned(heads); len(heads) > MaxSnapshotHeads {
		return nil, nil
	}
	sum := sha256.Sum256(snap.Chunk)
	s.mu.Lock()
	at := 0
	if p, ok := s.resumes[b.space][b.doc]; ok && p.Sum == sum && p.Held <= uint64(len(snap.Chunk)) {
		at = int(p.Held)
	}
	s.mu.Unlock()
	for last := false; !last; {
		n := min(len(snap.Chunk)-at, pieceSize)
		m := &snapshot{Space: b.space, Doc: b.doc, Sum: sum, Size: uint64(len(snap.Chunk)), Offset: uint64(at), Bytes: snap.Chunk[at : at+n]}
		at += n
		if last = at == len(snap.Chunk); last {
			m.Heads = runs(heads)
		}
		if err := b.write(m); err != nil {
			return nil, err
		}
	}
	b.reached.Merge(snap.Covers)
	b.covered.Merge(snap.Covers)
	b.sent.Merge(snap.Covers)
	return snap.Covers, nil
}

// onResume notes how much of snapshots the peer has, of a space that may not be
// open here yet.
func (s *Session) onResume(m *resume) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.resumes[m.Space]; !ok && len(s.resumes) == MaxTags {
		return nil // they come from the beginning
	}
	held := make(map[crdt.DocID]pieceHeld, len(m.Pieces))
	for _, p := range m.Pieces {
		held[p.Doc] = p
	}
	if s.resumes == nil {
		s.resumes = make(map[trust.SpaceID]map[crdt.DocID]pieceHeld)
	}
	s.resumes[m.Space] = held
	return nil
}

// resuming tells the peer how much we have of snapshots; it goes before our
// digest, so that it is known when the peer begins to send.
func (s *Session) resuming(space trust.SpaceID) {
	m := &resume{Space: space}
	for _, p := range s.host.Pieces(space) {
		if len(m.Pieces) < MaxPieces {
			m.Pieces = append(m.Pieces, pieceHeld{p.Doc, p.Sum, uint64(p.Offset)})
		}
	}
	if len(m.Pieces) > 0 {
		s.send(m)
	}
}

// onSnapshot hands a piece to the host.
func (s *Session) onSnapshot(ctx context.Context, m *snapshot) error {
	if !s.Shares(m.Space) {
		return nil
	}
	want, err := s.host.TakePiece(ctx, Piece{
		From: s.peer, Space: m.Space, Doc: m.Doc, Sum: m.Sum, Size: int(m.Size),
		Offset: int(m.Offset), Bytes: m.Bytes, Heads: unpack(m.Heads),
	})
	if err == nil || errors.Is(err, ErrLetGo) {
		return s.noteWant(m.Space, m.Doc, want, err != nil)
	}
	if breaks(err) || ctx.Err() != nil {
		return err
	}
	s.log.Warn("a snapshot could not be taken; changes are asked for", "doc", m.Doc, "err", err)
	return s.noteWant(m.Space, m.Doc, s.host.Committed(m.Space, m.Doc), true)
}
