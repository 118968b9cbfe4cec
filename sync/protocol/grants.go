package protocol

import (
	"context"
	"crypto/subtle"
	"fmt"
	"iter"
	"slices"

	"starling/sync/trust"
)

// grant is a page of what brings a member into a space that it does not know
// yet; pages of two spaces do not mix. Secrets are the newest first.
type grant struct {
	Space      trust.SpaceID  `cbor:"1,keyasint"`
	Secrets    []trust.Secret `cbor:"2,keyasint"`
	Statements [][]byte       `cbor:"3,keyasint"`
	Last       bool           `cbor:"4,keyasint"`
}

// maxGrant is how many bytes of statements bring one into a space.
const maxGrant = trust.MaxRoster

func (m *grant) check() error {
	if err := checkSecrets(m.Secrets); err != nil {
		return err
	}
	return checkStatements(m.Statements)
}

// maxStatement is the largest statement in bytes: a page of lines. maxPage is how
// many bytes of statements a message carries: beyond pageSize no other is added.
const (
	maxStatement = trust.MaxPage
	pageSize     = 256 << 10
	maxPage      = pageSize + maxStatement
)

func checkStatements(s [][]byte) error {
	size := 0
	for _, raw := range s {
		if err := atMost("bytes of a statement", len(raw), maxStatement); err != nil {
			return err
		}
		size += len(raw)
	}
	if err := atMost("bytes of statements", size, maxPage); err != nil {
		return err
	}
	return atMost("statements", len(s), MaxStatements)
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
	if len(sp.Secrets) == 0 {
		return // nobody would recognise us
	}
	var pages []message
	for page := range inPages(s.host.Statements(sp.ID)) {
		pages = append(pages, &grant{Space: sp.ID, Secrets: sp.newest(), Statements: page})
	}
	if len(pages) == 0 {
		return
	}
	pages[len(pages)-1].(*grant).Last = true
	s.send(pages...)
}

// PushStatements sends new statements of a space, if it is open.
func (s *Session) PushStatements(space trust.SpaceID, raw [][]byte) {
	if s.Shares(space) {
		s.sendStatements(space, raw)
	}
}

func (s *Session) sendStatements(space trust.SpaceID, raw [][]byte) {
	for page := range inPages(raw) {
		s.send(&roster{space, page})
	}
}

// inPages cuts statements into pages that a message has room for.
func inPages(raw [][]byte) iter.Seq[[][]byte] {
	return func(yield func([][]byte) bool) {
		for len(raw) > 0 {
			n, size := 0, 0
			for n < len(raw) && n < MaxStatements && size < pageSize {
				size += len(raw[n])
				n++
			}
			if !yield(raw[:n]) {
				return
			}
			raw = raw[n:]
		}
	}
}

// onRoster takes statements about a space whose secret the peer has shown, or to
// which it belongs: one that was removed shows none.
func (s *Session) onRoster(ctx context.Context, m *roster) error {
	s.mu.Lock()
	heard := s.matched[m.Space]
	s.mu.Unlock()
	for _, sp := range s.host.Spaces(s.peer) {
		heard = heard || sp.ID == m.Space && sp.Member
	}
	if !heard {
		return nil // of a space that we did not let ourselves be brought into
	}
	if err := s.host.TakeStatements(ctx, s.peer, m.Space, m.Statements); err != nil {
		return err
	}
	if err := s.Refresh(ctx); err != nil {
		return err
	}
	s.answerParting(m.Space)
	return nil
}

// answerParting tells a peer all that we know which has taken leave of us in a
// space, where we know better: it has not heard that we are back. One that shares
// the space has said its digest before it speaks of the roster.
func (s *Session) answerParting(space trust.SpaceID) {
	s.mu.Lock()
	sp := s.spaces[space]
	answer := sp != nil && !sp.gotDigest && once(&s.meeting.corrected, space)
	s.mu.Unlock()
	if answer {
		s.PushStatements(space, s.host.Statements(space))
	}
}

// onGrant gathers the pages of a grant. Of a space of ours only one who shows its
// secret may say anything, or someone with whom the person here has paired: we may
// be out of it and have missed so many renewals that no secret is left in common.
// Into a new one only someone paired may bring us. It runs on the reader alone.
func (s *Session) onGrant(ctx context.Context, m *grant) error {
	if known, same := s.knows(m); known && !same || !known && !s.host.Paired(s.peer) {
		return nil
	}
	g := s.grant
	if g == nil {
		g = &grant{Space: m.Space, Secrets: m.Secrets}
		s.grant = g
	}
	if g.Space != m.Space || !slices.Equal(g.Secrets, m.Secrets) {
		return fmt.Errorf("two grants mixed: %w", ErrMalformed)
	}
	g.Statements = append(g.Statements, m.Statements...)
	size := 0
	for _, raw := range g.Statements {
		size += len(raw)
	}
	if err := atMost("bytes of statements", size, maxGrant); err != nil {
		return err
	}
	if err := atMost("statements", len(g.Statements), trust.MaxStatements); err != nil || !m.Last {
		return err
	}
	s.grant = nil
	in, err := s.host.TakeGrant(ctx, s.peer, g.Space, g.Secrets, g.Statements)
	if err != nil || !in {
		return err
	}
	s.mu.Lock()
	s.matched[g.Space] = true
	s.mu.Unlock()
	return s.Refresh(ctx)
}

// knows reports whether a grant is of a space of ours, and comes from one that
// knows a secret of it, belongs to it or may bring us back.
func (s *Session) knows(m *grant) (known, same bool) {
	for _, sp := range s.host.Spaces(s.peer) {
		if sp.ID == m.Space {
			shared := slices.ContainsFunc(m.Secrets, func(secret trust.Secret) bool { return holds(sp.Secrets, secret) })
			return true, sp.Member || sp.Bring && sp.Out || shared
		}
	}
	return false, false
}

func holds(secrets []trust.Secret, secret trust.Secret) bool {
	found := 0
	for _, s := range secrets {
		found |= subtle.ConstantTimeCompare(s[:], secret[:])
	}
	return found == 1
}
