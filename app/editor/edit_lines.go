package editor

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"starling/app/buffer"
	"starling/app/markdown"
)

// maxOrdered is up to how many lines are numbered anew when they are moved.
const maxOrdered = 1000

// movedLine is a line of a text to come: one of the old text, by its number, or
// a new one, -1.
type movedLine struct {
	text string
	old  int
}

// rearranged is the text as it will be once the lines from first to last have
// become others. Package markdown reads it to number lists anew, so that moving
// lines and numbering them is one action.
type rearranged struct {
	b           *buffer.Buffer
	first, last int
	lines       []movedLine
	states      []markdown.State // before first, and after as many lines as were asked for
}

// more is how many lines the text gets, less than 0 if it loses some.
func (r *rearranged) more() int { return len(r.lines) - (r.last - r.first + 1) }

func (r *rearranged) Lines() int { return r.b.Lines() + r.more() }

func (r *rearranged) Line(i int) string {
	switch {
	case i < r.first:
		return r.b.Line(i).Text
	case i-r.first < len(r.lines):
		return r.lines[i-r.first].text
	}
	return r.b.Line(i - r.more()).Text
}

func (r *rearranged) State(i int) markdown.State {
	if i <= r.first {
		return r.b.State(i)
	}
	if r.states == nil {
		r.states = append(r.states, r.b.State(r.first))
	}
	for n := len(r.states); n <= i-r.first; n++ {
		r.states = append(r.states, markdown.Next(r.states[n-1], r.Line(r.first+n-1)))
	}
	return r.states[i-r.first]
}

// order numbers the lists around the lines anew, and makes all of it one action.
// done is false if no number changes: then there is a simpler way.
func (r *rearranged) order(caret, anchor markdown.Pos) (done bool, err error) {
	end := r.Lines() - 1
	result := markdown.Renumber(r, r.first, min(r.first+len(r.lines), end), r.within(caret), r.within(anchor))
	lines := make(map[int]string) // by their numbers in the new text
	for i := 0; i < len(result.Changes); {
		end := i
		for end < len(result.Changes) && result.Changes[end].Line == result.Changes[i].Line {
			end++
		}
		line := result.Changes[i].Line
		lines[line] = changed(r.Line(line), result.Changes[i:end])
		i = end
	}
	for i, l := range r.lines {
		if _, ok := lines[r.first+i]; !ok && l.old >= 0 && l.text != r.b.Line(l.old).Text {
			lines[r.first+i] = l.text
		}
	}
	if len(lines) == 0 {
		return false, nil
	}
	return true, r.b.Replace(r.splices(lines), r.place(lines, result.Caret), r.place(lines, result.Anchor))
}

// within is p, or the end of the new text if that is before p.
func (r *rearranged) within(p markdown.Pos) markdown.Pos {
	if end := r.Lines() - 1; p.Line > end {
		return markdown.Pos{Line: end, Offset: len(r.Line(end))}
	}
	return p
}

// splices turn the old text into the new one, in which some lines are others.
func (r *rearranged) splices(lines map[int]string) []buffer.Splice {
	var out []buffer.Splice
	var fresh []string
	at := r.b.LineStart(r.first) // behind the newline of the last line that stays
	put := func(from, to int, text string) {
		if from < to || text != "" {
			out = append(out, buffer.Splice{At: from, Delete: to - from, Insert: text})
		}
	}
	// gap is between two lines that stay; next is the one below.
	gap := func(next int) {
		switch {
		case next < r.b.Lines() && len(fresh) == 0:
			put(at, r.b.LineStart(next), "")
		case next < r.b.Lines():
			put(at, r.b.LineStart(next), strings.Join(fresh, "\n")+"\n")
		case at > 0 && len(fresh) == 0:
			put(at-1, r.b.Len(), "")
		case at > 0:
			put(at-1, r.b.Len(), "\n"+strings.Join(fresh, "\n"))
		default:
			put(0, r.b.Len(), strings.Join(fresh, "\n"))
		}
		fresh = fresh[:0]
	}
	keep := func(old int, text string) {
		line, start := r.b.Line(old), r.b.LineStart(old)
		if from, to, with := differ(line.Text, text); from < to || with != "" {
			put(start+line.Place(from), start+line.Place(to), with)
		}
		at = start + line.Runes + 1
	}
	for i, l := range r.lines {
		text, ok := lines[r.first+i]
		if !ok {
			text = l.text
		}
		if l.old < 0 {
			fresh = append(fresh, text)
			continue
		}
		gap(l.old)
		keep(l.old, text)
	}
	gap(r.last + 1)
	for i := r.last + 1; i < r.b.Lines() && i <= r.last+2*maxOrdered; i++ {
		if text, ok := lines[i+r.more()]; ok {
			keep(i, text)
		}
	}
	return out
}

