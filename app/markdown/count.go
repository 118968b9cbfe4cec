package markdown

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Counts is how long a text is.
type Counts struct {
	// Words are those of UAX 29 that hold a letter or a digit, without the x of a
	// task that is done. Each letter of
	// Chinese, and of Japanese but for Katakana, is one; so is each of the
	// scripts that put no spaces between words and need a dictionary.
	Words      int
	Characters int // grapheme clusters, without the ends of lines
	Lines      int
}

// Count counts a text.
func Count(text string) Counts {
	classes := runeClasses()
	return Counts{
		Words:      countWords(text, classes) - countTicks(text),
		Characters: countClusters(text, classes),
		Lines:      strings.Count(text, "\n") + 1,
	}
}

// maxBoxAt is how far into a line a task's box is looked for.
const maxBoxAt = 64

// countTicks counts the x in the boxes of tasks that are done, which are no
// words. What a line is by those above it does not matter here.
func countTicks(text string) int {
	n := 0
	for at := 0; ; {
		i := strings.Index(text[at:], "] ")
		if i < 0 {
			return n
		}
		at += i + len("] ")
		box := at - len("[x] ")
		if box < 2 || text[box] != '[' || text[box+1]|0x20 != 'x' || text[box-1] != ' ' {
			continue
		}
		before := text[max(0, box-maxBoxAt):box]
		start := strings.LastIndexByte(before, '\n') + 1
		if marks := strings.TrimRight(before[start:], " "); len(before[start:]) < maxBoxAt && marks != "" &&
			strings.Trim(marks, " \t>-+*.)0123456789") == "" && strings.IndexByte("-+*.)", marks[len(marks)-1]) >= 0 {
			n++
		}
	}
}

// wordClass is what UAX 29, section 4.1, makes of a character.
type wordClass uint8

const (
	wordOther wordClass = iota
	wordLetter
	wordDigit
	wordKatakana
	wordEach      // a letter that is a word
	wordUnder     // joins everything
	wordMid       // joins letters, and digits
	wordMidLet    // joins letters
	wordMidNum    // joins digits
	wordExtend    // belongs to what is before it
	wordClassMask = 0xf

	// joining says that a character may be one cluster with its neighbours.
	joining wordClass = 0x10
)

// classTable holds the classes of the characters below its length.
const classTable = 0x3100

var runeClasses = sync.OnceValue(func() *[classTable]wordClass {
	var t [classTable]wordClass
	for r := range rune(classTable) {
		t[r] = classify(r)
	}
	return &t
})

func classOf(r rune, t *[classTable]wordClass) wordClass {
	switch {
	case r < classTable:
		return t[r]
	case 0x3400 <= r && r <= 0x4dbf || 0x4e00 <= r && r <= 0x9fff:
		return wordEach
	case 0xac00 <= r && r <= 0xd7a3:
		return wordLetter | joining
	}
	return classify(r)
}

// classify works a class out. Characters beyond the simple alphabets may join.
func classify(r rune) wordClass {
	c := wordOther
	switch {
	case r == '_' || r == 0x203f || r == 0x2040 || r == 0x202f:
		c = wordUnder
	case r == '\'' || r == '.' || r == 0x2018 || r == 0x2019 || r == 0x2024:
		c = wordMid
	case r == ':' || r == 0xb7 || r == 0x387 || r == 0x55f || r == 0x5f4 || r == 0x2027:
		c = wordMidLet
	case r == ',' || r == ';' || r == 0x37e || r == 0x589 || r == 0x60c || r == 0x60d || r == 0x66c || r == 0x7f8 || r == 0x2044:
		c = wordMidNum
	case r < utf8.RuneSelf:
		if isLetter(byte(r)) {
			c = wordLetter
		} else if isDigit(byte(r)) {
			c = wordDigit
		}
	case unicode.IsMark(r) || unicode.Is(unicode.Cf, r) && r != 0x200b || unicode.Is(unicode.Sk, r) && 0x1f3fb <= r:
		c = wordExtend
	case unicode.Is(unicode.Nd, r):
		c = wordDigit
	case unicode.Is(unicode.Katakana, r) || 0x3031 <= r && r <= 0x3035 || 0x309b <= r && r <= 0x309c || r == 0x30a0 || r == 0x30fc || r == 0xff70:
		c = wordKatakana
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
		unicode.Tai_Le, unicode.New_Tai_Lue, unicode.Tai_Tham, unicode.Tai_Viet, unicode.Ahom):
		if unicode.IsLetter(r) {
			c = wordEach
		}
	case unicode.IsLetter(r) || unicode.Is(unicode.Nl, r) || unicode.Is(unicode.Other_Alphabetic, r):
		c = wordLetter
	}
	if !standsAlone(r) {
		c |= joining
	}
	return c
}

