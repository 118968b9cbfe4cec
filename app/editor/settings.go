package editor

import "starling/app/typeset"

// PageFace is the kind of letters that the page is set in.
type PageFace int

const (
	// Serif is Source Serif.
	Serif PageFace = iota
	// Sans is Inter.
	Sans
	// Mono is JetBrains Mono.
	Mono
)

// Widths of the column that [Settings] speaks of, in Fyne's units at a zoom of 1.
const (
	NarrowColumn = 520
	NormalColumn = 640
	WideColumn   = 820
	FullColumn   = 1 << 16 // as wide as the window allows
)

// Limits of [Settings.Zoom].
const (
	MinZoom = 0.5
	MaxZoom = 3
)

// Settings is how a person likes to read and write. The zero value is how
// Starling begins.
type Settings struct {
	Face PageFace
	// Column is the width of the text at a zoom of 1; 0 is [NormalColumn].
	Column float32
	// Zoom is from [MinZoom] to [MaxZoom]; 0 is 1.
	Zoom float32
	// HideMarks hides the marks of Markdown on lines without the caret.
	HideMarks bool
	// Typewriter keeps the caret's row at one height of the page.
	Typewriter bool
	// Focus dims all paragraphs but the one of the caret.
	Focus bool
	// Invisibles shows spaces, tabs and line ends.
	Invisibles bool
	// Authors colours the text by who wrote it.
	Authors bool
	// Deleted shows deleted text, struck through.
	Deleted bool
}

func (s *Settings) column() float32 {
	if s.Column <= 0 {
		return NormalColumn
	}
	return s.Column
}

func (s *Settings) zoom() float32 {
	if s.Zoom <= 0 {
		return 1
	}
	return min(max(s.Zoom, MinZoom), MaxZoom)
}

// Settings returns those in force.
func (e *Editor) Settings() Settings { return e.settings }

// SetSettings changes how the page reads. The row at the top of the view stays
// there. What the person changes by a key, such as the zoom, comes back through
// [Config.OnSettings].
func (e *Editor) SetSettings(s Settings) {
	if s == e.settings {
		return
	}
	if s.Face != e.settings.Face {
		e.setter = typeset.New(e.config.Theme.fonts(s.Face))
	}
	e.settings = s
	e.written.forget()
	e.unhover()
	e.view.forget()
	e.update()
	e.changed()
}
