package discovery

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// simulation is a wire, a set of interfaces and a diary, all in simulated
// time. Everyone in answers is heard at the start of each browse.
type simulation struct {
	mu         sync.Mutex
	began      time.Time
	candidates []candidate
	answers    map[string]answer
	fail       error // of announce and browse
	deaf       bool  // nothing comes back, not even our own announcement
	announcing int
	browsing   int
	log        []string // "announce e0[10.0.0.1]", "goodbye", "browse e0"
	times      []time.Duration
	listeners  map[int]func(answer)
	next       int
}

func (s *simulation) note(format string, args ...any) {
	s.log = append(s.log, fmt.Sprintf(format, args...))
	s.times = append(s.times, time.Since(s.began))
}

func (s *simulation) announce(rec record, links []link) (func(), error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		s.note("announce fails")
		return nil, s.fail
	}
	s.note("announce %s%v", links[0].name(), links[0].addrs)
	s.announcing++
	s.answers[rec.tag] = answer{rec.tag, rec.port, rec.text(), []net.IP{links[0].addrs[0].AsSlice()}, nil}
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.announcing--
		delete(s.answers, rec.tag)
		s.note("goodbye")
	}), nil
}

func (s *simulation) browse(ctx context.Context, f family, links []link, got func(answer)) error {
	s.mu.Lock()
	if s.fail != nil {
		defer s.mu.Unlock()
		return s.fail
	}
	s.note("browse %v over %d", linkNames(links), []int{4, 6}[f])
	s.browsing++
	me := s.next
	s.next++
	s.listeners[me] = got
	var heard []answer
	for _, a := range s.answers {
		if !s.deaf {
			heard = append(heard, a)
		}
	}
	s.mu.Unlock()
	for _, a := range heard {
		got(a)
	}
	<-ctx.Done()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, me)
	s.browsing--
	return nil
}

func (s *simulation) scan() ([]candidate, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.candidates, nil
}

// entries returns the times at which what begins with prefix was noted.
func (s *simulation) entries(prefix string) []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	var times []time.Duration
	for i, e := range s.log {
		if strings.HasPrefix(e, prefix) {
			times = append(times, s.times[i])
		}
	}
	return times
}

// do changes the simulation.
func (s *simulation) do(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

var e0 = fakeCandidate(2, "e0", lan0, "10.0.0.1")

// simulate runs a Finder while script acts, then checks that it left nothing.
// events returns the events so far, each with its second.
func simulate(t *testing.T, script func(s *simulation, f *Finder, events func() string)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &simulation{
			began: time.Now(), candidates: []candidate{e0},
			answers: map[string]answer{}, listeners: map[int]func(answer){},
		}
		f, err := New(Config{Tag: annaTag, Name: "Anna", Port: 4001})
		if err != nil {
			t.Fatal(err)
		}
		f.wire, f.scan = s, s.scan
		var mu sync.Mutex
		var told []string
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			done <- f.Run(ctx, func(e Event) {
				mu.Lock()
				defer mu.Unlock()
				verb := "found"
				if e.Gone {
					verb = "gone"
				}
				told = append(told, fmt.Sprintf("%s %s at %v", verb, e.Hint.Addrs[0].Addr(), time.Since(s.began).Truncate(time.Second)))
			})
		}()
		synctest.Wait()
		script(s, f, func() string {
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			return strings.Join(told, ", ")
		})
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		if s.announcing != 0 || s.browsing != 0 || len(f.Interfaces()) != 0 {
			t.Errorf("left behind: %d announcements, %d browses, %v", s.announcing, s.browsing, f.Interfaces())
		}
	})
}

func TestRhythm(t *testing.T) {
	simulate(t, func(s *simulation, _ *Finder, _ func() string) {
		time.Sleep(10 * time.Minute)
		at := s.entries("browse")
		eager := []time.Duration{0, 5 * time.Second, 10 * time.Second, 15 * time.Second, 20 * time.Second, 25 * time.Second, 30 * time.Second}
		if !slices.Equal(at[:len(eager)], eager) {
			t.Errorf("began with browses at %v", at[:len(eager)])
		}
		pauses := map[time.Duration]bool{}
		for i := len(eager); i < len(at); i++ {
			pause := at[i] - at[i-1]
			pauses[pause] = true
			if pause < calmEvery || pause > 2*calmEvery+pollEvery {
				t.Errorf("a pause of %v", pause)
			}
		}
		if len(pauses) < 2 {
			t.Errorf("pauses without jitter: %v", pauses)
		}
		if n := len(s.entries("announce")); n != 1 {
			t.Errorf("announced %d times", n)
		}
	})
}

func TestFoundAndGone(t *testing.T) {
	simulate(t, func(s *simulation, _ *Finder, events func() string) {
		s.do(func() { s.answers[benTag] = goodAnswer() })
		time.Sleep(11 * time.Second)
		if got := events(); got != "found 10.0.0.2 at 5s" {
			t.Fatal(got)
		}
		s.do(func() { delete(s.answers, benTag) })
		// Heard at 10 s; missed at 15, 20 and 25 s, the last of which ends at 30 s.
		time.Sleep(20 * time.Second)
		if got := events(); got != "found 10.0.0.2 at 5s, gone 10.0.0.2 at 30s" {
			t.Fatal(got)
		}
		s.do(func() { s.answers[benTag] = goodAnswer() })
		time.Sleep(time.Minute + pollEvery)
		if got := events(); strings.Count(got, "found") != 2 {
			t.Fatal(got)
		}
		before := time.Since(s.began)
		s.do(func() { delete(s.answers, benTag) })
		for strings.Count(events(), "gone") < 2 {
			time.Sleep(time.Second)
		}
		if took := time.Since(s.began) - before; took > 2*(calmEvery*2+pollEvery)+2*(missedEvery+pollEvery) {
			t.Errorf("gone only after %v", took)
		}
	})
}

