package desktop

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2/driver/desktop"

	"starling/crdt"
	"starling/sync/peer"
)

// Each step lists documents by the letters of their IDs, as sorted by title.
func TestListIsCalm(t *testing.T) {
	var s shelf
	for i, step := range []struct {
		sorted string
		typing byte // the title of this one
		mouse  bool
		want   string
	}{
		{"abcd", 0, false, "abcd"},
		{"acdb", 'b', false, "abcd"},
		{"bacd", 'b', false, "abcd"},
		{"bdac", 'b', false, "dbac"}, // another's is typed elsewhere
		{"bdac", 0, false, "bdac"},   // one goes on with the text
		{"bdaec", 'd', false, "bdaec"},
		{"dbaec", 'd', false, "bdaec"},
		{"baec", 'd', false, "baec"}, // it goes
		{"eabc", 0, true, "baec"},
		{"xeabc", 'b', true, "baecx"}, // one comes while the mouse is there
		{"xeab", 0, true, "baex"},
		{"xeab", 0, false, "xeab"},
		{"", 'd', true, ""},
	} {
		var documents []peer.Document
		for _, id := range []byte(step.sorted) {
			documents = append(documents, peer.Document{ID: crdt.DocID{id}})
		}
		got := ""
		for _, d := range s.arrange(peer.SpaceID{1}, documents, stillness{step.mouse, crdt.DocID{step.typing}}) {
			got += string(d.ID[0])
		}
		if got != step.want {
			t.Errorf("step %d lists %s, want %s", i, got, step.want)
		}
		for j, d := range documents {
			if d.ID[0] != step.sorted[j] {
				t.Fatalf("step %d has changed what it was given", i)
			}
		}
	}
	other := s.arrange(peer.SpaceID{2}, []peer.Document{{ID: crdt.DocID{2}}, {ID: crdt.DocID{1}}}, stillness{All: true})
	if other[0].ID[0] != 2 {
		t.Error("another space is not listed in its own order")
	}
}

func TestDocumentsAreSorted(t *testing.T) {
	want := []string{
		"1st", "2 cups", "10 cups", "Äpfel", "apple", "Apricot", "Øre", "oslo", "straße", "Strassen", "Über", "", "vie", "Zoo",
	}
	var documents []peer.Document
	for i, title := range want {
		documents = append(documents, peer.Document{ID: crdt.DocID{byte(i)}, Title: title})
	}
	slices.Reverse(documents)
	sortByTitle(documents)
	for i, d := range documents {
		if d.Title != want[i] {
			t.Errorf("%d is %q, want %q", i, d.Title, want[i])
		}
	}
}

// A new document stands where it belongs, takes the place of its title once that
// is written, and never moves under the mouse.
func TestRowsMoveWhenNobodyLooks(t *testing.T) {
	s := writing(t, "# bees\n")
	s.opened("bees")
	titles := func(want ...string) func() bool {
		return func() bool {
			var have []string
			for _, r := range s.places.list.rows {
				have = append(have, r.Title)
			}
			return slices.Equal(have, want)
		}
	}
	s.createDocument()
	s.opened("Untitled") // it may be listed before
	s.until("it is below", titles("bees", "Untitled"))
	s.write("# Ants")
	s.until("it stays while its title is typed", titles("bees", "Ants"))
	s.places.list.MouseIn(&desktop.MouseEvent{})
	s.write("\nWords.")
	s.until("they are saved", func() bool { return s.desk.State.Saved })
	if _, err := s.peer.NewDocument(t.Context(), s.desk.Space, "# Aphids\n"); err != nil {
		t.Fatal(err)
	}
	s.until("no row moves under the mouse", titles("bees", "Ants", "Aphids"))
	s.places.list.MouseOut()
	s.until("each has its place", titles("Ants", "Aphids", "bees"))
}
