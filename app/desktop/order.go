package desktop

import (
	"slices"

	"starling/crdt"
	"starling/sync/peer"
)

// shelf remembers in which order the documents of a space are listed, so that
// none moves under the mouse while the title of the open one is typed.
type shelf struct {
	open crdt.DocID
	ids  []crdt.DocID // as listed last
}

// arrange returns documents, which come sorted by title, in the order in which
// to list them: the open one keeps its place until another is open, or one comes
// or goes. It leaves documents as they are.
func (s *shelf) arrange(documents []peer.Document, open crdt.DocID) []peer.Document {
	if s.open == open && s.holds(documents) {
		now := slices.IndexFunc(documents, func(d peer.Document) bool { return d.ID == open })
		was := slices.Index(s.ids, open)
		if now >= 0 && now != was {
			moved := documents[now]
			documents = slices.Delete(slices.Clone(documents), now, now+1)
			documents = slices.Insert(documents, was, moved)
		}
	}
	s.open, s.ids = open, s.ids[:0]
	for _, d := range documents {
		s.ids = append(s.ids, d.ID)
	}
	return documents
}

// holds says whether these documents, and no others, were listed last.
func (s *shelf) holds(documents []peer.Document) bool {
	if len(s.ids) != len(documents) {
		return false
	}
	held := make(map[crdt.DocID]bool, len(s.ids))
	for _, id := range s.ids {
		held[id] = true
	}
	return !slices.ContainsFunc(documents, func(d peer.Document) bool { return !held[d.ID] })
}
