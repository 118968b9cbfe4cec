package protocol

import (
	"context"
	"crypto/subtle"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

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

	gotDigest, gotParts, sentParts bool // each is said once

	look *first // to be said
}

// meeting is how far two peers have shown each other what they share; under
// Session.mu.
type meeting struct {
	tags   int                    // how often the peer has shown tags
	shown  map[trust.SpaceID]bool // spaces of which we have shown a tag
	parted map[trust.SpaceID]bool // spaces of which we have taken leave
	closed map[trust.SpaceID]bool // spaces that were open and are not any more
	apart  map[trust.SpaceID]bool // spaces that the peer knows and that we did not share by our roster
	stale  []trust.SpaceID        // spaces of which the peer has shown only older secrets
	left   chan struct{}          // gets one when an open space was left
}

// grant is a page of what brings a member into a space that it does not know
// yet; pages of two spaces do not mix. Secrets are the newest first.
type grant struct {
	Space      trust.SpaceID  `cbor:"1,keyasint"`
	Secrets    []trust.Secret `cbor:"2,keyasint"`
	Statements [][]byte       `cbor:"3,keyasint"`
	Last       bool           `cbor:"4,keyasint"`
}

// maxGrant is how many bytes of statements bring one into a space.
const maxGrant = 16 << 20

func (m *grant) check() error {
	if err := checkSecrets(m.Secrets); err != nil {
		return err
	}
	return checkStatements(m.Statements)
}

// maxStatement is the largest statement in bytes: a page of lines. maxPage is how
// many bytes of statements a message carries: beyond pageSize no other is added.
const (
	maxStatement = 32 << 10
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

// sendTags shows the peer which spaces we share, and nothing else: for each the
// newest secret, and where there is room some older ones, since one of us may
// have been away when it was renewed. One who was removed is shown them too, so
// that it asks and is told.
func (s *Session) sendTags() error {
	spaces := s.host.Spaces(s.peer)
	var show []trust.Tag
	for age := range maxSecrets {
		for _, sp := range spaces {
			if (sp.Member || sp.Removed && !sp.Out) && age < len(sp.Secrets) && len(show) < MaxTags {
				show = append(show, sp.Secrets[age].Tag(s.conn.Exporter(), s.me))
				s.mu.Lock()
				once(&s.meeting.shown, sp.ID)
				s.mu.Unlock()
			}
		}
	}
	return s.showTags(show)
}

func (s *Session) showTags(show []trust.Tag) error {
	padded, err := trust.PadTags(show)
	if err != nil {
		return err
	}
	s.send(&tags{padded})
	return nil
}

// maxMeetings is how often a peer may show tags: once at the beginning, and
// once for each space of which it learns by a tag of ours that we know it.
const maxMeetings = 1 + MaxTags

func (s *Session) onTags(ctx context.Context, m *tags) error {
	spaces := s.host.Spaces(s.peer)
	s.mu.Lock()
	s.meeting.tags++
	if s.meeting.tags > maxMeetings {
		s.mu.Unlock()
		return fmt.Errorf("tags for the %dth time: %w", maxMeetings+1, ErrLimit)
	}
	later := s.meeting.tags > 1
	s.mu.Unlock()
	for _, sp := range spaces {
		age, ok := s.shows(sp, m.Tags)
		if !ok {
			continue
		}
		s.mu.Lock()
		late := later && !s.matched[sp.ID]
		s.matched[sp.ID] = true
		s.mu.Unlock()
		if late && sp.Member { // it knows the space, and not that we are in it
			s.sendGrant(sp)
		}
		if age > 0 && sp.Member {
			s.mu.Lock()
			s.meeting.stale = append(s.meeting.stale, sp.ID)
			s.mu.Unlock()
		}
	}
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
			if err := s.part(sp); err != nil {
				return err
			}
			continue
		}
		s.mu.Lock()
		ready := s.meeting.tags > 0 && s.spaces[sp.ID] == nil
		known := s.matched[sp.ID]
		expects := sp.Bring || s.redeeming.welcome || len(s.matched) > 0 // it knows us from there
		paired := s.pairing.seen.Done() || s.redeeming.welcome
		again := paired && s.spaces[sp.ID].takeUnheard() || s.meeting.apart[sp.ID]
		delete(s.meeting.apart, sp.ID)
		show := ready && !known && !expects && once(&s.meeting.shown, sp.ID)
		delete(s.meeting.parted, sp.ID) // there may be another time
		s.mu.Unlock()
		if ready && !known && expects || again {
			s.sendGrant(sp)
		}
		if show {
			if err := s.showSpace(sp); err != nil {
				return err
			}
		}
		if !ready || !known && !expects {
			continue
		}
		s.mu.Lock()
		closed := s.meeting.closed[sp.ID]
		s.mu.Unlock()
		if closed {
			s.conn.Close(nil) // the next session begins from the beginning, on both sides
			return nil
		}
		if err := s.open(ctx, sp.ID, !known && !paired); err != nil {
			return err
		}
	}
	s.pushStaleKeys()
	return nil
}

