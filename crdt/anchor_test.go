package crdt_test

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"starling/crdt"
)

// An anchor sticks to its character while another edits before, at and behind
// its place. | is where it ends.
func TestAnAnchorStaysAtItsCharacter(t *testing.T) {
	tests := []struct {
		name   string
		after  bool
		edit   crdt.Edit
		result string
		late   string // named after the edit, from a view before it, if that differs
	}{
		{"written before it", true, crdt.Edit{At: 1, Insert: "xy"}, "axyb|cd", ""},
		{"written behind it", true, crdt.Edit{At: 3, Insert: "xy"}, "ab|cxyd", ""},
		{"written at it", true, crdt.Edit{At: 2, Insert: "xy"}, "ab|xycd", ""},
		{"written at it, other side", false, crdt.Edit{At: 2, Insert: "xy"}, "abxy|cd", ""},
		{"erased before it", true, crdt.Edit{Delete: 1}, "b|cd", ""},
		{"erased behind it", true, crdt.Edit{At: 2, Delete: 2}, "ab|", ""},
		{"its character is erased", true, crdt.Edit{At: 1, Delete: 1}, "a|cd", ""},
		{"its character is erased, other side", false, crdt.Edit{At: 2, Delete: 1}, "ab|d", ""},
		{"all is erased", true, crdt.Edit{Delete: 4}, "|", ""},
		{"all is written anew", true, crdt.Edit{Delete: 4, Insert: "xy"}, "xy|", "|xy"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, first := found(t, "actor-a")
			b := open(t, "actor-b", first)
			a.edit(t, crdt.Edit{Insert: "abcd"})
			b.pull(t, a)
			anchor, err := a.Anchor(2, tt.after, 1)
			if err != nil {
				t.Fatal(err)
			}
			tt.edit.Seen = 1
			b.edit(t, tt.edit)
			a.pull(t, b)
			for _, r := range []*replica{a, b} {
				wantMark(t, r, anchor, tt.result)
			}
			late, err := a.Anchor(2, tt.after, 1)
			if err != nil {
				t.Fatal(err)
			}
			wantMark(t, a, late, cmp.Or(tt.late, tt.result))
		})
	}
}

// wantMark compares the text with a | at an anchor.
func wantMark(t *testing.T, r *replica, a crdt.Anchor, want string) {
	t.Helper()
	text, seen := r.Text()
	places, at, ok := r.Places(a)
	if !ok || at != seen {
		t.Fatalf("%+v is not there, %v after patch %d of %d", a, places, at, seen)
	}
	if got := string(slices.Insert([]rune(text), places[0], '|')); got != want {
		t.Errorf("%+v is at %q, want %q", a, got, want)
	}
}

func TestAnchorsAtTheEnds(t *testing.T) {
	none := open(t, "actor-a")
	a, first := found(t, "actor-a")
	b := open(t, "actor-b", first)
	for _, r := range []*replica{none, a} { // before there is a text, and while it is empty
		start, err := r.Anchor(0, true, 0)
		if want := (crdt.Anchor{After: true}); err != nil || start != want {
			t.Fatalf("the start is %+v, %v", start, err)
		}
		for _, at := range []int{-1, 1} {
			if _, err := r.Anchor(at, true, 0); !errors.Is(err, crdt.ErrOutside) {
				t.Errorf("at %d: %v", at, err)
			}
		}
	}
	if _, _, ok := none.Places(crdt.Anchor{After: true}); ok {
		t.Error("there is a start before there is a text")
	}
	a.edit(t, crdt.Edit{Insert: "abc"})
	b.pull(t, a)
	end, err := a.Anchor(3, false, 1)
	if err != nil || end != (crdt.Anchor{}) {
		t.Fatalf("the end is %+v, %v", end, err)
	}
	b.edit(t, crdt.Edit{Seen: 1, Insert: "<"})
	b.edit(t, crdt.Edit{Seen: 2, At: 4, Insert: ">"})
	wantMark(t, b, crdt.Anchor{After: true}, "|<abc>")
	wantMark(t, b, end, "<abc>|")
	if _, err := a.Anchor(0, true, 7); !errors.Is(err, crdt.ErrStale) {
		t.Errorf("in a text that was never there: %v", err)
	}
}

