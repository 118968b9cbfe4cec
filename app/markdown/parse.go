package markdown

import (
	"slices"
	"strings"
	"sync"
)

// Parse tells how a line is shown. State is that of the lines above, ahead is
// what [Look] says of the line below.
func Parse(s State, ahead Ahead, line string) Line {
	p := painters.Get().(*painter)
	p.reset(line, scan(s, line))
	b := &p.block
	if s == 0 && b.kind == FrontMatter {
		if what := ahead & aheadWhat; what != aheadYAML && what != aheadHeading2 {
			b.kind = Rule
		}
	}
	ahead.apply(b, line)
	p.paint()
	l := Line{
		Kind: b.kind, Level: b.level, Quotes: b.quotes, Content: b.content, Hang: b.content, Dent: b.nested(line),
		Spans: slices.Clone(clusters(line, p.out)), Links: p.links, Lang: p.lang, Break: p.hardBreak,
	}
	if b.kind == Heading && b.n == 0 {
		l.Hang = 0
	}
	p.reset("", block{})
	painters.Put(p)
	return l
}

// nested is the byte up to which a line is indented for the items around its own.
func (b *block) nested(line string) int {
	if b.kind == Code || b.kind == Fence || b.entered == 0 {
		return 0
	}
	column := b.entered.without(b.entered.last()).last()
	if b.hasItem() {
		column = b.dent
	}
	at := b.outer
	for col := 0; col < column && at < len(line); at++ {
		switch line[at] {
		case ' ':
			col++
		case '\t':
			col += 4 - col%4
		default:
			return at
		}
	}
	return at
}

var painters = sync.Pool{New: func() any { return new(painter) }}

// painter cuts a line into spans. Its slices but links are used again.
type painter struct {
	in    inliner
	line  string
	block block
	out   []Span
	links []LinkAt
	lang  string
	base  Style // of the text
	cell  int   // that spans are in
	// does, if not nil, is to hold what each byte does.
	does []act

	hardBreak bool
}

// reset makes the painter ready for a line.
func (p *painter) reset(line string, b block) {
	p.in.line = ""
	*p = painter{in: p.in, line: line, block: b, out: p.out[:0]}
}

// add appends a span, to the one before if they are alike.
func (p *painter) add(from, to int, s Span) {
	if from >= to {
		return
	}
	s.From, s.To, s.Cell = from, to, p.cell
	if n := len(p.out); n > 0 && s.Sign == NoSign {
		last := &p.out[n-1]
		if last.Style == s.Style && last.Hide == s.Hide && last.Cell == s.Cell && last.Sign == NoSign {
			last.To = to
			return
		}
	}
	p.out = append(p.out, s)
}

var (
	plain  = Span{}
	dimmed = Span{Style: Mark}
	hidden = Span{Style: Mark, Hide: true}
)

func (p *painter) paint() {
	b, end := &p.block, len(p.line)
	p.markers()
	switch b.kind {
	case Blank:
		p.add(b.content, end, plain)
	case Heading:
		p.heading()
	case Underline, FrontMatter:
		p.add(b.content, end, dimmed)
	case Rule:
		p.add(b.content, end, Span{Style: Mark, Hide: true, Sign: Stroke})
	case Fence:
		p.fence()
	case Code:
		p.add(b.content, end, Span{Style: CodeSpan})
	case HTML:
		p.add(b.content, end, Span{Style: Comment})
	case TableRow:
		p.row()
	case TableRule:
		p.delimiters()
	case Definition:
		p.definition()
	default:
		p.inline(b.content, end)
		p.lineBreak()
	}
}

// markers paints what the line begins with, up to its content.
func (p *painter) markers() {
	b, at := &p.block, 0
	if b.quotes > 0 {
		p.base = Dim
	}
	for i := 0; i < b.n; i++ {
		m := b.parts[i]
		p.add(at, m.from, plain)
		s := Span{Style: Mark}
		switch m.kind {
		case partQuote:
			s.Hide, s.Sign = true, Bar
		case partBullet:
			s.Hide, s.Sign = true, Bullet
			if i+1 < b.n && (b.parts[i+1].kind == partBox || b.parts[i+1].kind == partTicked) {
				i++
				m.kind, m.to = b.parts[i].kind, b.parts[i].to
			}
		}
		switch m.kind {
		case partBox:
			s.Hide, s.Sign = true, Box
		case partTicked:
			s.Hide, s.Sign = true, Ticked
			p.base = Dim
		}
		p.add(m.from, m.to, s)
		at = m.to
	}
	p.add(at, b.content, plain)
}

