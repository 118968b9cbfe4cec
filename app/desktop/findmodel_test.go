package desktop

import (
	"errors"
	"strings"
	"testing"

	"starling/app/editor"
)

func TestFoundIsSaid(t *testing.T) {
	for _, c := range []struct {
		text  string
		found editor.Found
		want  foundView
	}{
		{"", editor.Found{}, foundView{}},
		{"", editor.Found{Count: 3, Current: 1}, foundView{}},
		{"gull", editor.Found{}, foundView{Count: "No match"}},
		{"gull", editor.Found{Count: 27, Current: 3}, foundView{Count: "3 of 27"}},
		{"gull", editor.Found{Count: 27}, foundView{Count: "27 matches"}},
		{"gull", editor.Found{Count: 1}, foundView{Count: "1 match"}},
		{"e", editor.Found{Count: 100000, Current: 1234, More: true}, foundView{Count: "1,234 of 100,000+"}},
		{"(", editor.Found{Err: errors.New("A bracket is not closed.")}, foundView{Error: "A bracket is not closed."}},
	} {
		if got := foundOf(c.text, c.found); got != c.want {
			t.Errorf("%q, %+v: %+v, want %+v", c.text, c.found, got, c.want)
		}
	}
}

func TestSearchBeginsWithTheSelection(t *testing.T) {
	for selected, want := range map[string]string{
		"":                           "",
		"gulls":                      "gulls",
		"two\nlines":                 "",
		strings.Repeat("é", 200):     strings.Repeat("é", 200),
		strings.Repeat("é", 201):     "",
		"  with spaces, kept as is ": "  with spaces, kept as is ",
	} {
		if got := soughtIn(selected); got != want {
			t.Errorf("%q gives %q", selected, got)
		}
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 1234567: "1,234,567", 100000: "100,000"} {
		if got := grouped(n); got != want {
			t.Errorf("%d is written %q", n, got)
		}
	}
}

func TestLineAsked(t *testing.T) {
	for text, want := range map[string]int{"12": 12, " 7 ": 7, "1,204": 1204, "": 0, "0": 0, "-3": 0, "x": 0, "4.5": 0} {
		n, ok := lineAsked(text)
		if ok != (want > 0) || ok && n != want {
			t.Errorf("%q gives %d, %v", text, n, ok)
		}
	}
}
