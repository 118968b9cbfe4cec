package editor

import (
	"starling/app/buffer"
)

// editing are the commands that write, but for Markdown's own.
func editing() []action {
	return []action{
		edits("newline", "New line", func(e *Editor) { e.edit(e.buf.Newline) }),
		edits("newline.after", "New line behind the caret", openLine),
		edits("delete.char.left", "Delete the character before", backspace),
		edits("delete.char.right", "Delete the character after", erase(buffer.Character, true)),
		edits("delete.word.left", "Delete the word before", erase(buffer.Word, false)),
		edits("delete.word.right", "Delete the word after", erase(buffer.Word, true)),
		edits("delete.row.left", "Delete to the start of the row", eraseRow(false)),
		edits("delete.row.right", "Delete to the end of the row", eraseRow(true)),
		edits("delete.line.right", "Delete to the end of the line", kill),
		edits("delete.line", "Delete the line", func(e *Editor) { e.edit(e.deleteLines) }),
		edits("yank", "Put back what was deleted to the line's end", yank),
		edits("transpose", "Swap the two characters", func(e *Editor) { e.edit(e.buf.Transpose) }),
		edits("line.up", "Move the line up", func(e *Editor) { e.edit(func() error { return e.moveLines(true) }) }),
		edits("line.down", "Move the line down", func(e *Editor) { e.edit(func() error { return e.moveLines(false) }) }),
		edits("duplicate.up", "Duplicate the line above", func(e *Editor) { e.edit(func() error { return e.duplicateLines(true) }) }),
		edits("duplicate.down", "Duplicate the line", func(e *Editor) { e.edit(func() error { return e.duplicateLines(false) }) }),
		edits("join", "Join the lines", func(e *Editor) { e.edit(e.joinLines) }),
		edits("undo", "Undo", undo),
		edits("redo", "Redo", redo),
		edits("cut", "Cut", cut),
		looking("copy", "Copy", copyOut),
		edits("paste", "Paste", paste),
		edits("paste.plain", "Paste as plain text", pastePlain),
	}
}

func undo(e *Editor) { e.edit(func() error { return ignore(e.buf.UndoNear(e.seen())) }) }

func redo(e *Editor) { e.edit(func() error { return ignore(e.buf.RedoNear(e.seen())) }) }

// ignore leaves out whether there was anything to do.
func ignore(_ bool, err error) error { return err }

// seen are the ends of the text that is well in view.
func (e *Editor) seen() (from, to int) {
	lines, bottom := e.view.lines, e.Size().Height-revealGap
	if len(lines) == 0 {
		return 0, e.buf.Len()
	}
	from, to = lines[0].end(), 0
	for i := range lines {
		l := &lines[i]
		for j := l.rowBelow(0); j < len(l.Rows); j++ {
			r := &l.Rows[j]
			if y := l.y + r.Y; y >= revealGap && y+r.H <= bottom {
				from, to = min(from, l.start+r.Start), max(to, l.start+r.Start+r.Runes)
			}
		}
	}
	return from, max(from, to)
}

func openLine(e *Editor) {
	e.edit(func() error {
		from, to := e.buf.Selection()
		return e.buf.Replace([]buffer.Splice{{At: from, Delete: to - from, Insert: "\n"}}, from, from)
	})
}

// erase deletes the selection, or a unit beside the caret.
func erase(by buffer.Unit, forward bool) func(e *Editor) {
	return func(e *Editor) {
		e.edit(func() error {
			if forward {
				return e.buf.Delete(by)
			}
			return e.buf.Backspace(by)
		})
	}
}

// eraseRow deletes the selection, or up to an end of the row, or the character
// there if the caret is at that end.
func eraseRow(forward bool) func(e *Editor) {
	return func(e *Editor) {
		at, caret := e.rowEdge(forward), e.buf.Caret()
		if from, to := e.buf.Selection(); from != to || at == caret {
			erase(buffer.Character, forward)(e)
			return
		}
		e.edit(e.here(func() error { return e.replace(min(at, caret), max(at, caret), "") }))
	}
}

// replace puts text in the place of what lies between two places, and the caret
// behind it.
func (e *Editor) replace(from, to int, text string) error {
	end := from + len([]rune(text))
	return e.buf.Replace([]buffer.Splice{{At: from, Delete: to - from, Insert: text}}, end, end)
}

// here is an action on places of the text as it stands: it does nothing should
// the text have to be read again first.
func (e *Editor) here(act func() error) func() error {
	seen := e.buf.Seen()
	return func() error {
		if e.buf.Seen() != seen {
			return nil
		}
		return act()
	}
}

// ReplaceRange puts text in the place of what lies between two places, as an
// action of the person.
func (e *Editor) ReplaceRange(from, to int, text string) {
	if e.refuse() {
		return
	}
	n := e.buf.Len()
	from, to = min(max(from, 0), n), min(max(to, 0), n)
	e.edit(e.here(func() error { return e.replace(min(from, to), max(from, to), text) }))
}

// kill deletes up to the line's end, or the newline there, and keeps it for
// yank.
func kill(e *Editor) {
	e.edit(func() error {
		if e.buf.Caret() == e.buf.Anchor() {
			line, at := e.buf.Pos(e.buf.Caret())
			e.hands.killed = "\n"
			if rest := e.buf.Line(line).Text[at:]; rest != "" {
				e.hands.killed = rest
			}
		}
		return e.buf.DeleteToLineEnd()
	})
}

func yank(e *Editor) { e.edit(func() error { return e.buf.Insert(e.hands.killed) }) }
