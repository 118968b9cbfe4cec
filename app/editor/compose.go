package editor

import (
	"starling/app/highlight"
	"starling/app/markdown"
	"starling/app/typeset"
)

// composer makes of a line of Markdown what is typeset: each piece with its
// letters and its colour.
type composer struct {
	shape shape
	hide  bool // marks are hidden
	out   []typeset.Span
}

// signs are what is drawn in place of a mark.
var signs = map[markdown.Sign]struct {
	as   string
	role role
}{
	markdown.Bullet: {"•", roleDim},
	markdown.Box:    {"\u2003", roleBox},
	markdown.Ticked: {"\u2003", roleDone},
	markdown.Bar:    {"\u2002", roleFaint}, // with a bar beside it
	markdown.Stroke: {"\u2002", roleFaint}, // with a line over it
}

// shapeOf is how a line is laid out; state is what flows into it.
func shapeOf(md *markdown.Line, state uint32) shape {
	switch md.Kind {
	case markdown.Heading:
		return headingShapes[min(md.Level, len(headingShapes))-1]
	case markdown.Code:
		return codeShape
	case markdown.Fence:
		if markdown.InCode(state) {
			return closeShape
		}
		return openShape
	case markdown.FrontMatter:
		return frontShape
	default:
		return textShape
	}
}

// code adds a line of a code block.
func (c *composer) code(text string, tokens []highlight.Token) {
	at := 0
	put := func(to int, r role) {
		if to = min(to, len(text)); at < to {
			c.add(typeset.Span{From: at, To: to, Ink: c.ink(0), Tag: uint32(r)})
			at = to
		}
	}
	for _, t := range tokens {
		put(t.From, roleText)
		put(t.To, codeRoles[t.Kind])
	}
	put(len(text), roleText)
}

var codeRoles = map[highlight.Kind]role{
	highlight.Keyword: roleKeyword, highlight.Name: roleText, highlight.Type: roleType,
	highlight.Function: roleFunction, highlight.String: roleString, highlight.Number: roleNumber,
	highlight.Comment: roleComment, highlight.Operator: roleDim,
}

// text adds the spans of a line of text. pads is the room to leave behind each
// cell of a table, from the first on.
func (c *composer) text(md *markdown.Line, pads []pad) {
	base := roleText
	if c.hide && md.Kind == markdown.TableRule && len(md.Spans) > 0 {
		c.add(typeset.Span{From: 0, To: md.Spans[len(md.Spans)-1].To, As: signs[markdown.Stroke].as, Ink: c.ink(0)})
		return
	}
	if md.Kind == markdown.Fence || md.Kind == markdown.FrontMatter || md.Kind == markdown.TableRule {
		base = roleFaint
	}
	for i := range md.Spans {
		s := md.Spans[i]
		if s.From < md.Dent && s.Style&markdown.Mark == 0 {
			c.dent(s.From, min(s.To, md.Dent))
			if s.From = md.Dent; s.From >= s.To {
				continue
			}
		}
		if s.Cell > 0 {
			s.Style |= rowStyle(md)
		}
		if len(pads) >= s.Cell && s.Cell > 0 && (i == 0 || md.Spans[i-1].Cell != s.Cell) {
			c.room(s.From, pads[s.Cell-1].before, true)
		}
		c.span(&s, base)
		if len(pads) >= s.Cell && s.Cell > 0 && (i+1 == len(md.Spans) || md.Spans[i+1].Cell != s.Cell) {
			c.room(s.To, pads[s.Cell-1].after, false)
		}
	}
}

// dent adds the spaces before what is nested in an item. They are as wide as those
// of code: in most fonts two spaces are narrower than one letter.
func (c *composer) dent(from, to int) {
	i := c.ink(0)
	i.Face = typeset.Mono
	c.add(typeset.Span{From: from, To: to, Ink: i})
}

// rowStyle is what the cells of a row have besides their own style.
func rowStyle(md *markdown.Line) markdown.Style {
	if md.Kind == markdown.TableRow && md.Level == 1 {
		return markdown.Bold
	}
	return 0
}

