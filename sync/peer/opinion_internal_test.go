package peer

import (
	"os"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/judge"
)

func TestMain(m *testing.M) {
	judge.Main()
	os.Setenv("GORACE", "atexit_sleep_ms=0") // for the children that are asked
	os.Exit(m.Run())
}

// automerge-go is asked about a snapshot, and what it can't read is no snapshot.
func TestSecondOpinion(t *testing.T) {
	d, err := crdt.Open(crdt.Config{ID: crdt.DocID{1}, Actor: "someone"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Found(time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Edit(crdt.Edit{Insert: "two peers, one text"}, time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	chunk, _, err := d.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if err := secondOpinion(t.Context(), chunk); err != nil {
		t.Errorf("a good snapshot is refused: %v", err)
	}
	if err := secondOpinion(t.Context(), chunk[:len(chunk)-1]); err == nil {
		t.Error("half a snapshot passes")
	}
}
