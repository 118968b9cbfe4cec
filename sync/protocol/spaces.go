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
	// ours is what our digest told, nil until it was read. Of a document of the
	// parts that are apart the peer holds what is in other, of one of the rest
	// what is in ours; docs is what is known of those with which something has
	// happened since, and no document is in it and in other.
	ours  *Holding
	apart [Parts]bool
	other map[crdt.DocID]crdt.Vector
	docs  map[crdt.DocID]*docState
	// entries counts what the peer makes us remember of vectors.
	entries int
	// synced says that we know what the peer holds. Until then missed notes
	// which documents were committed to, and what the peer has of that.
	synced bool
	missed map[crdt.DocID]crdt.Vector
	// unheard says that we brought the peer in before the two paired on this
	// connection, so that it may have passed over that: it goes out again then.
	unheard bool

	gotDigest, gotParts bool // each is said once

	look *first // to be said
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

// open begins to speak about a space; under refreshing. What is committed from
// here on is noted while we read what is held.
func (s *Session) open(ctx context.Context, id trust.SpaceID, unheard bool) error {
	sp := &spaceState{
		id: id, docs: make(map[crdt.DocID]*docState), other: make(map[crdt.DocID]crdt.Vector),
		missed: make(map[crdt.DocID]crdt.Vector), unheard: unheard,
	}
	s.mu.Lock()
	if len(s.spaces) == 0 {
		close(s.opened)
	}
	s.spaces[id] = sp
	s.matched[id] = true
	s.mu.Unlock()
	held, err := s.host.Holding(ctx, id)
	if err != nil {
		return fmt.Errorf("open space %v: %w", id, err)
	}
	theirs := s.openWith(sp, held, &digest{id, s.host.RosterDigest(id), held.Digest()})
	s.Look(id, s.host.First(id)...)
	s.host.Opened(s, id)
	if theirs != nil {
		s.compareDigest(sp, theirs)
	}
	return nil
}

// openWith says what we hold, and returns the peer's digest if that came before.
func (s *Session) openWith(sp *spaceState, held *Holding, mine *digest) *digest {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp.ours = held
	s.control = append(s.control, mine)
	s.nudge()
	theirs := s.early[sp.id]
	delete(s.early, sp.id)
	sp.gotDigest = theirs != nil
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
