package crdt

import (
	"fmt"
	"time"

	"starling/crdt/history"
)

// Fate is what became of a piece of text from one version to another.
type Fate = history.Fate

// The fates of pieces.
const (
	Same     = history.Same
	Inserted = history.Inserted
	Deleted  = history.Deleted
)

// Deed says who did something to a piece of text, and when: in one change, or in
// some at about the same time.
type Deed struct {
	Actor    ActorID
	From, To time.Time // of the first and the last change, by the actor's clock
	First    uint64    // number of the first change
	Last     uint64    // number of the last change
	// Message is that of the last change: an undo, redo, restored version or edit
	// of many places says so in it.
	Message string
}

// Piece is a stretch of text with one fate, by the same people at about the same
// time.
type Piece struct {
	Fate Fate
	Text string
	N    int // code points
	// Inserted is who wrote it at first.
	Inserted Deed
	// BroughtBack is who brought it back, by undoing a deletion or restoring a
	// version, if it shows through them alone.
	BroughtBack []Deed
	// Deleted is everybody who deleted it; nobody if the later one of two
	// versions only does not have it yet.
	Deleted []Deed
}

// Line is a line of text and who wrote it.
type Line struct {
	// Pieces are the line's, with the line break at its end if it has one.
	Pieces []Piece
	// Last is the last change that wrote or brought back a part of the line.
	Last Deed
}

// Diff tells what became of the text from version a to version b, piece by piece:
// those that are not [Inserted] are a's text, those that are not [Deleted] b's.
func (d *Document) Diff(a, b Version) ([]Piece, error) {
	was := d.freeze()
	at, err := was.clocks(a, b)
	if err != nil {
		return nil, fmt.Errorf("compare versions of document %v: %w", d.id, err)
	}
	return was.pieces(history.Diff(was.text, was.graph, was.actors, at[0], at[1])), nil
}

// Blame returns the lines of a version, with who wrote each part of them and who
// brought it back.
func (d *Document) Blame(v Version) ([]Line, error) {
	was := d.freeze()
	at, err := was.clocks(v)
	if err != nil {
		return nil, fmt.Errorf("tell the authors of document %v: %w", d.id, err)
	}
	lines := history.Blame(was.text, was.graph, was.actors, at[0])
	out := make([]Line, len(lines))
	for i, l := range lines {
		out[i] = Line{was.pieces(l.Pieces), was.deed(l.Last)}
	}
	return out, nil
}

// Pieces returns n code points of the text from place at on, or as many as there
// are, by who wrote them and brought them back: these pieces are [Same]. With
// deleted it also returns what was deleted among them and at both ends, as pieces
// that are [Deleted]. ok is false if the text is not that after patch number seen.
//
// It costs as much as what it returns, and not what the text is long, so that it
// may be called for each frame.
func (d *Document) Pieces(at, n int, seen uint64, deleted bool) (pieces []Piece, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken || seen != d.log.last() {
		return nil, false
	}
	if d.text == nil {
		return nil, true
	}
	return d.books().pieces(history.Around(d.text, d.graph, d.actors, at, n, deleted)), true
}
