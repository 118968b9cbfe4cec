package desktop

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode"

	"starling/sync/peer"
)

// accented are Latin letters and what each is sorted as.
var accented = func() map[rune]string {
	m := map[rune]string{
		'ß': "ss", 'æ': "ae", 'œ': "oe", 'þ': "th", 'ĳ': "ij",
	}
	for plain, all := range map[string]string{
		"a": "àáâãäåāăąǎ", "c": "çćĉċč", "d": "ďđð", "e": "èéêëēĕėęě", "g": "ĝğġģ",
		"h": "ĥħ", "i": "ìíîïĩīĭįıǐ", "j": "ĵ", "k": "ķ", "l": "ĺļľŀł", "n": "ñńņňŋ",
		"o": "òóôõöøōŏőǒ", "r": "ŕŗř", "s": "śŝşšș", "t": "ţťŧț",
		"u": "ùúûüũūŭůűųǔ", "w": "ŵẁẃẅ", "y": "ýÿŷ", "z": "źżž",
	} {
		for _, r := range all {
			m[r] = plain
		}
	}
	return m
}()

// sortKey is what a title is sorted by: capitals count as small letters, and
// letters with accents as those without. Numbers count by their value: each has
// its length before it.
func sortKey(title string) string {
	var key strings.Builder
	runes := []rune(title)
	for i := 0; i < len(runes); i++ {
		r := unicode.ToLower(runes[i])
		switch plain, ok := accented[r]; {
		case ok:
			key.WriteString(plain)
		case unicode.Is(unicode.Mn, r): // an accent by itself
		case r >= '0' && r <= '9':
			end := i
			for end < len(runes) && runes[end] >= '0' && runes[end] <= '9' {
				end++
			}
			number := strings.TrimLeft(string(runes[i:end]), "0")
			key.WriteByte('0')
			key.WriteRune(rune(len(number)))
			key.WriteString(number)
			i = end - 1
		default:
			key.WriteRune(r)
		}
	}
	return key.String()
}

// sortByTitle sorts documents by what they are called in the list, in place.
func sortByTitle(documents []peer.Document) {
	type keyed struct {
		key string
		peer.Document
	}
	all := make([]keyed, len(documents))
	for i, d := range documents {
		all[i] = keyed{sortKey(titleOf(d)), d}
	}
	slices.SortFunc(all, func(a, b keyed) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.Title, b.Title), bytes.Compare(a.ID[:], b.ID[:]))
	})
	for i := range all {
		documents[i] = all[i].Document
	}
}
