package editor

import (
	"unicode/utf8"

	"starling/app/buffer"
	"starling/app/markdown"
)

// prose is the text as package markdown's commands see it.
type prose struct{ b *buffer.Buffer }

func (p prose) Lines() int                 { return p.b.Lines() }
func (p prose) Line(i int) string          { return p.b.Line(i).Text }
func (p prose) State(i int) markdown.State { return p.b.State(i) }

// pos is a place as package markdown names it.
func (p prose) pos(at int) markdown.Pos {
	line, offset := p.b.Pos(at)
	return markdown.Pos{Line: line, Offset: offset}
}

// ends are caret and anchor as package markdown names them.
func (p prose) ends() (caret, anchor markdown.Pos) {
	return p.pos(p.b.Caret()), p.pos(p.b.Anchor())
}

// carryOut makes the changes of a command, as one action.
func (p prose) carryOut(r markdown.Result) error {
	splices := make([]buffer.Splice, len(r.Changes))
	for i, c := range r.Changes {
		from, to := p.b.At(c.Line, c.From), p.b.At(c.Line, c.To)
		if c.Join {
			from--
		}
		splices[i] = buffer.Splice{At: from, Delete: to - from, Insert: c.Text}
	}
	return p.b.Replace(splices, p.place(r, r.Caret), p.place(r, r.Anchor))
}

// place returns a place of the text that a command leaves.
func (p prose) place(r markdown.Result, at markdown.Pos) int {
	joined := 0
	for _, c := range r.Changes {
		if c.Join && c.Line <= at.Line {
			at.Line++ // where it would be if the line were empty
			joined++
		}
	}
	return newText{p, r.Changes}.place(at) - joined
}

// markdowns are the commands that know of Markdown.
func markdowns() []action {
	all := []action{
		edits("enter", "New line, going on with a list", enter),
		edits("tab", "Tab, or nest deeper", func(e *Editor) { e.tab(false) }),
		edits("tab.back", "Nest less deep", func(e *Editor) { e.tab(true) }),
		edits("indent", "Indent", func(e *Editor) { e.nestOrIndent(false) }),
		edits("outdent", "Outdent", func(e *Editor) { e.nestOrIndent(true) }),
		edits("bold", "Bold", styled(markdown.Bold)),
		edits("italic", "Italic", styled(markdown.Italic)),
		edits("strike", "Strikethrough", styled(markdown.Strike)),
		edits("code", "Code", styled(markdown.CodeSpan)),
		edits("link", "Link", styled(markdown.Link)),
		edits("list", "List", blocks(markdown.ToggleList)),
		edits("list.numbered", "Numbered list", blocks(markdown.ToggleNumbered)),
		edits("list.task", "Task list", blocks(markdown.ToggleTask)),
		edits("quote", "Quote", blocks(markdown.ToggleQuote)),
		edits("tick", "Tick the box", tick),
		{"link.open", "Open the link", looks, openLinkAtCaret},
	}
	for level := 1; level <= 6; level++ {
		digit := string(rune('0' + level))
		all = append(all, edits(Command("heading."+digit), "Heading "+digit, heading(level)))
	}
	return append(all, edits("heading.none", "No heading", heading(0)))
}

// change runs what a command of package markdown answers.
func (e *Editor) change(f func(t prose, caret, anchor markdown.Pos) markdown.Result) {
	e.edit(func() error {
		t := prose{e.buf}
		caret, anchor := t.ends()
		return t.carryOut(f(t, caret, anchor))
	})
}

func styled(s markdown.Style) func(e *Editor) {
	return func(e *Editor) {
		e.change(func(t prose, caret, anchor markdown.Pos) markdown.Result {
			return markdown.Toggle(t, caret, anchor, s)
		})
	}
}

func heading(level int) func(e *Editor) {
	return func(e *Editor) {
		e.change(func(t prose, caret, anchor markdown.Pos) markdown.Result {
			return markdown.ToggleHeading(t, caret, anchor, level)
		})
	}
}

func blocks(f func(t markdown.Text, caret, anchor markdown.Pos) markdown.Result) func(e *Editor) {
	return func(e *Editor) {
		e.change(func(t prose, caret, anchor markdown.Pos) markdown.Result { return f(t, caret, anchor) })
	}
}

// enter goes on with a list or a quote, or ends it; a selection is replaced by
// a plain newline.
func enter(e *Editor) {
	e.edit(func() error {
		t := prose{e.buf}
		if caret, anchor := t.ends(); caret == anchor {
			if r, ok := markdown.Enter(t, caret); ok {
				return t.carryOut(r)
			}
		}
		return e.buf.Newline()
	})
}

// backspace deletes before the caret. In an item with nothing before the caret
// but its marker that is the marker.
func backspace(e *Editor) {
	e.edit(func() error {
		t := prose{e.buf}
		if caret, anchor := t.ends(); caret == anchor {
			if r, ok := markdown.Backspace(t, caret); ok {
				return t.carryOut(r)
			}
		}
		return e.buf.Backspace(buffer.Character)
	})
}

