package desktop

import (
	"fyne.io/fyne/v2"

	"starling/app/editor"
	"starling/assets"
)

// pastPage is the page with a version on it, to be read and not to be written.
type pastPage struct {
	root *ground
	text *editor.Editor
	at   int    // where to begin to read
	seen uint64 // versions shown so far
	leaf leaf
	who  authors
}

// pastSettings show a version as the person likes to read, with all that was
// written.
func pastSettings(s settings) editor.Settings {
	page := s.page()
	page.HideMarks, page.Typewriter, page.Focus = false, false, false
	page.Authors, page.Deleted = false, false
	return page
}

// newPastPage returns an empty page, for somebody who was at a place of the
// text. onDone is called when the mouse is done with the text, which has the
// keyboard meanwhile.
func newPastPage(at int, like settings, onDone func()) *pastPage {
	p := &pastPage{at: at, text: editor.New(editor.Config{
		Document: &localText{}, Theme: pageTheme(look()), Settings: pastSettings(like),
		Placeholder: "Nothing was written yet", ReadOnly: "This is how the text was.",
	})}
	over := newGlass(p.text, onDone)
	p.root = newGround(inkPage, p.text.MinSize, func(size fyne.Size) {
		place(p.text, 0, 0, size.Width, size.Height)
		place(over, 0, 0, size.Width, size.Height)
	}, p.text, over)
	return p
}

// show puts a version on the page and goes to what is marked first, if
// anything is.
func (p *pastPage) show(l leaf, who authors) {
	p.leaf, p.who = l, who
	p.seen++
	p.text.SetMarks(nil)
	p.text.Reset(l.Text, p.seen)
	p.mark(look())
	switch {
	case len(l.Marks) > 0:
		p.text.GoTo(l.Marks[0].From)
	case p.seen == 1:
		p.text.GoTo(p.at)
	}
}

// mark gives the marks the colours of those who made them.
func (p *pastPage) mark(t *assets.Tokens) {
	marks := make([]editor.Mark, len(p.leaf.Marks))
	for i, m := range p.leaf.Marks {
		colour := t.Person(p.who.of(m.Actor).Figure.Colour).Caret
		marks[i] = editor.Mark{From: m.From, To: m.To, Colour: colour, Struck: m.Struck}
	}
	p.text.SetMarks(marks)
}

// restyle gives the page the colours of another variant.
func (p *pastPage) restyle() {
	p.text.SetTheme(pageTheme(look()))
	p.mark(look())
}

// scroll moves the text by some pages.
func (p *pastPage) scroll(pages int) {
	p.text.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -float32(pages)*p.text.Size().Height*0.9)})
}

// copySelected copies what the mouse has selected, if anything.
func (p *pastPage) copySelected(to fyne.Clipboard) bool {
	if caret, anchor := p.text.Caret(); caret == anchor {
		return false
	}
	p.text.TypedShortcut(&fyne.ShortcutCopy{Clipboard: to})
	return true
}
