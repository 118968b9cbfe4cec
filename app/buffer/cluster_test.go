package buffer

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// hard are the code points that make clusters of several, and others.
var hard = []rune("ab .é\u0301\u200d\u200c👩👧🏽❤\uFE0F🇫🇷🇩#\u20e3कष्ि\u094dที่เשָׁأ\u064bᄀ가각ᅡᆨ漢字カﾞ\u0600\u00ad\U000E0061_1'")

func randomHard(r *rand.Rand, n int) string {
	var out strings.Builder
	for range n {
		out.WriteRune(hard[r.IntN(len(hard))])
	}
	return out.String()
}

// TestClusters compares what is found from near a place with the clusters of the
// line read from its start.
func TestClusters(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 3000 {
		sameClusters(t, randomHard(r, r.IntN(30)))
	}
	sameClusters(t, strings.Repeat("🇫🇷", 40)+"x"+strings.Repeat("👩‍👩‍👧", 9))
}

func FuzzClusters(f *testing.F) {
	f.Add("a👩‍👩‍👧🇫🇷e\u0301각")
	f.Fuzz(func(t *testing.T, line string) {
		if len(line) < reach/2 && utf8.ValidString(line) && !strings.Contains(line, "\n") {
			sameClusters(t, line)
		}
	})
}

func sameClusters(t *testing.T, line string) {
	t.Helper()
	bounds := []int{0}
	for g := uniseg.NewGraphemes(line); g.Next(); {
		_, to := g.Positions()
		bounds = append(bounds, to)
	}
	for offset := range line + " " {
		after := len(line)
		if i, _ := slices.BinarySearch(bounds, offset+1); i < len(bounds) {
			after = bounds[i]
		}
		if got := clusterAfter(line, offset); got != after {
			t.Fatalf("%+q: cluster after %d ends at %d, want %d", line, offset, got, after)
		}
		i, _ := slices.BinarySearch(bounds, offset)
		if got := clusterBefore(line, offset); got != bounds[max(i-1, 0)] {
			t.Fatalf("%+q: cluster before %d starts at %d, want %d", line, offset, got, bounds[max(i-1, 0)])
		}
	}
}

// TestWordsFromNear compares words found from near a place with those of the
// line read from its start.
func TestWordsFromNear(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for range 3000 {
		line := randomHard(r, r.IntN(30)) + randomText(r, 3)
		var bounds []int
		for w := range words(line, 0) {
			bounds = append(bounds, w.from)
		}
		for offset := range line {
			if from := wordSafe(line, offset); from > 0 && !slices.Contains(bounds, from) {
				t.Fatalf("%+q: no word begins at %d", line, from)
			}
		}
	}
}

func TestBackspaceTakes(t *testing.T) {
	for _, c := range []struct{ what, before, after string }{
		{"family", "a👩‍👩‍👧", "a"},
		{"flag", "🇫🇷🇩🇪", "🇫🇷"},
		{"skin", "👍🏽", ""},
		{"keycap", "1\uFE0F\u20E3", ""},
		{"accent", "e\u0301", ""},
		{"two accents", "xo\u0323\u0301", "x"},
		{"hindi vowel", "कि", "क"},
		{"thai tone", "ที่", "ที"},
		{"hebrew points", "\u05e9\u05c1\u05b8", "\u05e9\u05c1"},
		{"arabic vowel", "بَ", "ب"},
		{"korean", "한각", "한"},
		{"korean in parts", "각", ""},
		{"voiced mark", "が", ""},
		{"newline", "a\n", "a"},
	} {
		_, b := view(c.before)
		b.MoveTo(b.Len(), false)
		must(t, b.Backspace(Character))
		if b.Text() != c.after {
			t.Errorf("%s: %+q became %+q, want %+q", c.what, c.before, b.Text(), c.after)
		}
		_, b = view(c.before)
		first := uniseg.NewGraphemes(c.before)
		first.Next()
		must(t, b.Delete(Character))
		if b.Text() != c.before[len(first.Str()):] {
			t.Errorf("%s: deleting forward left %+q", c.what, b.Text())
		}
	}
}