func TestRefresh(t *testing.T) {
	simulate(t, func(s *simulation, f *Finder, events func() string) {
		time.Sleep(40 * time.Second)
		n := len(s.entries("browse"))
		s.do(func() { s.answers[benTag] = goodAnswer() })
		f.Refresh()
		if got := events(); got != "found 10.0.0.2 at 40s" {
			t.Errorf("got %q", got)
		}
		// Someone in a hurry costs two browses a second at most, and makes no one
		// disappear.
		s.do(func() { delete(s.answers, benTag) })
		for range 1000 {
			f.Refresh()
			time.Sleep(10 * time.Millisecond)
		}
		if more := len(s.entries("browse")) - n; more > 22 || more < 10 {
			t.Errorf("%d browses in 10 s", more)
		}
		if got := events(); strings.Contains(got, "gone") {
			t.Errorf("got %q", got)
		}
	})
}

func TestChangesOfTheNetwork(t *testing.T) {
	lo := fakeCandidate(1, "lo", net.FlagUp|net.FlagLoopback, "127.0.0.1")
	for _, c := range []struct {
		name   string
		change []candidate
		want   string // what follows within half a second
	}{
		{"another address", []candidate{fakeCandidate(2, "e0", lan0, "10.0.0.9")}, "goodbye, announce e0[10.0.0.9], browse [e0] over 4"},
		{"made anew", []candidate{fakeCandidate(7, "e0", lan0, "10.0.0.1")}, "goodbye, announce e0[10.0.0.1], browse [e0] over 4"},
		{
			"one more",
			[]candidate{e0, fakeCandidate(3, "e1", lan0, "fe80::1")},
			"goodbye, announce e0[10.0.0.1], browse [e0] over 4, browse [e1] over 6",
		},
		{"gone", nil, "goodbye"},
		{"only loopback left", []candidate{lo}, "goodbye, announce lo[127.0.0.1], browse [lo] over 4"},
		{"nothing that matters", []candidate{e0, fakeCandidate(9, "vpn", lan0|net.FlagPointToPoint, "10.9.0.1"), lo}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			simulate(t, func(s *simulation, _ *Finder, _ func() string) {
				time.Sleep(41 * time.Second)
				n := 0
				s.do(func() { s.candidates, n = c.change, len(s.log) })
				time.Sleep(pollEvery)
				synctest.Wait()
				var got []string
				s.do(func() { got = slices.Clone(s.log[n:]) })
				slices.Sort(got[min(2, len(got)):]) // both families browse at once
				if strings.Join(got, ", ") != c.want {
					t.Errorf("got %v, want %s", got, c.want)
				}
			})
		})
	}
}

func TestFailuresAreShownAndTriedAgain(t *testing.T) {
	simulate(t, func(s *simulation, f *Finder, events func() string) {
		taken := errors.New("port taken")
		s.do(func() { s.fail, s.candidates = taken, []candidate{fakeCandidate(3, "e1", lan0, "10.0.0.3")} })
		time.Sleep(8 * time.Second)
		if st := f.Interfaces(); len(st) != 1 || st[0].Name != "e1" || !errors.Is(st[0].Err, taken) {
			t.Errorf("status %v", st)
		}
		if n := len(s.entries("announce fails")); n != 2 {
			t.Errorf("%d attempts", n)
		}
		s.do(func() { s.fail, s.answers[benTag] = nil, goodAnswer() })
		time.Sleep(retryEvery + pollEvery)
		if st := f.Interfaces(); len(st) != 1 || st[0].Err != nil {
			t.Errorf("status %v", st)
		}
		if got := events(); !strings.HasPrefix(got, "found 10.0.0.2") {
			t.Errorf("got %q", got)
		}
	})
}

func TestNotHearingOneselfIsShown(t *testing.T) {
	simulate(t, func(s *simulation, f *Finder, _ func() string) {
		time.Sleep(6 * time.Second)
		if st := f.Interfaces(); st[0].Err != nil {
			t.Errorf("status %v", st)
		}
		s.do(func() { s.deaf = true })
		time.Sleep(10 * time.Second)
		if st := f.Interfaces(); !errors.Is(st[0].Err, ErrNotHeard) {
			t.Errorf("status %v", st)
		}
		s.do(func() { s.deaf = false })
		time.Sleep(10 * time.Second)
		if st := f.Interfaces(); st[0].Err != nil {
			t.Errorf("status %v", st)
		}
	})
}

// A neighbour that sends without end is cut off until the next browse, and
// bad records make no events.
func TestFlood(t *testing.T) {
	simulate(t, func(s *simulation, _ *Finder, events func() string) {
		bad := goodAnswer()
		bad.port = 0
		var listen func(answer)
		s.do(func() {
			for _, l := range s.listeners {
				listen = l
			}
		})
		for range 2 * maxAnswers {
			listen(bad)
		}
		if got := events(); got != "" {
			t.Errorf("got %q", got)
		}
		s.do(func() {
			if s.browsing != 0 {
				t.Error("still listening")
			}
			s.answers[benTag] = goodAnswer()
		})
		time.Sleep(eagerEvery)
		if got := events(); got != "found 10.0.0.2 at 5s" {
			t.Errorf("got %q", got)
		}
	})
}

func TestRunTwice(t *testing.T) {
	simulate(t, func(_ *simulation, f *Finder, _ func() string) {
		if err := f.Run(t.Context(), nil); !errors.Is(err, ErrRunning) {
			t.Errorf("got %v", err)
		}
	})
}
