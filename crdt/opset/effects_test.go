package opset

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"starling/crdt/format"
	"starling/crdt/format/formattest"
	"starling/crdt/opid"
)

func TestSplicesJoin(t *testing.T) {
	for name, tc := range map[string]struct{ add, want []Splice }{
		"nothing":               {[]Splice{{3, 0, ""}}, nil},
		"typing":                {[]Splice{{3, 0, "a"}, {4, 0, "ü"}, {5, 0, "🙂c"}}, []Splice{{3, 0, "aü🙂c"}}},
		"backspace":             {[]Splice{{3, 1, ""}, {2, 1, ""}, {1, 1, ""}}, []Splice{{1, 3, ""}}},
		"delete":                {[]Splice{{3, 1, ""}, {3, 2, ""}}, []Splice{{3, 3, ""}}},
		"type over":             {[]Splice{{3, 2, ""}, {3, 0, "new"}}, []Splice{{3, 2, "new"}}},
		"correct":               {[]Splice{{3, 0, "nü"}, {4, 1, ""}, {4, 0, "ew"}}, []Splice{{3, 0, "new"}}},
		"type and undo":         {[]Splice{{3, 0, "né"}, {3, 2, ""}}, nil},
		"undo and go on before": {[]Splice{{9, 1, ""}, {3, 0, "ab"}, {3, 2, ""}, {9, 1, ""}}, []Splice{{9, 2, ""}}},
		"around":                {[]Splice{{3, 1, "ab"}, {2, 4, "x"}}, []Splice{{2, 3, "x"}}},
		"behind":                {[]Splice{{3, 0, "ab"}, {4, 3, "x"}}, []Splice{{3, 2, "ax"}}},
		"in the middle":         {[]Splice{{3, 0, "ab"}, {4, 0, "x"}}, []Splice{{3, 0, "ab"}, {4, 0, "x"}}},
		"before":                {[]Splice{{3, 0, "ab"}, {3, 0, "x"}}, []Splice{{3, 0, "ab"}, {3, 0, "x"}}},
		"elsewhere":             {[]Splice{{3, 0, "ab"}, {9, 2, "x"}, {0, 1, ""}}, []Splice{{3, 0, "ab"}, {9, 2, "x"}, {0, 1, ""}}},
	} {
		var e Effects
		for _, s := range tc.add {
			e.add(s.At, s.Delete, s.Insert)
		}
		if got := e.Splices(); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

func replay(text string, splices []Splice) string {
	runes := []rune(text)
	for _, s := range splices {
		runes = slices.Replace(runes, s.At, s.At+s.Delete, []rune(s.Insert)...)
	}
	return string(runes)
}

// However splices join, together they do what they did one by one.
func TestJoinedSplicesDoTheSame(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 4))
	start := strings.Repeat("0123456789", 3)
	for range 3000 {
		text := start
		var e Effects
		for range 1 + rng.IntN(12) {
			n := len([]rune(text))
			at := rng.IntN(min(n, 8) + 1)
			s := Splice{at, min(rng.IntN(4), n-at), []string{"", "", "é", "🙂b"}[rng.IntN(4)]}
			e.add(s.At, s.Delete, s.Insert)
			text = replay(text, []Splice{s})
		}
		if got := replay(start, e.Splices()); got != text {
			t.Fatalf("%v make %q, want %q", e.Splices(), got, text)
		}
	}
}

// Changes that are as large and as contrary as they may be keep a processor no more
// than a fraction of a second; where they cost the square of that, far more than the
// limit here, which the race detector needs.
func TestHostileChangesTakeNoTime(t *testing.T) {
	const n = format.MaxOps - 10
	k := "k"
	forOps := func(f func(d *draft, i int)) func(*draft) {
		return func(d *draft) {
			for i := range n {
				f(d, i)
			}
		}
	}
	w := newWorld(t, 3, 2)
	a, b := w.people[0], w.people[1]
	d := w.draft(a)
	d.typeText(a.set.watched, opid.ID{}, strings.Repeat("x", n))
	d.commit()
	w.merge(b, a)
	text, last := a.set.watched, a.maxOp
	for name, write := range map[string]func(*draft){
		"values of one key": forOps(func(d *draft, i int) { d.put(draftOp{key: &k, action: format.Set, value: str("v")}) }),
		"values of one element": forOps(func(d *draft, i int) {
			d.put(draftOp{obj: text, elem: opid.ID{Actor: d.p.actors.Number(a.name), Counter: 5}, action: format.Set, value: str("vv")})
		}),
		"revivals of other characters": forOps(func(d *draft, i int) {
			c := "x"
			if i == n-1 {
				c = "y"
			}
			d.put(draftOp{obj: text, elem: opid.ID{Actor: d.p.actors.Number(a.name), Counter: last - uint32(i)}, action: format.Set, value: str(c)})
		}),
	} {
		t.Run(name, func(t *testing.T) {
			for _, p := range w.people {
				d := w.draft(p)
				write(d)
				d.commit()
			}
			c := w.changes[len(w.changes)-1]
			var err error
			took := formattest.Busy(func() { err = a.set.Apply(c, numbers(c, &a.actors), &Effects{}) })
			if err != nil {
				t.Fatal(err)
			}
			if took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}
