package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/store"
	"starling/crdt/store/storetest"
)

// compactor is how the name of an actor begins whose child compacts.
const compactor = "compact "

// compacting is what a child prints when all that is left of a compaction is to
// write the snapshot and delete what it replaces.
const compacting = "compacting"

// compactingChild writes long runs of changes and compacts, again and again,
// until it is killed. It prints each run that is reported as committed.
func compactingChild(s *store.Store, actor string) error {
	ctx, doc := context.Background(), storetest.ID(0)
	var all []crdt.Change
	err := s.ChangesSince(ctx, doc, nil, func(c crdt.Change) error {
		all = append(all, c)
		return nil
	})
	if err != nil && !errors.Is(err, store.ErrNoDocument) {
		return err
	}
	author := storetest.NewAuthor(actor, 0)
	for {
		e := store.Entry{Doc: doc, Changes: author.Take(1500), Seal: storetest.Seal(1)}
		done := make(chan error, 1)
		e.Done = func(_ []store.Head, err error) {
			if err == nil {
				_, err = fmt.Printf("0 %d\n", author.Tip.Seq)
			}
			done <- err
		}
		s.Submit(e)
		if err := <-done; err != nil {
			return err
		}
		all = append(all, e.Changes...)
		l, err := s.Load(ctx, doc)
		if err != nil {
			return err
		}
		least := len(all) - len(l.Changes)
		n := least + rand.IntN(len(all)-least) + 1
		covers := crdt.Vector{}
		for _, c := range all[:n] {
			covers.Advance(c.Actor, crdt.Tip{Seq: c.Seq, Hash: c.Hash})
		}
		if err := s.Compact(ctx, doc, storetest.Pack(all[:n]), covers); err != nil {
			return err
		}
	}
}

// TestKillCompaction kills a process at random moments while it compacts.
// Nothing may be lost and nothing doubled, and what the process had not finished
// is finished by the next.
func TestKillCompaction(t *testing.T) {
	home := t.TempDir()
	want := map[crdt.DocID]crdt.Vector{}
	for round := range fewer(6) {
		actor := fmt.Sprint(compactor, round)
		cmd, out := startChild(t, home, actor)
		printed := killCompacting(out, cmd, 1+round%2)
		if err := cmd.Wait(); err == nil {
			t.Error("the child ended by itself")
		}
		note(t, want, actor, printed)
		checkCompacted(t, home, want[storetest.ID(0)])
	}
}

// killCompacting kills a process soon after it has begun to compact for the nth
// time, and returns what else it printed.
func killCompacting(out *bufio.Reader, cmd *exec.Cmd, n int) string {
	var printed strings.Builder
	for {
		line, err := out.ReadString('\n')
		if err != nil {
			return printed.String()
		}
		if line != compacting+"\n" {
			printed.WriteString(line)
		} else if n--; n == 0 {
			time.AfterFunc(rand.N(15*time.Millisecond), func() { cmd.Process.Kill() })
		}
	}
}

// checkCompacted reads all changes while the rest of a compaction is done, and
// once more after that.
func checkCompacted(t *testing.T, home string, want crdt.Vector) {
	t.Helper()
	s := open(t, home)
	defer s.Close()
	t.Logf("%d rows, %d unfinished", store.Rows(t, s), store.Sweeping(t, s))
	sameAsWritten(t, s, want)
	deadline := time.Now().Add(30 * time.Second)
	for store.Sweeping(t, s) > 0 {
		if time.Now().After(deadline) {
			t.Fatal("what the snapshot replaced is still there")
		}
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	sameAsWritten(t, s, want)
	l, err := s.Load(t.Context(), storetest.ID(0))
	if err != nil {
		t.Fatal(err)
	}
	if rows := store.Rows(t, s); rows != len(l.Changes) {
		t.Errorf("%d rows for %d changes after the snapshot", rows, len(l.Changes))
	}
}

// sameAsWritten holds every change against what its author would write again.
func sameAsWritten(t *testing.T, s *store.Store, want crdt.Vector) {
	t.Helper()
	committed := s.Committed(storetest.ID(0))
	if !committed.Covers(want) {
		t.Errorf("reported as committed up to %v, now %v", want, committed)
	}
	authors := map[crdt.ActorID]*storetest.Author{}
	err := s.ChangesSince(t.Context(), storetest.ID(0), nil, func(c crdt.Change) error {
		a := authors[c.Actor]
		if a == nil {
			a = storetest.NewAuthor(string(c.Actor), 0)
			authors[c.Actor] = a
		}
		if again := a.Next(); again.Seq != c.Seq || again.Hash != c.Hash || string(again.Bytes) != string(c.Bytes) {
			return fmt.Errorf("change %d of %q where %d should be", c.Seq, string(c.Actor), again.Seq)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	got := crdt.Vector{}
	for actor, a := range authors {
		got[actor] = a.Tip
	}
	if !got.Equal(committed) {
		t.Errorf("read up to %v, committed %v", got, committed)
	}
}
