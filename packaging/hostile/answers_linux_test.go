package hostile

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// maxAnswer is how long an answer may take, on a machine that does nothing else.
const maxAnswer = time.Second

// effort is how long threads ran, and how long they waited for a core that ran
// others.
type effort struct{ ran, waited time.Duration }

// effort is the peer's and that of the test, which attacks it (proc(5), schedstat).
func (v *victim) effort() (e effort) {
	for _, pid := range []int{v.cmd.Process.Pid, os.Getpid()} {
		threads, _ := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task/*/schedstat"))
		for _, path := range threads {
			stat, err := os.ReadFile(path) // the thread may have ended
			words := strings.Fields(string(stat))
			if err != nil || len(words) < 2 {
				continue
			}
			ran, _ := strconv.ParseInt(words[0], 10, 64)
			waited, _ := strconv.ParseInt(words[1], 10, 64)
			e.ran += time.Duration(ran)
			e.waited += time.Duration(waited)
		}
	}
	return e
}

// inTime fails the test if f, which asks the peer for something, takes longer than
// most. On a machine that is busy with other things it may take so much longer as all
// does there. It returns how long it took.
func (v *victim) inTime(t *testing.T, what string, most time.Duration, f func()) time.Duration {
	t.Helper()
	before, begin := v.effort(), time.Now()
	f()
	took := time.Since(begin)
	if took <= most {
		return took
	}
	after := v.effort()
	ran, waited := after.ran-before.ran, after.waited-before.waited
	if share := float64(ran) / float64(ran+waited); ran <= 0 || waited <= 0 || took.Seconds()*share > most.Seconds() {
		t.Errorf("%s took %v, while the peer and the test ran for %v and waited for %v to run", what, took, ran, waited)
	}
	return took
}

// answers runs a command that must succeed and returns what it printed, and sees
// whether the peer answers in time.
func (v *victim) answers(t *testing.T, args ...string) string {
	t.Helper()
	v.inTime(t, "a list of peers", maxAnswer, func() {
		if _, err := v.Neighbours(); err != nil {
			t.Error(err)
		}
	})
	return v.Must(args...)
}

// lookedAfter asks for a text again and again while f runs, and fails if an
// answer does not come in time or the text is another one.
func (v *victim) lookedAfter(t *testing.T, doc, text string, f func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	slowest, asked := time.Duration(0), 0
	var asking sync.WaitGroup
	asking.Go(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			took := v.inTime(t, "the text", maxAnswer, func() {
				if got, err := v.Text(doc); err != nil || got != text {
					t.Errorf("the text is %q, %v, want %q", got, err, text)
				}
			})
			slowest, asked = max(slowest, took), asked+1
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
	defer func() {
		cancel()
		asking.Wait()
		t.Logf("it answered %d times meanwhile, once in %v", asked, slowest.Round(time.Millisecond))
	}()
	f()
}
