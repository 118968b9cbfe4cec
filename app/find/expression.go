package find

import (
	"context"
	"regexp"
	"regexp/syntax"
	"strings"
)

// expression finds a regular expression.
type expression struct {
	re *regexp.Regexp
	// within says that no match holds a newline or depends on where the text
	// begins or ends, so that whole lines can be searched apart.
	within bool
	// whole match exactly what was found, for its groups: the first with all that
	// the expression says of what is around it, the second without.
	whole [2]*regexp.Regexp
}

func newExpression(text string, exact bool) (*expression, error) {
	flags := "(?im)"
	if exact {
		flags = "(?m)"
	}
	re, err := regexp.Compile(flags + text)
	if err != nil {
		return nil, explain(text, err)
	}
	tree, err := syntax.Parse(flags+text, syntax.Perl)
	if err != nil {
		return nil, explain(text, err)
	}
	e := &expression{re: re}
	e.within = !leavesLine(tree)
	e.whole[0] = exactly(tree)
	forgetAround(tree)
	e.whole[1] = exactly(tree)
	return e, nil
}

// exactly compiles an expression for a whole text; nil if it grows too large.
func exactly(tree *syntax.Regexp) *regexp.Regexp {
	re, err := regexp.Compile(`\A(?:` + tree.String() + `)\z`)
	if err != nil {
		return nil
	}
	return re
}

// leavesLine reports whether an expression may match a newline, or asks where the
// text begins or ends.
func leavesLine(t *syntax.Regexp) bool {
	switch t.Op {
	case syntax.OpAnyChar, syntax.OpBeginText, syntax.OpEndText:
		return true
	case syntax.OpLiteral:
		for _, r := range t.Rune {
			if r == '\n' {
				return true
			}
		}
	case syntax.OpCharClass:
		for i := 0; i+1 < len(t.Rune); i += 2 {
			if t.Rune[i] <= '\n' && '\n' <= t.Rune[i+1] {
				return true
			}
		}
	}
	for _, sub := range t.Sub {
		if leavesLine(sub) {
			return true
		}
	}
	return false
}

// forgetAround takes out of an expression what it says of the text around.
func forgetAround(t *syntax.Regexp) {
	switch t.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		t.Op = syntax.OpEmptyMatch
	}
	for _, sub := range t.Sub {
		forgetAround(sub)
	}
}

// search looks at the context after each size bytes of whole lines, and between.
func (e *expression) search(ctx context.Context, m *matches, size int) error {
	for from := 0; from <= len(m.text); {
		if err := ctx.Err(); err != nil {
			return err
		}
		to := len(m.text)
		if e.within && from+size < to {
			if n := strings.IndexByte(m.text[from+size:], '\n'); n >= 0 {
				to = from + size + n
			}
		}
		if err := e.searchIn(ctx, m, from, to); err != nil || m.full() {
			return err
		}
		from = to + 1
	}
	return nil
}

// firstFew is how many matches are looked for at first without a look at the
// context.
const firstFew = 64

// searchIn looks for the matches from one byte to another. Package regexp can't
// be stopped, nor go on where it was, and each match may cost as much as all of
// the text. So some matches are looked for, then all anew with twice as many:
// that costs at most as much again, and the context is looked at each time.
func (e *expression) searchIn(ctx context.Context, m *matches, from, to int) error {
	for seen, most := 0, firstFew; ; most *= 2 {
		found := e.re.FindAllStringIndex(m.text[from:to], most)
		for _, at := range found[seen:] {
			if m.add(from+at[0], from+at[1]); m.full() {
				return nil
			}
		}
		if seen = len(found); seen < most {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// groups returns where the groups of a match are in it, as package regexp does.
func (e *expression) groups(match string) []int {
	for _, re := range e.whole {
		if re == nil {
			continue
		}
		if at := re.FindStringSubmatchIndex(match); at != nil {
			return at
		}
	}
	return []int{0, len(match)}
}

// expand fills a template with the groups of a match. A dollar or backslash that
// means nothing stays.
func (e *expression) expand(match, template string) string {
	if !strings.ContainsAny(template, `$\`) {
		return template
	}
	groups := e.groups(match)
	var out strings.Builder
	for template != "" {
		i := strings.IndexAny(template, `$\`)
		if i < 0 || i+1 == len(template) {
			break
		}
		out.WriteString(template[:i])
		text, size := e.sign(template[i:], match, groups)
		out.WriteString(text)
		template = template[i+size:]
	}
	out.WriteString(template)
	return out.String()
}

// sign returns what the sign that a template begins with stands for, and its
// length. The template has at least two bytes.
func (e *expression) sign(template, match string, groups []int) (text string, size int) {
	switch template[:2] {
	case `\n`:
		return "\n", 2
	case `\t`:
		return "\t", 2
	case `\\`:
		return `\`, 2
	case `$$`:
		return "$", 2
	case `$&`:
		return match, 2
	case `${`:
		if end := strings.IndexByte(template, '}'); end > 0 {
			if n, ok := e.group(template[2:end]); ok {
				return part(match, groups, n), end + 1
			}
		}
	}
	if n, size := e.number(template[1:]); size > 0 && template[0] == '$' {
		return part(match, groups, n), 1 + size
	}
	return template[:1], 1
}

// group is the number of a group by name or number.
func (e *expression) group(name string) (int, bool) {
	if n, size := e.number(name); size > 0 && size == len(name) {
		return n, true
	}
	n := e.re.SubexpIndex(name)
	return n, n >= 0
}

// number reads the number of a group that there is, as many digits as make one.
func (e *expression) number(s string) (n, size int) {
	for size < len(s) && '0' <= s[size] && s[size] <= '9' {
		next := n*10 + int(s[size]-'0')
		if next > e.re.NumSubexp() {
			break
		}
		n = next
		size++
	}
	return n, size
}

// part is one group of a match; empty if that took no part.
func part(match string, groups []int, n int) string {
	if 2*n+1 >= len(groups) || groups[2*n] < 0 {
		return ""
	}
	return match[groups[2*n]:groups[2*n+1]]
}
