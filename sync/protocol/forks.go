package protocol

import (
	"slices"

	"starling/crdt"
	"starling/sync/trust"
)

// forker is a [Host] that knows of actors which have numbered changes twice. It is
// asked with locks held, and must not wait.
type forker interface {
	ForkedIn(doc crdt.DocID) []crdt.ActorID
}

func (s *Session) forkedIn(doc crdt.DocID) []crdt.ActorID {
	if h, ok := s.host.(forker); ok {
		return h.ForkedIn(doc)
	}
	return nil
}

// apart is what the peer holds of a document for sure, of what it says that it does:
// see [crdt.Vector.Apart].
func (s *Session) apart(doc crdt.DocID, theirs, ours crdt.Vector) crdt.Vector {
	return theirs.Apart(ours, s.forkedIn(doc))
}

// Differs has the peer be sent all that it may lack of a document, of which a fork has
// become known: by numbers it need not lack anything.
func (s *Session) Differs(space trust.SpaceID, doc crdt.DocID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp := s.spaces[space]
	if sp == nil || !sp.synced {
		return // the comparison to come finds it
	}
	s.fallBehind(sp.doc(doc))
	s.nudge()
}

// forked reports whether a commit has changes of an actor that has numbered some
// twice: the peer may lack them though it has their numbers.
func (s *Session) forked(c Commit) bool {
	actors := s.forkedIn(c.Doc)
	return len(actors) > 0 && slices.ContainsFunc(c.Changes, func(ch crdt.Change) bool {
		return slices.Contains(actors, ch.Actor)
	})
}
