package names

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Alike reports whether a person could take one name for the other: if they
// differ at most by case, accents, spaces and punctuation, by characters that
// are not seen, or by letters and digits that look like each other, in Latin,
// Greek and Cyrillic. It follows the idea of a skeleton in Unicode Technical
// Standard 39, section 4, with a table of our own. Two names without a letter or
// a digit are alike only if they are the same.
func Alike(a, b string) bool { return FormOf(a).Alike(FormOf(b)) }

// Form is what of a name is compared, for many comparisons of it.
type Form struct {
	clean     string
	skeletons [2]string
}

// FormOf is the form of a name.
func FormOf(name string) Form { return Form{Clean(name), skeletons(name)} }

// Alike is [Alike].
func (f Form) Alike(g Form) bool {
	if f.clean == g.clean {
		return true
	}
	for _, s := range f.skeletons {
		if s != "" && (s == g.skeletons[0] || s == g.skeletons[1]) {
			return true
		}
	}
	return false
}

// skeletons are the forms in which a name is compared: one that looks at the
// letters as they are written, since a capital I looks like an l and a small i
// doesn't, and one that looks at the small letters only, since people don't
// mind the case.
func skeletons(name string) [2]string {
	plain := strip(name)
	return [2]string{
		lookalike(lower(plain)),
		lookalike(lower(replace(plain, capitals))),
	}
}

// strip takes a name apart (NFKD) and leaves its letters and digits.
func strip(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '|' || r == '$' || r == '@' || r == '€':
			return r // these stand in for letters
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			return r
		case unicode.IsMark(r) && !accent(r) && !hidden(r):
			return r // a vowel in some scripts
		case unicode.In(r, unicode.So, unicode.Sk, unicode.Co):
			return r // an emoji, and its colour
		}
		return -1
	}, norm.NFKD.String(strings.ToValidUTF8(name, "")))
}

// accent reports whether a mark only changes a letter: those of no one script,
// and the points of Hebrew, but not the voicing marks of Japanese.
func accent(r rune) bool {
	return unicode.Is(unicode.Inherited, r) && r != 0x3099 && r != 0x309A || r >= 0x0591 && r <= 0x05C7
}

// lower is the name in small letters, with those that have no capital of one
// letter written out.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 'ς' {
			return 'σ'
		}
		return unicode.ToLower(r)
	}, s)
}

func replace(s string, table map[rune]string) string {
	var b strings.Builder
	for _, r := range s {
		if to, ok := table[r]; ok {
			b.WriteString(to)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// pairs are two letters that look like one.
var pairs = strings.NewReplacer("rn", "m", "vv", "w")

func lookalike(s string) string { return pairs.Replace(replace(s, smalls)) }