// place returns the place of p in the new text.
func (r *rearranged) place(lines map[int]string, p markdown.Pos) int {
	text := func(i int) string {
		if t, ok := lines[i]; ok {
			return t
		}
		return r.Line(i)
	}
	if p.Line < r.first {
		return r.b.At(p.Line, p.Offset)
	}
	at := r.b.LineStart(r.first)
	for i := r.first; i < p.Line; i++ {
		at += utf8.RuneCountInString(text(i)) + 1
	}
	line := text(p.Line)
	return at + utf8.RuneCountInString(line[:min(p.Offset, len(line))])
}

// differ returns which bytes of before are to become what, so that it is after.
func differ(before, after string) (from, to int, with string) {
	for from < len(before) && from < len(after) && before[from] == after[from] {
		from++
	}
	for from > 0 && from < len(before) && !utf8.RuneStart(before[from]) {
		from--
	}
	same := 0
	for same < min(len(before), len(after))-from && before[len(before)-1-same] == after[len(after)-1-same] {
		same++
	}
	for same > 0 && !utf8.RuneStart(before[len(before)-same]) {
		same--
	}
	return from, len(before) - same, after[from : len(after)-same]
}

var numberedLine = regexp.MustCompile(`^([ \t]*)([0-9]{1,9})([.)])`)

// numberedLike gives an item the number of another, whose place it takes: what
// comes first in a list says where its numbers begin.
func numberedLike(text, other string) string {
	a, b := numberedLine.FindStringSubmatch(text), numberedLine.FindStringSubmatch(other)
	if a == nil || b == nil || a[1] != b[1] || a[3] != b[3] {
		return text
	}
	return b[0] + text[len(a[0]):]
}

// linesOf are lines of the text as those of a text to come.
func linesOf(b *buffer.Buffer, first, last int, fresh bool) (out []movedLine) {
	for i := first; i <= last; i++ {
		l := movedLine{b.Line(i).Text, i}
		if fresh {
			l.old = -1
		}
		out = append(out, l)
	}
	return out
}

// selectedLines are the first and the last line that the selection touches; not
// one at whose very start it ends.
func (e *Editor) selectedLines() (first, last int) {
	from, to := e.buf.Selection()
	first, _ = e.buf.LineAt(from)
	last, start := e.buf.LineAt(to)
	if last > first && to == start {
		last--
	}
	return first, last
}

// moveLines moves the selected lines past the one above or below, and numbers
// lists anew.
func (e *Editor) moveLines(up bool) error {
	first, last := e.selectedLines()
	if up && first == 0 || !up && last == e.buf.Lines()-1 || last-first > maxOrdered {
		return e.buf.MoveLines(up)
	}
	r := &rearranged{b: e.buf, first: first, last: last + 1}
	by := 1
	if up {
		r.first, r.last, by = first-1, last, -1
		r.lines = append(linesOf(e.buf, first, last, false), linesOf(e.buf, r.first, r.first, true)...)
	} else {
		r.lines = append(linesOf(e.buf, r.last, r.last, true), linesOf(e.buf, first, last, false)...)
	}
	r.lines[0].text = numberedLike(r.lines[0].text, e.buf.Line(r.first).Text)
	if done, err := r.order(e.ends(by)); done {
		return err
	}
	return e.buf.MoveLines(up)
}

// ends are caret and anchor, some lines further down.
func (e *Editor) ends(by int) (caret, anchor markdown.Pos) {
	caret, anchor = prose{e.buf}.ends()
	caret.Line += by
	anchor.Line += by
	return caret, anchor
}

// duplicateLines writes the selected lines once more, and numbers lists anew.
func (e *Editor) duplicateLines(up bool) error {
	first, last := e.selectedLines()
	if last-first > maxOrdered {
		return e.buf.DuplicateLines(up)
	}
	r := &rearranged{b: e.buf, first: first, last: last}
	r.lines = append(linesOf(e.buf, first, last, up), linesOf(e.buf, first, last, !up)...)
	by := 0
	if !up {
		by = last - first + 1
	}
	if done, err := r.order(e.ends(by)); done {
		return err
	}
	return e.buf.DuplicateLines(up)
}

// deleteLines removes the selected lines and numbers lists anew.
func (e *Editor) deleteLines() error {
	first, last := e.selectedLines()
	if last+1 == e.buf.Lines() {
		return e.buf.DeleteLines()
	}
	next := movedLine{e.buf.Line(last + 1).Text, last + 1}
	_, column := e.buf.Pos(e.buf.Caret())
	at := markdown.Pos{Line: first, Offset: boundary(next.text, column)}
	next.text = numberedLike(next.text, e.buf.Line(first).Text)
	r := &rearranged{b: e.buf, first: first, last: last + 1, lines: []movedLine{next}}
	if done, err := r.order(at, at); done {
		return err
	}
	return e.buf.DeleteLines()
}

// boundary is the offset in a line that is surely between two characters: the
// end, unless all up to there is ASCII.
func boundary(line string, offset int) int {
	for i := range min(offset+1, len(line)) {
		if line[i] >= utf8.RuneSelf {
			return len(line)
		}
	}
	return min(offset, len(line))
}
