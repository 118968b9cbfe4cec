package editor

import (
	"fyne.io/fyne/v2"
)

// zoomStep is how much larger one command of zooming makes the page.
const zoomStep = 1.1

// viewing are the commands that change how the page reads, and those for the
// window that the text is in.
func viewing() []action {
	return []action{
		looking("zoom.in", "Larger text", func(e *Editor) { e.zoomBy(zoomStep) }),
		looking("zoom.out", "Smaller text", func(e *Editor) { e.zoomBy(1 / zoomStep) }),
		looking("zoom.reset", "Normal size", func(e *Editor) { e.zoomTo(1) }),
		toggle("view.marks", "Hide the marks of Markdown", func(s *Settings) *bool { return &s.HideMarks }),
		toggle("view.typewriter", "Keep the caret's row at one height", func(s *Settings) *bool { return &s.Typewriter }),
		toggle("view.focus", "Dim all but the paragraph", func(s *Settings) *bool { return &s.Focus }),
		toggle("view.invisibles", "Show spaces and tabs", func(s *Settings) *bool { return &s.Invisibles }),
		toggle("view.authors", "Colour by author", func(s *Settings) *bool { return &s.Authors }),
		toggle("view.deleted", "Show deleted text", func(s *Settings) *bool { return &s.Deleted }),
		{"menu", "Menu", looks, always(menuAtCaret)},
		{AddWord, "Learn the word", passed, nil},
	}
}

// toggle is an action that turns a setting on or off.
func toggle(name Command, title string, of func(s *Settings) *bool) action {
	return looking(name, title, func(e *Editor) {
		s := e.Settings()
		*of(&s) = !*of(&s)
		e.prefer(s)
	})
}

// prefer changes settings on behalf of the person.
func (e *Editor) prefer(s Settings) {
	if s == e.settings {
		return
	}
	e.SetSettings(s)
	if e.config.OnSettings != nil {
		e.config.OnSettings(s)
	}
}

func (e *Editor) zoomBy(times float32) { e.zoomTo(e.settings.zoom() * times) }

// zoomTo sets the zoom. Steps up and down again end at 1.
func (e *Editor) zoomTo(zoom float32) {
	s := e.Settings()
	const close = 0.02
	if zoom > 1-close && zoom < 1+close {
		zoom = 1
	}
	s.Zoom = min(max(zoom, MinZoom), MaxZoom)
	e.prefer(s)
}

// menuAtCaret asks for the menu of what is at the caret.
func menuAtCaret(e *Editor) {
	e.reveal()
	e.paint()
	s, ok := e.spotOf(e.buf.Caret())
	if !ok {
		return
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(e)
	e.askMenu(at.AddXY(s.x, s.y+s.h), e.buf.Caret())
}

// askMenu asks for a menu at a point of the canvas, about a place of the text.
func (e *Editor) askMenu(p fyne.Position, place int) {
	if e.config.OnMenu == nil {
		return
	}
	from, to := e.buf.Selection()
	m := Menu{At: p, Place: place, From: place, To: place, HasSelection: from != to, URL: e.linkAt(place)}
	if word, from, to := e.wrongAt(place); word != "" {
		m.Word, m.From, m.To = word, from, to
	}
	e.config.OnMenu(m)
}
