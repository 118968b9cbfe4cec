package buffer

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestHeights(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var text strings.Builder
	for range 3000 {
		text.WriteString(randomText(r, 4))
	}
	_, b := view(text.String())
	height := func(text string, runes int) float32 { return float32(10 + runes%7) }
	b.Estimate(height)
	for range 120 {
		// Cuts and pastes of many lines, so that blocks split and join.
		from := r.IntN(b.Len() + 1)
		b.Select(from, from+r.IntN(2000))
		var text string
		if r.IntN(2) == 0 {
			text = strings.Repeat(randomText(r, 9)+"\n", r.IntN(400))
		}
		must(t, b.Paste(text))
		first := r.IntN(b.Lines())
		b.Walk(first, func(i, _ int, _ uint32, line Line, _ string) (float32, bool) {
			return height(line.Text, line.Runes), i < first+40
		})
		if len(b.text.blocks) > 4+b.Lines()/(maxBlock/8) {
			t.Fatalf("%d blocks for %d lines", len(b.text.blocks), b.Lines())
		}
	}
	// Walking all measures all.
	b.Walk(0, func(_, _ int, _ uint32, line Line, _ string) (float32, bool) {
		return height(line.Text, line.Runes), true
	})
	var top float64
	for i, text := range strings.Split(b.Text(), "\n") {
		if b.Top(i) != top {
			t.Fatalf("line %d is at %v, want %v", i, b.Top(i), top)
		}
		if got, at := b.LineAtHeight(top + 5); got != i || at != top {
			t.Fatalf("at %v is line %d from %v, want %d from %v", top+5, got, at, i, top)
		}
		top += float64(height(text, len([]rune(text))))
	}
	if b.Height() != top {
		t.Errorf("height %v, want %v", b.Height(), top)
	}
	checkLines(t, b)
}

// TestFlow lets the state count the lines that start with a letter: every walk
// from anywhere must be given the true count, whatever was edited before.
func TestFlow(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	step := func(state uint32, text string) uint32 { return state + uint32(strings.Count(text, "b")) }
	_, b := view(strings.Repeat("ab\na\n", 2000))
	b.Flow(step)
	for range 200 {
		b.MoveTo(r.IntN(b.Len()+1), false)
		must(t, b.Insert(randomText(r, 3)))
		i := r.IntN(b.Lines())
		want := uint32(strings.Count(b.Slice(0, b.LineStart(i)), "b"))
		b.Walk(i, func(_, start int, state uint32, line Line, _ string) (float32, bool) {
			if state != want || start != b.LineStart(i) {
				t.Fatalf("state %d before line %d, want %d", state, i, want)
			}
			want = step(want, line.Text)
			i++
			return 1, r.IntN(50) > 0
		})
	}
}

func BenchmarkLineAtHeight(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		buf := New(nil, strings.Repeat("line\n", n), 0)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				buf.LineAtHeight(float64(n / 2))
			}
		})
	}
}
