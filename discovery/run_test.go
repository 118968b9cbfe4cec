package discovery

import (
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func e0(addrs string) candidate { return fakeCandidate(2, "e0", lan0, addrs) }

var (
	annaConfig = Config{Tag: annaTag, Name: "Anna", Port: 4001}
	benConfig  = Config{Tag: benTag, Name: "Ben", Port: 4002}
)

func times(entries []entry) []time.Duration {
	var at []time.Duration
	for _, e := range entries {
		at = append(at, e.at)
	}
	return at
}

// One who is alone asks at 0, 1, 3 and 9 s, then each 30 to 60 s, announces
// twice and does nothing else.
func TestRhythm(t *testing.T) {
	simulate(t, func(c *cable) {
		a := c.host(annaConfig, e0("10.0.0.1"))
		a.start()
		time.Sleep(10 * time.Minute)
		var asks []time.Duration
		for _, e := range c.entries("asks over") {
			if e.from.Port() == mdnsPort {
				asks = append(asks, e.at)
			}
		}
		for i, want := range askAfter {
			if late := asks[i] - want; late < minDelay || late > 5*minDelay {
				t.Errorf("question %d came at %v", i, asks[i])
			}
		}
		pauses := map[time.Duration]bool{}
		for i := len(askAfter); i < len(asks); i++ {
			pause := asks[i] - asks[i-1]
			pauses[pause] = true
			if pause < calmEvery || pause > 2*calmEvery {
				t.Errorf("a pause of %v", pause)
			}
		}
		if len(pauses) < 5 {
			t.Errorf("pauses without jitter: %v", pauses)
		}
		if says := times(c.entries("says")); !slices.Equal(says, []time.Duration{0, time.Second}) {
			t.Errorf("announced at %v", says)
		}
		if n := len(c.entries("")); n > len(asks)+3 {
			t.Errorf("%d packets", n)
		}
		c.forget()
		a.stop()
		if bye := c.entries(""); len(bye) != 1 || !strings.Contains(bye[0].String(), "takes back") {
			t.Errorf("at the end came %v", bye)
		}
	})
}

func TestFoundAndGone(t *testing.T) {
	simulate(t, func(c *cable) {
		a, b := c.host(annaConfig, e0("10.0.0.1")), c.host(benConfig, e0("10.0.0.2"))
		a.start()
		time.Sleep(11 * time.Second)
		b.start()
		time.Sleep(time.Second)
		if got := a.told(); got != "found 10.0.0.2 at 11s" {
			t.Fatal(got)
		}
		time.Sleep(time.Hour)
		b.stop()
		time.Sleep(2 * time.Second)
		if got := a.told(); got != "found 10.0.0.2 at 11s, gone 10.0.0.2 at 1h0m13s" {
			t.Fatal(got)
		}
		b.start()
		time.Sleep(time.Second)
		b.vanish()
		time.Sleep(recordTTL + time.Second)
		if got := a.told(); strings.Count(got, "found") != 2 || strings.Count(got, "gone") != 2 {
			t.Error(got)
		}
		a.stop()
	})
}

// A new port or name replaces the old one at once, even if the process before
// was killed.
func TestANewLifeReplacesTheOld(t *testing.T) {
	simulate(t, func(c *cable) {
		a, b := c.host(annaConfig, e0("10.0.0.1")), c.host(benConfig, e0("10.0.0.2"))
		a.start()
		b.start()
		time.Sleep(time.Minute)
		b.vanish()
		again := c.host(Config{Tag: benTag, Name: "Benjamin", Port: 4009}, e0("10.0.0.2"))
		again.start()
		time.Sleep(10 * time.Millisecond)
		synctest.Wait()
		a.do(func() {
			if h := a.known[benTag]; h.Name != "Benjamin" || h.Addrs[0].Port() != 4009 {
				t.Errorf("%+v", h)
			}
		})
		a.stop()
		again.stop()
	})
}

func TestRefresh(t *testing.T) {
	simulate(t, func(c *cable) {
		hosts := c.crowd(3)
		for _, h := range hosts {
			h.start()
		}
		a := hosts[0]
		time.Sleep(time.Minute)
		hosts[1].vanish()
		a.Refresh()
		time.Sleep(4 * time.Second)
		if got := a.told(); strings.Count(got, "gone") != 1 || !strings.Contains(got, "gone 10.0.0.2") {
			t.Error(got)
		}
		// Someone in a hurry costs a question a second, and makes no one
		// disappear.
		c.forget()
		for range 1000 {
			a.Refresh()
			time.Sleep(10 * time.Millisecond)
		}
		if n := len(c.entries("10.0.0.1 asks")); n < 8 || n > 13 {
			t.Errorf("%d questions in 10 s", n)
		}
		time.Sleep(10 * time.Second)
		if got := a.told(); strings.Contains(got, "gone 10.0.0.3") {
			t.Error(got)
		}
		a.stop()
		hosts[2].stop()
	})
}

func TestChangesOfTheNetwork(t *testing.T) {
	lo := fakeCandidate(1, "lo", net.FlagUp|net.FlagLoopback, "127.0.0.1")
	both := func(addr string) string { return addr + " says, " + addr + " asks" }
	for _, c := range []struct {
		name   string
		change []candidate
		want   string // who speaks within a second
	}{
		{"another address", []candidate{e0("10.0.0.9")}, both("10.0.0.9")},
		{"made anew", []candidate{fakeCandidate(7, "e0", lan0, "10.0.0.1")}, both("10.0.0.1")},
		{"one more", []candidate{e0("10.0.0.1"), fakeCandidate(3, "e1", lan0, "fe80::1")}, "10.0.0.1 asks, " + both("fe80::1")},
		{"gone", nil, ""},
		{"only loopback left", []candidate{lo}, both("127.0.0.1")},
		{"nothing that matters", []candidate{e0("10.0.0.1"), fakeCandidate(9, "vpn", lan0|net.FlagPointToPoint, "10.9.0.1"), lo}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			simulate(t, func(k *cable) {
				a := k.host(annaConfig, e0("10.0.0.1"))
				a.start()
				time.Sleep(29 * time.Second)
				k.forget()
				a.do(func() { a.ifaces = c.change })
				time.Sleep(pollEvery + 100*time.Millisecond)
				var got []string
				for _, e := range k.entries("") {
					s, _, _ := strings.Cut(e.String(), " over")
					if !slices.Contains(got, s) {
						got = append(got, s)
					}
				}
				slices.Sort(got)
				want := strings.Split(c.want, ", ")
				slices.Sort(want)
				if strings.Join(got, ", ") != strings.Join(want, ", ") {
					t.Errorf("got %v, want %s", got, c.want)
				}
				a.stop()
			})
		})
	}
}

