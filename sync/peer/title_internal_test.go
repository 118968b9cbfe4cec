package peer

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTitles(t *testing.T) {
	long := strings.Repeat("é", 300)
	for _, test := range []struct{ text, want string }{
		{"", ""},
		{"Plain words\nmore", "Plain words"},
		{"\nbelow", ""},
		{"# Heading #\n", "Heading"},
		{"#", ""},
		{"####### seven", "####### seven"},
		{"#tag", "#tag"},
		{"  ## C# and F#", "C# and F#"},
		{"# *Really* **bold** and ***both***", "Really bold and both"},
		{"**bold *and* more**", "bold and more"},
		{"2 * 3 * 4, snake_case_name, a_b_", "2 * 3 * 4, snake_case_name, a_b_"},
		{"_under_ and __score__ ~~gone~~ ~~~x~~~", "under and score gone ~~~x~~~"},
		{"**open and *shut*", "**open and shut"},
		{"\\*not\\* it", "*not* it"},
		{"Use `a*b*c` and `` x`y ``", "Use a*b*c and x`y"},
		{"`open", "`open"},
		{"[The *text*](https://example.org/a_(b)) then", "The text then"},
		{"![An image](x.png)", "An image"},
		{"See [1] and [^2] and f(x)", "See [1] and [^2] and f(x)"},
		{"[words](https://example.org/" + long + long + ")", "words"},
		{"[words](never closed", "[words](never closed"},
		{"<https://example.org> a < b", "https://example.org a < b"},
		{"- [ ] buy *milk*", "buy milk"},
		{"* [x] done", "done"},
		{"> > - quoted", "quoted"},
		{"> # Heading", "Heading"},
		{"1984. A year", "1984. A year"},
		{"1. [x] done", "1. done"},
		{"- - -", "- - -"},
		{"---", "---"},
		{"***\ntext", "***"},
		{"tab\there\x00\r\n", "tab here"},
		{"  " + long, long[:2*maxTitle]},

		{"---\ntitle: The report\n---\n# Other", "The report"},
		{"---\nlayout: x\nTitle: \"Say \\\"hi\\\": *now*\" # so\n---\n", "Say \"hi\": *now*"},
		{"---\ntitle: 'It''s'\n---\n", "It's"},
		{"---\ntitle: plain # comment\n", "plain"},
		{"---\ntitle: >-\n  folded\n  on\n---\n", "folded"},
		{"---\r\ntitle: Windows\r\n---\r\n", "Windows"},
		{"---\ntitle:\nlayout: x\n---\n\n\n# **First** line\nnext", "First line"},
		{"---\nlayout: x\n...\n- item\n", "item"},
		{"---\n---\nbehind", "behind"},
		{"---\nsub:\n  title: not this\n---\n", ""},
		{"---\nlayout: x\n" + strings.Repeat("k: v\n", 2000) + "---\n# Far", ""},
		{"---\n\nA rule, and words", "---"},
		{"---\nA rule: and words", "---"},
	} {
		if got := titleOf(test.text); got != test.want {
			t.Errorf("%.60q is called %q, want %q", test.text, got, test.want)
		}
	}
}

// Whatever the text, its title is one short line, and the same from its head as
// from the whole.
func FuzzTitle(f *testing.F) {
	for _, seed := range []string{"# *a* [b](c) `d`", "---\ntitle: \"x\"\n---\n", "---\na: b\n---\n> - [ ] **c*", "*_~~*_~~", "![[]]((\\)<a:b>"} {
		f.Add(seed, uint16(7))
	}
	f.Fuzz(func(t *testing.T, text string, more uint16) {
		text = strings.ToValidUTF8(text, "?")
		title := titleOf(text)
		if utf8.RuneCountInString(title) > maxTitle || !utf8.ValidString(title) || strings.ContainsAny(title, "\n\r\x00") {
			t.Errorf("%q is called %q", text, title)
		}
		n := maxFront + int(more)
		if got := titleOf(firstRunes(text, n)); got != title {
			t.Errorf("from its head it is called %q, from the whole %q", got, title)
		}
		reach := titleReach(func(n int) string { return firstRunes(text, n) })
		if reach > utf8.RuneCountInString(text) {
			return
		}
		if got := titleOf(firstRunes(text, reach) + "# else"); got != title {
			t.Errorf("with something else behind what it follows from it is called %q instead of %q", got, title)
		}
	})
}

// A title is made for each key; this holds the worst lines.
func BenchmarkTitle(b *testing.B) {
	for name, text := range map[string]string{
		"words":    "# Some words in a heading\n",
		"front":    "---\n" + strings.Repeat("key: value\n", 1000) + "---\n",
		"brackets": strings.Repeat("[", 600),
		"links":    strings.Repeat("[", 256) + strings.Repeat("](", 256),
		"marks":    strings.Repeat("*a_b ", 120),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				titleOf(text)
			}
		})
	}
}
