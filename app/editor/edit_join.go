package editor

import (
	"slices"
	"strings"
	"unicode/utf8"

	"starling/app/buffer"
	"starling/app/markdown"
)

// joinLines makes one line of the selected ones, or of the caret's line and the
// next, as [buffer.Buffer.JoinLines] does; what makes the others items or quotes
// of their own goes, and the list around is numbered anew.
func (e *Editor) joinLines() error {
	first, last := e.selectedLines()
	if first == last {
		last++
	}
	if last == e.buf.Lines() {
		return nil
	}
	if last-first > maxOrdered {
		return e.buf.JoinLines()
	}
	joins, joined := e.joins(first, last)
	caret, anchor := e.Caret()
	if caret == anchor {
		caret, anchor = joins[0].At, joins[0].At
	}
	splices := append(joins, e.numbersAfter(first, last, joined)...)
	slices.SortFunc(splices, func(a, b buffer.Splice) int { return a.At - b.At })
	return e.buf.Replace(splices, through(splices, caret), through(splices, anchor))
}

// joins are the splices that join lines, and the line that these make.
func (e *Editor) joins(first, last int) (out []buffer.Splice, joined string) {
	var text strings.Builder
	text.WriteString(e.buf.Line(first).Text)
	for i := first + 1; i <= last; i++ {
		line, start := e.buf.Line(i), e.buf.LineStart(i)
		lead := markdown.TextStart(e.buf.State(i), line.Text)
		s := buffer.Splice{At: start - 1, Delete: 1 + line.Place(lead)}
		if so := text.String(); lead < len(line.Text) && so != "" && !strings.HasSuffix(so, " ") && !strings.HasSuffix(so, "\t") {
			s.Insert = " "
		}
		text.WriteString(s.Insert + line.Text[lead:])
		out = append(out, s)
	}
	return out, text.String()
}

// numbersAfter are the splices that number a list anew of which some lines have
// become one.
func (e *Editor) numbersAfter(first, last int, joined string) (out []buffer.Splice) {
	r := &rearranged{b: e.buf, first: first, last: last, lines: []movedLine{{joined, first}}}
	at := markdown.Pos{Line: first}
	for _, c := range markdown.Renumber(r, first, min(first+1, r.Lines()-1), at, at).Changes {
		line := c.Line
		if line > first {
			line -= r.more()
		}
		from, to := e.buf.At(line, c.From), e.buf.At(line, c.To)
		out = append(out, buffer.Splice{At: from, Delete: to - from, Insert: c.Text})
	}
	return out
}

// through carries a place past splices: before what they put at the very place,
// behind what they put in place of what is around it.
func through(splices []buffer.Splice, at int) int {
	moved := at
	for _, s := range splices {
		switch n := utf8.RuneCountInString(s.Insert); {
		case s.At >= at:
			return moved
		case s.At+s.Delete <= at:
			moved += n - s.Delete
		default:
			moved += n - (at - s.At)
		}
	}
	return moved
}
