package protocol

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"time"

	"starling/crdt"
	"starling/sync/identity"
	"starling/sync/trust"
)

func (h *fakeHost) Profile() Profile {
	return Profile{Name: fmt.Sprintf("host %d", h.id[0]), Run: [16]byte{h.id[0]}}
}

func (h *fakeHost) Introduced(s *Session, _ Profile) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.links = append(h.links, &fakeLink{session: s})
	return nil
}

func (h *fakeHost) Renamed(_ *Session, p Profile) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.renamed = append(h.renamed, p.Name)
}

func (h *fakeHost) Opened(*Session, trust.SpaceID) { h.tellReach() }

func (h *fakeHost) MayPair(*Session) (bool, time.Duration) { return h.pause == 0, h.pause }

func (h *fakeHost) Consent(peer identity.DeviceID) []byte {
	if h.key == nil {
		return make([]byte, consentLen)
	}
	return trust.Consent(h.key, peer)
}

// ConsentFor is given to those with whom a person here has paired.
func (h *fakeHost) ConsentFor(peer, to identity.DeviceID) []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.key == nil || !h.paired[peer] {
		return nil
	}
	return trust.Consent(h.key, to)
}

func (h *fakeHost) TakeClaim(_ context.Context, _ identity.DeviceID, c Claim) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.claims = append(h.claims, c)
	return nil
}

func (h *fakeHost) Declined(identity.DeviceID, identity.DeviceID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.declined++
}

func (h *fakeHost) TakeKey(_ context.Context, _ identity.DeviceID, space trust.SpaceID, secrets []trust.Secret) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	sp := h.spaces[space]
	for _, secret := range slices.Backward(secrets) {
		if !slices.Contains(sp.secrets(), secret) {
			sp.older = append([]trust.Secret{sp.secret}, sp.older...)
			sp.secret = secret
		}
	}
	return nil
}

// Farewell is that a member is one no more.
func (h *fakeHost) Farewell(_ trust.SpaceID, peer identity.DeviceID) [][]byte {
	return [][]byte{append([]byte("gone"), peer[:]...)}
}

func (h *fakeHost) Redeem(_ context.Context, r Redemption) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.redemptions = append(h.redemptions, r)
	if h.redeem == nil {
		return ErrInviteUnknown
	}
	return h.redeem(r)
}

func (h *fakeHost) Redeemed(s *Session, invitation [32]byte, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.redeemed = append(h.redeemed, err)
}

func (h *fakeHost) Paired(id identity.DeviceID) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.paired[id]
}

func (h *fakeHost) Spaces(peer identity.DeviceID) []Space {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []Space
	for id, sp := range h.spaces {
		out = append(out, Space{
			ID: id, Secrets: sp.secrets(), Member: sp.members[peer] && sp.members[h.id],
			Removed: sp.gone[peer], Out: sp.gone[h.id], Bring: h.brings(peer), Unsaved: h.unsaved,
		})
	}
	slices.SortFunc(out, func(a, b Space) int { return a.ID.Compare(b.ID) })
	return out
}

func (h *fakeHost) Statements(space trust.SpaceID) [][]byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.spaces[space].statements)
}

func (h *fakeHost) RosterDigest(space trust.SpaceID) [32]byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	sum := sha256.New()
	for _, id := range slices.SortedFunc(maps.Keys(h.spaces[space].members), identity.DeviceID.Compare) {
		sum.Write(id[:])
	}
	return [32]byte(sum.Sum(nil))
}

func (h *fakeHost) TakeStatements(_ context.Context, from identity.DeviceID, space trust.SpaceID, raw [][]byte) error {
	h.mu.Lock()
	sp := h.spaces[space]
	if sp == nil {
		h.mu.Unlock()
		h.t.Errorf("statements of space %v, which is not ours, reached the host", space)
		return nil
	}
	before := len(sp.statements)
	for _, r := range raw {
		if id, gone := bytes.CutPrefix(r, []byte("gone")); gone {
			sp.remove(identity.DeviceID(id))
			continue
		}
		sp.admit(identity.DeviceID(r[:32]))
	}
	fresh := slices.Clone(sp.statements[before:])
	links := slices.Clone(h.links)
	h.mu.Unlock()
	for _, l := range links {
		if len(fresh) > 0 && l.session.Peer() != from {
			l.session.PushStatements(space, fresh)
		}
	}
	return nil
}

