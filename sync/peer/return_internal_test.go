package peer

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"starling/sync/identity"
	"starling/sync/protocol"
	"starling/sync/transport"
)

// life is a connection that answers some of the questions for a sign of life.
type life struct {
	Connection
	came   uint64
	asked  int
	answer func(asked int) bool
	err    error
}

func (l *life) Received() uint64 { return l.came }

func (l *life) Probe() error {
	l.asked++
	if l.err == nil && l.answer(l.asked) {
		l.came++
	}
	return l.err
}

func TestAskForASignOfLife(t *testing.T) {
	never := func(int) bool { return false }
	for _, c := range []struct {
		name  string
		conn  life
		times int
		alive bool
		took  time.Duration
	}{
		{"it answers", life{answer: func(int) bool { return true }}, hasty, true, askEvery},
		{"it answers the last question", life{answer: func(n int) bool { return n == hasty }}, hasty, true, hasty * askEvery},
		{"it is silent", life{answer: never}, hasty, false, hasty * askEvery},
		{"it is silent, and we are patient", life{answer: never}, patient, false, patient * askEvery},
		{"it can't be asked", life{answer: never, err: errors.New("no datagrams")}, hasty, true, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := dialler(1)
				n.ctx = t.Context()
				began := time.Now()
				if got := n.ask(&link{ended: make(chan struct{})}, &c.conn, 0, c.times); got != c.alive {
					t.Errorf("alive: %t", got)
				}
				if took := time.Since(began); took != c.took {
					t.Errorf("took %v, want %v", took, c.took)
				}
			})
		})
	}
	if silence+patient*askEvery+lookEvery >= 10*time.Second || transport.IdleTimeout+transport.KeepAlive >= 10*time.Second {
		t.Error("who has died is seen for 10 s and more")
	}
	if 500*time.Millisecond+hasty*askEvery+eagerDial > 3*time.Second {
		t.Error("coming back takes more than 3 s")
	}
}

func TestQuiet(t *testing.T) {
	n := dialler(1)
	conn := new(life)
	l := &link{conn: conn}
	now := time.Now()
	for _, c := range []struct {
		after time.Duration
		came  bool
		want  bool
	}{
		{0, false, false},
		{silence - 1, false, false},
		{1, false, true},
		{time.Second, true, false},
		{silence - 1, false, false},
		{1, false, true},
	} {
		now = now.Add(c.after)
		if c.came {
			conn.came++
		}
		if got := n.quiet(l, now); got != c.want {
			t.Errorf("after %v more: quiet is %t", c.after, got)
		}
	}
	if n.quiet(&link{}, now) {
		t.Error("one that can't be asked counts as quiet")
	}
}

// line is a connection that is silent from the beginning.
type line struct {
	life
	peer    DeviceID
	dialled bool
	closed  error
}

func (l *line) Peer() DeviceID { return l.peer }

func (l *line) Dialled() bool { return l.dialled }

func (l *line) Close(cause error) { l.closed = cause }

// Of two connections that cross the one that stays may have died a moment ago: whoever
// found that dials anew.
func TestTheOneThatStaysMayBeDead(t *testing.T) {
	for _, answers := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			me, err := identity.New()
			if err != nil {
				t.Fatal(err)
			}
			n := dialler(1)
			n.p.id, n.p.me.ID = me, me.ID()
			n.ctx, n.group = t.Context(), new(errgroup.Group)
			other := DeviceID(bytes.Repeat([]byte{255}, len(DeviceID{}))) // the larger ID
			n.know(other)
			join := func(dialled bool) (*line, *protocol.Session) {
				c := &line{peer: other, dialled: dialled, life: life{answer: func(int) bool { return answers }}}
				s := protocol.NewSession(n.p.me.ID, c, nil, n.log)
				n.all[s] = &link{session: s, conn: c, ready: make(chan struct{}), ended: make(chan struct{})}
				return c, s
			}
			stays, first := join(true)
			n.links[other] = n.all[first]
			n.all[first].since = time.Now()
			_, second := join(false)
			if err := n.introduced(second, protocol.Profile{}); !errors.Is(err, protocol.ErrDuplicate) {
				t.Fatalf("both cross, and the other one stays: %v", err)
			}
			if err := n.group.Wait(); err != nil {
				t.Fatal(err)
			}
			if got := errors.Is(stays.closed, protocol.ErrSilent); got == answers {
				t.Errorf("it answers: %t, it was ended: %v", answers, stays.closed)
			}
		})
	}
}