// pushStaleKeys gives the newest secrets to a peer that has shown only older
// ones.
func (s *Session) pushStaleKeys() {
	s.mu.Lock()
	stale := s.meeting.stale
	s.meeting.stale = nil
	s.mu.Unlock()
	for _, id := range stale {
		s.PushKey(id)
	}
}

// part speaks of a space no more in which the peer or we are not, or not by our
// roster. One who shows that it knows the space is told by which statements one
// of us has left; one of whom we have not heard is shown that we know it too, so
// that it tells us why it belongs.
func (s *Session) part(sp Space) error {
	s.mu.Lock()
	s.closeSpace(sp.ID)
	known := s.matched[sp.ID] && s.meeting.tags > 0
	farewell := known && (sp.Removed || sp.Out) && once(&s.meeting.parted, sp.ID)
	answer := known && !sp.Removed && once(&s.meeting.shown, sp.ID)
	if known {
		once(&s.meeting.apart, sp.ID)
	}
	s.mu.Unlock()
	if farewell {
		s.sendStatements(sp.ID, s.host.Farewell(sp.ID, s.peer))
	}
	if answer {
		return s.showSpace(sp)
	}
	return nil
}

// showSpace shows the peer that we know a space, at a later time than others.
func (s *Session) showSpace(sp Space) error {
	var show []trust.Tag
	for _, secret := range sp.newest() {
		show = append(show, secret.Tag(s.conn.Exporter(), s.me))
	}
	return s.showTags(show)
}

func once(done *map[trust.SpaceID]bool, id trust.SpaceID) bool {
	if (*done)[id] {
		return false
	}
	if *done == nil {
		*done = make(map[trust.SpaceID]bool)
	}
	(*done)[id] = true
	return true
}

// partTime is how long a session stays when one of the two has left a space, so
// that the other hears why.
const partTime = 300 * time.Millisecond

// watchParting ends a session from which an open space was taken: so nothing
// more of that is sent on any stream. Whatever else they share they find again.
func (s *Session) watchParting(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-s.meeting.left:
	}
	timer := time.NewTimer(partTime)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
		s.conn.Close(nil)
	}
	return nil
}

// closeSpace forgets what was to be sent of a space; under mu.
func (s *Session) closeSpace(id trust.SpaceID) {
	if s.spaces[id] == nil {
		return
	}
	delete(s.spaces, id)
	once(&s.meeting.closed, id)
	select {
	case s.meeting.left <- struct{}{}:
	default:
	}
	here := func(d *docState) bool { return d.space.id == id }
	for _, d := range s.live {
		if here(d) {
			s.queued -= d.queued
		}
	}
	s.live = slices.DeleteFunc(s.live, here)
	s.late = slices.DeleteFunc(s.late, here)
	s.owed = slices.DeleteFunc(s.owed, here)
	maps.DeleteFunc(s.relays, func(d *docState, _ struct{}) bool { return here(d) })
	maps.DeleteFunc(s.wants, func(d *docState, _ struct{}) bool { return here(d) })
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
	for page := range inPages(s.host.Statements(sp.ID)) {
		pages = append(pages, &grant{Space: sp.ID, Secrets: sp.newest(), Statements: page})
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
	select {
	case <-s.opened: // one was open before, and was closed
	default:
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
// knows a secret of it or belongs to it.
func (s *Session) knows(m *grant) (known, same bool) {
	for _, sp := range s.host.Spaces(s.peer) {
		if sp.ID == m.Space {
			shared := slices.ContainsFunc(m.Secrets, func(secret trust.Secret) bool { return holds(sp.Secrets, secret) })
			return true, sp.Member || shared
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
