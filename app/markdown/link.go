package markdown

import (
	"html"
	"strings"
)

func (in *inliner) openBracket(i int) int {
	if n := noteLabel(in.line[i:in.to]); n > 0 {
		in.fill(i, i+n, actNote)
		return i + n
	}
	image := i > in.from && in.line[i-1] == '!' && in.acts[i-1] == actText && !in.escaped(i-1)
	in.brackets = append(in.brackets, bracket{at: i, run: in.tail, image: image, active: true})
	in.open++
	return i + 1
}

// escaped reports whether the byte is behind a backslash that escapes it.
func (in *inliner) escaped(i int) bool {
	return i > in.from && in.acts[i-1] == actMark && in.line[i-1] == '\\'
}

// closeBracket makes a link of what is before a ], if it is one (CommonMark
// 0.31, section 6.3).
func (in *inliner) closeBracket(i int) int {
	if len(in.brackets) == 0 {
		return i + 1
	}
	top := in.brackets[len(in.brackets)-1]
	in.brackets = in.brackets[:len(in.brackets)-1]
	if !top.active {
		return i + 1
	}
	in.open--
	link, ok := in.target(i + 1)
	if !ok {
		return i + 1
	}
	in.link(top, i, link)
	return link.To
}

// link notes a link whose text ends before end.
func (in *inliner) link(top bracket, end int, link LinkAt) {
	in.match(top.run)
	link.From = top.at
	if top.image {
		link.From--
	} else {
		in.deactivate()
	}
	if link.Label == "" && link.URL == "" && link.To-end > 2 && in.line[end+1] == '[' || link.Label == "[]" {
		link.Label = in.line[top.at+1 : end]
	}
	in.found = append(in.found, link)
	if top.at+1 == end { // hiding the marks would leave nothing
		in.fill(link.From, end+1, actSign)
		in.fill(end+1, link.To, actKeep)
		return
	}
	in.fill(link.From, top.at, actMark)
	in.acts[top.at], in.acts[end] = actOpenLink, actCloseLink
	in.fill(end+1, link.To, actTarget)
}

// deactivate makes sure that no link has a link within.
func (in *inliner) deactivate() {
	for i := len(in.brackets) - 1; i >= 0; i-- {
		b := &in.brackets[i]
		if b.image {
			continue
		}
		if !b.active {
			return
		}
		b.active = false
		in.open--
	}
}

// target reads what follows a link's text: (url "title") or [label].
func (in *inliner) target(i int) (link LinkAt, ok bool) {
	if i >= in.to {
		return link, false
	}
	switch in.line[i] {
	case '(':
		return in.destination(i)
	case '[':
		n := labelLength(in.line[i:in.to])
		if n == 0 || in.line[i+1] == '^' {
			return link, false
		}
		link.To, link.Label = i+n, in.line[i+1:i+n-1]
		if n == 2 {
			link.Label = "[]"
		}
		return link, true
	}
	return link, false
}

func (in *inliner) destination(i int) (link LinkAt, ok bool) {
	text := in.line[:in.to]
	at := skipSpace(text, i+1)
	from, to, end, ok := destination(text, at)
	if !ok {
		return link, false
	}
	close, ok := titleEnd(text, end, in.to)
	if !ok || close >= in.to || text[close] != ')' {
		return link, false
	}
	return LinkAt{To: close + 1, URL: unescape(text[from:to])}, true
}

func skipSpace(s string, i int) int {
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	return i
}

// maxParens is how deep parentheses nest in a link's destination. Each opening
// one may be looked at as often.
const maxParens = 8

// destination reads where a link goes: from..to is it without < and >, end is
// behind it.
func destination(s string, i int) (from, to, end int, ok bool) {
	if i < len(s) && s[i] == '<' {
		for at := i + 1; at < len(s); at++ {
			switch s[at] {
			case '>':
				return i + 1, at, at + 1, true
			case '<':
				return 0, 0, 0, false
			case '\\':
				at++
			}
		}
		return 0, 0, 0, false
	}
	depth, at := 0, i
	for ; at < len(s) && s[at] > ' ' && s[at] != 0x7f; at++ {
		switch s[at] {
		case '\\':
			if at+1 < len(s) && isPunct(s[at+1]) {
				at++
			}
		case '(':
			if depth++; depth > maxParens {
				return 0, 0, 0, false
			}
		case ')':
			if depth--; depth < 0 {
				return i, at, at, true
			}
		}
	}
	return i, at, at, depth == 0
}

// titleEnd goes past white space and a link's title, if there is one, and what
// white space is behind it. Outside parentheses the title must end the text.
func titleEnd(s string, i, limit int) (end int, ok bool) {
	at := skipSpace(s[:limit], i)
	if at == limit || at == i || s[at] == ')' {
		return at, true
	}
	closing := s[at]
	switch closing {
	case '(':
		closing = ')'
	case '"', '\'':
	default:
		return 0, false
	}
	for j := at + 1; j < limit; j++ {
		switch s[j] {
		case closing:
			return skipSpace(s[:limit], j+1), true
		case '(':
			if closing == ')' {
				return 0, false
			}
		case '\\':
			j++
		}
	}
	return 0, false
}

// maxLabel is the longest label of a reference, in bytes.
const maxLabel = 1000

// labelLength is the length of the [label] that s begins with, or 0.
func labelLength(s string) int {
	for i := 1; i < len(s) && i < maxLabel; i++ {
		switch s[i] {
		case '[':
			return 0
		case ']':
			return i + 1
		case '\\':
			i++
		}
	}
	return 0
}

// unescape is a destination without its backslashes and character references.
func unescape(s string) string {
	if strings.IndexByte(s, '&') >= 0 {
		s = html.UnescapeString(s)
	}
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && isPunct(s[i+1]) {
			i++
		}
		out = append(out, s[i])
	}
	return string(out)
}