// When the network changes, whoever is missed is dialled at once, in short
// attempts and without growing pauses, for a while.
func TestAChangedNetworkMakesEager(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := dialler(1)
		n.know(device(9))
		n.dialled(time.Hour, n.fail) // long pauses by now
		n.changed()
		var limits []time.Duration
		got := n.dialled(20*time.Second, func(j job) {
			if end, ok := j.ctx.Deadline(); ok {
				limits = append(limits, time.Until(end))
			}
			n.fail(j)
		})
		if len(got) < 30 || got[0] != 0 {
			t.Errorf("dialled %d times", len(got))
		}
		for i := range got[1:] {
			if got[i+1] < eagerFor && got[i+1]-got[i] > time.Second {
				t.Errorf("a pause of %v", got[i+1]-got[i])
			}
		}
		if late := got[len(got)-1]; len(got) > 50 || late < eagerFor {
			t.Errorf("dialled %d times, last after %v", len(got), late)
		}
		for _, limit := range limits {
			if limit != eagerDial {
				t.Errorf("an attempt may take %v", limit)
			}
		}

		// An attempt that is under way is given up: what it sent may be lost.
		n.know(device(8))
		jobs, _ := n.due(context.Background(), time.Now())
		if len(jobs) == 0 {
			t.Fatal("nobody is dialled")
		}
		n.changed()
		for _, j := range jobs {
			if j.ctx.Err() == nil {
				t.Error("the attempt goes on")
			}
		}
	})
}

// Who has died is dialled without growing pauses at first, who has left is not.
func TestWhoIsDialledAfterALoss(t *testing.T) {
	for _, c := range []struct {
		name  string
		err   error
		eager bool
	}{
		{"silent", protocol.ErrSilent, true},
		{"the network is gone", &net.OpError{Op: "write", Err: errors.New("no such address")}, true},
		{"we left", nil, false},
		{"refused", protocol.ErrRefused, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := dialler(1)
			n.know(device(9))
			n.afterwards(device(9), c.err, true, time.Minute)
			if got := len(n.dialled(eagerFor, n.fail)); (got > 10) != c.eager {
				t.Errorf("%s: dialled %d times", c.name, got)
			}
		})
	}
}

func TestStrangersAreListedWithinBounds(t *testing.T) {
	n := dialler(1)
	n.know(device(9))
	for i := range 2 * maxListed {
		id := DeviceID{2, byte(i >> 8), byte(i)}
		n.hear(id)
	}
	if len(n.nearby) != maxListed {
		t.Errorf("%d strangers are listed", len(n.nearby))
	}
	n.hear(device(9))
	if n.nearby[device(9).Tag()] == nil {
		t.Error("someone known finds no room")
	}
	jobs, _ := n.due(context.Background(), time.Now().Add(time.Second))
	if len(jobs) != maxAsked+1 { // and the one we know
		t.Errorf("%d are asked at a time who they are", len(jobs)-1)
	}
	if jobs, _ := n.due(context.Background(), time.Now().Add(time.Second)); len(jobs) != 0 {
		t.Errorf("%d more are asked", len(jobs))
	}
}

func TestWhoIsInvisibleAsksNoStrangers(t *testing.T) {
	n := dialler(1)
	n.p.bounds.invisible = true
	n.know(device(9))
	n.hear(device(9))
	n.hear(device(8))
	jobs, _ := n.due(context.Background(), time.Now().Add(time.Second))
	if len(jobs) != 1 || jobs[0].id != device(9) {
		t.Errorf("dials %v", jobs)
	}
}

// A stranger that was connected stays listed for a while.
func TestStrangersStayListedForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := dialler(1)
		near := &neighbour{tag: "0900", id: device(9), seen: time.Now(), addrs: []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:1")}}
		n.nearby["0900"] = near
		n.due(context.Background(), time.Now().Add(listedFor))
		if n.nearby["0900"] == nil {
			t.Error("forgotten at once")
		}
		n.due(context.Background(), time.Now().Add(listedFor+time.Second))
		if n.nearby["0900"] != nil {
			t.Error("never forgotten")
		}
	})
}
