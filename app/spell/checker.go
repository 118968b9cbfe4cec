package spell

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Checker checks words against several dictionaries and the person's own
// words. It is safe for concurrent use.
type Checker struct {
	dictionaries []*Dictionary

	own own
}

// New returns a checker. own is the path of the file of the person's words, of
// one word a line; it is made by the first Add. With "" they are kept in
// memory. An error says that there is a file that can't be read.
func New(own string, dictionaries ...*Dictionary) (*Checker, error) {
	c := &Checker{dictionaries: slices.Clone(dictionaries)}
	if err := c.own.open(own); err != nil {
		return nil, err
	}
	return c, nil
}

// Right reports whether a word needs no mark: one of the dictionaries or the
// person has it, or it isn't in a script that a dictionary covers, such as a
// Russian word where only English is installed. A word that a dictionary has
// with a point at the end (etc.) is right without it too: Words leaves points
// out. Letters and their accents are the same composed or not.
func (c *Checker) Right(word string) bool {
	word = norm.NFC.String(word)
	covering := c.covering(word)
	if len(covering) == 0 {
		return true
	}
	for _, d := range covering {
		if d.Has(word) {
			return true
		}
	}
	if c.knows(word) {
		return true
	}
	for _, d := range covering {
		if d.Has(word + ".") {
			return true
		}
	}
	return c.rightInParts(word)
}

// covering returns the dictionaries for a word's scripts; none if one of its
// scripts has no dictionary.
func (c *Checker) covering(word string) []*Dictionary {
	want := scriptsOf(word)
	if want == 0 {
		return nil
	}
	var known scripts
	var out []*Dictionary
	for _, d := range c.dictionaries {
		known |= d.scripts
		if d.scripts&want != 0 {
			out = append(out, d)
		}
	}
	if want&^known != 0 {
		return nil
	}
	return out
}

// knows reports whether a word is one of the person's: as it was added, with a
// capital at its beginning, all in capitals, or with 's.
func (c *Checker) knows(word string) bool {
	words := c.own.all()
	if len(words) == 0 {
		return false
	}
	word = strings.ReplaceAll(word, "’", "'")
	bare := strings.TrimSuffix(strings.TrimSuffix(word, "'s"), "'S")
	for _, w := range []string{word, bare} {
		if words[w] {
			return true
		}
		lower := strings.ToLower(w)
		switch capsOf(w) {
		case initCap:
			if words[lower] {
				return true
			}
		case allCaps:
			if words[lower] || words[capital(lower)] {
				return true
			}
		}
	}
	return false
}

// rightInParts reports whether each part of a word with hyphens is right by
// itself, in whichever dictionary.
func (c *Checker) rightInParts(word string) bool {
	parts := strings.FieldsFunc(word, func(r rune) bool { return r == '-' || r == '‐' })
	if len(parts) < 2 {
		return false
	}
	for _, p := range parts {
		if len(p) > 1 && !c.Right(p) {
			return false
		}
	}
	return true
}

// Add adds a word to the person's own, in the file too. The write is done when
// it returns; what is asked meanwhile does not wait for it. An error says that the word is none or couldn't be kept.
func (c *Checker) Add(word string) error {
	return c.own.add(norm.NFC.String(strings.ReplaceAll(strings.TrimSpace(word), "’", "'")))
}

// Suggest returns at most n words that may have been meant, the likeliest
// first: of the dictionaries, and of the person's own words. It takes up to 30
// ms for each dictionary.
func (c *Checker) Suggest(word string, n int) []string {
	word = norm.NFC.String(word)
	var all []guess
	for _, d := range c.covering(word) {
		all = append(all, d.guesses(word)...)
	}
	all = append(all, c.ownGuesses(word)...)
	return bestOf(all, n)
}

// ownGuesses returns the person's words that are like a word.
func (c *Checker) ownGuesses(word string) []guess {
	var out []guess
	target := newTarget(word)
	for w := range c.own.all() {
		if cost := target.cost(w); cost <= maxCost {
			out = append(out, guess{w, cost})
		}
	}
	return out
}
