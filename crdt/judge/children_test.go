//go:build unix

package judge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// actEnv makes a child behave as it says, before the judge is asked.
const actEnv = "STARLING_JUDGE_ACT"

// pidFile is where an acting child writes its process ID.
const pidFile = "STARLING_JUDGE_PID"

func TestMain(m *testing.M) {
	if _, child := os.LookupEnv(childEnv); child {
		if path := os.Getenv(pidFile); path != "" {
			_ = os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())), 0o600)
		}
		act(os.Getenv(actEnv))
	}
	Main()
	// The race detector would let each child wait for a second at its end.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	os.Exit(m.Run())
}

// act does something else than judging, and returns if there is nothing to do.
func act(what string) {
	switch what {
	case "":
		return
	case "hang":
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "silent":
	case "babble":
		fmt.Print("Good morning.")
	case "flood":
		for {
			if _, err := os.Stdout.Write(make([]byte, 1<<16)); err != nil {
				break
			}
		}
	case "swapped out":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "told to stop":
		_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "out of memory":
		fmt.Fprintln(os.Stderr, "memory allocation of 123456 bytes failed")
		os.Exit(2)
	case "abort":
		fmt.Fprintln(os.Stderr, "thread '<unnamed>' panicked\nand so on")
		os.Exit(2)
	case "older":
		os.Setenv(childEnv, "0")
		return
	}
	os.Exit(0)
}

// What a child does that is no judge, or cannot be one.
func TestStrangeChildren(t *testing.T) {
	if !Available() {
		t.Skip("automerge-go is not linked")
	}
	for _, c := range []struct {
		act  string
		want error
		says string
	}{
		{"silent", ErrDied, "cannot be read"},
		{"babble", ErrDied, "cannot be read"},
		{"flood", ErrLimits, "more than 1048576 bytes"},
		{"swapped out", ErrLimits, "killed"},
		{"told to stop", ErrLimits, "terminated"},
		{"out of memory", ErrLimits, "123456"},
		{"abort", ErrDied, "panicked\""},
		{"older", ErrUnavailable, "version"},
	} {
		t.Run(c.act, func(t *testing.T) {
			t.Setenv(actEnv, c.act)
			// Longer than a pipe holds, so that a child that does not read it
			// could hold up the one who asks.
			v, err := Limits{Answer: 1 << 20}.Ask(t.Context(), make([]byte, 1<<20), "content")
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %+v, %v", v, err)
			}
			for _, other := range []error{ErrDied, ErrLimits, ErrRefused, ErrUnavailable} {
				if other != c.want && errors.Is(err, other) {
					t.Errorf("%v is %v, too", err, other)
				}
			}
		})
	}
}

func TestTimeEndsTheChild(t *testing.T) {
	if !Available() {
		t.Skip("automerge-go is not linked")
	}
	t.Setenv(actEnv, "hang")
	gone := watchChild(t)
	// On a busy machine a child may need longer until it runs.
	for limit := time.Second; limit < 5*time.Minute && !runs(); limit *= 4 {
		if _, err := (Limits{Time: limit}).Ask(t.Context(), nil, "content"); !errors.Is(err, ErrLimits) {
			t.Errorf("a child that hangs: %v", err)
		}
	}
	gone()
}

func TestContextEndsTheChild(t *testing.T) {
	if !Available() {
		t.Skip("automerge-go is not linked")
	}
	t.Setenv(actEnv, "hang")
	gone := watchChild(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for tick := time.Tick(time.Millisecond); !runs(); <-tick {
			if t.Context().Err() != nil {
				return
			}
		}
		cancel()
	}()
	_, err := Ask(ctx, nil, "content")
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrLimits) {
		t.Errorf("got %v", err)
	}
	gone()

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	turn <- struct{}{}
	defer func() { <-turn }()
	if _, err := Ask(ended, nil, "content"); !errors.Is(err, context.Canceled) {
		t.Errorf("while another question is answered: %v", err)
	}
}

// runs says whether the child of [watchChild] has begun.
func runs() bool {
	said, err := os.ReadFile(os.Getenv(pidFile))
	return err == nil && len(said) > 0
}

// watchChild returns a function that fails the test if the child has not run
// or runs still.
func watchChild(t *testing.T) (gone func()) {
	path := filepath.Join(t.TempDir(), "pid")
	t.Setenv(pidFile, path)
	return func() {
		t.Helper()
		said, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("the child never ran: %v", err)
		}
		pid, err := strconv.Atoi(string(said))
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
			t.Errorf("the child is still there: %v", err)
		}
	}
}

// A program that does not call Main must not be started as a child.
func TestNobodyAsksWithoutMain(t *testing.T) {
	was := ready.Swap(false)
	defer ready.Store(was)
	if Available() {
		t.Error("available")
	}
	if _, err := Ask(t.Context(), nil, "content"); !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}
