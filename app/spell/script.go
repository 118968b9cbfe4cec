package spell

import "unicode"

// scripts is a set of writing systems, a bit for each of scriptTables.
type scripts uint32

// scriptTables are the writing systems whose words can be checked: those that
// part words with spaces. Chinese, Japanese, Thai and their like aren't here.
var scriptTables = []*unicode.RangeTable{
	unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Arabic, unicode.Hebrew,
	unicode.Armenian, unicode.Georgian, unicode.Hangul, unicode.Devanagari, unicode.Bengali,
	unicode.Gujarati, unicode.Gurmukhi, unicode.Kannada, unicode.Malayalam, unicode.Oriya,
	unicode.Tamil, unicode.Telugu, unicode.Sinhala, unicode.Ethiopic, unicode.Mongolian,
	unicode.Cherokee, unicode.Syriac, unicode.Thaana, unicode.Tifinagh, unicode.Canadian_Aboriginal,
}

// otherScript is the bit of letters that are in none of scriptTables.
const otherScript scripts = 1 << 31

// scriptOf returns the writing system of a letter, none for what is no letter
// and for letters of all systems.
func scriptOf(r rune) scripts {
	if r < 0x80 {
		if 'a' <= r|0x20 && r|0x20 <= 'z' {
			return 1
		}
		return 0
	}
	if !unicode.IsLetter(r) {
		return 0
	}
	for i, t := range scriptTables {
		if unicode.Is(t, r) {
			return 1 << i
		}
	}
	if unicode.Is(unicode.Common, r) {
		return 0
	}
	return otherScript
}

// scriptsOf returns the writing systems of a word's letters.
func scriptsOf(word string) scripts {
	var s scripts
	for _, r := range word {
		s |= scriptOf(r)
	}
	return s
}

// scriptCount counts a dictionary's words by their writing systems.
type scriptCount struct {
	words int
	by    map[scripts]int
}

// add counts a word by its first letter.
func (c *scriptCount) add(word string) {
	if c.by == nil {
		c.by = map[scripts]int{}
	}
	for _, r := range word {
		if s := scriptOf(r); s != 0 {
			c.by[s]++
			c.words++
			return
		}
	}
}

// main returns the writing systems of at least a twentieth of the words: a
// Russian dictionary with some Latin units in it doesn't know English.
func (c *scriptCount) main() scripts {
	var all scripts
	for s, n := range c.by {
		if s != otherScript && n*20 >= c.words {
			all |= s
		}
	}
	return all
}
