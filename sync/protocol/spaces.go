package protocol

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	"starling/crdt"
	"starling/sync/identity"
	"starling/sync/trust"
)

// spaceState is a space that this session has opened.
type spaceState struct {
	id          trust.SpaceID
	docs        map[crdt.DocID]*docState
	sentVectors bool
	// synced says that we know what the peer holds: base, and for the
	// documents in docs what they say.
	synced bool
	base   map[crdt.DocID]crdt.Vector
	pages  map[crdt.DocID]crdt.Vector // of the peer's vectors, until the last
}

// sendTags shows the peer which spaces we share, and nothing else.
func (s *Session) sendTags() error {
	var show []trust.Tag
	for _, sp := range s.host.Spaces(s.peer) {
		if sp.Member && len(show) < MaxTags {
			show = append(show, sp.Secret.Tag(s.conn.Exporter(), s.me))
		}
	}
	padded, err := trust.PadTags(show)
	if err != nil {
		return err
	}
	s.send(&tags{padded})
	return nil
}

func (s *Session) onTags(ctx context.Context, m *tags) error {
	spaces := s.host.Spaces(s.peer)
	s.mu.Lock()
	if s.gotTags {
		s.mu.Unlock()
		return fmt.Errorf("tags for the second time: %w", ErrMalformed)
	}
	s.gotTags = true
	for _, sp := range spaces {
		if slices.Contains(m.Tags, sp.Secret.Tag(s.conn.Exporter(), s.peer)) {
			s.matched[sp.ID] = true
		}
	}
	s.mu.Unlock()
	return s.Refresh(ctx)
}

// Refresh looks again which spaces are shared, after a roster has changed or a
// space has come. A member that does not know a space of ours yet is brought
// in; whether it lets itself be is for its side to judge. Call it from any
// goroutine, but not from within a [Host] method.
func (s *Session) Refresh(ctx context.Context) error {
	for _, sp := range s.host.Spaces(s.peer) {
		if !sp.Member {
			continue
		}
		s.mu.Lock()
		ready := s.gotTags && s.spaces[sp.ID] == nil
		known := s.matched[sp.ID]
		s.mu.Unlock()
		if !ready {
			continue
		}
		if !known {
			s.sendGrant(sp)
		}
		if err := s.open(ctx, sp.ID); err != nil {
			return err
		}
	}
	return nil
}

func (s *Session) sendGrant(sp Space) {
	pages := slices.Collect(slices.Chunk(s.host.Statements(sp.ID), MaxStatements))
	if len(pages) == 0 {
		return
	}
	s.send(&grant{sp.ID, sp.Secret, pages[0]})
	for _, page := range pages[1:] {
		s.send(&roster{sp.ID, page})
	}
}

// open begins to speak about a space.
func (s *Session) open(ctx context.Context, id trust.SpaceID) error {
	held, err := s.host.Vectors(ctx, id)
	if err != nil {
		return err
	}
	mine := &digest{id, s.host.RosterDigest(id), digestOf(held)}
	if s.openWith(mine) {
		s.host.Opened(s, id)
	}
	return nil
}

// openWith notes that a space is open and reports whether it was not before.
func (s *Session) openWith(mine *digest) bool {
	id := mine.Space
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.spaces[id] != nil {
		return false
	}
	if len(s.spaces) == 0 {
		close(s.opened)
	}
	s.spaces[id] = &spaceState{id: id, docs: make(map[crdt.DocID]*docState)}
	s.matched[id] = true
	s.control = append(s.control, mine)
	s.nudge()
	return true
}

// digestOf is a hash of all documents and vectors of a space.
func digestOf(held map[crdt.DocID]crdt.Vector) [32]byte {
	h := sha256.New()
	for _, id := range sortedDocs(held) {
		d := held[id].Digest()
		h.Write(id[:])
		h.Write(d[:])
	}
	return [32]byte(h.Sum(nil))
}

func sortedDocs(held map[crdt.DocID]crdt.Vector) []crdt.DocID {
	return slices.SortedFunc(maps.Keys(held), crdt.DocID.Compare)
}

// PushStatements sends new statements of a space, if it is open.
func (s *Session) PushStatements(space trust.SpaceID, raw [][]byte) {
	if !s.Shares(space) {
		return
	}
	for page := range slices.Chunk(raw, MaxStatements) {
		s.send(&roster{space, page})
	}
}

