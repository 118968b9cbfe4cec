package find

import (
	"context"
	"slices"
	"unicode"
	"unicode/utf8"
)

// literal finds a text as it is, by the way of Knuth, Morris and Pratt, which
// reads the text once whatever it holds.
type literal struct {
	// same[i] are the code points that match the i-th of the query.
	same [][]rune
	// back[i] is how many of the query's code points still match when those up to
	// the i-th did and the next one does not.
	back []int
}

func newLiteral(text string, exact bool) *literal {
	l := &literal{}
	for _, r := range text {
		same := []rune{r}
		for o := unicode.SimpleFold(r); !exact && o != r; o = unicode.SimpleFold(o) {
			same = append(same, o)
		}
		l.same = append(l.same, same)
	}
	l.back = make([]int, len(l.same))
	for i, k := 1, 0; i < len(l.same); i++ {
		r := l.same[i][0]
		for k > 0 && !slices.Contains(l.same[k], r) {
			k = l.back[k-1]
		}
		if slices.Contains(l.same[k], r) {
			k++
		}
		l.back[i] = k
	}
	return l
}

func (l *literal) search(ctx context.Context, m *matches) error {
	look := 0 // where to look at the context next
	k := 0
	for i := 0; i < len(m.text); {
		if i >= look {
			if err := ctx.Err(); err != nil {
				return err
			}
			look = i + stride
		}
		r, size := rune(m.text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(m.text[i:])
		}
		i += size
		for k > 0 && !slices.Contains(l.same[k], r) {
			k = l.back[k-1]
		}
		if slices.Contains(l.same[k], r) {
			k++
		}
		if k < len(l.same) {
			continue
		}
		if m.word && goesOn(m.text, i) { // the end is cheaper to look at than the start
			k = l.back[k-1]
			continue
		}
		found := len(m.all)
		if m.add(before(m.text, i, k), i); m.full() {
			return nil
		}
		if k = l.back[k-1]; len(m.all) > found {
			k = 0
		}
	}
	return nil
}

// before returns the byte n code points before another.
func before(text string, at, n int) int {
	for ; n > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(text[:at])
		at -= size
	}
	return at
}