func (c *composer) span(s *markdown.Span, base role) {
	out := typeset.Span{From: s.From, To: s.To, Ink: c.ink(s.Style), Tag: uint32(roleFor(s.Style, base))}
	if s.Style&markdown.CodeSpan != 0 && s.Style&markdown.Mark == 0 {
		out.Tag |= tagCode
	}
	if c.hide {
		sign, drawn := signs[s.Sign]
		switch {
		case drawn:
			out.As, out.Tag = sign.as, uint32(sign.role)
		case s.Hide:
			out.Hidden = true
		}
	}
	c.add(out)
}

// room leaves a gap of some width.
func (c *composer) room(at int, width float32, lead bool) {
	if width > 0.5 {
		c.add(typeset.Span{From: at, To: at, As: " ", Width: width, Ink: c.ink(0), Tag: tagPad, Lead: lead})
	}
}

func roleFor(st markdown.Style, base role) role {
	switch {
	case st&(markdown.Mark|markdown.Comment) != 0:
		return roleFaint
	case st&(markdown.Link|markdown.NoteRef) != 0: // an address alone is its own text
		return roleAccent
	case st&markdown.URL != 0:
		return roleFaint
	case st&markdown.Dim != 0 && base == roleText:
		return roleDim
	}
	return base
}

func (c *composer) ink(st markdown.Style) typeset.Ink {
	i := typeset.Ink{Face: c.shape.face, Size: c.shape.size}
	i.Strike = st&markdown.Strike != 0 && st&markdown.Mark == 0
	i.Underline = st&markdown.Link != 0 && st&markdown.Mark == 0
	bold, italic := st&markdown.Bold != 0, st&markdown.Italic != 0
	switch {
	case i.Face == typeset.Mono:
		if bold {
			i.Face = typeset.MonoBold
		}
	case st&markdown.CodeSpan != 0:
		i.Face, i.Size = typeset.Mono, i.Size*codeSize/textSize
	case bold && italic, italic && i.Face != typeset.Regular:
		i.Face = typeset.BoldItalic
	case bold && i.Face == typeset.Regular:
		i.Face = typeset.Bold
	case italic:
		i.Face = typeset.Italic
	}
	return i
}

// add appends a span, to the one before if they are alike.
func (c *composer) add(s typeset.Span) {
	if n := len(c.out); n > 0 {
		last := &c.out[n-1]
		plain := s.As == "" && last.As == "" && s.From < s.To && last.From < last.To
		if plain && last.To == s.From && last.Ink == s.Ink && last.Tag == s.Tag && last.Hidden == s.Hidden {
			last.To = s.To
			return
		}
	}
	c.out = append(c.out, s)
}

// cut lets the holes of a line, which are in order, into its spans.
func (c *composer) cut(holes []hole) {
	if len(holes) == 0 {
		return
	}
	was := c.out
	c.out = make([]typeset.Span, 0, len(was)+2*len(holes))
	next := 0
	for _, s := range was {
		for at := s.From; ; {
			next = c.fill(holes, next, at)
			if s.As != "" || at >= s.To {
				if s.From == s.To || s.As != "" {
					c.out = append(c.out, s)
				}
				break
			}
			piece := s
			piece.From, piece.To = at, s.To
			if next < len(holes) {
				h := &holes[next]
				if h.from <= at {
					piece.To = min(piece.To, h.to)
					piece.Ink.Strike, piece.Tag = true, h.tag(next)
				} else {
					piece.To = min(piece.To, h.from)
				}
			}
			c.out = append(c.out, piece)
			at = piece.To
		}
	}
	for ; next < len(holes); next++ {
		c.hole(&holes[next], next)
	}
}

// fill adds the holes from a number on that are done with before a byte, and
// returns the number of the first that is not.
func (c *composer) fill(holes []hole, next, at int) int {
	for ; next < len(holes) && holes[next].to <= at; next++ {
		c.hole(&holes[next], next)
	}
	return next
}

// hole adds what was deleted, if it is not in the line.
func (c *composer) hole(h *hole, n int) {
	if h.from < h.to || h.text == "" {
		return
	}
	i := c.ink(0)
	i.Strike = true
	c.out = append(c.out, typeset.Span{From: h.from, To: h.from, As: h.text, Ink: i, Tag: h.tag(n)})
}
