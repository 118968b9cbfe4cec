package spell

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The costs of what may have gone wrong; cheaper guesses come first.
const (
	costCase  = 1 // capitals
	costMap   = 2 // a letter for a related one, such as e for é
	costRep   = 2 // a mistake the dictionary calls typical
	costSwap  = 3 // two letters in a row, the wrong way round
	costTwice = 3 // a letter doubled, or not
	costEdit  = 4 // a letter too much, too few, or wrong
	costFirst = 1 // added if the first letter was wrong
	costSplit = 7 // a space that is missing
	maxCost   = 9
)

// suggestTime is how long Suggest looks for words.
const suggestTime = 20 * time.Millisecond

// guess is a word that may have been meant.
type guess struct {
	word string
	cost int
}

// bestOf returns the n cheapest words, each once; of equal cost, the one found
// first.
func bestOf(all []guess, n int) []string {
	slices.SortStableFunc(all, func(a, b guess) int { return cmp.Compare(a.cost, b.cost) })
	var out []string
	for _, g := range all {
		if len(out) >= n {
			break
		}
		if !slices.Contains(out, g.word) {
			out = append(out, g.word)
		}
	}
	return out
}

// Suggest returns at most n words that may have been meant by a misspelt one,
// the likeliest first. It takes up to 30 ms, and is safe for concurrent use.
func (d *Dictionary) Suggest(word string, n int) []string {
	return bestOf(d.guesses(word), n)
}

// guesses returns words that may have been meant, in no order of cost.
func (d *Dictionary) guesses(word string) []guess {
	if word == "" || utf8.RuneCountInString(word) > 50 || !utf8.ValidString(word) {
		return nil
	}
	word = strings.ReplaceAll(word, "’", "'")
	s := suggester{d: d, end: time.Now().Add(suggestTime), target: newTarget(word), seen: map[string]bool{word: true}}
	s.typical(word)
	s.edits(word)
	s.parts(word)
	s.stems(word)
	return s.out
}

// suggester is the work for one word.
type suggester struct {
	d      *Dictionary
	end    time.Time
	target target
	seen   map[string]bool
	out    []guess
}

// late reports whether the time is up.
func (s *suggester) late() bool { return time.Now().After(s.end) }

// try notes a word as a guess if the dictionary has it; cost 0 is for try to
// find out.
func (s *suggester) try(word string, cost int) {
	if s.seen[word] || s.late() {
		return
	}
	s.seen[word] = true
	flags, ok := s.d.look(word)
	if !ok || flags.has(s.d.rules.noSuggest) {
		return
	}
	if cost == 0 {
		cost = s.target.cost(word)
	}
	s.out = append(s.out, guess{word, cost})
}

// typical tries other capitals, and the mistakes that REP and MAP name.
func (s *suggester) typical(word string) {
	lower := strings.ToLower(word)
	for _, w := range []string{lower, capital(lower), strings.ToUpper(word)} {
		s.try(w, costCase)
	}
	for _, p := range s.d.rules.rep {
		if s.late() {
			return
		}
		s.rep(word, p)
	}
	for _, group := range s.d.rules.groups {
		for _, from := range group {
			for i := 0; from != "" && i < len(word); i++ {
				if !strings.HasPrefix(word[i:], from) || s.late() {
					continue
				}
				for _, to := range group {
					s.try(word[:i]+to+word[i+len(from):], costMap)
				}
			}
		}
	}
}

// rep tries one replacement, wherever it fits.
func (s *suggester) rep(word string, p pair) {
	from, atStart := strings.CutPrefix(p.from, "^")
	from, atEnd := strings.CutSuffix(from, "$")
	if from == "" {
		return
	}
	for i := 0; i+len(from) <= len(word); i++ {
		if !strings.HasPrefix(word[i:], from) || atStart && i > 0 || atEnd && i+len(from) < len(word) {
			continue
		}
		to := word[:i] + p.to + word[i+len(from):]
		if left, right, ok := strings.Cut(to, " "); ok {
			s.two(left, right, costRep)
		} else {
			s.try(to, costRep)
		}
	}
}

// two notes two words as a guess.
func (s *suggester) two(left, right string, cost int) {
	if !s.late() && s.d.Has(left) && s.d.Has(right) {
		s.out = append(s.out, guess{left + " " + right, cost})
	}
}

// edits tries all words one letter away: letters swapped, taken out, put in
// and replaced, with the letters of TRY in its order.
func (s *suggester) edits(word string) {
	runes := []rune(word)
	letters := s.letters(runes)
	for i := range runes {
		head, tail := string(runes[:i]), string(runes[i+1:])
		if i+1 < len(runes) {
			s.try(head+string(runes[i+1])+string(runes[i])+string(runes[i+2:]), 0)
		}
		s.try(head+tail, 0)
	}
	for i := 0; i <= len(runes) && !s.late(); i++ {
		head := string(runes[:i])
		for _, r := range letters {
			s.try(head+string(r)+string(runes[i:]), 0)
			if i < len(runes) {
				s.try(head+string(r)+string(runes[i+1:]), 0)
			}
		}
	}
}

// letters returns the letters to try: TRY's, at most 64, without capitals if
// the word has none.
func (s *suggester) letters(word []rune) []rune {
	try := s.d.rules.try
	if len(try) == 0 && s.d.scripts&1 != 0 {
		try = []rune("esiarntolcdugmphbyfvkwzxjq'")
	}
	upper := slices.ContainsFunc(word, unicode.IsUpper)
	var out []rune
	for _, r := range try {
		if len(out) < 64 && (upper || !unicode.IsUpper(r)) {
			out = append(out, r)
		}
	}
	return out
}

// parts tries a space or a hyphen between two words, and mends the parts of a
// word with hyphens one by one.
func (s *suggester) parts(word string) {
	for i := range word {
		if i < 1 || s.late() {
			continue
		}
		// Words of one letter are few, and a space next to them is rarely
		// what is missing.
		if utf8.RuneCountInString(word[:i]) > 1 && utf8.RuneCountInString(word[i:]) > 1 {
			s.two(word[:i], word[i:], costSplit)
		}
	}
	pieces := strings.Split(word, "-")
	if len(pieces) < 2 || len(pieces) > 5 {
		return
	}
	for i, p := range pieces {
		if p == "" || s.d.Has(p) {
			continue
		}
		inner := suggester{d: s.d, end: s.end, target: newTarget(p), seen: map[string]bool{p: true}}
		inner.typical(p)
		inner.edits(p)
		for _, g := range bestOfGuesses(inner.out, 5) {
			whole := slices.Clone(pieces)
			whole[i] = g.word
			s.try(strings.Join(whole, "-"), g.cost)
		}
	}
}

// bestOfGuesses returns the n cheapest guesses.
func bestOfGuesses(all []guess, n int) []guess {
	slices.SortStableFunc(all, func(a, b guess) int { return cmp.Compare(a.cost, b.cost) })
	return all[:min(n, len(all))]
}
