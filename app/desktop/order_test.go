package desktop

import (
	"testing"

	"starling/crdt"
	"starling/sync/peer"
)

// Each step lists documents by the letters of their IDs, as sorted by title.
func TestOpenDocumentKeepsItsPlaceInTheList(t *testing.T) {
	var s shelf
	for i, step := range []struct {
		sorted string
		open   byte
		want   string
	}{
		{"abcd", 'b', "abcd"},
		{"acdb", 'b', "abcd"}, // its title is typed
		{"bacd", 'b', "abcd"},
		{"bdac", 'b', "dbac"}, // so is another's, elsewhere
		{"bdac", 'd', "bdac"}, // another is chosen
		{"dbac", 'd', "bdac"},
		{"dbaec", 'd', "dbaec"}, // one comes
		{"bdaec", 'd', "dbaec"},
		{"baec", 'd', "baec"}, // the open one goes
		{"baex", 'd', "baex"},
		{"", 'd', ""},
	} {
		var documents []peer.Document
		for _, id := range []byte(step.sorted) {
			documents = append(documents, peer.Document{ID: crdt.DocID{id}})
		}
		got := ""
		for _, d := range s.arrange(documents, crdt.DocID{step.open}) {
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
}
