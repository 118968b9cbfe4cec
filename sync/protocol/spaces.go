package protocol

import (
	"context"
	"fmt"

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
	knows     bool                   // the peer says that we are no stranger to it
	tags      int                    // how often the peer has shown tags
	shown     map[trust.SpaceID]bool // spaces of which we have shown a tag
	parted    map[trust.SpaceID]bool // spaces of which we have taken leave
	corrected map[trust.SpaceID]bool // spaces of which the peer took leave, and was told better
	recalled  map[trust.SpaceID]bool // spaces of which we have shown an old tag, as the peer did
	closed    map[trust.SpaceID]bool // spaces that were open and are not any more
	apart     map[trust.SpaceID]bool // spaces that the peer knows and that we did not share by our roster
	stale     []trust.SpaceID        // spaces of which the peer has shown only older secrets
	left      chan struct{}          // gets one when an open space was left
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
		if !sp.Member { // it may be one before anything is said of the space
			once(&s.meeting.apart, sp.ID)
		}
		s.mu.Unlock()
		if late && sp.Member { // it knows the space, and not that we are in it
			s.sendGrant(sp)
		}
		s.mu.Lock()
		recall := age >= maxSecrets && sp.Member && once(&s.meeting.recalled, sp.ID)
		s.mu.Unlock()
		if recall {
			// It has missed so many renewals that it recognises none of our tags.
			if err := s.showTags([]trust.Tag{sp.Secrets[age].Tag(s.conn.Exporter(), s.me)}); err != nil {
				return err
			}
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
		if sp.Unsaved {
			s.hold(sp)
			continue
		}
		if !sp.Member {
			if err := s.part(sp); err != nil {
				return err
			}
			continue
		}
		s.mu.Lock()
		ready := s.meeting.tags > 0 && s.spaces[sp.ID] == nil
		known := s.matched[sp.ID]
		expects := sp.Bring && (s.meeting.knows || s.pairing.done.Load()) || s.redeeming.welcome || len(s.matched) > 0 // it knows us from there
		paired := s.pairing.done.Load() || s.redeeming.welcome
		again := paired && s.spaces[sp.ID].takeUnheard() || s.meeting.apart[sp.ID]
		delete(s.meeting.apart, sp.ID)
		// One whose tag came before we knew of it was not shown ours with the others.
		show := ready && (known || !expects) && once(&s.meeting.shown, sp.ID)
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
	s.resuming(id)
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
