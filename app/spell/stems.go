package spell

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxStems is how many stems are tried with their affixes.
const maxStems = 150

// stems goes through all stems for those that are like the word, or like its
// beginning, and tries them with their affixes. It finds what is two letters
// away.
func (s *suggester) stems(word string) {
	lower := []byte(strings.ToLower(word))
	if utf8.RuneCount(lower) < 4 {
		return // everything is two letters away from a short word
	}
	mask := letterMask(lower)
	type like struct {
		entry int
		far   int
	}
	var near []like
	for i, e := range s.d.table.entries {
		if i%256 == 0 && s.late() {
			break
		}
		stem := s.d.table.word(e)
		if len(stem) < 2 || len(stem) > len(lower)+4 || strange(letterMask(stem), mask) > 2 {
			continue
		}
		if far := headDistance(stem, lower); far <= 2 {
			near = append(near, like{i, far*64 + max(0, len(lower)-len(stem))})
		}
	}
	slices.SortStableFunc(near, func(a, b like) int { return cmp.Compare(a.far, b.far) })
	for _, l := range near[:min(len(near), maxStems)] {
		if s.late() {
			return
		}
		s.forms(l.entry)
	}
}

// forms tries a stem as it is and with each of its suffixes.
func (s *suggester) forms(number int) {
	e := s.d.table.entries[number]
	stem := s.d.table.word(e)
	s.near(string(stem))
	tried := 0
	for _, f := range s.d.sets[e.flags] {
		for _, x := range s.d.rules.suffixes.byFlag[f] {
			if tried++; tried > 200 {
				return
			}
			if form, ok := x.onSuffix(stem); ok {
				s.near(string(form))
			}
		}
	}
}

// near tries a word if it is near enough, with a capital where the misspelt
// one has it.
func (s *suggester) near(word string) {
	if s.target.caps == initCap {
		word = capital(word)
	}
	if cost := s.target.cost(word); cost <= maxCost {
		s.try(word, cost)
	}
}

// letterMask returns a bit for each letter of a word; capitals have that of
// the small letters.
func letterMask(word []byte) uint32 {
	var m uint32
	for _, b := range word {
		if b < 0x80 {
			m |= 1 << (b & 31)
		}
	}
	return m
}

// strange returns how many letters of a are not in b, at least.
func strange(a, b uint32) int {
	n := 0
	for d := a &^ b; d != 0; d &= d - 1 {
		n++
	}
	return n
}

// headDistance returns how many letters must be changed to make a stem the
// beginning of word, or word the beginning of it but for two letters; 3 is
// any number above 2. Letters are bytes here: what matters is to be quick.
func headDistance(stem, word []byte) int {
	const far = 3
	if len(stem) > 63 || len(word) > 63 {
		return far
	}
	var row [64]uint8
	for j := range len(word) + 1 {
		row[j] = uint8(j)
	}
	for i, b := range stem {
		if 'A' <= b && b <= 'Z' {
			b |= 0x20
		}
		diagonal := row[0]
		row[0] = uint8(i + 1)
		least := row[0]
		for j := range word {
			cost := diagonal
			if word[j] != b {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, diagonal+1, row[j]+1)
			least = min(least, row[j+1])
		}
		if least >= far {
			return far
		}
	}
	best := row[len(word)]
	for j := min(len(stem)-2, len(word)); j >= 0 && j <= len(word); j++ {
		best = min(best, row[j])
	}
	return int(min(best, far))
}
