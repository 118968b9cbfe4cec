package peer

import (
	"context"
	"time"

	"starling/crdt"
	"starling/sync/protocol"
	"starling/sync/transport"
)

// crossing is how long after the beginning of a session another one with the
// same device may be one that crossed it. Later, the other side has dialled
// anew because it found the session dead.
const crossing = 5 * time.Second

// link is a connection and its session. Once introduced, it is the one that is
// kept with its device, or it ends.
type link struct {
	session *protocol.Session
	conn    Connection
	run     [16]byte // of the other program
	address string
	since   time.Time // when it was introduced
	// under Peer.mu: we ask for a sign of life; what had come when we looked
	// last, and since when nothing has.
	doubted bool
	heard   uint64
	heardAt time.Time
	// told gives what the device has told that it holds; see [protocol.Session.EachTold].
	told  func(SpaceID, func(crdt.DocID, crdt.Vector)) bool
	ready chan struct{} // closed when introduced and kept
	ended chan struct{}
	err   error // once ended
}

// speak begins a session over a connection. If we dialled it and there is
// another session with the device, or one that we dialled begins, then that is
// returned: before anything was said, the other side can't choose differently.
func (n *network) speak(conn Connection) (*link, error) {
	l := &link{
		session: protocol.NewSession(n.p.ID(), conn, host{n}, n.log),
		conn:    conn,
		address: conn.Remote().String(),
		ready:   make(chan struct{}), ended: make(chan struct{}),
	}
	l.told = l.session.EachTold
	n.p.mu.Lock()
	if other := n.otherLocked(conn.Peer()); other != nil && conn.Dialled() {
		n.p.mu.Unlock()
		conn.Close(protocol.ErrDuplicate)
		return other, nil
	}
	n.all[l.session] = l
	n.p.mu.Unlock()
	if n.start(func() { n.serve(n.ctx, l) }) {
		return l, nil
	}
	n.p.mu.Lock()
	delete(n.all, l.session)
	n.p.mu.Unlock()
	conn.Close(context.Canceled) // as when Run returns
	return nil, ErrOffline
}

// otherLocked is the session with a device, or the one that we have dialled.
func (n *network) otherLocked(id DeviceID) *link {
	if l := n.links[id]; l != nil {
		return l
	}
	for s, l := range n.all {
		if s.Peer() == id && s.Dialled() {
			return l
		}
	}
	return nil
}

// serve speaks over a connection until it ends, and judges how it ended.
func (n *network) serve(ctx context.Context, l *link) {
	id := l.session.Peer()
	began := time.Now()
	err := l.session.Run(ctx)
	n.p.mu.Lock()
	delete(n.all, l.session)
	n.p.endPairingLocked(l.session)
	kept := n.links[id] == l
	if kept {
		delete(n.links, id)
		if who := n.p.people[id]; who != nil {
			who.seen = n.p.now() // whoever is told that it has gone is told when
		}
		if !n.p.knownLocked(id) && !broke(err) {
			n.listLocked(l)
		}
	}
	l.err = err
	n.hearOfTwinLocked(id, err)
	n.p.mu.Unlock()
	close(l.ended)
	if kept {
		n.p.gone(id)
		n.p.tellArriving(n.p.arriving.leave(id))
		n.p.remember(id, func(*person) {})
		n.refreshSoon()
	}
	n.afterwards(id, err, kept, time.Since(began))
	n.p.hub.emit(PeersChanged{}, PairingsChanged{})
}

// introduced decides which of the sessions with a device is kept. Both sides
// decide alike: of two connections that cross, the one that the smaller ID
// dialled stays, if it still lives. Else the newer: the other program has been
// started anew, or found the older connection dead.
func (n *network) introduced(s *protocol.Session, pr protocol.Profile) error {
	id := s.Peer()
	n.p.mu.Lock()
	l, old := n.all[s], n.links[id]
	switch {
	case l == nil:
		n.p.mu.Unlock()
		return protocol.ErrDuplicate
	case old == nil && !n.p.familiarLocked(id) && n.strangersLocked() >= maxStrangers:
		n.p.mu.Unlock()
		return protocol.ErrRefused
	case old != nil && n.twinLocked(id, old, pr.Run):
		n.p.mu.Unlock()
		return errTwin
	case old != nil && old.run == pr.Run && time.Since(old.since) < crossing && n.rightWay(old.session) && !n.rightWay(s):
		n.doubtLocked(old, hasty) // they may have found it dead and dialled anew
		n.p.mu.Unlock()
		return protocol.ErrDuplicate
	}
	l.run, l.since = pr.Run, time.Now()
	n.links[id] = l
	n.ranLocked(id, pr.Run)
	dead := n.deadLocked(l)
	if near := n.nearby[id.Tag()]; near != nil {
		near.id = id
	}
	n.p.mu.Unlock()
	for _, other := range dead {
		other.session.End(protocol.ErrDuplicate)
	}
	if old != nil {
		n.p.gone(id) // the new session says where they are
		n.p.tellArriving(n.p.arriving.leave(id))
		n.retire(old)
	}
	n.p.meet(id, pr)
	n.p.remember(id, func(w *person) { w.address = l.address }) // one listens and dials on one socket
	close(l.ready)
	n.limitStranger(l)
	n.log.Info("connected", "peer", id.Tag(), "name", CleanName(pr.Name), "address", l.address, "dialled", s.Dialled())
	return nil
}

