package peer

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"starling/discovery"
	"starling/sync/protocol"
)

// dialler is a network that dials nobody, to ask it whom it would.
func dialler(me byte) *network {
	p := &Peer{
		log: slog.New(slog.DiscardHandler), spaces: make(map[SpaceID]*space), people: make(map[DeviceID]*person),
	}
	p.me.ID = device(me)
	return &network{
		p: p, log: p.log, wake: make(chan struct{}, 1), links: make(map[DeviceID]*link),
		all: make(map[*protocol.Session]*link), nearby: make(map[string]*neighbour), targets: make(map[string]*target),
		wanted: make(map[DeviceID]*target),
	}
}

func device(first byte) DeviceID { return DeviceID{first, 1, 2, 3} }

func (n *network) know(id DeviceID) {
	n.p.people[id] = &person{id: id, paired: true}
	n.surveyed = time.Time{} // as nudge does
}

func (n *network) hear(id DeviceID) {
	n.heard(discovery.Event{Hint: discovery.Hint{
		Tag: id.Tag(), Addrs: []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:1")}, Seen: time.Now(),
	}})
}

// dialled lets time go on for d and returns at which times after now someone was
// dialled, each time in vain.
func (n *network) dialled(d time.Duration, fail func(j job)) []time.Duration {
	var times []time.Duration
	began := time.Now()
	for time.Since(began) < d {
		jobs, next := n.due(context.Background(), time.Now())
		for _, j := range jobs {
			times = append(times, time.Since(began))
			fail(j)
		}
		if len(jobs) == 0 {
			time.Sleep(min(next, d-time.Since(began))) // simulated
		}
	}
	return times
}

func (n *network) fail(j job) { n.tried(j, errors.New("silent")) }

func TestTheSmallerIDDialsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		small, large := dialler(1), dialler(9)
		small.know(device(9))
		large.know(device(1))
		if got := small.dialled(time.Millisecond, small.fail); len(got) != 1 || got[0] != 0 {
			t.Errorf("the smaller dials at %v", got)
		}
		if got := large.dialled(yield+time.Millisecond, large.fail); len(got) != 1 || got[0] != yield {
			t.Errorf("the larger dials at %v", got)
		}
	})
}

func TestSilentDevicesAreDialledMoreAndMoreRarely(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := dialler(1)
		n.know(device(9))
		got := n.dialled(time.Hour, n.fail)
		if len(got) < 40 || len(got) > 140 {
			t.Errorf("dialled %d times in an hour", len(got))
		}
		for i := range got[1:] {
			wait := got[i+1] - got[i]
			if wait < firstRetry/2 || wait > 3*lastRetry/2 {
				t.Errorf("attempt %d after %v", i+1, wait)
			}
		}
		// Heard anew, it is dialled at once.
		n.hear(device(9))
		if again := n.dialled(time.Millisecond, n.fail); len(again) != 1 {
			t.Errorf("heard anew it is dialled at %v", again)
		}
	})
}

// Two strangers part, and a moment later someone brings both into a space.
func TestWhoHasBecomeKnownIsDialledAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := dialler(1)
		id := device(9)
		n.p.people[id] = &person{id: id, typed: "192.0.2.1:1"}
		n.afterwards(id, nil, true, time.Second)
		if got := n.dialled(strangerPause-time.Second, n.fail); len(got) != 0 {
			t.Errorf("a stranger is dialled at %v", got)
		}
		n.know(id)
		if got := n.dialled(time.Millisecond, n.fail); len(got) != 1 {
			t.Errorf("one who has become known is dialled at %v", got)
		}
		if got := n.dialled(firstRetry/2, n.fail); len(got) > 1 {
			t.Errorf("and then at %v", got)
		}
	})
}

func TestWhoIsNoLongerWantedIsNotDialled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := dialler(1)
		n.know(device(9))
		if got := n.dialled(time.Millisecond, n.fail); len(got) != 1 {
			t.Fatalf("a known device is dialled at %v", got)
		}
		n.p.people[device(9)].paired = false
		if got := n.dialled(2*lastRetry, n.fail); len(got) != 0 {
			t.Errorf("one who is not known any more is dialled at %v", got)
		}
	})
}

func TestNobodyIsDialledTwiceAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := dialler(1)
		n.know(device(9))
		if got := n.dialled(time.Minute, func(job) {}); len(got) != 1 {
			t.Errorf("dialled at %v while the first attempt goes on", got)
		}
		n.links[device(9)] = &link{}
		n.tried(job{id: device(9), tag: device(9).Tag()}, protocol.ErrDuplicate)
		if w := n.targets[device(9).Tag()].wait; w != 0 {
			t.Errorf("an attempt that gave way to another costs %v", w)
		}
		if got := n.dialled(time.Minute, n.fail); len(got) != 0 {
			t.Errorf("dialled at %v while connected", got)
		}
	})
}

func TestWhenSessionsEnd(t *testing.T) {
	tests := []struct {
		name     string
		err      error
		lived    time.Duration
		times    int
		min, max time.Duration // until it is dialled again
	}{
		{"a cut after a good session", nil, time.Minute, 1, 0, time.Second},
		{"short sessions", errors.New("internal"), time.Second, 1, firstRetry / 4, firstRetry},
		{"short sessions again and again", errors.New("internal"), time.Second, 12, 50 * time.Second, 90 * time.Second},
		{"a broken rule", protocol.ErrMalformed, time.Minute, 1, firstPenalty, firstPenalty + time.Second},
		{"three broken rules", protocol.ErrLimit, time.Minute, 3, 4 * firstPenalty, 4*firstPenalty + time.Second},
		{"many", protocol.ErrMalformed, time.Minute, 20, lastPenalty, lastPenalty + time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := dialler(1)
				n.know(device(9))
				for range tt.times {
					n.afterwards(device(9), tt.err, true, tt.lived)
				}
				if broke(tt.err) {
					n.hear(device(9)) // which must not shorten a penalty
				}
				got := n.dialled(2*lastPenalty, func(job) {})
				if len(got) != 1 || got[0] < tt.min || got[0] > tt.max {
					t.Errorf("dialled at %v, want between %v and %v", got, tt.min, tt.max)
				}
			})
		})
	}
}

// A neighbour whom we don't know is asked who it is, a few times.
func TestNeighboursAreProbed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := dialler(1)
		n.hear(device(9))
		jobs, _ := n.due(context.Background(), time.Now())
		if len(jobs) != 1 || !jobs[0].id.IsZero() || jobs[0].tag != device(9).Tag() {
			t.Fatalf("jobs %v", jobs)
		}
		n.tried(jobs[0], errors.New("silent"))
		if got := n.dialled(time.Hour, n.fail); len(got) != maxProbes-1 {
			t.Errorf("asked %d times more", len(got))
		}
		n.hear(device(9))
		if got := n.dialled(time.Hour, n.fail); len(got) != maxProbes {
			t.Errorf("heard anew, asked %d times", len(got))
		}
		n.know(device(9))
		if jobs, _ := n.due(context.Background(), time.Now().Add(time.Hour)); len(jobs) != 1 || jobs[0].id != device(9) {
			t.Errorf("known, it is not dialled by its ID: %v", jobs)
		}
	})
}

// A device that someone typed and that is heard too is dialled once, and not as
// a stranger.
func TestATypedAddressOfANeighbour(t *testing.T) {
	n := dialler(1)
	n.p.people[device(9)] = &person{id: device(9), typed: "192.0.2.1:1"}
	n.hear(device(9))
	if jobs, _ := n.due(context.Background(), time.Now().Add(time.Hour)); len(jobs) != 1 || jobs[0].id != device(9) {
		t.Errorf("jobs %v", jobs)
	}
}

// Strangers leave nothing behind, whether they connected, broke the rules or
// were only heard.
func TestStrangersLeaveNothingBehind(t *testing.T) {
	n := dialler(1)
	for i := range 200 {
		id := device(byte(i))
		id[5] = byte(i)
		switch i % 4 {
		case 0: // never introduced
			n.afterwards(id, protocol.ErrSilent, false, 0)
		case 1:
			n.p.people[id] = &person{id: id}
			n.afterwards(id, protocol.ErrMalformed, true, time.Minute)
		case 2:
			n.hear(id)
			n.due(context.Background(), time.Now())
			n.heard(discovery.Event{Hint: discovery.Hint{Tag: id.Tag()}, Gone: true})
		case 3: // met while nearby
			n.hear(id)
			n.nearby[id.Tag()].id = id
			n.p.people[id] = &person{id: id}
			n.afterwards(id, nil, true, time.Second)
			n.heard(discovery.Event{Hint: discovery.Hint{Tag: id.Tag()}, Gone: true})
		}
	}
	if len(n.p.people)+len(n.targets)+len(n.nearby) != 0 {
		t.Errorf("left: %d people, %d targets, %d neighbours", len(n.p.people), len(n.targets), len(n.nearby))
	}
}
