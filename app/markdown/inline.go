package markdown

import (
	"slices"
	"strings"
)

// act is what a byte of a line does to the styles.
type act uint8

const (
	actText act = iota
	actMark     // a sign that can be hidden
	actSign     // a sign that cannot
	actOpenBold
	actCloseBold
	actOpenItalic
	actCloseItalic
	actOpenStrike
	actCloseStrike
	actOpenLink
	actCloseLink
	actCode
	actTarget // of a link; it can be hidden
	actKeep   // the same where nothing would be left
	actAuto   // a link that is its own text
	actNote
	actComment
)

// inliner finds the emphasis, code and links of a part of a line (CommonMark
// 0.31, section 6 and its appendix). Its slices are used again.
type inliner struct {
	line     string
	from, to int
	acts     []act // of each byte of the line
	runs     []run // of * _ ~
	tail     int   // the last run that may still be matched
	brackets []bracket
	open     int // brackets that may still make a link
	found    []LinkAt

	ticks      [maxTicks + 1]int // where the last run of so many backticks is
	ticksKnown bool
	// lacks are the bytes before which certain searches are known to fail.
	lacks [searches]int
}

// A search that has failed once is not made again for what it has covered.
const (
	lackComment = iota
	lackInstruction
	lackDeclaration
	lackCDATA
	lackWWW
	lackURL
	searches
)

// bracket is a [ that may begin a link.
type bracket struct {
	at     int
	run    int // the last run before it
	image  bool
	active bool
}

// special marks bytes at which something may begin: 1 always, 2 depending on
// what follows.
var special = func() (t [256]uint8) {
	for _, c := range []byte("*_~`[]<\\") {
		t[c] = 1
	}
	t['w'], t[':'] = 2, 2
	return t
}()

// isPlain reports whether a text has nothing but letters.
func isPlain(s string) bool {
	for i := range len(s) {
		switch special[s[i]] {
		case 1:
			return false
		case 2:
			if strings.HasPrefix(s[i:], "www.") || strings.HasPrefix(s[i:], "://") {
				return false
			}
		}
	}
	return true
}

// inline paints the text between two bytes.
func (p *painter) inline(from, to int) {
	if len(p.line) > MaxInline || isPlain(p.line[from:to]) {
		p.add(from, to, Span{Style: p.base})
		return
	}
	in := &p.in
	in.reset(p.line, from, to)
	in.scan()
	in.match(-1)
	in.reserve(p)
	in.paint(p)
	if p.does != nil {
		copy(p.does[from:to], in.acts[from:to])
	}
	p.links = append(p.links, in.found...)
}

func (in *inliner) reset(line string, from, to int) {
	in.line, in.from, in.to = line, from, to
	if cap(in.acts) < len(line) {
		in.acts = make([]act, max(len(line), 256))
	}
	in.acts = in.acts[:cap(in.acts)]
	clear(in.acts[from:to])
	in.runs, in.tail = in.runs[:0], -1
	in.brackets, in.open = in.brackets[:0], 0
	in.found = in.found[:0]
	in.ticksKnown = false
	in.lacks = [searches]int{}
}

func (in *inliner) fill(from, to int, a act) {
	for i := from; i < to; i++ {
		in.acts[i] = a
	}
}

// scan goes through the text once.
func (in *inliner) scan() {
	for i := in.from; i < in.to; {
		c := in.line[i]
		if special[c] == 0 {
			i++
			continue
		}
		switch c {
		case '\\':
			i = in.escape(i)
		case '`':
			i = in.code(i)
		case '*', '_', '~':
			i = in.run(i)
		case '[':
			i = in.openBracket(i)
		case ']':
			i = in.closeBracket(i)
		case '<':
			i = in.angle(i)
		default:
			i = in.bare(i)
		}
	}
}

func (in *inliner) escape(i int) int {
	if i+1 >= in.to || !isPunct(in.line[i+1]) {
		return i + 1
	}
	in.acts[i] = actMark
	return i + 2
}

// isPunct reports whether c is one of ASCII's punctuation characters.
func isPunct(c byte) bool {
	return '!' <= c && c <= '/' || ':' <= c && c <= '@' || '[' <= c && c <= '`' || '{' <= c && c <= '~'
}

// maxTicks is the most backticks that delimit a code span.
const maxTicks = 80

// code finds a code span: it ends at the next run of as many backticks.
func (in *inliner) code(i int) int {
	n := runLength(in.line[i:in.to])
	if n > maxTicks {
		return i + n
	}
	in.findTicks()
	for at := i + n; at <= in.ticks[n]; {
		at += strings.IndexByte(in.line[at:in.to], '`')
		if m := runLength(in.line[at:in.to]); m != n {
			at += m
			continue
		}
		in.fill(i, i+n, actMark)
		in.fill(i+n, at, actCode)
		in.fill(at, at+n, actMark)
		return at + n
	}
	return i + n
}

func (in *inliner) findTicks() {
	if in.ticksKnown {
		return
	}
	in.ticksKnown = true
	for i := range in.ticks {
		in.ticks[i] = -1
	}
	for i := in.from; ; {
		next := strings.IndexByte(in.line[i:in.to], '`')
		if next < 0 {
			return
		}
		i += next
		n := runLength(in.line[i:in.to])
		if n <= maxTicks {
			in.ticks[n] = i
		}
		i += n
	}
}

// reserve makes room for the spans of a long text at once.
func (in *inliner) reserve(p *painter) {
	if in.to-in.from < 256 {
		return
	}
	n := 1
	for i := in.from + 1; i < in.to; i++ {
		if in.acts[i] != in.acts[i-1] {
			n++
		}
	}
	p.out = slices.Grow(p.out, n)
}

// paint turns what was found into spans.
func (in *inliner) paint(p *painter) {
	var depth [4]int // of bold, italic, strike, link
	for i := in.from; i < in.to; {
		a, from := in.acts[i], i
		for i++; i < in.to && in.acts[i] == a && (a < actOpenBold || a > actCloseLink); {
			i++
		}
		s := Span{Style: p.base}
		if actOpenBold <= a && a <= actCloseLink {
			which, closing := int(a-actOpenBold)/2, (a-actOpenBold)%2 == 1
			if closing {
				depth[which]--
			}
			s.Style |= emphasis(&depth) | Mark
			s.Style &^= Link
			s.Hide = true
			p.add(from, i, s)
			if !closing {
				depth[which]++
			}
			continue
		}
		s.Style |= emphasis(&depth)
		s.Style |= actStyles[a]
		if a == actMark || a == actTarget {
			s.Hide = true
		}
		if s.Style&Mark != 0 {
			s.Style &^= Link
		}
		p.add(from, i, s)
	}
}

var actStyles = [...]Style{
	actMark: Mark, actSign: Mark, actCode: CodeSpan, actTarget: Mark | URL, actKeep: Mark | URL,
	actAuto: Link | URL, actNote: NoteRef, actComment: Comment,
}

// emphasis is the styles that are on.
func emphasis(depth *[4]int) (s Style) {
	for i, style := range [...]Style{Bold, Italic, Strike, Link} {
		if depth[i] > 0 {
			s |= style
		}
	}
	return s
}
