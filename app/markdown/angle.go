package markdown

import "strings"

// angle deals with a <: a link, an HTML tag or a comment (CommonMark 0.31,
// sections 6.5 and 6.6).
func (in *inliner) angle(i int) int {
	s := in.line[:in.to]
	if end, mail := autolink(s, i); end > 0 {
		in.acts[i], in.acts[end-1] = actMark, actMark
		in.fill(i+1, end-1, actAuto)
		url := s[i+1 : end-1]
		if mail {
			url = "mailto:" + url
		}
		in.found = append(in.found, LinkAt{From: i, To: end, URL: url})
		return end
	}
	if end := tagEnd(s, i, in.to); end > 0 {
		in.fill(i, end, actSign)
		return end
	}
	for which, c := range [...]struct{ open, end string }{
		lackComment: {"<!--", "-->"}, lackInstruction: {"<?", "?>"},
		lackCDATA: {"<![CDATA[", "]]>"}, lackDeclaration: {"<!", ">"},
	} {
		if end := in.until(which, i, c.open, c.end); end > 0 {
			in.fill(i, end, actComment)
			return end
		}
	}
	return i + 1
}

// until finds where something that begins with open at i ends, or 0.
func (in *inliner) until(which, i int, open, end string) int {
	s := in.line[:in.to]
	if in.lacks[which] > i || !strings.HasPrefix(s[i:], open) {
		return 0
	}
	from := i + len(open)
	if which == lackDeclaration && (from == in.to || !isLetter(s[from])) {
		return 0
	}
	n := strings.Index(s[from:], end)
	if n < 0 {
		in.lacks[which] = in.to
		return 0
	}
	return from + n + len(end)
}

// autolink returns the end of <scheme:…> or <mail@host>, or 0.
func autolink(s string, i int) (end int, mail bool) {
	at := i + 1
	if at >= len(s) || !isLetter(s[at]) && !isDigit(s[at]) && !isMailSign(s[at]) {
		return 0, false
	}
	scheme := at
	for scheme < len(s) && scheme-at <= 32 && isSchemeByte(s[scheme]) {
		scheme++
	}
	n := scheme - at
	if isLetter(s[at]) && 2 <= n && n <= 32 && scheme < len(s) && s[scheme] == ':' {
		for end := scheme + 1; end < len(s) && s[end] > ' ' && s[end] != '<'; end++ {
			if s[end] == '>' {
				return end + 1, false
			}
		}
		return 0, false
	}
	for at < len(s) && (isLetter(s[at]) || isDigit(s[at]) || isMailSign(s[at])) {
		at++
	}
	if at == i+1 || at >= len(s) || s[at] != '@' {
		return 0, false
	}
	for label := 0; ; label++ {
		n, ok := hostLabel(s[at+1:])
		if !ok {
			return 0, false
		}
		at += n + 1
		if at >= len(s) || s[at] != '.' {
			break
		}
	}
	if at < len(s) && s[at] == '>' {
		return at + 1, true
	}
	return 0, false
}

// hostLabel is the length of the part of a host's name that s begins with.
func hostLabel(s string) (n int, ok bool) {
	for n < len(s) && n < 64 && (isLetter(s[n]) || isDigit(s[n]) || s[n] == '-') {
		n++
	}
	return n, 0 < n && n < 64 && s[0] != '-' && s[n-1] != '-'
}

func isSchemeByte(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '+' || c == '.' || c == '-'
}

func isMailSign(c byte) bool { return strings.IndexByte(".!#$%&'*+/=?^_`{|}~-", c) >= 0 }

// tagEnd is the end of the open or closing tag at i, or 0.
func tagEnd(s string, i, limit int) int {
	s = s[:limit]
	name, closing := tagName(s[i:])
	if name == "" {
		return 0
	}
	at := i + 1 + len(name)
	if closing {
		at = skipSpace(s, at+1)
		if at < len(s) && s[at] == '>' {
			return at + 1
		}
		return 0
	}
	for {
		next := skipSpace(s, at)
		switch {
		case next >= len(s):
			return 0
		case s[next] == '>':
			return next + 1
		case s[next] == '/' && next+1 < len(s) && s[next+1] == '>':
			return next + 2
		case next == at:
			return 0
		}
		if at = attribute(s, next); at == 0 {
			return 0
		}
	}
}

// attribute is the end of the attribute at i, or 0.
func attribute(s string, i int) int {
	if !isLetter(s[i]) && s[i] != '_' && s[i] != ':' {
		return 0
	}
	for i < len(s) && (isLetter(s[i]) || isDigit(s[i]) || strings.IndexByte("_.:-", s[i]) >= 0) {
		i++
	}
	at := skipSpace(s, i)
	if at >= len(s) || s[at] != '=' {
		return i
	}
	at = skipSpace(s, at+1)
	if at >= len(s) {
		return 0
	}
	if q := s[at]; q == '"' || q == '\'' {
		n := strings.IndexByte(s[at+1:], q)
		if n < 0 {
			return 0
		}
		return at + n + 2
	}
	from := at
	for at < len(s) && !isSpace(s[at]) && strings.IndexByte("\"'=<>`", s[at]) < 0 {
		at++
	}
	if at == from {
		return 0
	}
	return at
}
