package simulation

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/quic-go/quic-go"

	"starling/sync/identity"
	"starling/sync/peer"
	"starling/sync/transport"
)

// line is a connection: its dialler's end and the other.
type line struct {
	net      *network
	exporter [32]byte
	hosts    [2]netip.AddrPort
	ends     [2]*end
}

// break_ ends both ends.
func (l *line) break_(err error) {
	for _, e := range l.ends {
		e.fail(err)
	}
}

// end is one end of a line; it is [peer.Connection].
type end struct {
	line            *line
	side            int
	endpoint        *endpoint
	controls, bulks chan *stream // that the other end has opened

	once  sync.Once
	ended chan struct{}
	err   error // once ended
}

func (e *end) far() *end { return e.line.ends[1-e.side] }

func (e *end) Peer() identity.DeviceID { return e.far().endpoint.id }

func (e *end) Dialled() bool { return e.side == 0 }

func (e *end) Exporter() [32]byte { return e.line.exporter }

func (e *end) Remote() netip.AddrPort { return e.far().endpoint.at }

// fail ends this end with an error.
func (e *end) fail(err error) {
	e.once.Do(func() {
		e.err = fmt.Errorf("connection with device %s at %s: %w", e.Peer(), e.Remote(), err)
		close(e.ended)
		e.endpoint.mu.Lock()
		delete(e.endpoint.ends, e)
		e.endpoint.mu.Unlock()
		select {
		case <-e.far().ended:
			e.line.net.mu.Lock()
			delete(e.line.net.lines, e.line)
			e.line.net.mu.Unlock()
		default:
		}
	})
}

// Close tells the other end why.
func (e *end) Close(cause error) {
	reason := ""
	if cause != nil {
		reason, _, _ = strings.Cut(cause.Error(), "\n")
	}
	e.close(peer.CloseCode(cause), reason)
}

func (e *end) close(code transport.Code, reason string) {
	select {
	case <-e.ended:
		return
	default:
	}
	why := quic.ApplicationError{ErrorCode: quic.ApplicationErrorCode(code), ErrorMessage: reason}
	e.fail(&why)
	n := e.line.net
	far := e.far()
	time.AfterFunc(n.delay(), func() {
		if ok, _ := n.reachable(e.line.hosts[0], e.line.hosts[1]); ok {
			far.fail(&quic.ApplicationError{Remote: true, ErrorCode: why.ErrorCode, ErrorMessage: reason})
			return
		}
		time.AfterFunc(transport.IdleTimeout, func() { far.fail(&quic.IdleTimeoutError{}) })
	})
}

func (e *end) OpenControl(context.Context) (io.ReadWriteCloser, error) {
	there, back := newPipe(e, e.far()), newPipe(e.far(), e)
	return e.open(e.far().controls, &stream{back, there}, &stream{there, back})
}

func (e *end) AcceptControl(ctx context.Context) (io.ReadWriteCloser, error) {
	return accept(ctx, e, e.controls)
}

func (e *end) OpenBulk(context.Context) (io.WriteCloser, error) {
	there := newPipe(e, e.far())
	return e.open(e.far().bulks, &stream{nil, there}, &stream{there, nil})
}

func (e *end) AcceptBulk(ctx context.Context) (io.Reader, error) {
	return accept(ctx, e, e.bulks)
}

// open hands the other end its side of a stream once that has been written to.
func (e *end) open(to chan *stream, own, others *stream) (*stream, error) {
	select {
	case <-e.ended:
		return nil, e.err
	default:
	}
	own.out.first = func() { to <- others }
	return own, nil
}

// accept waits for a stream whose first bytes have arrived.
func accept(ctx context.Context, e *end, from chan *stream) (*stream, error) {
	select {
	case s := <-from:
		if err := s.in.await(ctx); err != nil {
			return nil, err
		}
		return s, nil
	case <-e.ended:
		return nil, e.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// stream is one end of a stream: what comes in and what goes out.
type stream struct{ in, out *pipe }

func (s *stream) Read(b []byte) (int, error) { return s.in.read(b) }

func (s *stream) Write(b []byte) (int, error) { return s.out.write(b) }

func (s *stream) Close() error {
	s.out.finish()
	return nil
}

// pipe carries the bytes of a stream one way. Each write arrives after a delay of
// its own, in order within the stream, but not among streams.
type pipe struct {
	from, to *end

	mu      sync.Mutex
	queue   []segment
	size    int
	last    time.Time
	first   func() // called at the first write
	changed chan struct{}
}

// segment is what one write has sent; nil data is the end of the stream.
type segment struct {
	data []byte
	at   time.Time
}

func newPipe(from, to *end) *pipe { return &pipe{from: from, to: to, changed: make(chan struct{})} }

// notify wakes who waits; under mu.
func (p *pipe) notify() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// put queues a segment; under mu.
func (p *pipe) put(data []byte) {
	at := time.Now().Add(p.from.line.net.delay())
	if at.Before(p.last) {
		at = p.last
	}
	p.last = at
	p.queue = append(p.queue, segment{data, at})
	p.size += len(data)
	p.notify()
	if p.first != nil {
		p.first()
		p.first = nil
	}
}

func (p *pipe) write(b []byte) (n int, err error) {
	for len(b) > 0 {
		p.mu.Lock()
		room := p.from.line.net.window() - p.size
		changed := p.changed
		if room > 0 {
			k := min(room, len(b))
			p.put(append([]byte{}, b[:k]...))
			n, b = n+k, b[k:]
		}
		p.mu.Unlock()
		select {
		case <-p.from.ended:
			return n, p.from.err
		default:
		}
		if room > 0 {
			continue
		}
		select {
		case <-changed:
		case <-p.from.ended:
			return n, p.from.err
		}
	}
	return n, nil
}

func (p *pipe) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.put(nil)
}

// await waits until the next segment has arrived.
func (p *pipe) await(ctx context.Context) error {
	for {
		ok, moved := p.from.line.net.reachable(p.from.line.hosts[0], p.from.line.hosts[1])
		p.mu.Lock()
		changed := p.changed
		wait := time.Duration(-1) // for ever
		if len(p.queue) > 0 && ok {
			wait = max(time.Until(p.queue[0].at), 0)
		}
		p.mu.Unlock()
		select {
		case <-p.to.ended:
			return p.to.err
		default:
		}
		if wait == 0 {
			return nil
		}
		var due <-chan time.Time
		if wait > 0 {
			due = time.After(wait)
		}
		select {
		case <-due:
		case <-changed:
		case <-moved:
		case <-p.to.ended:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (p *pipe) read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if err := p.await(context.Background()); err != nil {
		return 0, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	s := &p.queue[0]
	if s.data == nil {
		return 0, io.EOF
	}
	n := copy(b, s.data)
	s.data = s.data[n:]
	if p.size -= n; len(s.data) == 0 {
		p.queue = p.queue[1:]
	}
	p.notify()
	return n, nil
}
