package desktop

import (
	"strings"

	"starling/app/editor"
	"starling/assets"
)

// help is the help on the page, in place of the text. It is read as any text
// is, but can't be written in.
type help struct {
	text     *editor.Editor
	headings []heading
	places   []int // where they start
}

// readOnlyHelp is said to who types into it.
const readOnlyHelp = "This is the help. Press Escape to go back to your text."

// helpSettings show the help as the person likes to read, without what makes no
// sense in it.
func helpSettings(s settings) editor.Settings {
	page := s.page()
	page.HideMarks, page.Typewriter, page.Focus = true, false, false
	page.Authors, page.Deleted, page.Invisibles = false, false, false
	return page
}

// toggleHelp opens the help or closes it.
func (w *window) toggleHelp() {
	if w.help != nil {
		w.closeHelp()
		return
	}
	w.openHelp()
}

// openHelp shows the help in place of the text.
func (w *window) openHelp() {
	if w.help != nil || !w.entered {
		return
	}
	w.closeBar()
	w.closePast()
	w.forgive()
	w.help = &help{text: editor.New(editor.Config{
		Document: &localText{}, Text: assets.Help, Theme: pageTheme(look()),
		Settings: helpSettings(w.settings), ReadOnly: readOnlyHelp,
		OnRefused: w.refuse, OnCommand: w.command, OnFound: w.found, Background: w.background,
		OpenLink: w.openHelpLink, OnMenu: w.showTextMenu, OnChange: w.renderOutline,
	}), headings: headingsOf(assets.Help)}
	for _, h := range w.help.headings {
		w.help.places = append(w.help.places, h.At)
	}
	w.page.showBody(w.help.text)
	w.help.text.GoTo(0)
	w.focusText()
	w.renderOutline()
	w.renderDesk()
}

// openHelpLink goes to a heading of the help, "#how-it-is-called", or out of it.
func (w *window) openHelpLink(address string) {
	name, inside := strings.CutPrefix(address, "#")
	if !inside || w.help == nil {
		w.openLink(address)
		return
	}
	for i, h := range w.help.headings {
		if anchorOf(h.Text) == name {
			w.openHeading(i)
			return
		}
	}
}

// anchorOf is what a link calls a heading.
func anchorOf(title string) string { return strings.ReplaceAll(strings.ToLower(title), " ", "-") }

// closeHelp shows the text again.
func (w *window) closeHelp() {
	if w.help == nil {
		return
	}
	w.closeBar()
	w.forgive()
	w.help = nil
	if w.editor != nil {
		w.page.showBody(w.editor)
		w.catchUp()
	} else {
		w.page.showEmpty()
	}
	w.focusBack()
	w.renderOutline()
	w.renderDesk()
}
