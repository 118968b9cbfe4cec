package crdt_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"starling/crdt"
)

var noon = time.Unix(1_700_000_000, 987_654_321)

// replica is a document, the changes that it made, and a view that is kept up
// to date by patches alone.
type replica struct {
	*crdt.Document
	made  []crdt.Change
	taken int // how many of the other's changes it has
	view  []rune
	seen  uint64
}

func open(t testing.TB, actor string, changes ...crdt.Change) *replica {
	t.Helper()
	d, err := crdt.Open(crdt.Config{ID: crdt.DocID{1}, Actor: crdt.ActorID(actor), Changes: changes})
	if err != nil {
		t.Fatal(err)
	}
	text, seen := d.Text()
	return &replica{Document: d, view: []rune(text), seen: seen}
}

// found makes the first change and returns it with its document.
func found(t testing.TB, actor string) (*replica, crdt.Change) {
	t.Helper()
	r := open(t, actor)
	c, err := r.Found(noon)
	if err != nil {
		t.Fatal(err)
	}
	return r, c
}

func (r *replica) follow(t testing.TB, patches []crdt.Patch) {
	t.Helper()
	for _, p := range patches {
		if p.Num <= r.seen {
			continue
		}
		if p.Num != r.seen+1 {
			t.Fatalf("patch %d after %d", p.Num, r.seen)
		}
		if p.Inserted != utf8.RuneCountInString(p.Insert) {
			t.Fatalf("patch %+v: Inserted is not the length of Insert", p)
		}
		r.view = slices.Replace(r.view, p.At, p.At+p.Delete, []rune(p.Insert)...)
		r.seen = p.Num
	}
}

func (r *replica) check(t testing.TB) string {
	t.Helper()
	text, seen := r.Text()
	if seen != r.seen || string(r.view) != text {
		t.Fatalf("the patches up to %d give %q, the text up to %d is %q", r.seen, string(r.view), seen, text)
	}
	return text
}

func (r *replica) edit(t testing.TB, e crdt.Edit) crdt.Edited {
	t.Helper()
	out, err := r.Edit(e, noon)
	if err != nil {
		t.Fatalf("edit %+v: %v", e, err)
	}
	r.made = append(r.made, out.Changes...)
	return out
}

func (r *replica) pull(t testing.TB, from *replica) crdt.Applied {
	t.Helper()
	out, err := r.Apply(from.made[r.taken:])
	if err != nil {
		t.Fatal(err)
	}
	r.taken = len(from.made)
	return out
}

var words = []string{"a", "ü", "世", "🙂", "\n", "word ", "two words", "é́", ""}

func randomText(rng *rand.Rand) string {
	var b strings.Builder
	for range rng.IntN(4) {
		b.WriteString(words[rng.IntN(len(words))])
	}
	return b.String()
}

// Two people edit at random, hear of each other at random, and one of them
// edits from a view that lags behind.
func TestConcurrentEditsConverge(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 7))
		a, first := found(t, "actor-a")
		b := open(t, "actor-b", first)
		for range 60 {
			r, other := a, b
			if rng.IntN(2) == 0 {
				r, other = b, a
			}
			switch rng.IntN(4) {
			case 0:
				r.pull(t, other) // the view does not hear of it yet
			case 1:
				patches, err := r.Since(r.seen)
				if err != nil {
					t.Fatal(err)
				}
				r.follow(t, patches)
				r.check(t)
			default:
				at := rng.IntN(len(r.view) + 1)
				e := crdt.Edit{Seen: r.seen, At: at, Delete: rng.IntN(min(len(r.view)-at, 5) + 1), Insert: randomText(rng)}
				r.follow(t, r.edit(t, e).Patches)
				r.check(t)
			}
		}
		for _, p := range []struct{ r, from *replica }{{a, b}, {b, a}} {
			p.r.pull(t, p.from)
			patches, _ := p.r.Since(p.r.seen)
			p.r.follow(t, patches)
		}
		if ta, tb := a.check(t), b.check(t); ta != tb {
			t.Fatalf("seed %d: %q and %q", seed, ta, tb)
		}
		if !a.Vector().Equal(b.Vector()) || a.Vector().Digest() != b.Vector().Digest() {
			t.Fatalf("seed %d: equal texts with unequal vectors", seed)
		}
		again := open(t, "actor-c", expand(t, a)...)
		if text, _ := again.Text(); text != string(a.view) {
			t.Fatalf("seed %d: read again it is %q, not %q", seed, text, string(a.view))
		}
	}
}

