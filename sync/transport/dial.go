package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"starling/sync/identity"
)

// stagger is how long one address has before the next is tried too (RFC 8305
// takes 250 ms; on a local network an answer comes sooner).
const stagger = 100 * time.Millisecond

// Dial connects to addr, and only to the device want unless want is zero. It
// fails with [ErrWrongDevice], [ErrSelf], [ErrNotLocal], [ErrClosed], the context's cause, or
// with what [CodeOf] reads; a silent address takes 5 s. ctx bounds the handshake
// alone. The listener has not yet verified this device when Dial returns. The
// endpoint owns the connection; the caller may close it.
func (e *Endpoint) Dial(ctx context.Context, addr netip.AddrPort, want identity.DeviceID) (*Conn, error) {
	c, err := e.dial(ctx, addr, want)
	switch {
	case err == nil:
		return c, nil
	case want.IsZero():
		return nil, fmt.Errorf("dial %s: %w", addr, err)
	default:
		return nil, fmt.Errorf("dial %s for device %s: %w", addr, want, err)
	}
}

func (e *Endpoint) dial(ctx context.Context, addr netip.AddrPort, want identity.DeviceID) (*Conn, error) {
	if want == e.id {
		return nil, ErrSelf
	}
	if !addr.IsValid() || addr.Port() == 0 {
		return nil, ErrNoAddress
	}
	if !e.gate.passes(addr.Addr()) {
		return nil, ErrNotLocal
	}
	if !e.begin() {
		return nil, ErrClosed
	}
	defer e.work.Done()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(e.ctx, func() { cancel(ErrClosed) })()

	udp := net.UDPAddrFromAddrPort(netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port()))
	q, err := e.quic.Dial(ctx, udp, tlsConfig(e.cert, e.id, want), quicConfig())
	if err != nil {
		return nil, err
	}
	return e.adopt(q, nil)
}

// DialFirst dials the addresses of one device in order, 100 ms apart or as soon
// as one fails, and returns the first connection whose handshake ends (RFC
// 8305). The others are cancelled, or closed with [Duplicate]. If all fail, the
// error holds every one.
func DialFirst(ctx context.Context, e *Endpoint, addrs []netip.AddrPort, want identity.DeviceID) (*Conn, error) {
	if len(addrs) == 0 {
		return nil, fmt.Errorf("dial device %s: %w", want, ErrNoAddress)
	}
	r := race{endpoint: e, want: want, results: make(chan result, len(addrs))}
	ctx, cancel := context.WithCancel(ctx)
	won, err := r.run(ctx, addrs)
	cancel()
	r.closeLosers()
	return won, err
}

type result struct {
	conn *Conn
	err  error
}

// race is one DialFirst: its goroutines each send one result.
type race struct {
	endpoint *Endpoint
	want     identity.DeviceID
	results  chan result
	dials    sync.WaitGroup
}

// run returns the first connection, or every error once all have failed. A
// context that ends makes the dials under way fail, and starts no more.
func (r *race) run(ctx context.Context, addrs []netip.AddrPort) (*Conn, error) {
	var errs []error
	running := 0
	next := time.NewTimer(0)
	defer next.Stop()
	for running > 0 || len(addrs) > 0 {
		select {
		case <-next.C:
			if len(addrs) == 0 {
				continue
			}
			r.dial(ctx, addrs[0])
			addrs = addrs[1:]
			running++
			next.Reset(stagger)
		case res := <-r.results:
			if res.err == nil {
				return res.conn, nil
			}
			running--
			errs = append(errs, res.err)
			if ctx.Err() != nil {
				addrs = nil
			}
			next.Reset(0)
		}
	}
	return nil, errors.Join(errs...)
}

func (r *race) dial(ctx context.Context, addr netip.AddrPort) {
	r.dials.Go(func() {
		c, err := r.endpoint.Dial(ctx, addr, r.want)
		r.results <- result{c, err}
	})
}

// closeLosers waits for the cancelled dials and closes those that connected all
// the same.
func (r *race) closeLosers() {
	r.dials.Wait()
	close(r.results)
	for res := range r.results {
		if res.err == nil {
			_ = res.conn.Close(Duplicate, "another address was faster") // never fails
		}
	}
}
