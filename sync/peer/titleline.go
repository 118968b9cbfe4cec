package peer

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// readable is a line of Markdown without its marks (spec.commonmark.org/0.31.2),
// of at most maxTitleLine code points. The number of an ordered list stays, as on
// the page. A line of marks alone stays as it is, but a heading without words.
func readable(line string) string {
	words, heading := unmarked(line)
	if strings.TrimSpace(words) == "" && !heading {
		return line
	}
	cut := utf8.RuneCountInString(line) == maxTitleLine
	return spans(words, cut)
}

// unmarked is a line without the marks of quotes, lists, tasks and a heading.
func unmarked(line string) (words string, heading bool) {
	for {
		line = strings.TrimLeft(line, " \t")
		rest, quote := strings.CutPrefix(line, ">")
		if !quote {
			if rest = afterBullet(line); len(rest) == len(line) {
				break
			}
		}
		line = rest
	}
	if n := orderedMark(line); n > 0 {
		return line[:n] + " " + strings.TrimLeft(afterTask(strings.TrimLeft(line[n:], " \t")), " \t"), false
	}
	rest := strings.TrimLeft(line, "#")
	if n := len(line) - len(rest); n == 0 || n > 6 || !blankAt(rest, 0) {
		return line, false
	}
	rest = strings.TrimRight(rest, " \t\r")
	if bare := strings.TrimRight(rest, "#"); bare == "" || strings.HasSuffix(bare, " ") {
		rest = bare
	}
	return rest, true
}

// blankAt reports whether a mark that ends at i is one: space or nothing follows.
func blankAt(s string, i int) bool { return i >= len(s) || strings.IndexByte(" \t\r", s[i]) >= 0 }

// afterBullet is what stands behind the mark of a list's item and its task box.
func afterBullet(line string) string {
	if line == "" || strings.IndexByte("-*+", line[0]) < 0 || !blankAt(line, 1) {
		return line
	}
	return afterTask(strings.TrimLeft(line[1:], " \t"))
}

func afterTask(item string) string {
	if len(item) < 3 || item[0] != '[' || item[2] != ']' || strings.IndexByte(" xX", item[1]) < 0 || !blankAt(item, 3) {
		return item
	}
	return item[3:]
}

// orderedMark is the length of the mark of an ordered list's item, 0 for none.
func orderedMark(line string) int {
	n := 0
	for n < len(line) && n < 9 && line[n] >= '0' && line[n] <= '9' {
		n++
	}
	if n == 0 || n >= len(line) || line[n] != '.' && line[n] != ')' || !blankAt(line, n+1) {
		return 0
	}
	return n + 1
}

// speller takes the marks out of the words of a line.
type speller struct {
	in  string
	cut bool // it goes on beyond in
	out []byte
	// runs are those of * _ ~ that stand in in, in order; out lacks them.
	runs []markRun
}

// markRun is a run of n signs that may be marks.
type markRun struct {
	at, n         int // where in the output it would stand
	sign          byte
	length        int // as it was
	opens, closes bool
}

// spans is text without the marks of emphasis, code, links and escapes.
func spans(text string, cut bool) string {
	s := speller{in: text, cut: cut}
	for i := 0; i < len(s.in); {
		i = s.step(i)
	}
	s.match()
	return s.spell()
}

// step takes what begins at i and returns where it ends.
func (s *speller) step(i int) int {
	switch c := s.in[i]; c {
	case '\\':
		if i+1 < len(s.in) && isSign(s.in[i+1]) {
			s.out = append(s.out, s.in[i+1])
			return i + 2
		}
	case '`':
		return s.code(i)
	case '!', '[':
		if end := s.link(i); end > 0 {
			return end
		}
	case '<':
		inner, _, ok := strings.Cut(s.in[i+1:], ">")
		if ok && strings.ContainsAny(inner, ":@") && !strings.ContainsAny(inner, " <") {
			s.out = append(s.out, inner...)
			return i + len(inner) + 2
		}
	case '*', '_', '~':
		return s.run(i)
	}
	s.out = append(s.out, s.in[i])
	return i + 1
}

