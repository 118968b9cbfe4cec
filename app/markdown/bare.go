package markdown

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// bare finds a link without any signs: www.… or http://… (GFM, section 6.9).
func (in *inliner) bare(i int) int {
	if in.open > 0 {
		return i + 1
	}
	s := in.line[:in.to]
	from, host, prefix, which := i, i, "", lackURL
	if s[i] == 'w' {
		if !strings.HasPrefix(s[i:], "www.") {
			return i + 1
		}
		prefix, which = "http://", lackWWW
	} else {
		if !strings.HasPrefix(s[i:], "://") {
			return i + 1
		}
		if from = schemeStart(s[in.from:i]); from < 0 {
			return i + 1
		}
		from += in.from
		host = i + 3
	}
	if in.lacks[which] > i || !in.mayStart(from) {
		return i + 1
	}
	end := hostEnd(s, host)
	if end == 0 {
		return i + 1
	}
	if end < 0 {
		in.lacks[which] = -end
		return i + 1
	}
	end = trimURL(s, host, urlEnd(s, end))
	if end <= host {
		return i + 1
	}
	in.fill(from, end, actAuto)
	in.found = append(in.found, LinkAt{From: from, To: end, URL: prefix + s[from:end]})
	return end
}

// schemeStart is where the scheme that s ends with begins, or -1.
func schemeStart(s string) int {
	for _, scheme := range [...]string{"https", "http", "ftp"} {
		if strings.HasSuffix(s, scheme) {
			return len(s) - len(scheme)
		}
	}
	return -1
}

// mayStart reports whether a bare link may begin behind what is before i.
func (in *inliner) mayStart(i int) bool {
	if i == in.from {
		return true
	}
	r, _ := utf8.DecodeLastRuneInString(in.line[in.from:i])
	return unicode.IsSpace(r) || strings.ContainsRune("*_~(", r)
}

// hostEnd is the end of a host's name with at least one dot and no underscore
// in its last two parts, 0 if there is none, or the name's end, negative, if an
// underscore forbids it.
func hostEnd(s string, i int) int {
	at, dots, low, lower := i, 0, false, false // underscores in the last part, and the one before
	for at < len(s) {
		r, n := rune(s[at]), 1
		switch {
		case r == '.':
			dots++
			low, lower = false, low
		case r == '_':
			low = true
		case r == '-':
		case r >= utf8.RuneSelf:
			if r, n = utf8.DecodeRuneInString(s[at:]); unicode.IsSpace(r) || unicode.IsPunct(r) {
				n = 0
			}
		case !isLetter(s[at]) && !isDigit(s[at]):
			n = 0
		}
		if n == 0 {
			break
		}
		at += n
	}
	switch {
	case low || lower:
		return -at
	case dots == 0 || at == i:
		return 0
	}
	return at
}

func urlEnd(s string, i int) int {
	for i < len(s) && s[i] != '<' && s[i] > ' ' {
		if s[i] >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if unicode.IsSpace(r) {
				return i
			}
			i += n
			continue
		}
		i++
	}
	return i
}

// trimURL takes off the punctuation that ends a sentence rather than a link,
// parentheses that the link does not open, and a character reference.
func trimURL(s string, from, end int) int {
	opened := strings.Count(s[from:end], "(")
	closed := strings.Count(s[from:end], ")")
	for end > from {
		switch c := s[end-1]; {
		case strings.IndexByte("?!.,:*_~'\"", c) >= 0:
			end--
		case c == ')' && closed > opened:
			closed--
			end--
		case c == ';':
			at := end - 1
			for at > from && (isLetter(s[at-1]) || isDigit(s[at-1])) {
				at--
			}
			if at == end-1 || s[at-1] != '&' {
				return end
			}
			end = at - 1
		default:
			return end
		}
	}
	return end
}
