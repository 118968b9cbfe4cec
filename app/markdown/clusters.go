package markdown

import (
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// clusters moves the bounds of spans that would cut a grapheme cluster, such as
// a star with an accent, behind it. What grew is not hidden.
func clusters(line string, spans []Span) []Span {
	out := spans[:0]
	at := 0
	for _, s := range spans {
		if s.To <= at {
			continue
		}
		s.From = at
		if grown := clusterEnd(line, s.To); grown > s.To {
			s.To, s.Hide, s.Sign = grown, false, NoSign
		}
		at = s.To
		out = append(out, s)
	}
	return out
}

// clusterEnd is the end of the cluster that a place is within, or the place. One
// side of it is ASCII or white space, so the character before it decides.
func clusterEnd(line string, at int) int {
	if at >= len(line) {
		return at
	}
	r, n := utf8.DecodeLastRuneInString(line[:at])
	if r < utf8.RuneSelf && line[at] < utf8.RuneSelf {
		return at
	}
	cluster, _, _, _ := uniseg.FirstGraphemeClusterInString(line[at-n:], -1)
	return max(at, at-n+len(cluster))
}
