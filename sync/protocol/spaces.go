package protocol

import (
	"context"
	"crypto/hmac"
	"fmt"
	"slices"

	"starling/crdt"
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
