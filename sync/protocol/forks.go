package protocol

import "starling/crdt"

// forker is a [Host] that knows of actors which have numbered changes twice. It is
// asked with locks held, and must not wait.
type forker interface {
	ForkedIn(doc crdt.DocID) []crdt.ActorID
}

// apart is what the peer holds of a document for sure, of what it says that it does:
// see [crdt.Vector.Apart].
func (s *Session) apart(doc crdt.DocID, theirs, ours crdt.Vector) crdt.Vector {
	var forked []crdt.ActorID
	if h, ok := s.host.(forker); ok {
		forked = h.ForkedIn(doc)
	}
	return theirs.Apart(ours, forked)
}