func TestANeighbourMoves(t *testing.T) {
	simulate(t, func(c *cable) {
		a, b := c.host(annaConfig, e0("10.0.0.1")), c.host(benConfig, e0("10.0.0.2"))
		a.start()
		b.start()
		time.Sleep(40 * time.Second)
		b.do(func() { b.ifaces = []candidate{e0("10.0.0.3")} })
		time.Sleep(pollEvery + 10*time.Millisecond)
		if got := a.told(); got != "found 10.0.0.2 at 0s, found 10.0.0.3 at 40s" {
			t.Error(got)
		}
		b.do(func() { b.ifaces = nil })
		time.Sleep(10 * time.Second)
		b.do(func() { b.ifaces = []candidate{e0("10.0.0.3")} })
		time.Sleep(time.Second)
		if got := b.told(); got != "found 10.0.0.1 at 0s, gone 10.0.0.1 at 40s, found 10.0.0.1 at 50s" &&
			got != "found 10.0.0.1 at 0s, gone 10.0.0.1 at 41s, found 10.0.0.1 at 51s" {
			t.Error(got)
		}
		a.stop()
		b.stop()
	})
}

func TestFailuresAreShownAndTriedAgain(t *testing.T) {
	simulate(t, func(c *cable) {
		a, b := c.host(annaConfig, e0("10.0.0.1")), c.host(benConfig, e0("10.0.0.2"))
		a.fail = errTaken
		a.start()
		b.start()
		time.Sleep(8 * time.Second)
		if st := a.Interfaces(); len(st) != 1 || st[0].Name != "e0" || !errors.Is(st[0].Err, errTaken) {
			t.Errorf("status %v", st)
		}
		a.do(func() { a.fail = nil })
		time.Sleep(retryEvery + pollEvery)
		if st := a.Interfaces(); len(st) != 1 || st[0].Err != nil {
			t.Errorf("status %v", st)
		}
		if a.knows() != 1 || b.knows() != 1 {
			t.Errorf("%s; %s", a.told(), b.told())
		}
		a.stop()
		b.stop()
	})
}

func TestNotHearingOneselfIsShown(t *testing.T) {
	simulate(t, func(c *cable) {
		a := c.host(annaConfig, e0("10.0.0.1"))
		a.start()
		wait := func(d time.Duration, want error) {
			t.Helper()
			time.Sleep(d)
			if st := a.Interfaces(); !errors.Is(st[0].Err, want) {
				t.Errorf("status %v, want %v", st, want)
			}
		}
		wait(6*time.Second, nil)
		a.do(func() { a.deaf = true })
		wait(10*time.Second, ErrNotHeard)
		a.do(func() { a.deaf = false })
		wait(70*time.Second, nil)
		a.stop()
	})
}

func TestCounters(t *testing.T) {
	simulate(t, func(c *cable) {
		a, b := c.host(annaConfig, e0("10.0.0.1")), c.host(benConfig, e0("10.0.0.2"))
		a.start()
		time.Sleep(5 * time.Second)
		if st := a.Interfaces()[0]; st.Sent != uint64(len(c.entries("10.0.0.1"))) || st.Heard != 0 || !st.LastHeard.IsZero() {
			t.Errorf("%+v", st)
		}
		b.start()
		time.Sleep(2 * time.Second)
		if st := a.Interfaces()[0]; st.Heard == 0 || time.Since(st.LastHeard) > 2*time.Second {
			t.Errorf("%+v", st)
		}
		a.stop()
		b.stop()
		if st := a.Interfaces(); len(st) != 0 {
			t.Errorf("%+v", st)
		}
	})
}

func TestRunTwice(t *testing.T) {
	simulate(t, func(c *cable) {
		a := c.host(annaConfig, e0("10.0.0.1"))
		a.start()
		synctest.Wait()
		if err := a.Run(t.Context(), nil); !errors.Is(err, ErrRunning) {
			t.Errorf("got %v", err)
		}
		a.stop()
	})
}
