package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/store"
	"starling/crdt/store/storetest"
)

// childHome names the home in the environment of a child process.
const childHome = "STARLING_TEST_STORE_HOME"

func TestMain(m *testing.M) {
	if home := os.Getenv(childHome); home != "" {
		if err := child(home, os.Args[len(os.Args)-1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child submits entries as fast as it can until it is killed, and prints each
// one that is reported as committed.
func child(home, actor string) error {
	if actor == onlooker {
		return onlookingChild(home)
	}
	s, err := store.Open(context.Background(), home, store.Options{
		Wait: 30 * time.Second, Expand: storetest.Expand,
		Judge: func(context.Context, []byte) error {
			_, err := fmt.Println(compacting)
			return err
		},
	})
	if err != nil {
		return err
	}
	if strings.HasPrefix(actor, compactor) {
		return compactingChild(s, actor)
	}
	if strings.HasPrefix(actor, placer) {
		return placingChild(s, actor)
	}
	var authors [3]*storetest.Author
	for i := range authors {
		authors[i] = storetest.NewAuthor(actor, uint64(i))
	}
	failed := make(chan error, 1)
	for i := 0; ; i++ {
		doc := i % len(authors)
		e := store.Entry{Doc: storetest.ID(doc), Changes: authors[doc].Take(1 + i%4), Seal: storetest.Seal(1)}
		last := e.Changes[len(e.Changes)-1].Seq
		e.Done = func(_ []store.Head, err error) {
			if err == nil {
				_, err = fmt.Printf("%d %d\n", doc, last)
			}
			if err != nil {
				select {
				case failed <- err:
				default:
				}
			}
		}
		s.Submit(e)
		if i%64 == 0 {
			if err := s.Flush(context.Background()); err != nil {
				return err
			}
		}
		select {
		case err := <-failed:
			return err
		default:
		}
	}
}

// startChild starts a child and returns what it prints.
func startChild(t *testing.T, home, actor string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	cmd := exec.Command(os.Args[0], actor)
	cmd.Env = append(os.Environ(), childHome+"="+home)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewReader(out)
}

// TestKill kills a process at random moments while it writes. Whatever it had
// reported must be there, and the rest of each document must be whole.
func TestKill(t *testing.T) {
	home := t.TempDir()
	want := map[crdt.DocID]crdt.Vector{}
	for round := range 6 {
		actor := fmt.Sprintf("round %d", round)
		cmd, out := startChild(t, home, actor)
		first, err := out.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Open(t.Context(), home, store.Options{}); !errors.Is(err, store.ErrInUse) {
			t.Errorf("open beside another process: %v", err)
		}
		kill := time.AfterFunc(rand.N(150*time.Millisecond), func() { cmd.Process.Kill() })
		rest, err := io.ReadAll(out)
		if err != nil {
			t.Fatal(err)
		}
		kill.Stop()
		if err := cmd.Wait(); err == nil {
			t.Error("the child ended by itself")
		}
		note(t, want, actor, first+string(rest))
		checkKilled(t, home, want)
	}
}

// note reads what a child printed; a last line may be cut short.
func note(t *testing.T, want map[crdt.DocID]crdt.Vector, actor, printed string) {
	t.Helper()
	for line := range strings.Lines(printed) {
		var doc int
		var seq uint64
		if !strings.HasSuffix(line, "\n") {
			continue
		}
		if _, err := fmt.Sscan(line, &doc, &seq); err != nil {
			t.Fatalf("the child printed %q", line)
		}
		id := storetest.ID(doc)
		if want[id] == nil {
			want[id] = crdt.Vector{}
		}
		want[id].Advance(crdt.ActorID(actor), crdt.Tip{Seq: seq})
	}
}

func checkKilled(t *testing.T, home string, want map[crdt.DocID]crdt.Vector) {
	t.Helper()
	s := open(t, home)
	defer s.Close()
	if s.Resumable() {
		t.Error("a killed process is taken for a clean stop")
	}
	for doc, v := range want {
		committed := s.Committed(doc)
		if !committed.Covers(v) {
			t.Errorf("reported as committed up to %v, now %v", v, committed)
		}
		l, err := s.Load(t.Context(), doc)
		if err != nil {
			t.Error(err)
		}
		whole := crdt.Vector{}
		for _, c := range l.Changes {
			if whole[c.Actor].Seq+1 != c.Seq {
				t.Errorf("change %d of %v after %d", c.Seq, c.Actor, whole[c.Actor].Seq)
			}
			whole.Advance(c.Actor, crdt.Tip{Seq: c.Seq, Hash: c.Hash})
		}
		if !whole.Equal(committed) {
			t.Errorf("loaded up to %v, committed %v", whole, committed)
		}
		heads, err := s.HeadsSince(t.Context(), doc, nil)
		if err != nil {
			t.Error(err)
		}
		sealed := crdt.Vector{}
		for _, h := range heads {
			sealed.Advance(h.Actor, crdt.Tip{Seq: h.Seq, Hash: h.Hash})
		}
		if !sealed.Equal(committed) {
			t.Errorf("signed up to %v, committed %v", sealed, committed)
		}
	}
}
