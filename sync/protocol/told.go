package protocol

import (
	"starling/crdt"
	"starling/sync/trust"
)

// EachTold gives what the peer has told that it holds of the documents of a space,
// except where that is what we held ourselves when the two compared. It reports false,
// and gives nothing, until the peer has told all. The vectors must not be kept or
// written to, nor the session asked meanwhile.
func (s *Session) EachTold(space trust.SpaceID, yield func(crdt.DocID, crdt.Vector)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp := s.spaces[space]
	if sp == nil || !sp.synced {
		return false
	}
	for id, d := range sp.docs {
		yield(id, d.theirs)
	}
	for id, v := range sp.other {
		if sp.docs[id] == nil {
			yield(id, v)
		}
	}
	return true
}
