package markdown

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Toggle puts a style on the selection, or takes it off if all of it has the
// style: Bold, Italic, Strike, CodeSpan or Link. Without a selection it puts it
// on the word at the caret, or else empty signs around the caret, takes it off
// all that the signs around the caret hold, and right before the sign that ends
// it goes behind that. Each line is done by itself. The selection stays on the same words; after a link is made the caret
// is where its address belongs.
func Toggle(t Text, caret, anchor Pos, style Style) Result {
	g := toggler{t: t, style: style, caret: caret, anchor: anchor}
	if r, ok := g.stepOut(); ok {
		return r
	}
	g.collect()
	if len(g.parts) == 0 {
		return Result{Caret: caret, Anchor: anchor}
	}
	off := !slices.ContainsFunc(g.parts, func(p section) bool { return !p.styled(style) })
	for i := range g.parts {
		if off {
			g.takeOff(&g.parts[i])
		} else {
			g.putOn(&g.parts[i])
		}
	}
	return g.result()
}

// toggler collects the changes of one command.
type toggler struct {
	t             Text
	style         Style
	caret, anchor Pos
	parts         []section
	edits         []edit
	placed        *Pos // where the caret belongs, if not where it was
}

// section is what is selected of one line.
type section struct {
	line     int
	text     string
	from, to int
	spans    []Span
	pairs    []pair
}

// edit is a change with what it does to a place that lies right at it.
type edit struct {
	Change
	opens bool // a place at it comes behind what it inserts
}

// collect finds the sections of the selection that may have styles.
func (g *toggler) collect() {
	from, to := order(g.caret, g.anchor)
	first, last := linesOf(from, to)
	for i := first; i <= last; i++ {
		line := g.t.Line(i)
		b := blockAt(g.t, i)
		if len(line) > MaxInline {
			continue
		}
		if !hasInlines(b.kind) {
			if from == to {
				g.collectSigns(&b, line)
			}
			continue
		}
		s := section{line: i, text: line, from: max(b.content, b.marks), to: len(line)}
		if i == from.Line {
			s.from = max(s.from, min(from.Offset, s.to))
		}
		if i == to.Line {
			s.to = max(s.from, min(s.to, to.Offset))
		}
		s.spans = Parse(g.t.State(i), ahead(g.t, i), line).Spans
		s.pairs = pairsOf(&b, line)
		if from == to {
			s.word(b.content)
		} else if s.trim(); s.from == s.to {
			continue
		}
		g.parts = append(g.parts, s)
	}
}

// hasInlines reports whether lines of a kind have emphasis and links.
func hasInlines(k Kind) bool {
	switch k {
	case Paragraph, Blank, Heading, Quote, Item, TableRow, Footnote:
		return true
	}
	return false
}

// trim leaves white space at both ends out.
func (s *section) trim() {
	text := s.text[s.from:s.to]
	s.to -= len(text) - len(strings.TrimRightFunc(text, unicode.IsSpace))
	s.from += len(text) - len(strings.TrimLeftFunc(text, unicode.IsSpace))
	s.from = min(s.from, s.to)
}

// word makes the section the word at the caret, if there is one. Of scripts that
// put no spaces between words, and whose words only a dictionary tells, that is
// all up to the next space or sign.
func (s *section) word(content int) {
	caret, rest, state := s.from, s.text[content:], -1
	start, joins := content, false
	for at := content; rest != ""; {
		var word string
		word, rest, state = uniseg.FirstWordInString(rest, state)
		unspaced := strings.ContainsFunc(word, isUnspaced)
		if !joins || !unspaced {
			start = at
		}
		at += len(word)
		joins = unspaced
		next, _ := utf8.DecodeRuneInString(rest)
		if joins && isUnspaced(next) {
			continue
		}
		if start <= caret && caret <= at && strings.ContainsFunc(word, isWordRune) {
			s.from, s.to = start, at
			return
		}
		if start > caret {
			return
		}
	}
}

