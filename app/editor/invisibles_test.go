package editor

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
)

// TestInvisiblesAreSeenAndMoveNothing holds that spaces, tabs and line ends are
// shown, and that rows break where they do without.
func TestInvisiblesAreSeenAndMoveNothing(t *testing.T) {
	s := newStage(t, strings.Repeat("some words that go on ", 20)+"\n\ta\tb  c\u00a0d\n| a | b |\n|---|---|\n")
	starts := func() (out []int) {
		for i := range s.view.lines {
			for _, r := range s.view.lines[i].Rows {
				out = append(out, s.view.lines[i].start+r.Start)
			}
		}
		return out
	}
	before := starts()
	s.SetSettings(Settings{Invisibles: true})
	if got := starts(); !slices.Equal(got, before) {
		t.Errorf("rows start at %v, without invisibles at %v", got, before)
	}
	drawn := s.drawn()
	if n := strings.Count(drawn, "→"); n != 2 {
		t.Errorf("%d tabs are seen in %q", n, drawn)
	}
	if n := strings.Count(drawn, "¶"); n != len(s.view.lines)-1 {
		t.Errorf("%d line ends are seen in %q", n, drawn)
	}
	dots := 0
	for _, b := range s.page.boxes[:s.page.nBoxes] {
		if b.Size() == fyne.NewSize(dotSize, dotSize) {
			dots++
		}
	}
	if want := strings.Count(s.Text(), " "); dots != want {
		t.Errorf("%d spaces are seen of %d", dots, want)
	}
}

// TestInvisiblesOfLongLines holds that only what is in view is looked at.
func TestInvisiblesOfLongLines(t *testing.T) {
	s := newStage(t, strings.Repeat("some words that go on ", 40_000))
	s.SetSettings(Settings{Invisibles: true})
	if n := len(s.page.boxes); n == 0 || n > 1000 {
		t.Errorf("%d boxes", n)
	}
}
