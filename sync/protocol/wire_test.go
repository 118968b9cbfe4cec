package protocol

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"starling/sync/identity"
)

// wire is a connection in memory. What is written arrives after delay, in order
// on each stream; a stream holds at most room bytes. Under mu.
type wire struct {
	mu       sync.Mutex
	cond     *sync.Cond
	peers    [2]identity.DeviceID
	exporter [32]byte
	delay    time.Duration
	room     int
	closed   bool
	causes   [2]error // why each side closed; the first counts
	first    int      // which side closed first
	control  [2]*pipe // by who reads
	opened   bool
	bulk     [2][]*pipe // not yet accepted, by who reads
	bulks    int        // opened in all
	written  int        // bytes in all
}

// end is one side's [Conn].
type end struct {
	*wire
	side int
}

var _ Conn = end{}

// closedError is what a call on a closed connection gives: why, and who closed.
type closedError struct {
	by    identity.DeviceID
	cause error
}

func (e *closedError) Error() string { return fmt.Sprintf("closed by %x: %v", e.by[:1], e.cause) }

// newWire connects two devices; the first one has dialled.
func newWire(a, b identity.DeviceID, exporter byte) *wire {
	w := &wire{peers: [2]identity.DeviceID{a, b}, exporter: [32]byte{exporter}, room: 256 << 10}
	w.cond = sync.NewCond(&w.mu)
	w.control = [2]*pipe{{wire: w}, {wire: w}}
	return w
}

func (w *wire) ends() (end, end) { return end{w, 0}, end{w, 1} }

func (e end) Peer() identity.DeviceID { return e.peers[1-e.side] }
func (e end) Dialled() bool           { return e.side == 0 }
func (e end) Exporter() [32]byte      { return e.exporter }

func (e end) Close(cause error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.closed, e.first = true, e.side
		e.causes[e.side] = cause
	}
	e.cond.Broadcast()
}

// cause is why the connection ended; under mu.
func (w *wire) cause() error { return &closedError{w.peers[w.first], w.causes[w.first]} }

// ended returns which side closed and why.
func (w *wire) ended() (closed bool, side int, cause error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed, w.first, w.causes[w.first]
}

// wait blocks until ok, the end of the connection, or of ctx; under mu.
func (w *wire) wait(ctx context.Context, ok func() bool) error {
	stop := context.AfterFunc(ctx, w.wake)
	defer stop()
	for !ok() {
		switch {
		case w.closed:
			return w.cause()
		case ctx.Err() != nil:
			return ctx.Err()
		}
		w.cond.Wait()
	}
	return nil
}

// wake has all who wait look again. It takes mu: who has looked and does not wait yet
// would miss it otherwise.
func (w *wire) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cond.Broadcast()
}

// both is the control stream as one side sees it.
type both struct{ in, out *pipe }

func (b both) Read(p []byte) (int, error)  { return b.in.Read(p) }
func (b both) Write(p []byte) (int, error) { return b.out.Write(p) }
func (b both) Close() error                { return b.out.Close() }

func (e end) OpenControl(context.Context) (io.ReadWriteCloser, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.opened = true
	e.cond.Broadcast()
	return both{e.control[e.side], e.control[1-e.side]}, nil
}

func (e end) AcceptControl(ctx context.Context) (io.ReadWriteCloser, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.wait(ctx, func() bool { return e.opened }); err != nil {
		return nil, err
	}
	return both{e.control[e.side], e.control[1-e.side]}, nil
}

func (e end) OpenBulk(ctx context.Context) (io.WriteCloser, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, e.cause()
	}
	p := &pipe{wire: e.wire}
	e.bulk[1-e.side] = append(e.bulk[1-e.side], p)
	e.bulks++
	e.cond.Broadcast()
	return p, nil
}

func (e end) AcceptBulk(ctx context.Context) (io.Reader, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.wait(ctx, func() bool { return len(e.bulk[e.side]) > 0 }); err != nil {
		return nil, err
	}
	p := e.bulk[e.side][0]
	e.bulk[e.side] = e.bulk[e.side][1:]
	return p, nil
}

// pipe is one direction of a stream. Under wire.mu.
type pipe struct {
	*wire
	chunks []chunk
	held   int // bytes in chunks
	done   bool
}

type chunk struct {
	at   time.Time
	data []byte
}

func (p *pipe) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for rest := b; len(rest) > 0; {
		if err := p.wait(context.Background(), func() bool { return p.held < p.room && !p.closed }); err != nil {
			return len(b) - len(rest), err
		}
		n := min(len(rest), p.room-p.held)
		p.chunks = append(p.chunks, chunk{time.Now().Add(p.delay), append([]byte(nil), rest[:n]...)})
		p.held += n
		p.written += n
		rest = rest[n:]
		p.cond.Broadcast()
	}
	return len(b), nil
}

func (p *pipe) Read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.wait(context.Background(), func() bool {
		if p.closed || len(p.chunks) == 0 {
			return p.done && !p.closed
		}
		wait := time.Until(p.chunks[0].at)
		if wait > 0 {
			time.AfterFunc(wait, p.wake)
		}
		return wait <= 0
	})
	if err != nil {
		return 0, err
	}
	if len(p.chunks) == 0 {
		return 0, io.EOF
	}
	first := &p.chunks[0]
	n := copy(b, first.data)
	p.held -= n
	if first.data = first.data[n:]; len(first.data) == 0 {
		p.chunks = p.chunks[1:]
	}
	p.cond.Broadcast()
	return n, nil
}

func (p *pipe) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = true
	p.cond.Broadcast()
	return nil
}
