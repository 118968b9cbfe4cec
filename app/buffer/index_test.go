package buffer

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestLongLine edits lines that have an index, and makes it come and go, beside
// a slice of runes. Every place and byte must fit.
func TestLongLine(t *testing.T) {
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 5))
		text := []rune(strings.Repeat("Zwölf 漢 👩‍👩‍👧 x", 900))
		if seed%3 == 0 {
			text = []rune(strings.Repeat("plain letters ", 1500))
		}
		b := New(&nextPatch{}, string(text), 0)
		for range 80 {
			at := r.IntN(len(text) + 1)
			n := min(r.IntN(2)*r.IntN(6000), len(text)-at)
			insert := strings.Repeat("ö", r.IntN(2)*r.IntN(9000)) + randomHard(r, r.IntN(4))
			if r.IntN(8) == 0 {
				insert += "\n"
			}
			b.Select(at, at+n)
			must(t, b.Insert(insert))
			text = slices.Replace(text, at, at+n, []rune(insert)...)
			sameIndex(t, b)
			at = r.IntN(len(text) + 1)
			line, offset := b.Pos(at)
			before := strings.Split(string(text[:at]), "\n")
			if line != len(before)-1 || offset != len(before[line]) || b.At(line, offset) != at {
				t.Fatalf("seed %d: place %d is at %d, %d, and back at %d; want %d, %d",
					seed, at, line, offset, b.At(line, offset), len(before)-1, len(before[len(before)-1]))
			}
		}
		if b.Text() != string(text) {
			t.Fatalf("seed %d: the text is another", seed)
		}
	}
}

// TestTypingLeavesNoCrumbs types and erases in a long line key by key, at one
// place and going on, at its end too: the index must stay as small as it was.
func TestTypingLeavesNoCrumbs(t *testing.T) {
	text := strings.Repeat("é", 10_000)
	for _, from := range []int{0, 100, chunkSize / 2, chunkSize, 9_999, 10_000} {
		b := New(&nextPatch{}, text, 0)
		for _, stay := range []bool{false, true} {
			b.MoveTo(from, false)
			for range 300 {
				must(t, b.Insert("ü"))
				if stay {
					b.MoveTo(from, false)
				}
			}
			sameIndex(t, b)
		}
		for range 2_000 {
			must(t, b.Backspace(Character))
			must(t, b.Delete(Character))
		}
		sameIndex(t, b)
	}
}

func sameIndex(t *testing.T, b *Buffer) {
	t.Helper()
	for i := range b.Lines() {
		line := b.Line(i)
		if (line.index != nil) != (len(line.Text) >= longLine) || line.Runes != len([]rune(line.Text)) {
			t.Fatalf("a line of %d bytes and %d code points has %d chunks", len(line.Text), line.Runes, len(line.index))
		}
		rest := line.Text
		for k, c := range line.index {
			if c.bytes > len(rest) || c.runes != len([]rune(rest[:c.bytes])) || c.bytes >= 2*chunkSize || c.bytes < chunkSize/2 {
				t.Fatalf("chunk %d of %d is %+v", k, len(line.index), c)
			}
			rest = rest[c.bytes:]
		}
		if line.index != nil && rest != "" {
			t.Fatalf("%d chunks of %d bytes leave %d", len(line.index), len(line.Text), len(rest))
		}
	}
}

func TestOutsideOfLine(t *testing.T) {
	_, b := view("añb\n漢字")
	for _, c := range []struct{ line, offset, want int }{
		{-1, 0, 0}, {0, -5, 0}, {0, 99, 3}, {1, 99, 6}, {9, 3, 5},
	} {
		if got := b.At(c.line, c.offset); got != c.want {
			t.Errorf("line %d, byte %d: %d, want %d", c.line, c.offset, got, c.want)
		}
	}
	for at, want := range map[int][2]int{-3: {0, 0}, 2: {0, 3}, 99: {1, 6}} {
		if line, offset := b.Pos(at); line != want[0] || offset != want[1] {
			t.Errorf("place %d: %d, %d, want %v", at, line, offset, want)
		}
	}
}
