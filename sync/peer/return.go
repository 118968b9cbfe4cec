package peer

import (
	"context"
	"time"

	"starling/sync/protocol"
	"starling/sync/transport"
)

const (
	// lookEvery is how often it is looked who has gone silent.
	lookEvery = time.Second
	// silence is how long nothing may come from a peer before it is asked for
	// a sign of life: an idle connection gives one each transport.KeepAlive.
	silence = transport.KeepAlive + time.Second
	// askEvery is how often it is asked. One that has been silent has patient
	// times to answer; after a change of the network, which may have cut it
	// off, hasty times.
	askEvery = 300 * time.Millisecond
	hasty    = 4
	patient  = 9
	// eagerFor is how long after a loss or a change of the network those who
	// are missed are dialled without growing pauses, and eagerDial how long
	// each attempt takes: what goes out in the first moments of a network may
	// be lost.
	eagerFor  = 10 * time.Second
	eagerDial = 1200 * time.Millisecond
)

// probed is a connection that can be asked for a sign of life, as
// [transport.Conn] can.
type probed interface {
	Received() uint64
	Probe() error
}

// lookLoop finds those who have gone silent, sooner than QUIC does.
func (n *network) lookLoop(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			n.p.mu.Lock()
			for _, l := range n.links {
				if n.quiet(l, now) {
					n.doubtLocked(l, patient)
				}
			}
			n.p.mu.Unlock()
		}
	}
}

// quiet reports whether nothing has come over a link for too long.
func (n *network) quiet(l *link, now time.Time) bool {
	conn, ok := l.conn.(probed)
	if !ok {
		return false // a simulated one
	}
	if got := conn.Received(); got != l.heard || l.heardAt.IsZero() {
		l.heard, l.heardAt = got, now
	}
	return now.Sub(l.heardAt) >= silence
}

// doubtLocked asks for a sign of life over a link, up to some times, and ends it
// if none comes. The caller holds Peer.mu.
func (n *network) doubtLocked(l *link, times int) {
	conn, ok := l.conn.(probed)
	if !ok || l.doubted {
		return
	}
	l.doubted = true
	before := conn.Received()
	n.start(func() {
		alive := n.ask(l, conn, before, times)
		n.p.mu.Lock()
		l.doubted = false
		n.p.mu.Unlock()
		if !alive {
			n.log.Info("a device has gone silent", "peer", l.session.Peer().Tag(), "address", l.address)
			l.session.End(protocol.ErrSilent)
		}
	})
}

// ask reports whether anything comes over a link. It also does when the link
// has ended or Run ends.
func (n *network) ask(l *link, conn probed, before uint64, times int) bool {
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for range times {
		if err := conn.Probe(); err != nil {
			return true // it has ended, or the other side can't be asked
		}
		select {
		case <-tick.C:
		case <-l.ended:
			return true
		case <-n.ctx.Done():
			return true
		}
		if conn.Received() != before {
			return true
		}
	}
	return false
}

// changed looks after everyone when the network has changed or the machine has
// slept: who is missed is dialled at once, and who is connected must show it.
func (n *network) changed() {
	n.p.mu.Lock()
	now := time.Now()
	for tag, t := range n.targets {
		t.eager = now.Add(eagerFor)
		t.wait, t.next = 0, now.Add(n.turn(tag))
		if t.cancel != nil {
			t.cancel() // what it has sent may be lost
		}
	}
	for _, l := range n.links {
		n.doubtLocked(l, hasty)
	}
	finder := n.finder
	n.p.mu.Unlock()
	if finder != nil {
		finder.Refresh()
	}
	n.p.hub.emit(PeersChanged{})
	n.nudge()
}