func (p *painter) heading() {
	b, end := &p.block, len(p.line)
	p.add(b.content, b.marks, hidden)
	text := closingMarks(p.line, b.marks)
	if b.marks <= b.content { // underlined
		text = end
	}
	p.inline(b.marks, text)
	p.add(text, end, hidden)
}

// closingMarks is where the #s that may close a heading begin, with the space
// before them, or else the line's end.
func closingMarks(line string, from int) int {
	trimmed := strings.TrimRight(line[from:], " \t\r")
	text := strings.TrimRight(trimmed, "#")
	if text == trimmed || text != "" && !isSpace(text[len(text)-1]) {
		return len(line)
	}
	return from + len(strings.TrimRight(text, " \t\r"))
}

func (p *painter) fence() {
	b, end := &p.block, len(p.line)
	if b.marks <= b.content { // it closes
		p.add(b.content, end, dimmed)
		return
	}
	info := b.marks
	for info < end && isSpace(p.line[info]) {
		info++
	}
	p.add(b.content, info, dimmed)
	p.add(info, end, Span{Style: Label})
	p.lang = language(p.line[info:])
}

// language is the first word of what stands behind a fence, in lower case.
func language(info string) string {
	if end := strings.IndexAny(info, " \t\r,{"); end >= 0 {
		info = info[:end]
	}
	return strings.ToLower(info)
}

func (p *painter) row() {
	at := p.block.content
	row := cellsOf(p.line, at, len(p.line))
	for from, to, ok := row.next(); ok; from, to, ok = row.next() {
		p.pipe(at, from)
		p.cell++
		n := p.cell
		p.inline(from, to)
		p.cell = n
		at = to
	}
	p.pipe(at, len(p.line))
}

// pipe paints what is between two cells.
func (p *painter) pipe(from, to int) {
	n := p.cell
	p.cell = 0
	p.add(from, to, dimmed)
	p.cell = n
}

func (p *painter) delimiters() {
	at := p.block.content
	row := cellsOf(p.line, at, len(p.line))
	for from, to, ok := row.next(); ok; from, to, ok = row.next() {
		p.pipe(at, from)
		p.cell++
		p.add(from, to, dimmed)
		at = to
	}
	p.pipe(at, len(p.line))
}

func (p *painter) definition() {
	b := &p.block
	label := b.content + labelLength(p.line[b.content:])
	from, to, end, _ := destination(p.line, b.marks)
	p.add(b.content, b.content+1, dimmed)
	p.add(b.content+1, label-1, Span{Style: Link})
	p.add(label-1, from, dimmed)
	p.add(from, to, Span{Style: Link | URL})
	p.add(to, end, dimmed)
	p.add(end, len(p.line), plain)
	p.links = append(p.links, LinkAt{From: b.content, To: end, URL: unescape(p.line[from:to])})
}

// lineBreak finds a hard break at the line's end.
func (p *painter) lineBreak() {
	trimmed := strings.TrimRight(p.line, " ")
	if len(p.line)-len(trimmed) >= 2 && len(trimmed) > p.block.content {
		p.hardBreak = true
		return
	}
	n := len(p.line)
	slashes := n - len(strings.TrimRight(p.line, `\`))
	if slashes%2 == 0 || n > MaxInline || len(p.out) == 0 {
		return
	}
	if last := &p.out[len(p.out)-1]; last.Style&^(Dim|Bold|Italic|Strike|Link) == 0 {
		style := last.Style
		if last.To--; last.From == last.To {
			p.out = p.out[:len(p.out)-1]
		}
		p.add(n-1, n, Span{Style: style | Mark})
		p.hardBreak = true
	}
}
