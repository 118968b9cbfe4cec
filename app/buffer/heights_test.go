package buffer

import (
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

// TestFlow lets the state count letters, which never settles after an edit, or
// follow fences, which does: every walk from anywhere must be given the true one,
// whatever was edited before.
func TestFlow(t *testing.T) {
	for name, step := range map[string]func(state uint32, text string) uint32{
		"letters": func(state uint32, text string) uint32 { return state + uint32(strings.Count(text, "b")) },
		"fences": func(state uint32, text string) uint32 {
			if strings.Contains(text, "b") {
				return state ^ 1
			}
			return state
		},
	} {
		r := rand.New(rand.NewPCG(2, 2))
		_, b := view(strings.Repeat("ab\na\na\na\n", 1000))
		b.Flow(step)
		for range 300 {
			at := r.IntN(b.Len() + 1)
			b.Select(at, at+r.IntN(2)*r.IntN(40))
			must(t, b.Insert(randomText(r, 1+r.IntN(2)*r.IntN(30))))
			if r.IntN(3) > 0 {
				continue // so that edits gather
			}
			i := r.IntN(b.Lines())
			want := uint32(0)
			for _, line := range strings.Split(b.Slice(0, b.LineStart(i)), "\n") {
				want = step(want, line)
			}
			if i > 0 && b.State(i) != want {
				t.Fatalf("%s: state %d before line %d, want %d", name, b.State(i), i, want)
			}
			b.Walk(i, func(_, start int, state uint32, line Line, next string) (float32, bool) {
				if state != want || start != b.LineStart(i) || i+1 < b.Lines() && next != b.Line(i+1).Text {
					t.Fatalf("%s: state %d before line %d at %d, want %d; next %q", name, state, i, start, want, next)
				}
				want = step(want, line.Text)
				i++
				return 1, r.IntN(50) > 0
			})
		}
	}
}
