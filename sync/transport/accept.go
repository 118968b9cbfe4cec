package transport

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/quic-go/quic-go"
)

// Accept waits for a connection that another device has opened; its handshake
// is complete. It fails with [ErrClosed] after [Endpoint.Close], with the
// context's error, or when the socket has broken: then close the endpoint and
// listen anew. The endpoint owns the connection; the caller may close it.
func (e *Endpoint) Accept(ctx context.Context) (*Conn, error) {
	select {
	case c := <-e.ready:
		return c, nil
	case <-e.ctx.Done():
		return nil, fmt.Errorf("accept a connection: %w", context.Cause(e.ctx))
	case <-ctx.Done():
		return nil, fmt.Errorf("accept a connection: %w", ctx.Err())
	}
}

// visitKey finds the visit in the context of its connection.
type visitKey struct{}

// enter is called for each connection that another device begins. An error
// refuses it. The context ends with the connection, and its cause is then the
// only trace of a failed handshake.
func (e *Endpoint) enter(ctx context.Context, info *quic.ClientInfo) (context.Context, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, ErrClosed
	}
	v, leaves := e.door.enter(addrPort(info.RemoteAddr).Addr())
	if v == nil {
		return nil, errFull
	}
	if leaves != nil {
		leaves.end(Refused, errFull.Error())
	}
	e.work.Add(1)
	context.AfterFunc(ctx, func() {
		defer e.work.Done()
		e.mu.Lock()
		e.door.leave(v)
		e.mu.Unlock()
		if err := context.Cause(ctx); failedHandshake(err) {
			e.log.Info("handshake failed", "address", info.RemoteAddr, "error", err)
		}
	})
	return context.WithValue(ctx, visitKey{}, v), nil
}

// mustCheck reports whether a new dialler has to show that it hears us.
func (e *Endpoint) mustCheck(from net.Addr) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.door.mustCheck(addrPort(from).Addr())
}

// configFor gives handshakes less time while many are open.
func (e *Endpoint) configFor(*quic.ClientInfo) (*quic.Config, error) {
	config := quicConfig()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.door.crowded() {
		config.HandshakeIdleTimeout = crowdedTimeout
	}
	return config, nil
}

// welcome takes handshakes as soon as it is known what they want, until the
// socket breaks or the endpoint closes.
func (e *Endpoint) welcome() {
	for {
		q, err := e.listen.Accept(context.Background())
		if err != nil {
			e.cancel(err) // Close has given its own cause
			return
		}
		v := q.Context().Value(visitKey{}).(*visit)
		e.mu.Lock()
		v.end = func(code Code, reason string) {
			e.work.Go(func() { _ = q.CloseWithError(quic.ApplicationErrorCode(code), reason) }) // never fails
		}
		e.mu.Unlock()
		e.work.Go(func() { e.meet(q, v) })
	}
}

// meet waits until a handshake has ended and passes the connection to Accept.
func (e *Endpoint) meet(q *quic.Conn, v *visit) {
	select {
	case <-q.HandshakeComplete():
	case <-q.Context().Done():
		return
	}
	c, err := e.adopt(q, v)
	if err != nil {
		e.log.Info("connection refused", "address", q.RemoteAddr(), "error", err)
		return
	}
	select {
	case e.ready <- c:
	case <-c.Context().Done():
	case <-e.ctx.Done():
	}
}

// introduce looks whether there is a place for whom a visit has turned out to
// be.
func (e *Endpoint) introduce(v *visit, c *Conn) error {
	known := e.isKnown(c)
	if !known {
		e.lookAgain()
	}
	e.mu.Lock()
	stays, leaves := e.door.introduce(v, c, known)
	e.mu.Unlock()
	if leaves != nil {
		leaves.end(Duplicate, "newer connections stay")
	}
	if !stays {
		return errFull
	}
	return nil
}

// lookAgain looks who of the strangers has become known: nobody has to tell us.
func (e *Endpoint) lookAgain() {
	e.mu.Lock()
	strangers := make([]*visit, 0, maxStrangers)
	for v := range e.door.visits {
		if v.conn != nil && !v.known {
			strangers = append(strangers, v)
		}
	}
	e.mu.Unlock()
	for _, v := range strangers {
		known := e.isKnown(v.conn) // not under the lock
		e.mu.Lock()
		v.known = known
		e.mu.Unlock()
	}
}

func (e *Endpoint) isKnown(c *Conn) bool { return e.known != nil && e.known(c.peer) }

// adoptCode is what a dialler hears whose connection is not taken.
func adoptCode(err error) Code {
	if errors.Is(err, errFull) {
		return Refused
	}
	return Internal
}