// isUnspaced reports whether a letter is of a script whose words only a
// dictionary tells apart (UAX 14, class SA).
func isUnspaced(r rune) bool {
	return r >= 0xe00 && unicode.In(r, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
		unicode.Tai_Le, unicode.New_Tai_Lue, unicode.Tai_Tham, unicode.Tai_Viet, unicode.Ahom)
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// styled reports whether all of the section has a style.
func (s *section) styled(style Style) bool {
	if s.from == s.to {
		return len(around(s.pairs, style, s.from, s.to)) > 0 || s.emptySigns(style) > 0
	}
	some := false
	for _, p := range s.spans {
		from, to := max(p.From, s.from), min(p.To, s.to)
		if from >= to || p.Style&Mark != 0 || strings.TrimSpace(s.text[from:to]) == "" {
			continue
		}
		if p.Style&style == 0 || style == Link && p.Style&URL != 0 {
			return false
		}
		some = true
	}
	return some
}

// signs of the styles.
var signs = map[Style]string{Bold: "**", Italic: "*", Strike: "~~", CodeSpan: "`"}

// emptySigns is the length of the signs around the caret with nothing between.
func (s *section) emptySigns(style Style) int {
	sign := signs[style]
	if sign == "" {
		return 0
	}
	same := func(c rune) bool { return c == rune(sign[0]) }
	before, after := s.text[:s.from], s.text[s.to:]
	n := len(before) - len(strings.TrimRightFunc(before, same))
	m := len(after) - len(strings.TrimLeftFunc(after, same))
	if n != m || n < len(sign) || style == Italic && n == 2 {
		return 0
	}
	return len(sign)
}

func (g *toggler) edit(s *section, from, to int, text string, opens bool) {
	g.edits = append(g.edits, edit{Change{Line: s.line, From: from, To: to, Text: text}, opens})
}

func (g *toggler) takeOff(s *section) {
	pairs := around(s.pairs, g.style, s.from, s.to)
	if g.split(s, pairs) {
		return
	}
	for _, p := range pairs {
		g.edit(s, p.open, p.openEnd, "", false)
		g.edit(s, p.close, p.closeEnd, "", false)
	}
	if n := s.emptySigns(g.style); len(pairs) == 0 && n > 0 {
		g.edit(s, s.from-n, s.to+n, "", false)
	}
}

func (g *toggler) putOn(s *section) {
	if g.style == Link {
		g.putLink(s)
		return
	}
	g.widen(s)
	for _, p := range s.pairs {
		if p.style == g.style && s.from <= p.open && p.closeEnd <= s.to {
			g.edit(s, p.open, p.openEnd, "", true)
			g.edit(s, p.close, p.closeEnd, "", false)
		}
	}
	open := signs[g.style]
	close := open
	if g.style == CodeSpan {
		open, close = codeSigns(s.text[s.from:s.to])
	}
	g.edit(s, s.from, s.from, open, true)
	g.edit(s, s.to, s.to, close, false)
}

// codeSigns are backticks that the code itself has not.
func codeSigns(code string) (open, close string) {
	longest := 0
	for i := 0; i < len(code); i++ {
		if code[i] == '`' {
			n := runLength(code[i:])
			longest = max(longest, n)
			i += n - 1
		}
	}
	open = strings.Repeat("`", longest+1)
	if longest > 0 && (code[0] == '`' || code[len(code)-1] == '`') {
		return open + " ", " " + open
	}
	return open, open
}

// widen lets a section take whole pairs in, so that signs do not cross. Code is
// taken whole.
func (g *toggler) widen(s *section) {
	for again := s.from < s.to; again; {
		again = false
		for _, p := range s.pairs {
			inSign := p.open < s.from && s.from < p.openEnd || p.close < s.to && s.to < p.closeEnd
			code := p.style == CodeSpan && p.open < s.to && s.from < p.closeEnd && !(s.from <= p.open && p.closeEnd <= s.to)
			joins := p.style == g.style && p.open <= s.to && s.from <= p.closeEnd && !(s.from <= p.open && p.closeEnd <= s.to)
			if inSign || code || joins || p.crosses(s.from, s.to) && !touches(&p, s) {
				s.from, s.to = min(s.from, p.open), max(s.to, p.closeEnd)
				again = true
			}
		}
	}
}

// touches reports whether a section only goes up to a pair's sign from within.
func touches(p *pair, s *section) bool {
	return s.from >= p.openEnd && s.to <= p.close
}

func (g *toggler) putLink(s *section) {
	text := s.text[s.from:s.to]
	at := s.from + 1
	if isURL(text) {
		g.edit(s, s.from, s.from, "[](", false)
		g.edit(s, s.to, s.to, ")", false)
	} else {
		g.edit(s, s.from, s.from, "[", true)
		g.edit(s, s.to, s.to, "]()", false)
		at = s.to + len("[](")
		if text == "" {
			at = s.from + 1
		}
	}
	if g.placed == nil && len(g.parts) == 1 {
		g.placed = &Pos{Line: s.line, Offset: at}
	}
}

func (g *toggler) result() Result {
	slices.SortStableFunc(g.edits, byPlace)
	r := Result{Caret: g.moved(g.caret), Anchor: g.moved(g.anchor)}
	if g.caret == g.anchor {
		r.Anchor = r.Caret
	}
	if g.placed != nil {
		r.Caret, r.Anchor = *g.placed, *g.placed
	}
	for _, e := range g.edits {
		last := len(r.Changes) - 1
		if last >= 0 && r.Changes[last].Line == e.Line && r.Changes[last].To >= e.From {
			r.Changes[last].To = max(r.Changes[last].To, e.To)
			r.Changes[last].Text += e.Text
			continue
		}
		r.Changes = append(r.Changes, e.Change)
	}
	return r
}

func byPlace(a, b edit) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
}

// moved is where a place is after the edits.
func (g *toggler) moved(p Pos) Pos {
	by := 0
	for _, e := range g.edits {
		switch {
		case e.Line != p.Line || e.From > p.Offset:
		case e.From == p.Offset && e.To == e.From:
			if e.opens {
				by += len(e.Text)
			}
		default:
			by += len(e.Text) - (min(e.To, p.Offset) - e.From)
		}
	}
	p.Offset += by
	return p
}

// isURL reports whether a text is the address of something and nothing else.
func isURL(s string) bool {
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r < ' ' || r == '<' || r == '>' }) || !utf8.ValidString(s) {
		return false
	}
	for _, start := range [...]string{"https://", "http://", "ftp://", "www.", "mailto:"} {
		if len(s) > len(start) && strings.EqualFold(s[:len(start)], start) {
			return true
		}
	}
	return false
}
