package editor

import (
	"fmt"
	"image/color"
	"strings"
	"testing"
)

func hex(rgb uint32) color.NRGBA {
	return color.NRGBA{R: uint8(rgb >> 16), G: uint8(rgb >> 8), B: uint8(rgb), A: 0xff}
}

// TestKinds tells each line's kind by a letter: . text, c code, f fence, r
// rule, a digit for a heading.
func TestKinds(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"# a\n## b\n####### c\n#d\n#", "12..1"},
		{"```go\n# a\n~~~\n```\n# b", "fccf1"},
		{"````\n```\n`````\ntext", "fcf."},
		{"~~~\n~~~ x\n~~~", "fcf"},
		{"``` a`b\ntext", ".."},
		{"    code\n\n    code\ntext\n    text", "c.c.."},
		{"text\n\n\tcode", "..c"},
		{"- item\n\n    more of it\n\ntext\n\n    code", "......c"},
		{"---\n* * *\n--\n_ _", "rr.."},
		{"- item\n  ```\n  code\n  ```\n- item", ".fcf."},
		{"```\nnever closed\n\n# a", "fc" + "cc"},
	} {
		var got strings.Builder
		state := uint32(0)
		for _, line := range strings.Split(c.text, "\n") {
			k, level := lineKind(state, line)
			letter := string(".hfcr"[k])
			if k == kindHeading {
				letter = fmt.Sprint(level)
			}
			got.WriteString(letter)
			state = nextState(state, line)
		}
		if got.String() != c.want {
			t.Errorf("%q: %s, want %s", c.text, got.String(), c.want)
		}
	}
}

// TestSpans tells spans as (what it is:text).
func TestSpans(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"plain", "(:plain)"},
		{"a **b** c", "(:a )(faint:**)(bold:b)(faint:**)(: c)"},
		{"a *b* _c_", "(:a )(faint:*)(italic:b)(faint:*)(: )(faint:_)(italic:c)(faint:_)"},
		{"***b***", "(faint:***)(bold italic:b)(faint:***)"},
		{"**a *b* c**", "(faint:**)(bold:a )(bold faint:*)(bold italic:b)(bold faint:*)(bold: c)(faint:**)"},
		{"snake_case_name", "(:snake_case_name)"},
		{"2 * 3 * 4", "(:2 * 3 * 4)"},
		{"**open", "(:**open)"},
		{"*a *b", "(:*a *b)"},
		{"`a*b*`", "(faint:`)(code:a*b*)(faint:`)"},
		{"~~a~~", "(faint:~~)(strike:a)(faint:~~)"},
		{`\*a*`, `(faint:\)(:*a*)`},
		{"[a](b) c", "(faint:[)(link:a)(faint:](b))(: c)"},
		{"[a] (b)", "(:[a] (b))"},
		{"## a *b*", "(semi faint:##)(semi: a )(semi faint:*)(bold italic:b)(semi faint:*)"},
		{"- [ ] a", "(faint:- [ ] )(:a)"},
		{"- [x] a", "(faint:- [x] )(dim:a)"},
		{"12. a", "(faint:12. )(:a)"},
		{"> a", "(faint:> )(dim:a)"},
	} {
		var got strings.Builder
		for _, s := range lookOf(0, c.text).spans {
			fmt.Fprintf(&got, "(%s:%s)", describe(s), c.text[s.from:s.to])
		}
		if got.String() != c.want {
			t.Errorf("%q:\n%s, want\n%s", c.text, got.String(), c.want)
		}
	}
}

func describe(s span) string {
	var out []string
	switch {
	case s.ink.underline:
		return "link"
	case s.code:
		return "code"
	}
	switch s.ink.face {
	case faceBold:
		out = append(out, "bold")
	case faceItalic:
		out = append(out, "italic")
	case faceBoldItalic:
		out = append(out, "bold italic")
	case faceSemiBold:
		out = append(out, "semi")
	}
	if s.ink.strike {
		out = append(out, "strike")
	}
	switch s.role {
	case roleFaint:
		out = append(out, "faint")
	case roleDim:
		out = append(out, "dim")
	}
	return strings.Join(out, " ")
}

// FuzzLook holds that spans cover any line, in order, in any state.
func FuzzLook(f *testing.F) {
	for _, text := range []string{"", "# a", "**a** _b_ `c` [d](e) ~~f~~", "\t- [x] é **", "```", strings.Repeat("*a", 50), "[[](](", "\xff*\xff*"} {
		f.Add(uint32(0), text)
		f.Add(stateList|stateText, text)
		f.Add(uint32(1|3<<lengthShift), text)
	}
	f.Fuzz(func(t *testing.T, state uint32, text string) {
		text = strings.ReplaceAll(text, "\n", " ")
		nextState(state, text)
		at := 0
		for _, s := range lookOf(state, text).spans {
			if s.from != at || s.to <= s.from {
				t.Fatalf("%q: span from %d to %d after %d", text, s.from, s.to, at)
			}
			at = s.to
		}
		if at != len(text) {
			t.Fatalf("%q: spans end at %d", text, at)
		}
	})
}

func BenchmarkLook(b *testing.B) {
	for _, text := range []string{strings.Repeat("plain words ", 20), strings.Repeat("*a", maxInline/2)} {
		b.Run(fmt.Sprint(len(text)), func(b *testing.B) {
			for b.Loop() {
				lookOf(0, text)
			}
		})
	}
}
