package crdt

import "errors"

var (
	// ErrOutside says that a place is not inside the text.
	ErrOutside = errors.New("the place is outside the text")
	// ErrNotUTF8 says that a text to insert is not valid UTF-8.
	ErrNotUTF8 = errors.New("the text is not valid UTF-8")
	// ErrOverlap says that splices overlap or are not in order.
	ErrOverlap = errors.New("the places overlap or are out of order")
	// ErrStale says that a view is so far behind that the patches it has not
	// seen are no longer kept: it must read the whole text anew.
	ErrStale = errors.New("the view is too old to edit from; read the text again")
	// ErrNoContent says that the document's first change has not arrived yet.
	ErrNoContent = errors.New("the document has not arrived yet")
)

// Patch is what an edit or a received change did to the text: at place At,
// Delete code points were removed and Insert put in their stead. Patches of a
// document are numbered without gaps for as long as it is open, from 1 unless
// [Config.Seen] says otherwise, and each refers to the text that the one before
// it left.
type Patch struct {
	Num uint64
	// At and Delete are code points; At is 0 at the start of the text.
	At, Delete int
	// Insert is the new text and Inserted its length in code points.
	Insert   string
	Inserted int
	// Actor made the change. It is empty when one patch sums up the changes of
	// several actors, as after a long time apart.
	Actor ActorID
	// Seq is the number of the actor's last change in the patch.
	Seq uint64
}

// Edit asks to replace Delete code points at At by Insert, in the text as it
// stood after patch number Seen.
type Edit struct {
	Seen       uint64
	At, Delete int
	Insert     string
	// Begins says that a new document begins with this text: [Document.Undo]
	// doesn't take it back.
	Begins bool
}

// Splice asks to replace Delete code points at At by Insert.
type Splice struct {
	At, Delete int
	Insert     string
}

// Shift moves a place past p. A place inside what p removed goes to p's start;
// at p's very place, an insertion pushes it on if sticky is false and leaves
// it where it is if sticky is true.
func (p Patch) Shift(at int, sticky bool) int {
	switch {
	case at < p.At, at == p.At && (sticky || p.Inserted == 0):
		return at
	case at >= p.At+p.Delete:
		return at - p.Delete + p.Inserted
	default:
		return p.At
	}
}
