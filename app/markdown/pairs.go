package markdown

import "slices"

// pair is an opening and a closing sign of a style in a line.
type pair struct {
	style           Style
	open, openEnd   int
	close, closeEnd int
}

// crosses reports whether the pair begins or ends, but not both, between two
// places.
func (p *pair) crosses(from, to int) bool {
	begins := from <= p.open && p.open < to
	ends := from < p.closeEnd && p.closeEnd <= to
	return begins != ends && p.open < to && from < p.closeEnd
}

// pairsOf finds the pairs of a line.
func pairsOf(b *block, line string) []pair {
	p := painter{line: line, block: *b, does: make([]act, len(line))}
	p.paint()
	acts := p.does
	var out []pair
	var open [4][]int // of bold, italic, strike, link: indexes of out
	styles := [...]Style{Bold, Italic, Strike, Link}
	for i := 0; i < len(acts); i++ {
		a := acts[i]
		switch {
		case a == actCode:
			out = append(out, codePair(acts, line, i))
			i = out[len(out)-1].closeEnd - 1
		case actOpenBold <= a && a <= actCloseLink:
			which := int(a-actOpenBold) / 2
			n := signLength(acts, line, i)
			if (a-actOpenBold)%2 == 0 {
				open[which] = append(open[which], len(out))
				out = append(out, pair{style: styles[which], open: i + 1 - n, openEnd: i + 1})
				break
			}
			last := len(open[which]) - 1
			out[open[which][last]].close, out[open[which][last]].closeEnd = i, i+n
			open[which] = open[which][:last]
		}
	}
	return out
}

// codePair is the code span of which i is the first byte.
func codePair(acts []act, line string, i int) pair {
	n := 0
	for i-n > 0 && acts[i-n-1] == actMark && line[i-n-1] == '`' {
		n++
	}
	end := i
	for acts[end] == actCode {
		end++
	}
	return pair{style: CodeSpan, open: i - n, openEnd: i, close: end, closeEnd: end + n}
}

// signLength is how many bytes the sign has whose first or last byte is at i:
// the last of one that opens, the first of one that closes.
func signLength(acts []act, line string, i int) int {
	switch acts[i] {
	case actOpenBold, actCloseBold:
		return 2
	case actOpenStrike:
		if i > 0 && line[i-1] == '~' && acts[i-1] == actMark {
			return 2
		}
	case actCloseStrike:
		if i+1 < len(line) && line[i+1] == '~' && acts[i+1] == actMark {
			return 2
		}
	case actOpenLink:
		if i > 0 && line[i-1] == '!' && acts[i-1] == actMark {
			return 2
		}
	case actCloseLink:
		n := 1
		for i+n < len(acts) && acts[i+n] == actTarget {
			n++
		}
		return n
	}
	return 1
}

// around returns the pairs of a style that touch what is between two places.
func around(pairs []pair, style Style, from, to int) []pair {
	return slices.DeleteFunc(slices.Clone(pairs), func(p pair) bool {
		return p.style != style || p.closeEnd < from || to < p.open ||
			from != to && (p.closeEnd == from || p.open == to)
	})
}
