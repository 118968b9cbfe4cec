package desktop

import (
	"testing"

	"starling/assets"
	"starling/crdt"
)

// A writer's colours are those of the look, with a pattern of its own for each,
// whatever number comes from elsewhere.
func TestWriterHasTheColoursOfTheLook(t *testing.T) {
	for _, look := range []*assets.Tokens{&assets.Light, &assets.Dark} {
		patterns := map[int]bool{}
		for n := range assets.PeopleColours {
			who := writerOf(author{Name: "Bo", Figure: figure{Initial: "B", Colour: n}}, look)
			patterns[who.Pattern] = true
			if who.Colour != look.People[n].Fill || who.Line != look.People[n].Caret || who.Initial != "B" || who.Name != "Bo" {
				t.Errorf("%d is %+v", n, who)
			}
		}
		if len(patterns) != assets.PeopleColours {
			t.Errorf("%d colours have %d patterns", assets.PeopleColours, len(patterns))
		}
	}
	if who := writerOf(author{Figure: figure{Colour: 3 - 8*assets.PeopleColours}}, &assets.Light); who.Pattern != 3 {
		t.Errorf("an odd number has the pattern %d", who.Pattern)
	}
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
