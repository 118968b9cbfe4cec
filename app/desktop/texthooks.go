package desktop

import (
	"context"
	"strings"

	"starling/app/editor"
	"starling/app/spell"
	"starling/sync/peer"
)

// editorConfig is what the editor of the open document is made of.
func (w *window) editorConfig(shared *sharedText, text string) editor.Config {
	return editor.Config{
		Document: shared, Text: text, Seen: shared.seen,
		Theme: pageTheme(look()), Settings: w.settings.page(), OnSettings: w.editorSettings,
		Placeholder: "Write here",
		ReadOnly:    w.readOnly, OnRefused: w.refuse,
		OnCaret:   func(int, int) { w.showPlace(shared) },
		OnScroll:  func(int) { w.viewMoved(shared) },
		OnChange:  w.textChanged,
		OnError:   w.complain,
		OnCommand: w.command,
		OnFound:   w.found,
		OnFollow:  w.followed,
		OnMenu:    w.showTextMenu,
		OpenLink:  w.openLink,
		Pieces:    w.writers.pieces,
		Writer:    w.writers.of,
		Spell:     w.speller(),

		Background: w.background,
		Reload:     shared.reload,
	}
}

// speller is what tells the editor which words are right, nil for none.
func (w *window) speller() editor.Speller {
	if w.spelling.checker == nil {
		return nil // not a nil *spell.Checker, which is no nil Speller
	}
	return w.spelling.checker
}

// background runs work of the editor's on the bridge.
func (w *window) background(work, done func()) {
	w.bridge.do(func(context.Context) error {
		work()
		return nil
	}, func(error) { done() })
}

// textChanged follows the caret and the selection. It is called while the editor
// is being put on the page, too.
func (w *window) textChanged() {
	if w.editor == nil || w.shared == nil {
		return
	}
	w.noteSpot()
	w.countSelection()
	w.renderOutline()
}

// command does what the editor asks of its window.
func (w *window) command(c editor.Command) bool {
	switch c {
	case editor.ShowFind:
		w.showFind(false)
	case editor.ShowReplace:
		w.showFind(true)
	case editor.ShowLine:
		w.showLine()
	case cmdFindNext:
		w.findNext(false)
	case cmdFindPrevious:
		w.findNext(true)
	case editor.AddWord:
		w.learn(w.wordAtCaret())
	case editor.Cancel:
		switch {
		case w.bar() != nil:
			w.closeBar()
		case w.help != nil:
			w.closeHelp()
		case w.following != (peer.DeviceID{}):
			w.stopFollowing()
		default:
			return false
		}
	default:
		return false
	}
	return true
}

// wordAtCaret is the word that the caret of the open text is in or at, "" for
// none.
func (w *window) wordAtCaret() string {
	if w.editor == nil {
		return ""
	}
	text, _ := w.editor.Snapshot()
	caret, _ := w.editor.Caret()
	return wordAt(text, caret)
}

func wordAt(text string, at int) string {
	offset := len(slice(text, 0, at))
	start := strings.LastIndexByte(text[:offset], '\n') + 1
	line, _, _ := strings.Cut(text[start:], "\n")
	word := ""
	spell.Words(line, func(from, to int) bool {
		if from <= offset-start && offset-start <= to {
			word = line[from:to]
		}
		return from <= offset-start
	})
	return word
}
