package protocol

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"starling/crdt"
	"starling/sync/trust"
)

// startCatchUps begins to send from the store what documents at the peer lack,
// the one that has waited longest first. It returns when to look again.
func (s *Session) startCatchUps(ctx context.Context, g *errgroup.Group, now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := never
	var passed []*docState
	for len(s.late) > 0 && s.catching < maxCatchUps {
		d := s.late[0]
		s.late = s.late[1:]
		if wait := d.notBefore.Sub(now); d.catching || wait > 0 {
			passed = append(passed, d)
			if !d.catching {
				next = min(next, wait)
			}
			continue
		}
		d.behind, d.catching, d.again = false, true, false
		if d.requested {
			d.requested, d.notBefore = false, now.Add(wantInterval)
		}
		s.catching++
		base := d.sent.Clone()
		g.Go(func() error { return s.catchUp(ctx, d, base) })
	}
	if len(passed) > 0 {
		s.late = slices.Concat(passed, s.late)
	}
	return next
}

// catchUp sends all that is committed beyond base on a stream of its own. One
// that fails is tried again later; a connection that failed ends the session by
// itself.
func (s *Session) catchUp(ctx context.Context, d *docState, base crdt.Vector) error {
	b := &batcher{space: d.space.id, doc: d.id, reached: base.Clone(), covered: crdt.Vector{}, sent: crdt.Vector{}}
	b.open = func() (io.WriteCloser, error) { return s.conn.OpenBulk(ctx) }
	err := s.stream(ctx, b, base)
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.nudge()
	d.catching = false
	s.catching--
	if !d.again {
		d.sent.Merge(b.sent)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		d.failures = 0
		return nil
	}
	s.log.Warn("a document could not be caught up with; trying again later", "doc", d.id, "err", err)
	d.failures++
	d.notBefore = time.Now().Add(min(retryDelay<<min(d.failures-1, 16), maxRetryDelay))
	s.fallBehind(d)
	return nil
}

// stream sends nothing, and reads none but the vector, if there is nothing: the
// peer may ask for a document that we have never heard of.
func (s *Session) stream(ctx context.Context, b *batcher, base crdt.Vector) error {
	if base.Covers(s.host.Committed(b.doc)) {
		return nil
	}
	heads, err := s.host.HeadsSince(ctx, b.doc, base)
	if err != nil {
		return fmt.Errorf("read heads: %w", err)
	}
	slices.SortFunc(heads, compareHeads)
	b.heads, b.top = heads, make(map[crdt.ActorID]uint64)
	for _, h := range heads {
		b.top[crdt.ActorID(h.Actor)] = h.Seq
	}
	err = s.host.ChangesSince(ctx, b.doc, base, b.add)
	return errors.Join(err, b.flush(true), b.close())
}

func compareHeads(a, b trust.Head) int {
	return cmp.Or(cmp.Compare(a.Actor, b.Actor), cmp.Compare(a.Seq, b.Seq))
}

// batcher cuts a document's missing changes into messages.
type batcher struct {
	open  func() (io.WriteCloser, error) // called once, if there is something to send
	w     io.WriteCloser
	err   error // of a write; nothing is written after it
	space trust.SpaceID
	doc   crdt.DocID
	heads []trust.Head // sorted by actor and seq
	top   map[crdt.ActorID]uint64

	// reached is what the peer will have, covered what of it has a head, and
	// sent what of that is on its way. A change that was committed after the
	// heads were read has none yet; the next catch-up brings it once more.
	reached, covered, sent crdt.Vector
	chunks                 [][]byte
	size                   int
}

func (b *batcher) add(c crdt.Change) error {
	if b.size > 0 && b.size+len(c.Bytes) > batchSize || len(b.chunks) == MaxChanges {
		if err := b.flush(false); err != nil {
			return err
		}
	}
	b.chunks = append(b.chunks, c.Bytes)
	b.size += len(c.Bytes)
	tip := crdt.Tip{Seq: c.Seq, Hash: c.Hash}
	b.reached.Advance(c.Actor, tip)
	if c.Seq <= b.top[c.Actor] {
		b.covered.Advance(c.Actor, tip)
	}
	return nil
}

// headSpan is in how many numbers of an actor at least one head is sent of those
// that are held, so that one who receives a long history piece by piece, and
// passes it on so, need not keep more of it waiting for a head than that.
const headSpan = 1024

func sameSpan(a, b uint64) bool { return a/headSpan == b/headSpan }

// flush sends a message with, for each actor, the newest head that its changes
// so far reach, and one for each span. A change that no head covers yet waits at
// the peer for the next message.
func (b *batcher) flush(last bool) error {
	if b.err != nil || len(b.chunks) == 0 && !last {
		return b.err
	}
	m := &changes{Space: b.space, Doc: b.doc, Changes: b.chunks}
	var rest []trust.Head
	for i, h := range b.heads {
		tip := b.reached[crdt.ActorID(h.Actor)].Seq
		next := i + 1
		replaced := next < len(b.heads) && b.heads[next].Actor == h.Actor && b.heads[next].Seq <= tip && sameSpan(b.heads[next].Seq, h.Seq)
		switch {
		case h.Seq > tip:
			rest = append(rest, h)
		case replaced:
		case len(m.Heads) < MaxHeads:
			m.Heads = append(m.Heads, toHead(h))
		default:
			rest = append(rest, h)
		}
	}
	b.heads, b.chunks, b.size = rest, nil, 0
	if len(m.Changes) == 0 && len(m.Heads) == 0 {
		return nil
	}
	if b.err = b.write(m); b.err == nil {
		b.sent.Merge(b.covered)
	}
	return b.err
}

func (b *batcher) write(m *changes) (err error) {
	if b.w == nil {
		if b.w, err = b.open(); err != nil {
			return fmt.Errorf("open a stream: %w", err)
		}
	}
	return writeMessages(b.w, m)
}

func (b *batcher) close() error {
	if b.w == nil {
		return nil
	}
	return b.w.Close()
}

// acceptBulk reads catch-ups, once a space is open. Each stream is read to its
// end, a few at a time: more would let the peer fill our memory with frames.
func (s *Session) acceptBulk(ctx context.Context, g *errgroup.Group) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.opened:
	}
	reading := make(chan struct{}, maxCatchUps)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case reading <- struct{}{}:
		}
		r, err := s.conn.AcceptBulk(ctx)
		if err != nil {
			return fmt.Errorf("accept a stream: %w", err)
		}
		g.Go(func() error {
			defer func() { <-reading }()
			return s.readBulk(ctx, bufio.NewReader(r))
		})
	}
}

// readBulk reads a catch-up to its end. One that breaks off is the peer's to
// begin again.
func (s *Session) readBulk(ctx context.Context, r *bufio.Reader) error {
	for {
		m, err := readFrame(r, func() int { return MaxFrame })
		var later unknownKind
		switch {
		case err == nil:
		case errors.As(err, &later):
			s.answerUnknown(later)
			continue
		case breaks(err):
			return fmt.Errorf("read a catch-up: %w", err)
		case errors.Is(err, io.EOF):
			return nil
		default:
			s.log.Debug("a catch-up broke off", "err", err)
			return nil
		}
		c, ok := m.(*changes)
		if !ok {
			return fmt.Errorf("message %d in a catch-up: %w", m.kind(), ErrMalformed)
		}
		if err := s.onChanges(ctx, c); err != nil {
			return fmt.Errorf("message %d in a catch-up: %w", m.kind(), err)
		}
	}
}
