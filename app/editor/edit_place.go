package editor

import (
	"strings"
	"unicode/utf8"

	"starling/app/markdown"
)

// newText finds places in the text that changes will leave, which touch few of
// its lines.
type newText struct {
	old     prose
	changes []markdown.Change
}

// place returns the place of p, a line and byte of the new text.
func (t newText) place(p markdown.Pos) int {
	more, moved := 0, 0 // lines and code points that came in so far
	for i := 0; i < len(t.changes); {
		line := t.changes[i].Line
		if p.Line < line+more {
			break
		}
		end := i
		lines, runes := 0, 0
		for ; end < len(t.changes) && t.changes[end].Line == line; end++ {
			c := t.changes[end]
			lines += strings.Count(c.Text, "\n")
			runes += utf8.RuneCountInString(c.Text) - (t.old.b.At(line, c.To) - t.old.b.At(line, c.From))
		}
		if p.Line <= line+more+lines {
			text := changed(t.old.Line(line), t.changes[i:end])
			return t.old.b.At(line, 0) + moved + within(text, p.Line-line-more, p.Offset)
		}
		more, moved, i = more+lines, moved+runes, end
	}
	return t.old.b.At(p.Line-more, p.Offset) + moved
}

// changed is a line after changes of it.
func changed(line string, changes []markdown.Change) string {
	var out strings.Builder
	done := 0
	for _, c := range changes {
		out.WriteString(line[done:c.From])
		out.WriteString(c.Text)
		done = c.To
	}
	out.WriteString(line[done:])
	return out.String()
}

// within returns the code points of a text before a byte of one of its lines.
func within(text string, line, offset int) int {
	at := 0
	for ; line > 0; line-- {
		at += strings.IndexByte(text[at:], '\n') + 1
	}
	return utf8.RuneCountInString(text[:min(at+offset, len(text))])
}