// deadLocked lists the sessions with a device that an earlier run of its program
// has left, and ends what was compared over them: nobody is there any more.
func (n *network) deadLocked(l *link) []*link {
	var dead []*link
	for s, other := range n.all {
		if s.Peer() == l.session.Peer() && other.run != ([16]byte{}) && other.run != l.run {
			n.p.endPairingLocked(s)
			dead = append(dead, other)
		}
	}
	return dead
}

// afterPairing is how long a session that has given way stays after its pairing,
// so that the last word of it arrives.
const afterPairing = time.Second

// retire ends a session that gave way to another one, at once or, if two people
// compare a code over it, when they have done so: the code is tied to the
// connection. If the other side does not know of the pairing yet it ends the
// session, before a code was shown to anyone, and the pairing begins anew.
func (n *network) retire(old *link) {
	n.p.mu.Lock()
	pa := n.p.pairingOfLocked(old.session)
	busy := pa != nil && !pa.over()
	n.p.mu.Unlock()
	waits := busy && n.start(func() {
		select {
		case <-pa.ended:
			n.pause(afterPairing)
		case <-n.ctx.Done():
		}
		old.session.End(protocol.ErrDuplicate)
	})
	if !waits {
		old.session.End(protocol.ErrDuplicate)
	}
}

// pause waits, unless Run ends.
func (n *network) pause(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-n.ctx.Done():
	}
}

// rightWay reports whether the device with the smaller ID dialled.
func (n *network) rightWay(s *protocol.Session) bool {
	return s.Dialled() == (n.p.ID().Compare(s.Peer()) < 0)
}

func (n *network) link(id DeviceID) *link {
	n.p.mu.Lock()
	defer n.p.mu.Unlock()
	return n.links[id]
}

// reach returns a session with a device, dialling it if there is none.
func (n *network) reach(ctx context.Context, info PeerInfo) (*protocol.Session, error) {
	for {
		if l := n.link(info.ID); l != nil {
			return l.session, nil
		}
		l, err := n.dial(ctx, n.addresses(ctx, info.ID, info.Tag), info.ID)
		if err == nil {
			if id := l.session.Peer(); id.Tag() != info.Tag {
				return nil, transport.ErrWrongDevice
			}
			info.ID = l.session.Peer()
			if err = n.awaitReady(ctx, l); err == nil {
				return l.session, nil
			}
		}
		if info.ID.IsZero() || ctx.Err() != nil {
			return nil, err
		}
		// Another session with it is kept or about to be, or it knows the way
		// to us while we don't know the way to it.
		if n.awaitLink(ctx, info.ID) != nil {
			return nil, err
		}
	}
}

func duplicateCode(err error) bool {
	code, _, ok := transport.CodeOf(err)
	return ok && code == transport.Duplicate
}

func (n *network) awaitReady(ctx context.Context, l *link) error {
	select {
	case <-l.ready:
		return nil
	case <-l.ended:
		if l.err == nil {
			return ErrUnreachable
		}
		return l.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// awaitLink waits a little for another session with the device.
func (n *network) awaitLink(ctx context.Context, id DeviceID) error {
	sub := n.p.Subscribe(8)
	defer sub.Close()
	timeout := time.NewTimer(2 * time.Second)
	defer timeout.Stop()
	for n.link(id) == nil {
		select {
		case <-sub.C():
		case <-timeout.C:
			return ErrUnreachable
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// awaitEnd waits until a session has ended.
func (n *network) awaitEnd(ctx context.Context, s *protocol.Session) {
	n.p.mu.Lock()
	l := n.all[s]
	n.p.mu.Unlock()
	if l == nil {
		return
	}
	select {
	case <-l.ended:
	case <-ctx.Done():
	}
}

// renamed tells the neighbours our new name.
func (n *network) renamed() {
	n.announceAnew()
	for _, s := range n.p.sessions() {
		s.Rename()
	}
}
