package editor

import "starling/app/buffer"

func markdowns() []action {
	return []action{
		edits("enter", "New line, going on with a list", func(e *Editor) { e.edit(e.buf.Newline) }),
		edits("tab", "Tab, or nest deeper", func(e *Editor) { e.tab(false) }),
		edits("tab.back", "Nest less deep", func(e *Editor) { e.tab(true) }),
		edits("indent", "Indent", func(e *Editor) { e.edit(func() error { return e.indent(false) }) }),
		edits("outdent", "Outdent", func(e *Editor) { e.edit(func() error { return e.indent(true) }) }),
	}
}

func backspace(e *Editor) { erase(buffer.Character, false)(e) }

func (e *Editor) tab(back bool) {
	e.edit(func() error {
		from, to := e.buf.Selection()
		first, _ := e.buf.LineAt(from)
		last, _ := e.buf.LineAt(to)
		if back || first != last {
			return e.indent(back)
		}
		return e.buf.Insert("\t")
	})
}

const indentBy = 4

func (e *Editor) indent(back bool) error {
	if back {
		return e.buf.Outdent(indentBy)
	}
	return e.buf.Indent("\t")
}

func (e *Editor) pasteLink(string) (bool, error) { return false, nil }
func (e *Editor) linkAt(int) string              { return "" }
func (e *Editor) openLinkAt(int) bool            { return false }