func TestAnchorsOfWhatIsNotHere(t *testing.T) {
	a, first := found(t, "actor-a")
	b := open(t, "actor-b", first)
	a.edit(t, crdt.Edit{Insert: "ab"})
	anchor, err := a.Anchor(1, true, 1)
	if err != nil {
		t.Fatal(err)
	}
	start := crdt.Anchor{After: true}
	if _, _, ok := b.Places(start, anchor); ok || b.Reaches("actor-a", 2) || b.Reaches("actor-z", 1) {
		t.Error("it is known before it has come")
	}
	b.pull(t, a)
	if places, _, ok := b.Places(start, anchor); !ok || !slices.Equal(places, []int{0, 1}) {
		t.Errorf("at %v, %v", places, ok)
	}
	if !b.Reaches("actor-a", 2) || b.Reaches("actor-a", 3) || b.Reaches("actor-a", math.MaxUint64) || !b.Reaches("actor-z", 0) {
		t.Error("it reaches what it does not")
	}
	for _, a := range []crdt.Anchor{
		{Counter: 1},
		{Actor: "actor-a"},
		{Actor: "actor-z", Counter: 1},
		{Actor: "actor-a", Counter: 99},
		{Actor: "actor-a", Counter: 1}, // which made the text
		{Actor: "actor-a", Counter: 1<<32 + anchor.Counter},
	} {
		if places, _, ok := b.Places(a); ok {
			t.Errorf("%+v is at %v", a, places)
		}
	}
}

// Three people write at once, mostly at one place. In whatever order their
// changes arrive, an anchor is at one place in all three documents: beside its
// character while that is there.
func TestAnchorsConverge(t *testing.T) {
	for seed := range uint64(150) {
		rng := rand.New(rand.NewPCG(seed, 11))
		next := 'a' // no character is written twice
		typed := func(n int) string {
			s := make([]rune, n)
			for i := range s {
				s[i], next = next, next+1
			}
			return string(s)
		}
		a, first := found(t, "actor-a")
		all := []*replica{a, open(t, "actor-b", first), open(t, "actor-c", first)}
		a.edit(t, crdt.Edit{Insert: typed(6)})
		type named struct {
			crdt.Anchor
			beside rune // 0: none
		}
		var anchors []named
		had := make([][]int, len(all)) // by replica, how many of whose changes it has
		for i := range had {
			had[i] = make([]int, len(all))
		}
		for range 4 {
			meet(t, rng, all, had)
			for _, r := range all {
				for range 1 + rng.IntN(4) {
					text, seen := r.Text()
					runes := []rune(text)
					at, after := rng.IntN(len(runes)+1), rng.IntN(2) == 0
					anchor, err := r.Anchor(at, after, seen)
					if err != nil {
						t.Fatal(err)
					}
					n := named{Anchor: anchor}
					if after && at > 0 {
						n.beside = runes[at-1]
					} else if !after && at < len(runes) {
						n.beside = runes[at]
					}
					anchors = append(anchors, n)
					at = min(len(runes), 2+rng.IntN(2))
					r.edit(t, crdt.Edit{
						Seen: seen, At: at, Delete: min(rng.IntN(3), len(runes)-at), Insert: typed(rng.IntN(3)),
					})
				}
			}
		}
		meet(t, rng, all, had)
		text, _ := a.Text()
		for _, n := range anchors {
			want, _, ok := a.Places(n.Anchor)
			if i := slices.Index([]rune(text), n.beside); i >= 0 && n.After && want[0] != i+1 || i >= 0 && !n.After && want[0] != i {
				t.Fatalf("seed %d: %+v is at %v of %q", seed, n, want, text)
			}
			for _, r := range all[1:] {
				if got, _, known := r.Places(n.Anchor); !ok || !known || got[0] != want[0] {
					t.Fatalf("seed %d: %+v is at %v and %v of %q", seed, n, want, got, text)
				}
			}
		}
	}
}

// meet brings all changes to all, to each in an order of its own.
func meet(t *testing.T, rng *rand.Rand, all []*replica, had [][]int) {
	t.Helper()
	made := make([]int, len(all))
	for i, r := range all {
		made[i] = len(r.made)
	}
	for i, r := range all {
		for {
			var from []int
			for j := range all {
				if j != i && had[i][j] < made[j] {
					from = append(from, j)
				}
			}
			if len(from) == 0 {
				break
			}
			j := from[rng.IntN(len(from))]
			c := all[j].made[had[i][j]]
			if _, err := r.Apply([]crdt.Change{c}); err != nil {
				t.Fatal(err)
			}
			had[i][j]++
		}
	}
}
