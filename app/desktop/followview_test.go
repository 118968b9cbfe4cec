package desktop

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
)

// One follows the other, who only turns the wheel: both see from one row on.
// Neither writes nor moves a caret.
func TestFollowTheWheel(t *testing.T) {
	ada, grace := meet(t)
	ada.editor.ReplaceRange(0, len([]rune(ada.editor.Text())), strings.Repeat("Tides turn twice a day.\n\n", 200))
	grace.until("the text is there", func() bool { return grace.editor.Text() == ada.editor.Text() })
	grace.editor.GoTo(0)
	ada.editor.GoTo(0)
	ada.until("grace is here", func() bool { return len(ada.remotes()) == 1 && ada.remotes()[0].Caret == 0 })
	ada.follow(grace.peer.ID())
	caret, _ := ada.editor.Caret()
	seenBy := func(s *stage) int {
		at, _ := s.editor.FirstRow()
		return at
	}
	for _, by := range []float32{-900, -1700, 600} {
		before := seenBy(grace)
		grace.editor.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, by)})
		if seenBy(grace) == before {
			t.Fatalf("scrolled by %v she sees the same", by)
		}
		ada.until("ada sees what grace sees", func() bool { return seenBy(ada) == seenBy(grace) })
	}
	if at, _ := ada.editor.Caret(); at != caret || ada.following != grace.peer.ID() {
		t.Errorf("ada's caret went from %d to %d, she follows %v", caret, at, ada.following)
	}
	ada.editor.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, 500)})
	own := seenBy(ada)
	grace.editor.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -900)})
	ada.until("what grace sees is told", func() bool { return ada.remotes()[0].Top == seenBy(grace) })
	if ada.following == grace.peer.ID() || seenBy(ada) != own {
		t.Errorf("after scrolling herself ada follows %v from %d to %d", ada.following, own, seenBy(ada))
	}
}
