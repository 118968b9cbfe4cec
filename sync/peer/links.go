package peer

import (
	"context"
	"errors"
	"time"

	"starling/sync/protocol"
	"starling/sync/transport"
)

// maxStrangers is how many devices with which we share nothing may be connected
// at a time.
const maxStrangers = 64

// link is a connection and its session. Once introduced, it is the one that is
// kept with its device, or it ends.
type link struct {
	session *protocol.Session
	run     [16]byte // of the other program
	address string
	ready   chan struct{} // closed when introduced and kept
	ended   chan struct{}
	err     error // once ended
}

func (n *network) newLink(conn *transport.Conn) *link {
	l := &link{
		session: protocol.NewSession(n.p.ID(), wire{conn}, host{n}, n.log),
		address: conn.Remote().String(),
		ready:   make(chan struct{}), ended: make(chan struct{}),
	}
	n.p.mu.Lock()
	n.all[l.session] = l
	n.p.mu.Unlock()
	return l
}

// serve speaks over a connection until it ends, and judges how it ended.
func (n *network) serve(ctx context.Context, l *link) {
	id := l.session.Peer()
	began := time.Now()
	err := l.session.Run(ctx)
	n.p.mu.Lock()
	delete(n.all, l.session)
	kept := n.links[id] == l
	if kept {
		delete(n.links, id)
	}
	l.err = err
	n.p.mu.Unlock()
	close(l.ended)
	if kept {
		n.p.gone(id)
		n.p.remember(id, func(w *person) { w.seen = time.Now() })
		n.p.refreshSessions()
	}
	n.afterwards(id, err, kept, time.Since(began))
	n.p.hub.emit(PeersChanged{})
}

// introduced decides which of the sessions with a device is kept. Both sides
// decide alike: a new run of the other program replaces what is left of the old
// one; of two connections that cross, the one that the smaller ID dialled
// stays; of two that the same side dialled, the newer.
func (n *network) introduced(s *protocol.Session, pr protocol.Profile) error {
	id := s.Peer()
	n.p.mu.Lock()
	l, old := n.all[s], n.links[id]
	switch {
	case l == nil:
		n.p.mu.Unlock()
		return protocol.ErrDuplicate
	case old == nil && !n.p.knownLocked(id) && n.strangersLocked() >= maxStrangers:
		n.p.mu.Unlock()
		return protocol.ErrRefused
	case old != nil && old.run == pr.Run && n.rightWay(old.session) && !n.rightWay(s):
		n.p.mu.Unlock()
		return protocol.ErrDuplicate
	}
	l.run = pr.Run
	n.links[id] = l
	if near := n.nearby[id.Tag()]; near != nil {
		near.id = id
	}
	n.p.mu.Unlock()
	if old != nil {
		old.session.End(protocol.ErrDuplicate)
	}
	n.p.meet(id, pr)
	n.p.remember(id, func(w *person) {
		if s.Dialled() { // the address that it listens on
			w.address = l.address
		}
	})
	close(l.ready)
	n.log.Info("connected", "peer", id.Tag(), "name", CleanName(pr.Name), "address", l.address, "dialled", s.Dialled())
	return nil
}

// rightWay reports whether the device with the smaller ID dialled.
func (n *network) rightWay(s *protocol.Session) bool {
	return s.Dialled() == (n.p.ID().Compare(s.Peer()) < 0)
}

func (n *network) strangersLocked() int {
	count := 0
	for id := range n.links {
		if !n.p.knownLocked(id) {
			count++
		}
	}
	return count
}

func (n *network) link(id DeviceID) *link {
	n.p.mu.Lock()
	defer n.p.mu.Unlock()
	return n.links[id]
}

// reach returns a session with a device, dialling it if there is none.
func (n *network) reach(ctx context.Context, info PeerInfo) (*protocol.Session, error) {
	for {
		if l := n.link(info.ID); l != nil && !info.ID.IsZero() {
			return l.session, nil
		}
		addrs := n.addresses(info.ID, info.Tag)
		l, err := n.dial(ctx, addrs, info.ID)
		if err != nil {
			return nil, err
		}
		if id := l.session.Peer(); id.Tag() != info.Tag {
			l.session.End(nil)
			return nil, transport.ErrWrongDevice
		}
		info.ID = l.session.Peer()
		err = n.awaitReady(ctx, l)
		if err == nil {
			return l.session, nil
		}
		if !errors.Is(err, protocol.ErrDuplicate) && !duplicateCode(err) {
			return nil, err
		}
		// The other one is kept: it is there, or about to be.
		if err := n.awaitLink(ctx, info.ID); err != nil {
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
	select {
	case n.rename <- struct{}{}:
	default:
	}
	for _, s := range n.p.sessions() {
		s.Rename()
	}
}