// standsAlone reports whether a character is a cluster of its own whatever is
// around it, as long as that is of such characters too.
func standsAlone(r rune) bool {
	switch {
	case r < 0x300:
		return r != '\r' && r != 0xa9 && r != 0xad && r != 0xae
	case unicode.In(r, unicode.Greek, unicode.Cyrillic, unicode.Han, unicode.Hiragana, unicode.Katakana):
		return unicode.IsLetter(r)
	case 0x3000 <= r && r <= 0x3002, 0x2010 <= r && r <= 0x2027:
		return true
	}
	return false
}

// countWords goes through a text once (UAX 29, section 4.1.1).
func countWords(text string, t *[classTable]wordClass) int {
	n := 0
	var word, mid wordClass // the class of the word's last character; what is pending behind it
	counted := false
	for _, r := range text {
		c := classOf(r, t) & wordClassMask
		switch c {
		case wordExtend:
			continue
		case wordLetter, wordDigit, wordKatakana:
			if !continues(word, mid, c) {
				counted = false
			}
			if !counted {
				n++
			}
			word, mid, counted = c, 0, true
			continue
		case wordUnder:
			if word == 0 || mid != 0 {
				counted = false
			}
			word, mid = wordUnder, 0
			continue
		case wordMid, wordMidLet, wordMidNum:
			if word != 0 && mid == 0 {
				mid = c
				continue
			}
		case wordEach:
			n++
		}
		word, mid, counted = 0, 0, false
	}
	return n
}

// continues reports whether a character belongs to the word before it.
func continues(word, mid, c wordClass) bool {
	switch {
	case word == 0:
		return false
	case mid == wordMid:
		return word == c && c != wordKatakana
	case mid == wordMidLet:
		return word == wordLetter && c == wordLetter
	case mid == wordMidNum:
		return word == wordDigit && c == wordDigit
	case word == wordUnder:
		return true
	}
	return (word == wordKatakana) == (c == wordKatakana)
}

// countClusters counts what stands alone at once, and leaves the rest, with its
// neighbours, to the rules of UAX 29.
func countClusters(text string, t *[classTable]wordClass) int {
	n, before := 0, 0 // before: where the last character begins
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		if classOf(r, t)&joining == 0 {
			if r != '\n' {
				n++
			}
			before = i
			i += size
			continue
		}
		end := joinedEnd(text, i, t)
		n += clusterCount(text[before:end]) - clusterCount(text[before:i])
		before, i = lastRune(text, end), end
	}
	return n
}

// joinedEnd is the end of the characters from i on that do not stand alone, and
// of one more.
func joinedEnd(text string, i int, t *[classTable]wordClass) int {
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		if classOf(r, t)&joining == 0 {
			break
		}
	}
	return i
}

func lastRune(text string, end int) int {
	_, size := utf8.DecodeLastRuneInString(text[:end])
	return end - size
}

// clusterCount is the grapheme clusters of s without ends of lines.
func clusterCount(s string) int {
	n := uniseg.GraphemeClusterCount(s)
	return n - strings.Count(s, "\n")
}
