package desktop

import (
	"testing"

	"starling/assets"
	"starling/crdt"
)

// A writer's colours are those of the look.
func TestWriterHasTheColoursOfTheLook(t *testing.T) {
	for _, look := range []*assets.Tokens{&assets.Light, &assets.Dark} {
		for n := range assets.PeopleColours {
			who := writerOf(author{Name: "Bo", Figure: figure{Initial: "B", Colour: n}}, look)
			if who.Colour != look.People[n].Fill || who.Line != look.People[n].Caret || who.Initial != "B" || who.Name != "Bo" {
				t.Errorf("%d is %+v", n, who)
			}
		}
	}
}

// People have patterns of their own, whatever their colours, and keep them.
func TestWritersHavePatterns(t *testing.T) {
	s := writing(t, "High water")
	actors := []string{"first", "second", "third", "second"}
	first := s.writers.of(actors[0]).Pattern
	for range 2 {
		for i, want := range []int{0, 1, 2, 1} {
			if got := s.writers.of(actors[i]).Pattern - first; got != want {
				t.Errorf("%s has the pattern %d after the first, want %d", actors[i], got, want)
			}
		}
		s.writers.forget()
	}
}

// News of the world may come when no document is open any more.
func TestNewsWithoutADocument(t *testing.T) {
	s := writing(t, "High water")
	world := s.world
	s.clearText()
	s.show(news{world: &world})
}

// What is told of a text's pieces covers it, with what is gone beside it.
func TestPiecesOfTheOpenText(t *testing.T) {
	s := writing(t, "High water")
	s.editor.ReplaceRange(0, 5, "")
	_, seen := s.editor.Snapshot()
	pieces, ok := s.writers.pieces(0, 5, seen, true)
	if !ok {
		t.Fatal("nothing is told")
	}
	n, gone := 0, ""
	for _, p := range pieces {
		if p.Who.Name != "You" || p.Who.Initial != "A" || p.When.IsZero() {
			t.Errorf("a piece is %+v", p)
		}
		if !p.Gone {
			n += p.N
			continue
		}
		gone += p.Text
		if p.By.Name != "You" || p.Went.IsZero() {
			t.Errorf("it went %+v", p)
		}
	}
	if n != 5 || len(gone) < len("High ") {
		t.Errorf("told of %d code points, and of %q", n, gone)
	}
	if _, ok := s.writers.pieces(0, 5, seen-1, true); ok {
		t.Error("tells of another text")
	}
}

// Somebody is asked for once, until they may be called another name.
func TestWritersAreRemembered(t *testing.T) {
	s := writing(t, "Words")
	_, seen := s.editor.Snapshot()
	pieces, _ := s.openDoc().Pieces(0, 1, seen, false)
	actor := string(pieces[0].Inserted.Actor)
	if got := s.writers.of(actor).Name; got != "You" {
		t.Errorf("it is %q", got)
	}
	who := s.writers.known[actor]
	who.Name = "Remembered"
	s.writers.known[actor] = who
	if got := s.writers.of(actor).Name; got != "Remembered" {
		t.Errorf("it was looked up again: %q", got)
	}
	s.writers.forget()
	if got := s.writers.of(actor).Name; got != "You" {
		t.Errorf("it is %q after all", got)
	}
	if stranger := s.writers.of(string(crdt.ActorID("xxxxxxxxxxxxxxxx"))); stranger.Name == "" || stranger.ID == "" {
		t.Errorf("a stranger is %+v", stranger)
	}
}