// onRoster takes statements about a space whose secret the peer has shown.
func (s *Session) onRoster(ctx context.Context, m *roster) error {
	s.mu.Lock()
	matched := s.matched[m.Space]
	s.mu.Unlock()
	if !matched {
		return nil // of a space that we did not let ourselves be brought into
	}
	if err := s.host.TakeStatements(ctx, s.peer, m.Space, m.Statements); err != nil {
		return err
	}
	return s.Refresh(ctx)
}

func (s *Session) onGrant(ctx context.Context, m *grant) error {
	in, err := s.host.TakeGrant(ctx, s.peer, m.Space, m.Secret, m.Statements)
	if err != nil || !in {
		return err
	}
	s.mu.Lock()
	s.matched[m.Space] = true
	s.mu.Unlock()
	return s.Refresh(ctx)
}

// onDigest compares what both hold and sends what the other may lack.
func (s *Session) onDigest(ctx context.Context, m *digest) error {
	if !s.Shares(m.Space) {
		return nil
	}
	if m.Roster != s.host.RosterDigest(m.Space) {
		s.PushStatements(m.Space, s.host.Statements(m.Space))
	}
	held, err := s.host.Vectors(ctx, m.Space)
	if err != nil {
		return err
	}
	if m.Documents != digestOf(held) {
		s.sendVectors(m.Space, held)
		return nil
	}
	s.mu.Lock()
	sp := s.spaces[m.Space]
	if !sp.synced {
		sp.synced, sp.base = true, held
	}
	s.mu.Unlock()
	s.compare(sp, held)
	return nil
}

// sendVectors tells once, page by page, what we hold of a space.
func (s *Session) sendVectors(space trust.SpaceID, held map[crdt.DocID]crdt.Vector) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp := s.spaces[space]
	if sp.sentVectors {
		return
	}
	sp.sentVectors = true
	page := &vectors{Space: space}
	actors := 0
	for _, id := range sortedDocs(held) {
		if len(page.Documents) == MaxVectors || actors > MaxActors {
			s.control = append(s.control, page)
			page, actors = &vectors{Space: space}, 0
		}
		page.Documents = append(page.Documents, docVector{id, toEntries(held[id])})
		actors += len(held[id])
	}
	page.Last = true
	s.control = append(s.control, page)
	s.nudge()
}

// onVectors gathers what the peer holds, and after the last page sends what it
// lacks, and what we hold if it does not know yet.
func (s *Session) onVectors(ctx context.Context, m *vectors) error {
	if !s.Shares(m.Space) {
		return nil
	}
	held, err := s.host.Vectors(ctx, m.Space)
	if err != nil {
		return err
	}
	s.mu.Lock()
	sp := s.spaces[m.Space]
	if sp.pages == nil {
		sp.pages = make(map[crdt.DocID]crdt.Vector)
	}
	for _, d := range m.Documents {
		sp.pages[d.Doc] = toVector(d.Vector)
	}
	n := len(sp.pages)
	s.mu.Unlock()
	if err := atMost("documents in a space", n, MaxDocuments); err != nil || !m.Last {
		return err
	}
	s.sendVectors(m.Space, held)
	s.mu.Lock()
	sp.base, sp.pages, sp.synced = sp.pages, nil, true
	s.mu.Unlock()
	s.compare(sp, held)
	return nil
}

// compare notes which documents the peer must be caught up with.
func (s *Session) compare(sp *spaceState, held map[crdt.DocID]crdt.Vector) {
	theirs := make(map[crdt.DocID]crdt.Vector, len(held))
	s.mu.Lock()
	for doc, vector := range held {
		d := s.docLocked(sp, doc)
		theirs[doc] = d.theirs.Clone()
		if !d.sent.Covers(vector) {
			d.behind = true
			s.dirty[doc] = d
		}
	}
	s.mu.Unlock()
	s.nudge()
	for doc, vector := range theirs {
		s.host.Acknowledged(s.peer, sp.id, doc, vector)
	}
}

// SetReach tells the peer with whom else we are connected.
func (s *Session) SetReach(devices []identity.DeviceID) {
	devices = devices[:min(len(devices), MaxReach)]
	s.send(&reach{slices.SortedFunc(slices.Values(devices), identity.DeviceID.Compare)})
}

func (s *Session) onReach(m *reach) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.reaches)
	for _, id := range m.Devices {
		s.reaches[id] = struct{}{}
	}
	return nil
}

func compareActors(a, b trust.Head) int {
	return cmp.Or(bytes.Compare(a.Actor[:], b.Actor[:]), cmp.Compare(a.Seq, b.Seq))
}