func expand(t *testing.T, r *replica) []crdt.Change {
	t.Helper()
	chunk, covers, err := r.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	var changes []crdt.Change
	err = crdt.Expand(chunk, func(c crdt.Change) error {
		changes = append(changes, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	v := crdt.Vector{}
	for _, c := range changes {
		v.Advance(c.Actor, crdt.Tip{Seq: c.Seq, Hash: c.Hash})
	}
	if !v.Equal(covers) {
		t.Fatalf("the snapshot covers %v and says %v", v, covers)
	}
	return changes
}

// What another wrote inside a range that one removes from a stale view stays.
func TestEditFromAStaleView(t *testing.T) {
	tests := []struct {
		name         string
		text         string
		theirs, mine crdt.Edit
		want         string
	}{
		{"insert after theirs", "abc", crdt.Edit{At: 0, Insert: "X"}, crdt.Edit{At: 2, Insert: "Y"}, "XabYc"},
		{"insert at the same place", "abc", crdt.Edit{At: 1, Insert: "X"}, crdt.Edit{At: 1, Insert: "Y"}, "aYXbc"},
		{"delete around theirs", "abcdef", crdt.Edit{At: 3, Insert: "X"}, crdt.Edit{At: 1, Delete: 4}, "aXf"},
		{"replace around theirs", "abcdef", crdt.Edit{At: 3, Insert: "X"}, crdt.Edit{At: 1, Delete: 4, Insert: "Y"}, "aYXf"},
		{"delete what they removed", "abcdef", crdt.Edit{At: 2, Delete: 2}, crdt.Edit{At: 1, Delete: 4}, "af"},
		{"type inside what they removed", "abcdef", crdt.Edit{At: 1, Delete: 4}, crdt.Edit{At: 3, Insert: "Y"}, "aYf"},
		{"delete before theirs", "abcdef", crdt.Edit{At: 4, Insert: "X"}, crdt.Edit{At: 0, Delete: 2}, "cdXef"},
		{"at the very end", "ab", crdt.Edit{At: 0, Delete: 2}, crdt.Edit{At: 2, Insert: "Y"}, "Y"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, first := found(t, "actor-a")
			b := open(t, "actor-b", first)
			a.edit(t, crdt.Edit{Insert: tt.text})
			b.pull(t, a)
			_, seen := b.Text()
			tt.theirs.Seen, tt.mine.Seen = 1, seen
			a.edit(t, tt.theirs)
			b.pull(t, a)
			b.edit(t, tt.mine)
			if got, _ := b.Text(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRefusedEditsChangeNothing(t *testing.T) {
	r, _ := found(t, "actor-a")
	r.edit(t, crdt.Edit{Insert: "häé"})
	before := r.Vector()
	tests := []struct {
		name string
		edit crdt.Edit
		want error
	}{
		{"before the start", crdt.Edit{Seen: 1, At: -1}, crdt.ErrOutside},
		{"behind the end", crdt.Edit{Seen: 1, At: 4, Insert: "x"}, crdt.ErrOutside},
		{"too much", crdt.Edit{Seen: 1, At: 1, Delete: 3}, crdt.ErrOutside},
		{"negative", crdt.Edit{Seen: 1, At: 1, Delete: -1}, crdt.ErrOutside},
		{"overflow", crdt.Edit{Seen: 1, At: 1, Delete: int(^uint(0) >> 1)}, crdt.ErrOutside},
		{"not UTF-8", crdt.Edit{Seen: 1, Insert: "a\xff"}, crdt.ErrNotUTF8},
		{"from the future", crdt.Edit{Seen: 2, Insert: "a"}, crdt.ErrStale},
	}
	for _, tt := range tests {
		if _, err := r.Edit(tt.edit, noon); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	if text, _ := r.Text(); text != "häé" || !r.Vector().Equal(before) {
		t.Errorf("a refused edit left %q", text)
	}
}

func TestNothingToEditBeforeTheFirstChange(t *testing.T) {
	r := open(t, "actor-a")
	if _, err := r.Edit(crdt.Edit{Insert: "x"}, noon); !errors.Is(err, crdt.ErrNoContent) {
		t.Errorf("got %v", err)
	}
	if _, err := r.Found(noon); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Found(noon); !errors.Is(err, crdt.ErrFounded) {
		t.Errorf("a second founding: %v", err)
	}
}

func TestTimesAreWholeSeconds(t *testing.T) {
	r, c := found(t, "actor-a")
	out := r.edit(t, crdt.Edit{Insert: "x"})
	for _, c := range append(out.Changes, c) {
		if c.Time != noon.Unix() {
			t.Errorf("time %d, want %d", c.Time, noon.Unix())
		}
	}
}

func TestLargeEditsAreSplit(t *testing.T) {
	a, first := found(t, "actor-a")
	b := open(t, "actor-b", first)
	text := strings.Repeat("abcdéfg ", 10_000)
	out := a.edit(t, crdt.Edit{Insert: text})
	if len(out.Changes) < 2 || len(out.Patches) != 1 {
		t.Errorf("%d changes and %d patches", len(out.Changes), len(out.Patches))
	}
	b.pull(t, a)
	a.edit(t, crdt.Edit{Seen: 1, Delete: utf8.RuneCountInString(text), Insert: "short"})
	b.pull(t, a)
	if got, _ := b.Text(); got != "short" {
		t.Errorf("got %d bytes", len(got))
	}
}

func TestReplaceIsMinimal(t *testing.T) {
	r, _ := found(t, "actor-a")
	r.edit(t, crdt.Edit{Insert: "one two three\nfour five six\nseven\n"})
	out, err := r.Replace("one 2 three\nfour five six\nseven eight\n", noon)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Changes) != 1 || len(out.Patches) != 2 {
		t.Fatalf("%d changes, patches %+v", len(out.Changes), out.Patches)
	}
	for i, want := range []string{"2", " eight"} {
		if out.Patches[i].Insert != want {
			t.Errorf("patch %d inserts %q, want %q", i, out.Patches[i].Insert, want)
		}
	}
	if out, err = r.Replace("one 2 three\nfour five six\nseven eight\n", noon); err != nil || len(out.Changes) != 0 {
		t.Errorf("the same text again made %d changes, %v", len(out.Changes), err)
	}
}

func BenchmarkEditKey(b *testing.B) {
	for _, size := range []int{0, 100_000} {
		b.Run(strings.Repeat("0", size/20_000)+"chars", func(b *testing.B) {
			r, _ := found(b, "actor-a")
			if size > 0 {
				r.edit(b, crdt.Edit{Insert: strings.Repeat("x", size)})
			}
			_, seen := r.Text()
			for b.Loop() {
				out, err := r.Edit(crdt.Edit{Seen: seen, At: size / 2, Insert: "k"}, noon)
				if err != nil {
					b.Fatal(err)
				}
				seen = out.Patches[len(out.Patches)-1].Num
			}
		})
	}
}
