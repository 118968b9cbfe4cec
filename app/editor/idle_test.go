package editor

import (
	"testing"
	"time"

	"starling/app/find"
)

// TestIdleWithAllThatIsShown holds that an editor in which everything is shown
// comes to rest: no timer goes on, and what changes nothing asks and repaints
// nothing.
func TestIdleWithAllThatIsShown(t *testing.T) {
	s := newStage(t, wholePage)
	asked := 0
	s.config.Writer, s.config.Spell = writers, onlyLower{}
	s.config.Pieces = func(_, n int, _ uint64, deleted bool) ([]Piece, bool) {
		asked++
		return []Piece{{N: 10, Who: ada}, {Gone: deleted, Text: "gone", Who: ada, By: grace}, {N: n - 10, Who: grace}}, true
	}
	s.focus()
	s.SetSettings(Settings{HideMarks: true, Focus: true, Typewriter: true, Invisibles: true, Authors: true, Deleted: true})
	s.Find(find.Query{Text: "the"})
	s.by("a", 40, 0, "new ")
	s.TypedRune('x')
	remotes := []Remote{{Writer: ada, Caret: 9, Anchor: 3}}
	s.SetRemotes(remotes)
	steps := 0
	for ; len(s.timers) > 0; steps++ {
		if steps == 100 {
			t.Fatalf("timers go on: %+v", s.timers)
		}
		s.clock = s.clock.Add(100 * time.Millisecond)
		for n, next := range s.timers {
			delete(s.timers, n)
			next.f()
		}
	}
	asked = 0
	for name, act := range map[string]func(){
		"update":       s.update,
		"same remotes": func() { s.SetRemotes(remotes) },
	} {
		act()
		if asked > 0 || s.page.changed {
			t.Errorf("%s: authors are asked for %d times, repainted: %v", name, asked, s.page.changed)
		}
		for n, next := range s.timers { // a last look at the code in view
			delete(s.timers, n)
			next.f()
		}
		if len(s.timers) > 0 {
			t.Errorf("%s leaves %d timers", name, len(s.timers))
		}
	}
}