func (h *fakeHost) TakeGrant(ctx context.Context, from identity.DeviceID, space trust.SpaceID, secrets []trust.Secret, raw [][]byte) (bool, error) {
	h.mu.Lock()
	h.grants++
	known := h.spaces[space] != nil
	if !known && h.paired[from] {
		h.spaces[space] = &fakeSpace{secret: secrets[0], older: secrets[1:], members: make(map[identity.DeviceID]bool)}
		known = true
	}
	h.mu.Unlock()
	if !known {
		return false, nil
	}
	err := h.TakeStatements(ctx, from, space, raw)
	go h.refresh()
	return true, err
}

// refresh lets all sessions look again at what they share.
func (h *fakeHost) refresh() {
	h.mu.Lock()
	links := slices.Clone(h.links)
	h.mu.Unlock()
	for _, l := range links {
		if err := l.session.Refresh(context.Background()); err != nil {
			h.t.Error("refresh:", err)
		}
	}
}

func (h *fakeHost) Holding(_ context.Context, space trust.SpaceID) (*Holding, error) {
	defer time.Sleep(h.read)
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make(map[crdt.DocID]crdt.Vector)
	for id, d := range h.docs {
		if d.space == space {
			out[id] = d.vector()
		}
	}
	return (*Holding)(nil).With(out), nil
}

// Snapshot packs all that is committed, if that is much: each change behind its
// length.
func (h *fakeHost) Snapshot(_ context.Context, space trust.SpaceID, doc crdt.DocID) (Snapshot, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	d := h.of(space, doc)
	if h.minSnapshot == 0 || d.committed < h.minSnapshot {
		return Snapshot{}, nil
	}
	n := d.committed - d.committed%7 // the rest comes as changes
	var snap Snapshot
	for _, c := range d.changes[:n] {
		snap.Chunk = append(binary.AppendUvarint(snap.Chunk, uint64(len(c.Bytes))), c.Bytes...)
	}
	snap.Covers = tips(d.changes[:n])
	return snap, nil
}

func (h *fakeHost) TakePiece(ctx context.Context, p Piece) (crdt.Vector, error) {
	h.mu.Lock()
	have := h.pieces[p.Doc]
	if have.Sum != p.Sum {
		have = Piece{Space: p.Space, Doc: p.Doc, Sum: p.Sum, Size: p.Size}
	}
	if p.Offset == len(have.Bytes) {
		h.snapshotBytes += len(p.Bytes)
		have.Bytes = append(have.Bytes, p.Bytes...)
	}
	have.Offset = len(have.Bytes)
	h.pieces[p.Doc] = have
	whole := have.Offset == have.Size
	if whole {
		delete(h.pieces, p.Doc)
	}
	h.mu.Unlock()
	if !whole {
		return nil, nil
	}
	r := Received{From: p.From, Space: p.Space, Doc: p.Doc}
	for rest := have.Bytes; len(rest) > 0; {
		n, at := binary.Uvarint(rest)
		chunk := rest[at : at+int(n)]
		rest = rest[at+int(n):]
		f, err := parseFake(chunk)
		if err != nil {
			return nil, err
		}
		r.Chunks = append(r.Chunks, chunk)
		for _, head := range p.Heads {
			if head.Actor == string(f.Actor) && head.Seq == f.Seq {
				head.Hash = hashOfChunk(chunk)
				r.Heads = append(r.Heads, head)
			}
		}
	}
	return h.Receive(ctx, r)
}

func (h *fakeHost) Pieces(trust.SpaceID) []Piece {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Values(h.pieces))
}

func (h *fakeHost) First(trust.SpaceID) []crdt.DocID { return h.first }

func (h *fakeHost) Compared(_ identity.DeviceID, _ trust.SpaceID, held View) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, v := range held.All() {
		h.acked[id] = v
	}
}

func (h *fakeHost) Committed(space trust.SpaceID, doc crdt.DocID) crdt.Vector {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.of(space, doc).vector()
}

// of is a document of a space, an empty one if it is not known there; under mu.
func (h *fakeHost) of(space trust.SpaceID, doc crdt.DocID) *fakeDoc {
	if d := h.docs[doc]; d != nil && d.space == space {
		return d
	}
	return &fakeDoc{}
}

func (h *fakeHost) ChangesSince(_ context.Context, space trust.SpaceID, doc crdt.DocID, since crdt.Vector, yield func(crdt.Change) error) error {
	h.mu.Lock()
	d := h.of(space, doc)
	changes, err := slices.Clone(d.changes[:d.committed]), h.unread
	h.mu.Unlock()
	for i, c := range changes {
		if err != nil && i == len(changes)/2 {
			return err
		}
		if since.Has(c.Actor, c.Seq) {
			continue
		}
		if err := yield(c); err != nil {
			return err
		}
	}
	return nil
}

