package crdt

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// Resolve takes a short way through the log. It must find what looking at every
// patch finds.
func TestUnseenPatchesAreAllFound(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 3))
		actors := []ActorID{"a", "b", "c"}
		d := &Document{vector: Vector{}, log: newPatchLog(0)}
		var states []Seqs
		for range 40 {
			states = append(states, d.vector.Seqs())
			a := actors[rng.IntN(len(actors))]
			seq := d.vector[a].Seq + 1
			d.vector.Advance(a, Tip{Seq: seq})
			for range rng.IntN(3) { // a change may make no patch, or several
				d.log.add(Patch{Actor: a, Seq: seq})
			}
			if rng.IntN(10) == 0 {
				d.log.add(Patch{})
			}
		}
		for _, at := range states {
			var want []uint64
			for _, p := range d.log.patches {
				if p.Actor != "" && at[p.Actor] < p.Seq {
					want = append(want, p.Num)
				}
			}
			got := d.unseen(at)
			if len(got) != len(want) {
				t.Fatalf("seed %d: %d patches, want %d", seed, len(got), len(want))
			}
			for i, p := range got {
				if p.Num != want[i] {
					t.Fatalf("seed %d: patch %d, want %d", seed, p.Num, want[i])
				}
			}
		}
	}
}

func TestCutRunes(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	letters := []string{"a", "b", "é", "世", "🙂"}
	for range 500 {
		var b strings.Builder
		for range rng.IntN(40) {
			b.WriteString(letters[rng.IntN(rng.IntN(len(letters))+1)])
		}
		s := b.String()
		for n := range utf8.RuneCountInString(s) + 1 {
			if want := len(string([]rune(s)[:n])); cutRunes(s, n) != want {
				t.Fatalf("cutRunes(%q, %d) = %d, want %d", s, n, cutRunes(s, n), want)
			}
		}
	}
}

// Splices need not go from left to right.
func TestRewriteInAnyOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for range 500 {
		text := []rune("häl🙂lo wörld")
		from := string(text)
		var splices []splice
		for range rng.IntN(6) {
			at := rng.IntN(len(text) + 1)
			s := splice{at, rng.IntN(min(len(text)-at, 3) + 1), []string{"", "x", "世界"}[rng.IntN(3)]}
			text = append(text[:s.at:s.at], append([]rune(s.ins), text[s.at+s.del:]...)...)
			splices = append(splices, s)
		}
		if got := rewrite(from, splices); got != string(text) {
			t.Fatalf("rewrite(%q, %v) = %q, want %q", from, splices, got, string(text))
		}
	}
}

func BenchmarkEditIn1MB(b *testing.B) {
	for _, letter := range []string{"x", "ü"} {
		b.Run(letter, func(b *testing.B) {
			d := &Document{log: newPatchLog(0), text: strings.Repeat(letter, 1<<20/len(letter))}
			d.runes = utf8.RuneCountInString(d.text)
			for b.Loop() {
				d.patch([]splice{{at: d.runes / 2, ins: "k"}}, "actor", 1)
			}
		})
	}
}

// A broken document takes nothing any more and says so.
func TestABrokenDocumentTakesNothing(t *testing.T) {
	d, err := Open(Config{ID: DocID{1}, Actor: "actor-a"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := d.Found(time.Unix(0, 0))
	if err != nil || d.Broken() {
		t.Fatal(err, d.Broken())
	}
	d.broken = true
	if _, err := d.Edit(Edit{Insert: "x"}, time.Unix(0, 0)); err == nil {
		t.Error("an edit was taken")
	}
	if _, err := d.Apply([]Change{c}); err == nil {
		t.Error("a change was taken")
	}
	if _, err := d.Found(time.Unix(0, 0)); err == nil {
		t.Error("it was founded again")
	}
	if !d.Broken() {
		t.Error("it does not say so")
	}
}