func isSign(c byte) bool {
	return c > ' ' && c < 0x7f && !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z')
}

// runLen is how often the byte at i stands there.
func runLen(s string, i int) int {
	n := 1
	for i+n < len(s) && s[i+n] == s[i] {
		n++
	}
	return n
}

// code takes a code span, or backticks that begin none.
func (s *speller) code(i int) int {
	n := runLen(s.in, i)
	for j := i + n; j < len(s.in); {
		if s.in[j] != '`' {
			j++
			continue
		}
		m := runLen(s.in, j)
		if m == n {
			s.out = append(s.out, strings.TrimSpace(s.in[i+n:j])...)
			return j + m
		}
		j += m
	}
	s.out = append(s.out, s.in[i:i+n]...)
	return i + n
}

// link takes a link or an image, of which the words stay; it returns 0 if there
// is none. The target of one may be cut off with the line.
func (s *speller) link(i int) int {
	from := i + 1
	if s.in[i] == '!' {
		if from == len(s.in) || s.in[from] != '[' {
			return 0
		}
		from++
	}
	to := closing(s.in, from, '[', ']')
	if to < 0 || to+1 >= len(s.in) || s.in[to+1] != '(' {
		return 0
	}
	end := closing(s.in, to+2, '(', ')')
	if end < 0 && !s.cut {
		return 0
	}
	s.out = append(s.out, spans(s.in[from:to], false)...)
	if end < 0 {
		return len(s.in)
	}
	return end + 1
}

// closing is where the bracket is closed that is open at from, or -1.
func closing(s string, from int, open, end byte) int {
	depth := 1
	for i := from; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case open:
			depth++
		case end:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// run notes signs that may be marks of emphasis.
func (s *speller) run(i int) int {
	n := runLen(s.in, i)
	before, _ := utf8.DecodeLastRuneInString(s.in[:i])
	after, _ := utf8.DecodeRuneInString(s.in[i+n:])
	spaceBefore, spaceAfter := i == 0 || unicode.IsSpace(before), i+n == len(s.in) || unicode.IsSpace(after)
	signBefore, signAfter := isPunct(before), isPunct(after)
	left := !spaceAfter && (!signAfter || spaceBefore || signBefore)
	right := !spaceBefore && (!signBefore || spaceAfter || signAfter)
	r := markRun{at: len(s.out), n: n, length: n, sign: s.in[i], opens: left, closes: right}
	switch {
	case r.sign == '_':
		r.opens, r.closes = left && (!right || signBefore), right && (!left || signAfter)
	case r.sign == '~' && n > 2:
		r.opens, r.closes = false, false
	}
	s.runs = append(s.runs, r)
	return i + n
}

func isPunct(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }

// match takes away the signs that belong together (spec.commonmark.org/0.31.2,
// section 6.2 and the appendix).
func (s *speller) match() {
	for j := range s.runs {
		end := &s.runs[j]
		for i := j - 1; i >= 0 && end.closes && end.n > 0; i-- {
			begin := &s.runs[i]
			if !begin.fits(end) {
				continue
			}
			take := min(begin.n, end.n)
			begin.n, end.n = begin.n-take, end.n-take
			for k := i + 1; k < j; k++ {
				s.runs[k].opens = false
			}
			i++ // it may have more to give
		}
	}
}

// fits reports whether what begin opens may end at end.
func (begin *markRun) fits(end *markRun) bool {
	if begin.sign != end.sign || !begin.opens || begin.n == 0 {
		return false
	}
	if begin.sign == '~' {
		return begin.length == end.length
	}
	either := begin.closes || end.opens
	return !either || (begin.length+end.length)%3 != 0 || begin.length%3 == 0 && end.length%3 == 0
}

// spell is the output with the signs that were no marks.
func (s *speller) spell() string {
	var b strings.Builder
	from := 0
	for _, r := range s.runs {
		b.Write(s.out[from:r.at])
		for range r.n {
			b.WriteByte(r.sign)
		}
		from = r.at
	}
	b.Write(s.out[from:])
	return b.String()
}
