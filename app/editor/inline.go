package editor

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxInline is the longest line, in bytes, in which emphasis is looked for.
const maxInline = 8 << 10

// span is a piece of a line that is drawn alike.
type span struct {
	from, to int // bytes of the line
	ink      ink
	role     role
	code     bool // on the background of code
}

// look is a line ready to be laid out: spans that cover it, in order.
type look struct {
	kind  kind
	shape shape
	spans []span
	hang  int // bytes at the start that later rows are indented by
}

// lookOf styles a line.
func lookOf(state uint32, text string) look {
	k, level := lineKind(state, text)
	l := look{kind: k, shape: textShape}
	switch k {
	case kindHeading:
		l.shape = headingShapes[min(level, len(headingShapes))-1]
	case kindCode:
		l.shape = codeShape
	case kindFence:
		l.shape = openShape
		if state&stateFence != 0 {
			l.shape = closeShape
		}
	}
	p := stylist{text: text, base: l.shape}
	_, rest := indentOf(text)
	start := len(text) - len(rest)
	switch k {
	case kindCode:
		p.add(0, len(text), style{})
	case kindFence, kindRule:
		p.add(0, len(text), style{role: roleFaint})
	case kindHeading:
		marks := start + level
		p.add(0, marks, style{role: roleFaint})
		p.inline(marks, len(text), style{})
	default:
		l.hang = p.block(start)
	}
	l.spans = p.out
	return l
}

// style is what emphasis adds up to.
type style struct {
	role                       role
	bold, italic, strike, code bool
	link                       bool
}

// stylist cuts one line into spans.
type stylist struct {
	text string
	base shape
	out  []span
	// lacks remembers marks of which no closing one is ahead, so that a line
	// full of them does not cost its square.
	lacks map[lack]bool
}

// lack is that a mark does not stand again before an offset.
type lack struct {
	mark string
	to   int
}

func (p *stylist) note(l lack) {
	if p.lacks == nil {
		p.lacks = make(map[lack]bool)
	}
	p.lacks[l] = true
}

// block styles what a line of text starts with, then the rest of it.
func (p *stylist) block(start int) (hang int) {
	rest := p.text[start:]
	st := style{}
	switch {
	case strings.HasPrefix(rest, ">"):
		hang = start + 1
		if strings.HasPrefix(rest, "> ") {
			hang++
		}
		st.role = roleDim
	case listMarker(rest) > 0:
		n := listMarker(rest)
		hang = start + n
		if done, ok := task(rest[max(0, n-len("[ ] ")):]); ok && done {
			st.role = roleDim
		}
	}
	p.add(0, hang, style{role: roleFaint})
	p.inline(hang, len(p.text), st)
	return hang
}

// add appends a span, to the one before if they are alike.
func (p *stylist) add(from, to int, st style) {
	if from >= to {
		return
	}
	s := span{from: from, to: to, role: st.role, code: st.code}
	s.ink = ink{face: p.base.face, size: p.base.size, strike: st.strike, underline: st.link}
	switch {
	case st.code:
		s.ink.face, s.ink.size = faceMono, p.base.size*codeSize/textSize
	case st.bold && st.italic:
		s.ink.face = faceBoldItalic
	case st.bold && p.base.face == faceRegular:
		s.ink.face = faceBold
	case st.italic && p.base.face == faceRegular:
		s.ink.face = faceItalic
	case st.italic:
		s.ink.face = faceBoldItalic
	}
	if n := len(p.out); n > 0 {
		last := &p.out[n-1]
		if last.to == from && last.ink == s.ink && last.role == s.role && last.code == s.code {
			last.to = to
			return
		}
	}
	p.out = append(p.out, s)
}

// inline styles emphasis, code and links between two offsets.
func (p *stylist) inline(from, to int, st style) {
	if len(p.text) > maxInline || !strings.ContainsAny(p.text[from:to], "*_`~[\\") {
		p.add(from, to, st)
		return
	}
	plain := from // what is not yet added
	for i := from; i < to; {
		n := 1
		switch p.text[i] {
		case '\\':
			n = p.escape(&plain, i, to, st)
		case '`':
			n = p.code(&plain, i, to, st)
		case '*', '_', '~':
			n = p.emphasis(&plain, i, to, st)
		case '[':
			n = p.link(&plain, i, to, st)
		}
		i += n
	}
	p.add(plain, to, st)
}

