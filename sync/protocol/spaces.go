package protocol

import (
	"context"
	"crypto/hmac"
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
	id trust.SpaceID
	// base is what the peer said it holds of documents, docs what is known of
	// those with which something has happened since; no document is in both.
	base map[crdt.DocID]crdt.Vector
	docs map[crdt.DocID]*docState
	// entries counts what the peer makes us remember of vectors.
	entries int
	// synced says that we know what the peer holds. Until then missed notes
	// which documents were committed to, and what the peer has of that.
	synced bool
	missed map[crdt.DocID]crdt.Vector
	// unheard says that we brought the peer in before the two paired on this
	// connection, so that it may have passed over that: it goes out again then.
	unheard bool

	sentVectors, gotVectors, gotDigest bool // each is said once
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
	s.refreshing.Lock()
	defer s.refreshing.Unlock()
	for _, sp := range s.host.Spaces(s.peer) {
		if !sp.Member {
			continue
		}
		s.mu.Lock()
		ready := s.gotTags && s.spaces[sp.ID] == nil
		known := s.matched[sp.ID]
		paired := s.pairing.seen.Done()
		again := paired && s.spaces[sp.ID].takeUnheard()
		s.mu.Unlock()
		if ready && !known || again {
			s.sendGrant(sp)
		}
		if !ready {
			continue
		}
		if err := s.open(ctx, sp.ID, !known && !paired); err != nil {
			return err
		}
	}
	return nil
}

// takeUnheard reports once whether a grant may have been passed over; under mu.
func (sp *spaceState) takeUnheard() bool {
	if sp == nil || !sp.unheard {
		return false
	}
	sp.unheard = false
	return true
}

func (s *Session) sendGrant(sp Space) {
	var pages []message
	for page := range slices.Chunk(s.host.Statements(sp.ID), MaxStatements) {
		pages = append(pages, &grant{Space: sp.ID, Secret: sp.Secret, Statements: page})
	}
	if len(pages) == 0 {
		return
	}
	pages[len(pages)-1].(*grant).Last = true
	s.send(pages...)
}

// open begins to speak about a space; under refreshing.
func (s *Session) open(ctx context.Context, id trust.SpaceID, unheard bool) error {
	held, err := s.host.Vectors(ctx, id)
	if err != nil {
		return fmt.Errorf("open space %v: %w", id, err)
	}
	theirs := s.openWith(&digest{id, s.host.RosterDigest(id), digestOf(held)}, unheard)
	s.host.Opened(s, id)
	if theirs == nil {
		return nil
	}
	return s.onDigest(ctx, theirs)
}

// openWith notes that a space is open, and returns the peer's digest if that
// came before.
func (s *Session) openWith(mine *digest, unheard bool) *digest {
	id := mine.Space
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.spaces) == 0 {
		close(s.opened)
	}
	s.spaces[id] = &spaceState{
		id: id, docs: make(map[crdt.DocID]*docState), base: make(map[crdt.DocID]crdt.Vector),
		missed: make(map[crdt.DocID]crdt.Vector), unheard: unheard,
	}
	s.matched[id] = true
	s.control = append(s.control, mine)
	s.nudge()
	theirs := s.early[id]
	delete(s.early, id)
	return theirs
}

