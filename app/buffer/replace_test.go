package buffer

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"starling/crdt"
)

func TestReplaceRefuses(t *testing.T) {
	for name, splices := range map[string][]Splice{
		"overlap":      {{At: 0, Delete: 3}, {At: 2, Delete: 1}},
		"out of order": {{At: 3}, {At: 1}},
		"outside":      {{At: 5, Delete: 1}},
		"before":       {{At: -1}},
		"negative":     {{At: 1, Delete: -1}},
	} {
		_, b := view("12345")
		b.MoveTo(2, false)
		if err := b.Replace(splices, 0, 0); err == nil || b.Text() != "12345" || b.Caret() != 2 {
			t.Errorf("%s: %v, %q, caret %d", name, err, b.Text(), b.Caret())
		}
	}
	d, b := view("12345")
	d.err = errNo
	if err := b.Replace([]Splice{{Insert: "x"}}, 1, 1); !errors.Is(err, errNo) || b.Text() != "12345" {
		t.Errorf("%v, %q", err, b.Text())
	}
	d.err = nil
	if err := b.Replace([]Splice{{At: 3}}, 1, 4); err != nil || b.Seen() != 0 || b.Selected() != "234" {
		t.Errorf("nothing to replace: %v, seen %d, selected %q", err, b.Seen(), b.Selected())
	}
}