// tab goes to the next cell of a table or the one before, nests the items of a
// list deeper or less deep, indents several lines, or writes a tab.
func (e *Editor) tab(back bool) {
	e.edit(func() error {
		if done, err := e.cell(back); done {
			return err
		}
		if done, err := e.nest(back); done {
			return err
		}
		from, to := e.buf.Selection()
		first, _ := e.buf.LineAt(from)
		last, _ := e.buf.LineAt(to)
		if back || first != last {
			return e.indent(back)
		}
		return e.buf.Insert("\t")
	})
}

func (e *Editor) nestOrIndent(back bool) {
	e.edit(func() error {
		if done, err := e.nest(back); done {
			return err
		}
		return e.indent(back)
	})
}

// cell goes to another cell of a table, unless several lines are selected.
func (e *Editor) cell(back bool) (done bool, err error) {
	t := prose{e.buf}
	caret, anchor := t.ends()
	if caret.Line != anchor.Line {
		return false, nil
	}
	r, ok := markdown.NextCell(t, caret, back)
	if !ok {
		return false, nil
	}
	return true, t.carryOut(r)
}

func (e *Editor) nest(back bool) (done bool, err error) {
	t := prose{e.buf}
	caret, anchor := t.ends()
	r, ok := markdown.Nest(t, caret, anchor, back)
	if !ok {
		return false, nil
	}
	return true, t.carryOut(r)
}

// indentBy is how many spaces outdenting takes at most, where there is no tab.
const indentBy = 4

// indent puts a tab before the selected lines, or takes it away again.
func (e *Editor) indent(back bool) error {
	if back {
		return e.buf.Outdent(indentBy)
	}
	return e.buf.Indent("\t")
}

// past carries a place past splices, behind what they put there.
func past(splices []buffer.Splice, at int) int {
	moved := at
	for _, s := range splices {
		if s.At <= at {
			moved += utf8.RuneCountInString(s.Insert) - min(s.Delete, at-s.At)
		}
	}
	return moved
}

// tick ticks the boxes of the selected lines, or begins a plain line where there
// is none.
func tick(e *Editor) {
	e.edit(func() error {
		t := prose{e.buf}
		first, last := e.selectedLines()
		if r, ok := markdown.TickAll(t, first, last); ok {
			r.Caret, r.Anchor = t.ends()
			return t.carryOut(r)
		}
		return e.buf.Newline()
	})
}

// pasteLink makes the selection a link if an address is pasted over it.
func (e *Editor) pasteLink(text string) (done bool, err error) {
	t := prose{e.buf}
	caret, anchor := t.ends()
	if caret == anchor {
		return false, nil
	}
	r, ok := markdown.PasteLink(t, caret, anchor, text)
	if !ok {
		return false, nil
	}
	return true, t.carryOut(r)
}

// parsed is the line of a place as Markdown has it, and the place as a byte.
func (e *Editor) parsed(at int) (l markdown.Line, offset int) {
	t := prose{e.buf}
	p := t.pos(at)
	next := ""
	if p.Line+1 < t.Lines() {
		next = t.Line(p.Line + 1)
	}
	return markdown.Parse(t.State(p.Line), markdown.Look(next), t.Line(p.Line)), p.Offset
}

// linkAt is the address of the link at a place, or empty.
func (e *Editor) linkAt(at int) string {
	line, offset := e.parsed(at)
	for _, l := range line.Links {
		if l.From <= offset && offset <= l.To {
			return e.destination(l)
		}
	}
	return ""
}

// destination is where a link goes, though its address may be elsewhere in the
// text.
func (e *Editor) destination(l markdown.LinkAt) string {
	if l.URL != "" || l.Label == "" {
		return l.URL
	}
	url, _ := markdown.Destination(e.buf.Text(), l.Label)
	return url
}

func openLinkAtCaret(e *Editor) bool { return e.openLinkAt(e.buf.Caret()) }

// openLinkAt opens the link at a place, and reports whether there is one.
func (e *Editor) openLinkAt(at int) bool {
	url := e.linkAt(at)
	if url != "" && e.config.OpenLink != nil {
		e.config.OpenLink(url)
	}
	return url != ""
}

// boxAt returns the ends of the box of a task, or of its marker, that a place is
// on.
func (e *Editor) boxAt(at int) (from, to int, ok bool) {
	t := prose{e.buf}
	p := t.pos(at)
	state, text := t.State(p.Line), t.Line(p.Line)
	if !markdown.BoxAt(state, text, p.Offset) {
		return 0, 0, false
	}
	left, right := p.Offset, p.Offset
	for left > 0 && markdown.BoxAt(state, text, left-1) {
		left--
	}
	for right < len(text) && markdown.BoxAt(state, text, right+1) {
		right++
	}
	return e.buf.At(p.Line, left), e.buf.At(p.Line, right), true
}