// digestOf is a hash of all documents and vectors of a space. A document of
// which nothing is held yet is as good as none.
func digestOf(held map[crdt.DocID]crdt.Vector) [32]byte {
	h := sha256.New()
	for _, id := range sortedDocs(held) {
		if len(held[id]) == 0 {
			continue
		}
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

// onGrant gathers the pages of a grant. Of a space of ours only one who shows
// its secret may say anything; into a new one only someone with whom the person
// here has paired may bring us. It runs on the reader alone.
func (s *Session) onGrant(ctx context.Context, m *grant) error {
	if known, same := s.knows(m); known && !same || !known && !s.host.Paired(s.peer) {
		return nil
	}
	g := s.grant
	if g == nil {
		g = &grant{Space: m.Space, Secret: m.Secret}
		s.grant = g
	}
	if g.Space != m.Space || g.Secret != m.Secret {
		return fmt.Errorf("two grants mixed: %w", ErrMalformed)
	}
	g.Statements = append(g.Statements, m.Statements...)
	if err := atMost("statements", len(g.Statements), trust.MaxStatements); err != nil || !m.Last {
		return err
	}
	s.grant = nil
	in, err := s.host.TakeGrant(ctx, s.peer, g.Space, g.Secret, g.Statements)
	if err != nil || !in {
		return err
	}
	s.mu.Lock()
	s.matched[g.Space] = true
	s.mu.Unlock()
	return s.Refresh(ctx)
}

// knows reports whether a grant is of a space of ours, and with its secret.
func (s *Session) knows(m *grant) (known, same bool) {
	for _, sp := range s.host.Spaces(s.peer) {
		if sp.ID == m.Space {
			return true, hmac.Equal(sp.Secret[:], m.Secret[:])
		}
	}
	return false, false
}

// onDigest compares what both hold and sends what the other may lack. One that
// comes before we know that the space is shared is kept until then.
func (s *Session) onDigest(ctx context.Context, m *digest) error {
	s.mu.Lock()
	sp := s.spaces[m.Space]
	twice := sp != nil && sp.gotDigest || s.early[m.Space] != nil
	switch {
	case twice:
	case sp != nil:
		sp.gotDigest = true
	case len(s.early) < MaxTags:
		s.early[m.Space] = m
	}
	s.mu.Unlock()
	if twice {
		return fmt.Errorf("a digest for the second time: %w", ErrMalformed)
	}
	if sp == nil {
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
		s.sendVectors(sp, held)
		return nil
	}
	s.mu.Lock()
	for id, v := range held {
		if err := sp.learn(id, v.Clone()); err != nil {
			s.log.Debug("a space is too large to be compared", "err", err)
			break
		}
	}
	s.mu.Unlock()
	s.compare(sp, held)
	return nil
}

// sendVectors tells once, page by page, what we hold of a space.
func (s *Session) sendVectors(sp *spaceState, held map[crdt.DocID]crdt.Vector) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sp.sentVectors {
		return
	}
	sp.sentVectors = true
	page, actors := &vectors{Space: sp.id}, 0
	for _, id := range sortedDocs(held) {
		for part := range slices.Chunk(toEntries(held[id]), MaxActors) {
			if len(page.Documents) == MaxVectors || actors+len(part) > MaxActors {
				s.control = append(s.control, page)
				page, actors = &vectors{Space: sp.id}, 0
			}
			page.Documents = append(page.Documents, docVector{id, part})
			actors += len(part)
		}
	}
	page.Last = true
	s.control = append(s.control, page)
	s.nudge()
}

// onVectors gathers what the peer holds, and after the last page sends what it
// lacks, and what we hold if it does not know yet.
func (s *Session) onVectors(ctx context.Context, m *vectors) error {
	s.mu.Lock()
	sp := s.spaces[m.Space]
	if sp == nil {
		s.mu.Unlock()
		return nil
	}
	err := sp.gather(m)
	s.mu.Unlock()
	if err != nil || !m.Last {
		return err
	}
	held, err := s.host.Vectors(ctx, m.Space)
	if err != nil {
		return err
	}
	s.sendVectors(sp, held)
	s.compare(sp, held)
	return nil
}

// gather takes in a page; under mu.
func (sp *spaceState) gather(m *vectors) error {
	if sp.gotVectors {
		return fmt.Errorf("vectors for the second time: %w", ErrMalformed)
	}
	sp.gotVectors = m.Last
	for _, d := range m.Documents {
		if err := sp.learn(d.Doc, toVector(d.Vector)); err != nil {
			return err
		}
	}
	return nil
}

// learn notes that the peer has committed v, which may be kept; under mu.
func (sp *spaceState) learn(id crdt.DocID, v crdt.Vector) error {
	if d := sp.docs[id]; d != nil {
		return d.learn(v)
	}
	held := sp.base[id]
	if held == nil {
		sp.base[id] = v
		if err := sp.grow(len(v)); err != nil {
			return err
		}
		return atMost("documents in a space", len(sp.docs)+len(sp.base), MaxDocuments)
	}
	before := len(held)
	held.Merge(v)
	return sp.grow(len(held) - before)
}

// compare notes which documents the peer must be caught up with. held was read
// when the space was open, so that what was committed later is in missed.
func (s *Session) compare(sp *spaceState, held map[crdt.DocID]crdt.Vector) {
	s.telling.Lock()
	defer s.telling.Unlock()
	theirs := make(map[crdt.DocID]crdt.Vector, len(held))
	s.mu.Lock()
	sp.synced = true
	for id, ours := range held {
		has, sent := sp.base[id], sp.base[id]
		if d := sp.docs[id]; d != nil {
			has, sent = d.theirs, d.sent
		}
		theirs[id] = has.Clone()
		if !sent.Covers(ours) {
			s.fallBehind(sp.doc(id))
		}
	}
	for id, v := range sp.missed {
		d := sp.doc(id)
		d.theirs.Merge(v)
		d.sent.Merge(v)
		d.showed = true
		s.owe(d)
		s.fallBehind(d)
	}
	clear(sp.missed)
	s.mu.Unlock()
	s.nudge()
	for id, v := range theirs {
		s.host.Acknowledged(s.peer, sp.id, id, v)
	}
}

// SetReach tells the peer with whom else we are connected, unless it knows. Only
// the latest counts.
func (s *Session) SetReach(devices []identity.DeviceID) {
	devices = slices.SortedFunc(slices.Values(devices), identity.DeviceID.Compare)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reach = devices[:min(len(devices), MaxReach)]
	s.nudge()
}

// movedReach is what has changed of our reach; under mu.
func (s *Session) movedReach() []message {
	if slices.Equal(s.reach, s.toldReach) {
		return nil
	}
	s.toldReach = s.reach
	return []message{&reach{s.reach}}
}

func (s *Session) onReach(m *reach) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.reaches)
	for _, id := range m.Devices {
		if !id.IsZero() && id != s.me { // what we write only we can pass on
			s.reaches[id] = struct{}{}
		}
	}
	return nil
}
