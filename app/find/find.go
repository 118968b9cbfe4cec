package find

import (
	"context"
	"unicode/utf8"
)

// Query is what to look for.
type Query struct {
	Text string
	// Case tells capitals from small letters.
	Case bool
	// Word takes whole words only. A match of an expression that is none is
	// skipped.
	Word bool
	// Regexp says that Text is a regular expression.
	Regexp bool
}

// Range is a match, from one place to another, in code points.
type Range struct{ From, To int }

// Finder looks for one query. It is never changed, so goroutines may share it.
type Finder struct {
	word    bool
	literal *literal
	exp     *expression
}

// stride is about how many bytes are searched between two looks at the context.
const stride = 64 << 10

// Compile makes a finder. One for an empty text finds nothing. The error is a
// sentence for a person.
func Compile(q Query) (*Finder, error) {
	f := &Finder{word: q.Word}
	switch {
	case q.Text == "":
	case q.Regexp:
		exp, err := newExpression(q.Text, q.Case)
		if err != nil {
			return nil, err
		}
		f.exp = exp
	default:
		f.literal = newLiteral(q.Text, q.Case)
	}
	return f, nil
}

// All returns the matches in a text, in order and apart, none of them empty: at
// most limit, unless that is 0. It fails only with the error of ctx.
func (f *Finder) All(ctx context.Context, text string, limit int) ([]Range, error) {
	m := matches{text: text, word: f.word, limit: limit}
	var err error
	switch {
	case f.literal != nil:
		err = f.literal.search(ctx, &m)
	case f.exp != nil:
		err = f.exp.search(ctx, &m, stride)
	}
	if err == nil {
		err = ctx.Err()
	}
	return m.all, err
}

// matches gathers what is found in a text.
type matches struct {
	text  string
	word  bool
	limit int
	all   []Range
	// place is that of the byte at, up to which code points are counted.
	place, at int
}

func (m *matches) full() bool { return m.limit > 0 && len(m.all) >= m.limit }

// add takes a match from one byte to another, behind those before, unless it is
// not wanted.
func (m *matches) add(from, to int) {
	if from == to || m.word && !wholeWord(m.text, from, to) {
		return
	}
	start := m.place + utf8.RuneCountInString(m.text[m.at:from])
	m.place, m.at = start+utf8.RuneCountInString(m.text[from:to]), to
	m.all = append(m.all, Range{start, m.place})
}

// Replacement returns what a match is to be replaced with. For an expression with
// may name its groups, as $1 or ${name}, the whole match as $0 or $&, a dollar as
// $$, and newline, tab and backslash as \n, \t and \\; otherwise it is taken as it
// is.
func (f *Finder) Replacement(match, with string) string {
	if f.exp == nil {
		return with
	}
	return f.exp.expand(match, with)
}