func (h *fakeHost) HeadsSince(_ context.Context, space trust.SpaceID, doc crdt.DocID, since crdt.Vector) ([]trust.Head, error) {
	if h.onHeads != nil {
		h.onHeads()
	}
	defer time.Sleep(h.read)
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []trust.Head
	for _, head := range h.of(space, doc).heads {
		if head.Seq > since[crdt.ActorID(head.Actor)].Seq {
			out = append(out, head)
		}
	}
	slices.SortStableFunc(out, func(a, b trust.Head) int { return cmp.Compare(a.Seq, b.Seq) })
	return out, nil
}

func (h *fakeHost) Receive(_ context.Context, r Received) (crdt.Vector, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if sp := h.spaces[r.Space]; sp == nil || !sp.members[r.From] {
		h.t.Errorf("changes of space %v, which is not shared, reached the host", r.Space)
		return nil, nil
	}
	if h.refuse != nil {
		if err := h.refuse(r); err != nil {
			return nil, err
		}
	}
	d := h.doc(r.Space, r.Doc)
	for _, raw := range r.Chunks {
		f, err := parseFake(raw)
		if err != nil {
			return nil, err
		}
		c := crdt.Change{Actor: crdt.ActorID(f.Actor), Seq: f.Seq, Deps: f.Deps, Bytes: raw, Hash: hashOfChunk(raw)}
		h.received++
		h.carried += len(raw)
		if d.has[c.Hash] {
			h.twice++
			continue
		}
		d.waiting[c.Hash] = c
	}
	d.wHeads = append(d.wHeads, r.Heads...)
	want := h.takeWaiting(r, d)
	if len(d.waiting) > 0 && h.forget != nil && h.forget() {
		clear(d.waiting)
		d.wHeads = nil
		return d.held.Clone(), ErrLetGo
	}
	return want, nil
}

// takeWaiting takes what can be and returns what is held if something is
// missing.
func (h *fakeHost) takeWaiting(r Received, d *fakeDoc) crdt.Vector {
	commit := Commit{Space: r.Space, Doc: r.Doc, From: r.From}
	for again := true; again; {
		again = false
		for hash, c := range d.waiting {
			if d.held[c.Actor].Seq+1 != c.Seq || !d.covered(c) || slices.ContainsFunc(c.Deps, func(dep crdt.Hash) bool { return !d.has[dep] }) {
				continue
			}
			delete(d.waiting, hash)
			d.take(c)
			commit.Changes = append(commit.Changes, c)
			again = true
		}
	}
	d.wHeads = slices.DeleteFunc(d.wHeads, func(head trust.Head) bool {
		if !d.held.Has(crdt.ActorID(head.Actor), head.Seq) {
			return false
		}
		if d.has[crdt.Hash(head.Hash)] {
			commit.Heads = append(commit.Heads, head)
		}
		return true
	})
	if len(commit.Changes) > 0 {
		h.commitLater(commit)
	}
	for _, c := range d.waiting {
		for _, dep := range c.Deps {
			if _, ok := d.waiting[dep]; !ok && !d.has[dep] {
				h.wantsOut++
				return d.held.Clone()
			}
		}
	}
	return nil
}

// covered reports whether a head reaches the change.
func (d *fakeDoc) covered(c crdt.Change) bool {
	return slices.ContainsFunc(d.wHeads, func(head trust.Head) bool {
		_, here := d.waiting[crdt.Hash(head.Hash)]
		return crdt.ActorID(head.Actor) == c.Actor && head.Seq >= c.Seq && (here || d.has[crdt.Hash(head.Hash)])
	})
}

func (h *fakeHost) AskedHolders() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked++
}

func (h *fakeHost) Holders(_ identity.DeviceID, space trust.SpaceID, doc crdt.DocID, digest [32]byte, devices []identity.DeviceID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.holders = append(h.holders, holders{space, doc, false, digest, devices})
}

func (h *fakeHost) Acknowledged(_ identity.DeviceID, _ trust.SpaceID, doc crdt.DocID, held crdt.Vector) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.acked[doc] = held
}

func (h *fakeHost) Presence(_ identity.DeviceID, p Presence) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.places = append(h.places, p)
}

func (h *fakeHost) PairingChanged(s *Session, p Pairing) {
	if h.onPairing != nil {
		h.onPairing(p)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pairings[s] = append(h.pairings[s], p)
	if p.Done() {
		h.paired[s.Peer()] = true
	}
}
