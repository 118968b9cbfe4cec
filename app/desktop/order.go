package desktop

import (
	"slices"
	"strings"

	"starling/crdt"
	"starling/sync/peer"
)

// titleMost is how far a caret may be in the first line, in code points, to be in
// a title.
const titleMost = 200

// shelf remembers in which order the documents of a space are listed, so that
// none moves under the mouse, nor the open one while its title is typed.
type shelf struct {
	space peer.SpaceID
	ids   []crdt.DocID // as listed last
}

// stillness is what must not move in a list.
type stillness struct {
	All  bool       // the mouse is there
	Open crdt.DocID // the title of this one is being typed, zero for none
}

// arrange returns documents of a space, which come sorted by title, in the order
// in which to list them. It leaves documents as they are.
func (s *shelf) arrange(space peer.SpaceID, documents []peer.Document, still stillness) []peer.Document {
	if s.space == space {
		switch {
		case still.All:
			documents = s.asBefore(documents)
		case still.Open != crdt.DocID{}:
			documents = s.holding(documents, still.Open)
		}
	}
	s.space, s.ids = space, s.ids[:0]
	for _, d := range documents {
		s.ids = append(s.ids, d.ID)
	}
	return documents
}

// asBefore lists documents as they were, and those that have come below them.
func (s *shelf) asBefore(documents []peer.Document) []peer.Document {
	was := make(map[crdt.DocID]int, len(s.ids))
	for i, id := range s.ids {
		was[id] = i
	}
	place := func(d peer.Document) int {
		if i, ok := was[d.ID]; ok {
			return i
		}
		return len(was)
	}
	documents = slices.Clone(documents)
	slices.SortStableFunc(documents, func(a, b peer.Document) int { return place(a) - place(b) })
	return documents
}

// holding lists documents with one of them where it was.
func (s *shelf) holding(documents []peer.Document, id crdt.DocID) []peer.Document {
	now := slices.IndexFunc(documents, func(d peer.Document) bool { return d.ID == id })
	was := slices.Index(s.ids, id)
	if now < 0 || was < 0 || now == was {
		return documents
	}
	moved := documents[now]
	documents = slices.Delete(slices.Clone(documents), now, now+1)
	return slices.Insert(documents, min(was, len(documents)), moved)
}

// still is what must not move in the list of documents: all while the mouse is
// there, else the open one while the caret is in its first line.
func (w *window) still() stillness {
	still := stillness{All: w.places.list.hover >= 0 && w.places.list.Visible()}
	if w.editor != nil && w.help == nil {
		if caret, _ := w.editor.Caret(); caret <= titleMost && !strings.Contains(slice(w.editor.Text(), 0, caret), "\n") {
			still.Open = w.desk.Doc
		}
	}
	return still
}
