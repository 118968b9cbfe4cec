package editor

import (
	"image/color"

	"fyne.io/fyne/v2"
)

// Theme is how the page looks. A font that is nil is Fyne's own of that style.
type Theme struct {
	Page, Text, Dim, Faint, Accent color.NRGBA
	// Code is behind code. Line is the scroll bar.
	Code, Line color.NRGBA
	// Selection is behind one's own selected text; translucent.
	Selection color.NRGBA

	// The page's fonts. SemiBold is for small headings.
	Regular, SemiBold, Bold, Italic, BoldItalic, Mono fyne.Resource
	// UI is for the names at the carets of others.
	UI fyne.Resource
}

// Sizes of the page, in Fyne's units.
const (
	columnWidth = 640
	columnTop   = 34
	columnEnd   = 64 // below the last line
	sideMargin  = 28 // at least, beside the column

	textSize = 17
	codeSize = 14
	flagSize = 11

	textRow = 27.5 // 17 on 1.62
	codeRow = 21
	codePad = 14 // beside code, within its background
)

// face names one of the theme's fonts.
type face uint8

const (
	faceRegular face = iota
	faceSemiBold
	faceBold
	faceItalic
	faceBoldItalic
	faceMono
	faceUI
	faces
)

func (t *Theme) font(f face) (fyne.Resource, fyne.TextStyle) {
	switch f {
	case faceSemiBold:
		if t.SemiBold == nil {
			return t.Bold, fyne.TextStyle{Bold: true}
		}
		return t.SemiBold, fyne.TextStyle{Bold: true}
	case faceBold:
		return t.Bold, fyne.TextStyle{Bold: true}
	case faceItalic:
		return t.Italic, fyne.TextStyle{Italic: true}
	case faceBoldItalic:
		if t.BoldItalic == nil {
			return t.Bold, fyne.TextStyle{Bold: true, Italic: true}
		}
		return t.BoldItalic, fyne.TextStyle{Bold: true, Italic: true}
	case faceMono:
		return t.Mono, fyne.TextStyle{Monospace: true}
	case faceUI:
		return t.UI, fyne.TextStyle{Bold: true}
	default:
		return t.Regular, fyne.TextStyle{}
	}
}

// role is what a piece of text is for, which gives it its colour.
type role uint8

const (
	roleText role = iota
	roleDim
	roleFaint
	roleAccent
)

func (t *Theme) colour(r role) color.NRGBA {
	switch r {
	case roleDim:
		return t.Dim
	case roleFaint:
		return t.Faint
	case roleAccent:
		return t.Accent
	default:
		return t.Text
	}
}

// ink is everything that text is drawn with, but for its colour.
type ink struct {
	face face
	size float32
	// other says that the face lacks a character, so Fyne's own fonts draw it.
	other             bool
	underline, strike bool
}

// shape is how a kind of line is laid out.
type shape struct {
	face  face // of what has no emphasis
	size  float32
	row   float32 // height of a row
	above float32 // space before the first row, and
	below float32 // after the last
	inset float32 // on both sides
}

var (
	textShape     = shape{face: faceRegular, size: textSize, row: textRow}
	codeShape     = shape{face: faceMono, size: codeSize, row: codeRow, inset: codePad}
	openShape     = shape{face: faceMono, size: codeSize, row: codeRow, inset: codePad, above: 7}
	closeShape    = shape{face: faceMono, size: codeSize, row: codeRow, inset: codePad, below: 7}
	headingShapes = [...]shape{
		{face: faceBold, size: 31, row: 40, below: 10},
		{face: faceSemiBold, size: 22, row: 30, above: 4, below: 4},
		{face: faceSemiBold, size: 19, row: 28, above: 4},
		{face: faceSemiBold, size: textSize, row: textRow},
	}
)
