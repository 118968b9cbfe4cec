package names

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	tests := map[string]struct{ name, want string }{
		"plain":                 {"Ada Lovelace", "Ada Lovelace"},
		"composed":              {"Zoe\u0308", "Zoë"},
		"spaces":                {"  Ada \t\u00a0\u2003 L.\n", "Ada L."},
		"controls":              {"A\x00d\x1b[31ma\u0085", "Ad[31ma"},
		"direction":             {"\u202eadA\u202c\u2066x\u2069\u200f", "adAx"},
		"joiners":               {"A\u200bd\u200da\ufeff\u2060", "Ada"},
		"a soft hyphen":         {"A\u00adda", "Ada"},
		"fillers":               {"\u3164\u115f\uffa0\u034f\u2800", ""},
		"variation selectors":   {"❤\ufe0f\U000e0101", "❤"},
		"tags":                  {"A\U000e0041", "A"},
		"private, unassigned":   {"A\ue000\u0378", "A"},
		"not UTF-8":             {"A\xff\xc0da", "Ada"},
		"a mark alone":          {"\u0301 \u0301A", "A"},
		"too many marks":        {"e" + strings.Repeat("\u0316", 20), "e" + strings.Repeat("\u0316", maxMarks)},
		"emoji":                 {"🦜 Polly", "🦜 Polly"},
		"Arabic, Thai, Hindi":   {"ليلى ตูน सुमित्रा", "ليلى ตูน सुमित्रा"},
		"long":                  {strings.Repeat("ü", 100), strings.Repeat("ü", Max)},
		"long, ends in a space": {strings.Repeat("a", Max-1) + " b", strings.Repeat("a", Max-1)},
		"nothing":               {"", ""},
	}
	for name, tt := range tests {
		if got := Clean(tt.name); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestAlike(t *testing.T) {
	tests := map[string]struct {
		a, b string
		want bool
	}{
		"the same":                   {"Ada", "Ada", true},
		"case":                       {"ada lovelace", "ADA Lovelace", true},
		"case of an I":               {"LIA", "Lia", true},
		"accents":                    {"Zoë", "Zoe", true},
		"two accents":                {"Nguyễn", "Nguyen", true},
		"a stroke":                   {"Søren", "Soren", true},
		"a Polish l":                 {"Michał", "Michal", true},
		"a sharp s":                  {"Voß", "Voss", true},
		"a Turkish I":                {"Işıl", "isil", true},
		"spaces":                     {"Ada  Lovelace", "AdaLovelace", true},
		"punctuation":                {"O'Neil", "ONeil", true},
		"zero-width":                 {"A\u200bda", "Ada", true},
		"direction":                  {"\u202aAda", "Ada", true},
		"Cyrillic":                   {"Аnnа", "Anna", true},
		"all Cyrillic":               {"Сара", "Capa", true},
		"Cyrillic capitals":          {"ВОВ", "BOB", true},
		"Greek capitals":             {"ΑΝΝΑ", "ANNA", true},
		"Greek small":                {"Pαul", "Paul", true},
		"Greek and Cyrillic":         {"Οlga", "Оlga", true},
		"zero":                       {"B0b", "Bob", true},
		"one":                        {"Pau1", "Paul", true},
		"a capital I":                {"PauI", "Paul", true},
		"a capital I, in capitals":   {"PauI", "PAUL", true},
		"a one for an I":             {"1ris", "Iris", true},
		"a bar":                      {"Pau|", "Paul", true},
		"rn":                         {"Ernma", "Emma", true},
		"vv":                         {"VVilla", "Willa", true},
		"full width":                 {"Ａｄａ", "Ada", true},
		"mathematical":               {"𝓐𝓭𝓪", "Ada", true},
		"circled":                    {"Ⓐda", "Ada", true},
		"a ligature":                 {"Raﬃ", "Raffi", true},
		"small capitals":             {"ᴀda", "Ada", true},
		"Russian with and without ё": {"Алёна", "Алена", true},
		"Hebrew points":              {"דָּנִי", "דני", true},
		"another name":               {"Ada", "Eva", false},
		"one letter more":            {"Ada", "Adaa", false},
		"a number":                   {"Laptop 2", "Laptop 3", false},
		"an order":                   {"Lia", "Ila", false},
		"an i for an l":              {"Ali", "All", false},
		"Hindi vowels":               {"कुमार", "कमार", false},
		"Japanese voicing":           {"かき", "がき", false},
		"two scripts":                {"Анна", "Anna", false},
		"emoji":                      {"🦜", "🦊", false},
		"emoji of one name":          {"🦜 Ada", "🦊 Ada", false},
		"nothing seen":               {"...", "---", false},
		"nothing":                    {"", "Ada", false},
	}
	for name, tt := range tests {
		for _, pair := range [][2]string{{tt.a, tt.b}, {tt.b, tt.a}} {
			if got := Alike(pair[0], pair[1]); got != tt.want {
				t.Errorf("%s: %q and %q: %v, %q %q", name, pair[0], pair[1], got, skeletons(pair[0]), skeletons(pair[1]))
			}
		}
	}
}

// The tables send each letter to where it stays, so it doesn't matter how often
// they are used.
func TestTablesEndInLatin(t *testing.T) {
	for which, table := range map[string]map[rune]string{"capitals": capitals, "smalls": smalls} {
		for from, to := range table {
			if again := replace(to, smalls); again != to {
				t.Errorf("%s: %q becomes %q, then %q", which, from, to, again)
			}
			if which == "smalls" && unicode.ToLower(from) != from {
				t.Errorf("%q is no small letter", from)
			}
			if which == "capitals" && from != '|' && unicode.ToLower(from) == from {
				t.Errorf("%q is no capital", from)
			}
		}
	}
}

// FuzzNames holds that a clean name is clean, and that cleaning changes none
// into another person's.
func FuzzNames(f *testing.F) {
	for _, seed := range []string{"Ada", "Zoe\u0308", "\u202eadA", "e\u0316\u0316\u0301", "각\u11a8", "\xff", "ﬃ \u0345", "𝓐 𓂀"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		clean := Clean(name)
		if n := utf8.RuneCountInString(clean); n > Max || !utf8.ValidString(clean) {
			t.Fatalf("%q: %d code points", clean, n)
		}
		if again := Clean(clean); again != clean {
			t.Fatalf("%q is cleaned to %q, then %q", name, clean, again)
		}
		for _, r := range clean {
			if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Bidi_Control) {
				t.Fatalf("%q holds %U", clean, r)
			}
		}
		if !Alike(name, clean) {
			t.Fatalf("%q is not alike %q", name, clean)
		}
	})
}
