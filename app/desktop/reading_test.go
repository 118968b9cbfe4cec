package desktop

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"starling/crdt"
)

func TestCountIsSaid(t *testing.T) {
	for _, c := range []struct {
		all         size
		chosen      *size
		words, long string
	}{
		{size{0, 0}, nil, "0 words", "0 characters"},
		{size{1, 1}, nil, "1 word", "1 character"},
		{size{1840, 12_034}, nil, "1,840 words", "12,034 characters"},
		{size{184, 1032}, &size{12, 61}, "12 of 184 words", "61 of 1,032 characters"},
		{size{1, 4}, &size{1, 3}, "1 of 1 word", "3 of 4 characters"},
	} {
		if words, long := wordLine(c.all, c.chosen), characterLine(c.all, c.chosen); words != c.words || long != c.long {
			t.Errorf("%+v: %q, %q", c, words, long)
		}
	}
}

func TestSizeOfText(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "one": 1, "High water at ten.": 4, "a\nb\n\nc": 3, "潮の音": 3,
	} {
		if got := sizeOf(text).Words; got != want {
			t.Errorf("%q has %d words, want %d", text, got, want)
		}
	}
}

func TestHeadingsHavePlaces(t *testing.T) {
	text := "Före\n# Ettö\n\nüber\n## Two ##\n```\n# code\n```\n### Three\n"
	runes := []rune(text)
	var got []string
	for _, h := range headingsOf(text) {
		line, _, _ := strings.Cut(string(runes[h.At:]), "\n")
		got = append(got, fmt.Sprint(h.Level, " ", h.Text, " ", line))
	}
	want := []string{"1 Ettö # Ettö", "2 Two ## Two ##", "3 Three ### Three"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := headingsOf(""); len(got) != 0 {
		t.Errorf("nothing has the headings %v", got)
	}
}

func TestOutlineFollowsTheCaret(t *testing.T) {
	headings := []heading{{2, "One", 10}, {3, "", 20}, {2, "Three", 30}}
	places := []int{10, 20, 30}
	for caret, want := range map[int]int{0: -1, 9: -1, 10: 0, 19: 0, 20: 1, 29: 1, 30: 2, 999: 2} {
		rows := outlineRows(headings, headingAt(places, caret))
		if got := slices.IndexFunc(rows, func(r listRow) bool { return r.Selected }); got != want {
			t.Errorf("at %d the heading is %d, want %d", caret, got, want)
		}
		if rows[0].Indent != 0 || rows[1].Indent != 1 || rows[1].Title != "Untitled" || !rows[1].Quiet {
			t.Errorf("the rows are %+v", rows)
		}
	}
}

func TestSlice(t *testing.T) {
	for _, c := range []struct {
		from, to int
		want     string
	}{{0, 0, ""}, {0, 2, "hé"}, {1, 5, "éllo"}, {4, 9, "o"}, {7, 9, ""}} {
		if got := slice("héllo", c.from, c.to); got != c.want {
			t.Errorf("%d to %d is %q", c.from, c.to, got)
		}
	}
}

// The places of headings keep up with what is written before they are read
// again.
func TestPlacesOfHeadingsAreCarried(t *testing.T) {
	s := sharedText{places: []int{5, 20}}
	s.note([]crdt.Patch{{Num: 1, At: 10, Inserted: 4}, {Num: 2, At: 0, Delete: 2}})
	if want := []int{3, 22}; !slices.Equal(s.places, want) {
		t.Errorf("the places are %v, want %v", s.places, want)
	}
}
