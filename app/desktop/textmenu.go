package desktop

import (
	"context"
	"net/url"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"starling/app/editor"
	"starling/assets"
)

// suggestions is how many spellings the menu proposes.
const suggestions = 5

// menuItem is a row of the menu over the text.
type menuItem struct {
	words, keys string
	icon        assets.Icon
	off         bool // there is nothing to do now
	rule        bool // a line, and nothing else
	do          func()
}

// textMenu is what the menu over a text offers. ours says whether it is a
// document, writes whether it may be changed, and suggest proposes spellings.
func textMenu(m editor.Menu, ours, writes bool, suggest []string, do func(editor.Command), on menuActions) []menuItem {
	var items []menuItem
	rule := func() {
		if len(items) > 0 && !items[len(items)-1].rule {
			items = append(items, menuItem{rule: true})
		}
	}
	command := func(words string, c editor.Command, off bool) {
		items = append(items, menuItem{words: words, keys: commandKeys(c), off: off, do: func() { do(c) }})
	}
	writes = writes && ours
	if m.Word != "" && ours {
		if writes {
			for _, word := range suggest {
				items = append(items, menuItem{words: word, do: func() { on.put(word) }})
			}
			if len(suggest) == 0 {
				items = append(items, menuItem{words: "No spelling to propose", off: true})
			}
		}
		items = append(items, menuItem{words: "Add “" + clean(m.Word) + "” to my words", keys: commandKeys(editor.AddWord), do: on.learn})
	}
	if m.URL != "" {
		rule()
		items = append(items, menuItem{words: "Open link", keys: commandKeys(cmdOpenLink), do: on.open})
	}
	rule()
	if writes {
		command("Cut", cmdCut, !m.HasSelection)
	}
	command("Copy", cmdCopy, !m.HasSelection)
	if writes {
		command("Paste", cmdPaste, false)
		command("Paste as plain text", cmdPastePlain, false)
	}
	command("Select all", cmdSelectAll, false)
	rule()
	command("Find…", editor.ShowFind, false)
	if ours {
		items = append(items, menuItem{words: "Who wrote this", do: on.who})
	}
	return items
}

// The editor's commands that the menu shows, and those to go on finding.
const (
	cmdFindNext     editor.Command = "find.next"
	cmdFindPrevious editor.Command = "find.previous"

	cmdCut        editor.Command = "cut"
	cmdCopy       editor.Command = "copy"
	cmdPaste      editor.Command = "paste"
	cmdPastePlain editor.Command = "paste.plain"
	cmdSelectAll  editor.Command = "select.all"
	cmdOpenLink   editor.Command = "link.open"
)

// menuActions are what the menu does that no command does.
type menuActions struct {
	put   func(word string) // in place of the word
	learn func()
	open  func() // the link
	who   func() // says who wrote what is there
}

// showTextMenu opens the menu over the text on the page, after better spellings
// of a wrong word have been looked for: that may take long.
func (w *window) showTextMenu(m editor.Menu) {
	checker := w.spelling.checker
	if m.Word == "" || checker == nil {
		m.Word = ""
		w.openTextMenu(m, nil)
		return
	}
	e := w.reading()
	var proposed []string
	w.bridge.do(func(context.Context) error {
		proposed = checker.Suggest(m.Word, suggestions)
		return nil
	}, func(error) {
		if w.reading() == e {
			w.openTextMenu(m, proposed)
		}
	})
}

func (w *window) openTextMenu(m editor.Menu, proposed []string) {
	e := w.reading()
	if e == nil || w.dialog != nil {
		return
	}
	items := textMenu(m, w.help == nil, w.readOnly == "", proposed, e.Do, menuActions{
		put:   func(word string) { e.ReplaceRange(m.From, m.To, word) },
		learn: func() { w.learn(m.Word) },
		open:  func() { w.openLink(m.URL) },
		who:   func() { w.sayWho(m.Place) },
	})
	w.openDialog(newMenu(w.menuRows(items), m.At, w.closeDialog))
}

// sayWho says who wrote what is at a place of the open text, and when.
func (w *window) sayWho(at int) {
	if w.editor == nil {
		return
	}
	_, seen := w.editor.Snapshot()
	pieces, ok := w.writers.pieces(at, 1, seen, false)
	if ok && len(pieces) > 0 {
		w.mention(whoLine(pieces[0], time.Now()))
	}
}

func whoLine(p editor.Piece, now time.Time) string {
	return p.Who.Name + " wrote this " + versionWhen(p.When, now) + "."
}

// menuRows are the rows of a menu; a press closes it first.
func (w *window) menuRows(items []menuItem) fyne.CanvasObject {
	rows := newStack(1)
	wide := float32(180)
	for _, item := range items {
		if item.rule {
			rows.Add(newRule())
			continue
		}
		row := newRowButton(item.icon, item.words, item.keys, func() {
			w.closeDialog()
			item.do()
		})
		row.disabled = item.off
		wide = max(wide, faceText.width(item.words)+faceHint.width(item.keys)+10+16+10+14)
		rows.Add(row)
	}
	return newGround(inkNone,
		func() fyne.Size { return fyne.NewSize(min(wide, 420), rows.MinSize().Height) },
		func(size fyne.Size) { place(rows, 0, 0, size.Width, size.Height) }, rows)
}

// linkSchemes are those of links that are opened: whatever else a text from
// another computer names is not for the system to run.
var linkSchemes = []string{"http", "https", "mailto"}

// mayOpen reads the address of a link that a text names.
func mayOpen(address string) (*url.URL, bool) {
	u, err := url.Parse(address)
	if err != nil || !slices.Contains(linkSchemes, u.Scheme) || u.Host == "" && u.Scheme != "mailto" {
		return nil, false
	}
	return u, true
}

// openLink has the system open a link, if it leads where a browser or a mail
// program goes.
func (w *window) openLink(address string) {
	u, ok := mayOpen(address)
	if !ok {
		w.mention("Starling opens links to the web and to mail only, and this is none.")
		return
	}
	w.bridge.do(func(context.Context) error { return fyne.CurrentApp().OpenURL(u) }, func(err error) {
		if err != nil {
			w.mention("No program was found that opens this link.")
		}
	})
}