func faint(st style) style {
	st.role = roleFaint
	st.link = false
	return st
}

// marked adds text up to a mark, the mark, what it holds, and the closing mark.
func (p *stylist) marked(plain *int, open, inner, innerEnd, end int, outer, st style, nested bool) int {
	p.add(*plain, open, outer)
	p.add(open, inner, faint(outer))
	if nested {
		p.inline(inner, innerEnd, st)
	} else {
		p.add(inner, innerEnd, st)
	}
	p.add(innerEnd, end, faint(outer))
	*plain = end
	return end - open
}

func (p *stylist) escape(plain *int, i, to int, st style) int {
	if i+1 >= to || !strings.ContainsRune("\\`*_{}[]()#+-.!~>|", rune(p.text[i+1])) {
		return 1
	}
	return p.marked(plain, i, i+1, i+2, i+2, st, st, false)
}

func (p *stylist) code(plain *int, i, to int, st style) int {
	n := runLength(p.text[i:to])
	end := p.closing(p.text[i:i+n], i+n, to, func(int) bool { return true })
	if end < 0 {
		return n
	}
	inner := st
	inner.code = true
	return p.marked(plain, i, i+n, end, end+n, st, inner, false)
}

// emphasis follows CommonMark's flanking rules (section 6.2) for marks that
// open and close with the same length.
func (p *stylist) emphasis(plain *int, i, to int, st style) int {
	mark := p.text[i]
	n := runLength(p.text[i:to])
	if n > 3 || mark == '~' && n != 2 || i+n >= to || spaceAt(p.text, i+n) || mark == '_' && wordBefore(p.text, i) {
		return n
	}
	end := p.closing(p.text[i:i+n], i+n, to, func(at int) bool {
		return at > i+n && !spaceBefore(p.text, at) && (mark != '_' || !wordAt(p.text, at+n))
	})
	if end < 0 {
		return n
	}
	inner := st
	inner.strike = inner.strike || mark == '~'
	inner.bold = inner.bold || mark != '~' && n >= 2
	inner.italic = inner.italic || mark != '~' && n != 2
	return p.marked(plain, i, i+n, end, end+n, st, inner, true)
}

// closing finds the next run of marks of the same length that fits, or -1.
func (p *stylist) closing(marks string, from, to int, fits func(at int) bool) int {
	if p.lacks[lack{marks, to}] {
		return -1
	}
	for i := from; i < to; {
		next := strings.IndexByte(p.text[i:to], marks[0])
		if next < 0 {
			break
		}
		i += next
		n := runLength(p.text[i:to])
		if n == len(marks) && fits(i) {
			return i
		}
		i += n
	}
	p.note(lack{marks, to})
	return -1
}

func (p *stylist) link(plain *int, i, to int, st style) int {
	const turn = "]("
	if p.lacks[lack{turn, to}] {
		return 1
	}
	middle := strings.Index(p.text[i:to], turn)
	if middle < 0 {
		p.note(lack{turn, to})
		return 1
	}
	end := strings.IndexByte(p.text[i+middle:to], ')')
	if end < 0 || middle == 1 || strings.Contains(p.text[i+1:i+middle], "[") {
		return 1
	}
	inner := st
	inner.role, inner.link = roleAccent, true
	return p.marked(plain, i, i+1, i+middle, i+middle+end+1, st, inner, false)
}

func spaceAt(s string, i int) bool {
	r, _ := utf8.DecodeRuneInString(s[i:])
	return unicode.IsSpace(r)
}

func spaceBefore(s string, i int) bool {
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	return unicode.IsSpace(r)
}

func wordAt(s string, i int) bool {
	r, _ := utf8.DecodeRuneInString(s[i:])
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

func wordBefore(s string, i int) bool {
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}
