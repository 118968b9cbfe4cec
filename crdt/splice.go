package crdt

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// splice replaces Delete code points at At by Insert. A list of splices is
// applied one after the other: each refers to the text that the one before it
// left.
type splice struct {
	at, del int
	ins     string
}

// maxTokens bounds the diff: a middle with more lines or words than this is
// replaced as one piece, and maxCost bounds the differences searched for.
const (
	maxTokens = 20_000
	maxCost   = 400
)

// diff says how to make the text to out of the text from: the common ends are
// trimmed, then lines are compared in the middle and words in the lines that
// differ.
func diff(from, to string) []splice {
	prefix := commonPrefix(from, to)
	suffix := commonSuffix(from[prefix:], to[prefix:])
	var d differ
	d.at = utf8.RuneCountInString(from[:prefix])
	d.lines(from[prefix:len(from)-suffix], to[prefix:len(to)-suffix])
	return d.splices
}

// differ collects splices from left to right; at is the place in the new text.
type differ struct {
	at      int
	splices []splice
}

func (d *differ) lines(from, to string) {
	if from == "" || to == "" {
		d.replace(from, to)
		return
	}
	a, b := strings.SplitAfter(from, "\n"), strings.SplitAfter(to, "\n")
	d.tokens(a, b, d.words)
}

func (d *differ) words(from, to string) {
	if from == "" || to == "" {
		d.replace(from, to)
		return
	}
	d.tokens(splitWords(from), splitWords(to), d.trimmed)
}

// trimmed replaces all but the common ends.
func (d *differ) trimmed(from, to string) {
	prefix := commonPrefix(from, to)
	suffix := commonSuffix(from[prefix:], to[prefix:])
	d.at += utf8.RuneCountInString(to[:prefix])
	d.replace(from[prefix:len(from)-suffix], to[prefix:len(to)-suffix])
	d.at += utf8.RuneCountInString(to[len(to)-suffix:])
}

func (d *differ) replace(from, to string) {
	if from == "" && to == "" {
		return
	}
	d.splices = append(d.splices, splice{d.at, utf8.RuneCountInString(from), to})
	d.at += utf8.RuneCountInString(to)
}

// tokens walks the matching tokens of a and b and hands what lies between them
// to gap.
func (d *differ) tokens(a, b []string, gap func(from, to string)) {
	i, j := 0, 0
	for _, m := range matches(a, b) {
		gap(strings.Join(a[i:m.a], ""), strings.Join(b[j:m.b], ""))
		for k := range m.n {
			d.at += utf8.RuneCountInString(b[m.b+k])
		}
		i, j = m.a+m.n, m.b+m.n
	}
	gap(strings.Join(a[i:], ""), strings.Join(b[j:], ""))
}

// match is a run of n equal tokens.
type match struct{ a, b, n int }

// matches finds a longest common subsequence of a and b by Myers's greedy
// algorithm ("An O(ND) Difference Algorithm and Its Variations", 1986), and
// none at all where the two are too long or too different for it to be cheap.
func matches(a, b []string) []match {
	if len(a) > maxTokens || len(b) > maxTokens {
		return nil
	}
	limit := min(len(a)+len(b), maxCost)
	// furthest[k+limit] is the furthest a-place reached on diagonal k; a copy
	// of each round is kept to walk back.
	furthest := make([]int, 2*limit+2)
	var rounds [][]int
	for cost := 0; cost <= limit; cost++ {
		rounds = append(rounds, append([]int(nil), furthest[limit-cost:limit+cost+1]...))
		for k := -cost; k <= cost; k += 2 {
			x := furthest[max(k-1+limit, 0)] + 1
			if k == -cost || (k != cost && furthest[k-1+limit] < furthest[k+1+limit]) {
				x = furthest[k+1+limit]
			}
			for x < len(a) && x-k < len(b) && a[x] == b[x-k] {
				x++
			}
			furthest[k+limit] = x
			if x >= len(a) && x-k >= len(b) {
				return walkBack(rounds, a, b)
			}
		}
	}
	return nil
}

// walkBack reads the path from the end to the start. rounds[cost] holds the
// furthest places of the round before cost, diagonal -cost first.
func walkBack(rounds [][]int, a, b []string) []match {
	var path []match
	x, y := len(a), len(b)
	for cost := len(rounds) - 1; cost >= 0 && (x > 0 || y > 0); cost-- {
		at := func(k int) int { return rounds[cost][k+cost] }
		k := x - y
		prevX, prevY := 0, 0
		if cost > 0 {
			prevK := k - 1
			if k == -cost || (k != cost && at(k-1) < at(k+1)) {
				prevK = k + 1
			}
			prevX = at(prevK)
			prevY = prevX - prevK
		}
		n := min(x-prevX, y-prevY)
		if n > 0 {
			path = append(path, match{x - n, y - n, n})
		}
		x, y = prevX, prevY
	}
	for i, j := 0, len(path)-1; i < j; i, j = i+1, j-1 {
		path[i], path[j] = path[j], path[i]
	}
	return path
}

// splitWords cuts s into runs of letters and digits, and everything else by the
// code point.
func splitWords(s string) []string {
	var words []string
	start := -1
	for i, r := range s {
		inWord := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
		if inWord && start < 0 {
			start = i
		}
		if inWord {
			continue
		}
		if start >= 0 {
			words = append(words, s[start:i])
			start = -1
		}
		words = append(words, s[i:i+utf8.RuneLen(r)])
	}
	if start >= 0 {
		words = append(words, s[start:])
	}
	return words
}

// commonPrefix is the length in bytes of the longest common start that ends
// between code points.
func commonPrefix(a, b string) int {
	n := min(len(a), len(b))
	i := 0
	for i+8 <= n && a[i:i+8] == b[i:i+8] {
		i += 8
	}
	for i < n && a[i] == b[i] {
		i++
	}
	for i > 0 && (i < len(a) && !utf8.RuneStart(a[i]) || i < len(b) && !utf8.RuneStart(b[i])) {
		i--
	}
	return i
}

// commonSuffix is the length in bytes of the longest common end that starts
// with a code point.
func commonSuffix(a, b string) int {
	n := min(len(a), len(b))
	i := 0
	for i+8 <= n && a[len(a)-i-8:len(a)-i] == b[len(b)-i-8:len(b)-i] {
		i += 8
	}
	for i < n && a[len(a)-i-1] == b[len(b)-i-1] {
		i++
	}
	for i > 0 && !utf8.RuneStart(a[len(a)-i]) {
		i--
	}
	return i
}