// TestReplaceBehind replaces in a text in which others have already written. The
// caret is | and the anchor < in what the action alone would leave.
func TestReplaceBehind(t *testing.T) {
	for _, c := range []struct {
		name    string
		splices []Splice
		mine    string // what they leave, with caret and anchor
		other   Splice
		want    string
	}{
		{"above", []Splice{{At: 4, Delete: 3, Insert: "TWO"}}, "one T|WO three", Splice{At: 0, Delete: 0, Insert: "zero "}, "zero one T|WO three"},
		{"below", []Splice{{At: 4, Delete: 3, Insert: "TWO"}}, "one <TWO| three", Splice{At: 8, Delete: 5, Insert: "3"}, "one <TWO| 3"},
		{"between two", []Splice{{At: 0, Delete: 3, Insert: "1"}, {At: 8, Delete: 5, Insert: "3"}}, "1 two 3|", Splice{At: 4, Delete: 3, Insert: "II"}, "1 II 3|"},
		{"in what goes", []Splice{{At: 4, Delete: 3, Insert: "2"}}, "one 2| three", Splice{At: 5, Delete: 0, Insert: "-"}, "one 2|- three"},
		{"takes what goes", []Splice{{At: 4, Delete: 3, Insert: "2"}}, "one <2| three", Splice{At: 3, Delete: 5, Insert: ""}, "one<2|three"},
		{"side by side", []Splice{{At: 3, Insert: "aa"}, {At: 4, Insert: "b"}, {At: 5, Insert: "ccc"}}, "oneaa <b|tcccwo three", Splice{At: 3, Delete: 2}, "oneaa<b|cccwo three"},
		{"side by side, before", []Splice{{At: 3, Insert: "aa"}, {At: 4, Insert: "b"}}, "one<a|a btwo three", Splice{At: 3, Delete: 2}, "one<a|abwo three"},
		{"behind what is side by side", []Splice{{At: 3, Insert: "aa"}, {At: 4, Insert: "b"}}, "oneaa bt<w|o three", Splice{At: 3, Delete: 2}, "oneaab<w|o three"},
		{"beside the caret", []Splice{{At: 0, Delete: 3, Insert: "1"}}, "1 two| three", Splice{At: 7, Delete: 0, Insert: "!"}, "1 two|! three"},
		{"in the selection", []Splice{{At: 0, Delete: 0, Insert: "> "}}, "> one <two| three", Splice{At: 5, Delete: 0, Insert: "-"}, "> one <t-wo| three"},
		{"at its start", []Splice{{At: 0, Delete: 0, Insert: "> "}}, "> one <two| three", Splice{At: 4, Delete: 0, Insert: "-"}, "> one -<two| three"},
	} {
		d, b := view("one two three")
		d.put(c.other.At, c.other.Delete, c.other.Insert)
		_, places := parseMarks(c.mine)
		anchor, ok := places['<']
		if !ok {
			anchor = places['|']
		}
		must(t, b.Replace(c.splices, places['|'], anchor))
		text := []rune(b.Text())
		got := string(text[:b.Caret()]) + "|" + string(text[b.Caret():])
		if b.Anchor() < b.Caret() {
			got = string(text[:b.Anchor()]) + "<" + string(text[b.Anchor():b.Caret()]) + "|" + string(text[b.Caret():])
		}
		if got != c.want || b.Text() != d.text() {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestSelectionHolds lets others write around and in a selection: what is left of
// it stays selected, nothing else becomes so but what they put inside.
func TestSelectionHolds(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for range 4000 {
		n := 1 + r.IntN(20)
		text := []rune(strings.Repeat("o", n))
		from := r.IntN(n)
		to := from + 1 + r.IntN(n-from)
		for i := from; i < to; i++ {
			text[i] = 'S'
		}
		b := New(nil, string(text), 0)
		back := r.IntN(2) == 0
		if b.Select(from, to); back {
			b.Select(to, from)
		}
		for num := range uint64(1 + r.IntN(6)) {
			at := r.IntN(len(text) + 1)
			gone := r.IntN(min(3, len(text)-at) + 1)
			insert := strings.Repeat("+", r.IntN(3))
			must(t, b.Apply([]crdt.Patch{{Num: num + 1, At: at, Delete: gone, Insert: insert, Inserted: len(insert)}}))
			text = slices.Replace(text, at, at+gone, []rune(insert)...)
			from, to := b.Selection()
			if strings.ContainsRune(string(text[:from])+string(text[to:]), 'S') || strings.ContainsRune(b.Selected(), 'o') {
				t.Fatalf("%q: selected %q from %d", string(text), b.Selected(), from)
			}
			if from != to && (insert != "" && text[from] == '+' && gone == 0 && from == at || back != (b.Caret() < b.Anchor())) {
				t.Fatalf("%q: selected %q, from %d to %d", string(text), b.Selected(), b.Anchor(), b.Caret())
			}
		}
	}
}

// TestBatches gives patches together and one by one: the result, and what
// observers are told, must be the same.
func TestBatches(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 300 {
		var text strings.Builder
		for range r.IntN(60) {
			text.WriteString(randomText(r, 2))
		}
		one, many := New(nil, text.String(), 0), New(nil, text.String(), 0)
		var told [2][]Patch
		one.Observe(func(p Patch) { told[0] = append(told[0], p) })
		many.Observe(func(p Patch) { told[1] = append(told[1], p) })
		mark := [2]Mark{{At: 3}, {At: 3}}
		one.Track(&mark[0])
		many.Track(&mark[1])
		var patches []Patch
		length, at := one.Len(), r.IntN(one.Len()+1)
		for num := range uint64(40) {
			switch r.IntN(3) {
			case 0:
				at = r.IntN(length + 1)
			case 1:
				at = min(at+r.IntN(4), length)
			default:
				at = max(at-r.IntN(4), 0)
			}
			p := Patch{Num: num + 1, At: at, Delete: r.IntN(min(3, length-at) + 1), Insert: randomText(r, 1)}
			p.Inserted = len([]rune(p.Insert))
			length += p.Inserted - p.Delete
			patches = append(patches, p)
			must(t, one.Apply([]Patch{p}))
		}
		must(t, many.Apply(patches))
		if one.Text() != many.Text() || mark[0].At != mark[1].At || !slices.Equal(told[0], told[1]) || one.Caret() != many.Caret() {
			t.Fatalf("one by one %q, together %q", one.Text(), many.Text())
		}
		checkLines(t, many)
		// One that is missing leaves what is before it applied.
		late := Patch{Num: 43, Insert: "x", Inserted: 1}
		next := Patch{Num: 41, Insert: "n", Inserted: 1}
		if err := many.Apply([]Patch{next, late}); !errors.Is(err, ErrReload) || many.Text() != "n"+one.Text() || many.Seen() != 41 {
			t.Fatalf("%v, seen %d", err, many.Seen())
		}
	}
}

// TestCorpus says that the fuzz targets have seeds to start from.
func TestCorpus(t *testing.T) {
	for _, target := range []string{"FuzzScript", "FuzzClusters"} {
		seeds, err := os.ReadDir(filepath.Join("testdata", "fuzz", target))
		if err != nil || len(seeds) < 5 {
			t.Errorf("%s has %d seeds: %v", target, len(seeds), err)
		}
	}
}
