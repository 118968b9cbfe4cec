package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/store"
	"starling/crdt/store/storetest"
)

// placer begins the actor of a child that stores whole documents.
const placer = "place "

// wholeLen is how many changes each of them has.
const wholeLen = 500

// placingChild stores one whole document after another, and prints the number of
// each that is reported as committed.
func placingChild(s *store.Store, actor string) error {
	for i := 0; ; i++ {
		all := storetest.NewAuthor(actor, uint64(i)).Take(wholeLen)
		doc := wholeID(actor, i)
		err := s.PutSnapshot(context.Background(), store.Whole{
			Doc: doc, Chunk: storetest.Pack(all), Each: func(crdt.Change) error { return nil },
			Ready: func() ([]store.Head, string, error) {
				return []store.Head{storetest.Seal(1)(all[wholeLen-1])}, "whole", nil
			},
		})
		if err == nil {
			_, err = fmt.Println(i)
		}
		if err != nil {
			return err
		}
	}
}

// wholeID makes the ID of a child's document.
func wholeID(actor string, i int) (id crdt.DocID) {
	copy(id[:], fmt.Sprint(actor, " ", i))
	return id
}

// TestKillWhole kills a process at random moments while it stores whole documents:
// each is there with all that belongs to it, or not at all.
func TestKillWhole(t *testing.T) {
	home := t.TempDir()
	for round := range 4 {
		actor := fmt.Sprint(placer, round)
		cmd, out := startChild(t, home, actor)
		if _, err := out.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(rand.N(60*time.Millisecond), func() { cmd.Process.Kill() })
		rest, err := io.ReadAll(out)
		kill.Stop()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil {
			t.Error("the child ended by itself")
		}
		checkWhole(t, home, actor, 1+strings.Count(string(rest), "\n"))
	}
}

// checkWhole looks at what a child has left, of which n documents were reported as
// committed.
func checkWhole(t *testing.T, home, actor string, n int) {
	t.Helper()
	s := open(t, home)
	defer s.Close()
	i := 0
	for ; ; i++ {
		l, err := s.Load(t.Context(), wholeID(actor, i))
		if errors.Is(err, store.ErrNoDocument) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		heads, err := s.HeadsSince(t.Context(), wholeID(actor, i), nil)
		if err != nil || len(heads) != 1 || len(l.Snapshot) == 0 || l.Title != "whole" {
			t.Errorf("document %d: %d heads, %d bytes, %q: %v", i, len(heads), len(l.Snapshot), l.Title, err)
		}
		if held := s.Committed(wholeID(actor, i)); held[crdt.ActorID(actor)].Seq != wholeLen {
			t.Errorf("document %d: %v is held", i, held)
		}
	}
	if i < n {
		t.Errorf("%d documents, %d were committed", i, n)
	}
}
