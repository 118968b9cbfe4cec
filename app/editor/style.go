package editor

import (
	"image/color"

	"starling/app/typeset"
)

// Theme is how the page looks.
type Theme struct {
	Page, Text, Dim, Faint, Accent color.NRGBA
	// Code is behind code. Line is for hairlines and the scroll bar.
	Code, Line color.NRGBA
	// Selection is behind one's own selected text; translucent.
	Selection color.NRGBA
	// Found is behind what was searched for; translucent.
	Found color.NRGBA
	// Wrong is below words that are not spelt right.
	Wrong color.NRGBA
	// Arrived is behind text that has just come, if its author has no colour.
	Arrived color.NRGBA
	// The colours of code, readable on Code.
	Keyword, String, Comment, Number, Function, Type color.NRGBA

	// The fonts of the page by [PageFace]. UI is for the names at the carets of
	// others.
	Serif, Sans, Mono typeset.Fonts
}

// fonts of a page set in a face.
func (t *Theme) fonts(f PageFace) typeset.Fonts {
	switch f {
	case Sans:
		return t.Sans
	case Mono:
		return t.Mono
	default:
		return t.Serif
	}
}

// Sizes of the page at a zoom of 1, in Fyne's units.
const (
	columnTop  = 34
	endRoom    = 64 // below the last line
	sideMargin = 28 // at least, beside the column

	textSize = 17
	codeSize = 14
	flagSize = 11

	textRow = 27.5 // 17 on 1.62
	codeRow = 21
	codePad = 14 // beside code, within its background
	// codeEdge is how far the background goes beyond the rows above and below.
	codeEdge = 4
)

// role is what a piece of text is for, which gives it its colour.
type role uint8

const (
	roleText role = iota
	roleDim
	roleFaint
	roleAccent
	roleKeyword
	roleString
	roleComment
	roleNumber
	roleFunction
	roleType
	roleGone // deleted text
	roleBox  // the box of a task
	roleDone // the box of a task that is done
)

func (t *Theme) colour(r role) color.NRGBA {
	switch r {
	case roleDim:
		return t.Dim
	case roleFaint:
		return t.Faint
	case roleAccent:
		return t.Accent
	case roleKeyword:
		return t.Keyword
	case roleString:
		return t.String
	case roleComment:
		return t.Comment
	case roleNumber:
		return t.Number
	case roleFunction:
		return t.Function
	case roleType:
		return t.Type
	default:
		return t.Text
	}
}

// shape is how a kind of line is laid out, at a zoom of 1.
type shape struct {
	face  typeset.Face // of what has no emphasis
	size  float32
	row   float32 // height of a row
	above float32 // space before the first row, and
	below float32 // after the last
	inset float32 // on both sides
}

var (
	textShape     = shape{face: typeset.Regular, size: textSize, row: textRow}
	codeShape     = shape{face: typeset.Mono, size: codeSize, row: codeRow, inset: codePad}
	openShape     = shape{face: typeset.Mono, size: codeSize, row: codeRow, inset: codePad, above: 9}
	closeShape    = shape{face: typeset.Mono, size: codeSize, row: codeRow, inset: codePad, below: 9}
	frontShape    = shape{face: typeset.Mono, size: codeSize, row: codeRow}
	headingShapes = [...]shape{
		{face: typeset.Bold, size: 31, row: 40, below: 10},
		{face: typeset.SemiBold, size: 22, row: 30, above: 4, below: 4},
		{face: typeset.SemiBold, size: 19, row: 28, above: 4},
		{face: typeset.SemiBold, size: textSize, row: textRow},
		{face: typeset.SemiBold, size: textSize - 1, row: textRow},
		{face: typeset.SemiBold, size: textSize - 2, row: textRow},
	}
)

func (s shape) times(zoom float32) shape {
	s.size *= zoom
	s.row *= zoom
	s.above *= zoom
	s.below *= zoom
	s.inset *= zoom
	return s
}
