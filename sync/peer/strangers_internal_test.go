package peer

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"starling/sync/protocol"
)

// guest is a connection of which only the end matters.
type guest struct {
	Connection
	id     DeviceID
	closed error
}

func (g *guest) Peer() DeviceID    { return g.id }
func (g *guest) Close(cause error) { g.closed = cause }

// A stranger may stay for a while, longer while two people compare a code, and
// for good once it is known.
func TestStrangersDoNotStay(t *testing.T) {
	for _, c := range []struct {
		name    string
		compare time.Duration // how long a code is compared
		known   bool          // in the end
		stays   time.Duration // 0: for good
	}{
		{"a stranger", 0, false, strangerTime},
		{"a code is compared in vain", time.Minute, false, time.Minute},
		{"a code is compared", time.Minute, true, 0},
		{"it becomes known", 0, true, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := dialler(1)
			n.ctx = t.Context()
			g := &guest{id: device(9)}
			l := &link{session: protocol.NewSession(n.p.me.ID, g, host{n}, n.log), conn: g, ended: make(chan struct{})}
			pa := &pairing{session: l.session, ended: make(chan struct{})}
			if c.compare > 0 {
				n.p.pairings = append(n.p.pairings, pa)
			}
			time.AfterFunc(max(c.compare, time.Second), func() {
				n.p.mu.Lock()
				if c.known {
					n.know(g.id)
				}
				n.p.mu.Unlock()
				close(pa.ended)
			})
			began := time.Now()
			n.awaitAcquaintance(l)
			took := time.Since(began)
			switch {
			case c.stays == 0 && g.closed != nil:
				t.Errorf("%s: ended after %v", c.name, took)
			case c.stays > 0 && (!errors.Is(g.closed, protocol.ErrRefused) || took < c.stays || took > c.stays+2*afterPairing):
				t.Errorf("%s: ended after %v with %v", c.name, took, g.closed)
			}
			time.Sleep(time.Minute) // simulated: the timer must have fired before the bubble ends
		})
	}
}
