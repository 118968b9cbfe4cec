package typeset

import "fyne.io/fyne/v2"

// Face names one of the [Fonts].
type Face uint8

const (
	Regular Face = iota
	SemiBold
	Bold
	Italic
	BoldItalic
	Mono
	MonoBold
	UI
	faces
)

// Fonts are what the faces are drawn with; nil is Fyne's own of that style. A
// font must stay as it is.
type Fonts [faces]fyne.Resource

// Ink is everything that text is drawn with, but for its colour.
type Ink struct {
	Face              Face
	Size              float32
	Underline, Strike bool
}

// Span is a stretch of a line that is drawn alike.
type Span struct {
	// From and To are bytes of the line. If they are equal, the span is not in
	// the text, and As is inserted before what follows.
	From, To int
	Ink      Ink
	// Tag is the caller's own, and comes back in fragments.
	Tag uint32
	// Hidden text takes no room. The caret steps over it.
	Hidden bool
	// As is drawn in place of the bytes: as one unit if there are any, else it
	// is broken into rows like text.
	As string
	// Width above 0 is what the span takes at least, or, where several spans
	// with one Tag and a Width follow each other, all of them together.
	Width float32
	// Lead puts the caret behind inserted text, where it is before it otherwise:
	// what is typed at its place comes behind it.
	Lead bool
}

// Line is what is laid out.
type Line struct {
	Text string
	// Spans cover the line in order. What they leave out is drawn with Base.
	Spans []Span
	Width float32 // of the column
	Row   float32 // height of a row
	Above float32 // room before the first row, and
	Below float32 // after the last
	Inset float32 // on both sides
	// Hang is how many bytes the rows after the first are indented by.
	Hang int
	// Base is the ink that rows are centred for.
	Base Ink
	// NoWrap asks for one row that begins at the left, whatever Width is. Very
	// long lines are broken all the same.
	NoWrap bool
}

// Row is what stands side by side. From of the next row is To of this one; the
// spaces at its end hang over. A row may hold inserted text only.
type Row struct {
	From, To     int     // bytes of the line
	Start, Runes int     // code points from the line's start, and in the row
	Y, H         float32 // from the line's top
	X            float32 // where the row begins, from the column's left edge
	Baseline     float32 // from the row's top

	from, to int32 // bytes of what is shown
	reach    int32 // bytes of it that were looked at to break the row
	drawn    *drawn
}

// Fragment is a piece of a row that is drawn as one text.
type Fragment struct {
	// From and To are bytes of the line; equal for inserted text and for the
	// room that fills up a [Span]'s Width.
	From, To int
	// Text is as to be drawn; empty for tabs and for mere room.
	Text string
	X    float32 // of its left edge, from the row's X
	W    float32
	Ink  Ink
	Tag  uint32
	RTL  bool
	// Sign says that the text stands for characters that can't be seen.
	Sign bool
	// Source, Style, Height and Baseline are for the canvas.Text: its font, and
	// its box, with the baseline from the top.
	Source           fyne.Resource
	Style            fyne.TextStyle
	Height, Baseline float32

	from, to int32 // bytes of what is shown
	by       *fallback
	whole    bool  // has no places within
	level    uint8 // UAX 9
	stops    *stops
}
