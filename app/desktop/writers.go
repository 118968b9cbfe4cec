package desktop

import (
	"starling/app/editor"
	"starling/assets"
	"starling/crdt"
	"starling/sync/peer"
)

// writers tells the editor who wrote what, with the colours of one look. What it
// was told of one actor it remembers, as it is asked for each piece that is
// drawn. It belongs to the window's goroutine.
type writers struct {
	doc *peer.Doc // nil while that arrives
	me  peer.DeviceID
	// person is whose device somebody is.
	person func(peer.Person) peer.Person
	look   *assets.Tokens
	known  map[string]editor.Writer
	// patterns are those of the writers, by ID, in the order in which they were
	// first asked for: colours may be alike, patterns of the first few are not.
	patterns map[string]int
}

func newWriters(doc *peer.Doc, me peer.DeviceID, person func(peer.Person) peer.Person) *writers {
	return &writers{doc: doc, me: me, person: person, look: look(), known: map[string]editor.Writer{}, patterns: map[string]int{}}
}

// forget has everybody looked up again: a name, a colour or the look has
// changed.
func (w *writers) forget() {
	w.look = look()
	clear(w.known)
}

// of is who an actor is, by the raw bytes of its ID.
func (w *writers) of(actor string) editor.Writer {
	if who, ok := w.known[actor]; ok {
		return who
	}
	if w.doc == nil {
		return editor.Writer{}
	}
	id := crdt.ActorID(actor)
	a := w.doc.Author(id)
	who := writerOf(authorOf(a, w.me, w.person), w.look)
	who.ID, who.Self = w.person(a.Person).ID.String(), a.ID == w.me
	if a.Imported {
		who.ID, who.Self = id.String(), false
	}
	pattern, ok := w.patterns[who.ID]
	if !ok {
		pattern = len(w.patterns)
		w.patterns[who.ID] = pattern
	}
	who.Pattern = pattern
	if a.ID != (peer.DeviceID{}) { // else it may become known
		w.known[actor] = who
	}
	return who
}

// writerOf is how the editor shows an author, without a pattern.
func writerOf(a author, t *assets.Tokens) editor.Writer {
	colour := t.Person(a.Figure.Colour)
	return editor.Writer{
		Name: a.Name, Initial: a.Figure.Initial, Colour: colour.Fill, Line: colour.Caret,
	}
}

// pieces tells who wrote a part of the text; see [editor.Config].
func (w *writers) pieces(at, n int, seen uint64, deleted bool) ([]editor.Piece, bool) {
	if w.doc == nil {
		return nil, false
	}
	all, ok := w.doc.Pieces(at, n, seen, deleted)
	if !ok {
		return nil, false
	}
	out := make([]editor.Piece, len(all))
	for i, p := range all {
		out[i] = w.piece(p)
	}
	return out, true
}

func (w *writers) piece(p crdt.Piece) editor.Piece {
	out := editor.Piece{N: p.N, Who: w.of(string(p.Inserted.Actor)), When: p.Inserted.To}
	if p.Fate != crdt.Deleted {
		return out
	}
	out.Gone, out.Text = true, p.Text
	if len(p.Deleted) > 0 {
		last := p.Deleted[len(p.Deleted)-1]
		out.By, out.Went = w.of(string(last.Actor)), last.To
	}
	return out
}
