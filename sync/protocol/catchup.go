package protocol

import (
	"bufio"
	"cmp"
	"context"
	"encoding/binary"
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
// the one that has waited longest first, and on a stream more for those that the
// peer looks at. It returns when to look again.
func (s *Session) startCatchUps(ctx context.Context, g *errgroup.Group, now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := never
	for s.catching <= maxCatchUps {
		d, wait := s.takeLate(now, s.catching == maxCatchUps)
		next = min(next, wait)
		if d == nil {
			break
		}
		s.catching++
		base := d.sent.Clone()
		g.Go(func() error { return s.catchUpAll(ctx, d, base) })
	}
	return next
}

// takeLate takes the next document to be caught up with, or tells when to look
// again; under mu.
func (s *Session) takeLate(now time.Time, onlyFirst bool) (*docState, time.Duration) {
	next := never
	for n, d := range s.late {
		if onlyFirst && !d.first {
			break // the first ones stand in front
		}
		if d.catching {
			continue
		}
		if wait := d.notBefore.Sub(now); wait > 0 && !(d.fresh && d.failures == 0) {
			next = min(next, wait)
			continue
		}
		if n == 0 {
			s.late[0], s.late = nil, s.late[1:]
		} else {
			s.late = slices.Delete(s.late, n, n+1)
		}
		d.behind, d.catching, d.first, d.fresh = false, true, false, false
		if d.doing, d.only = d.only, nil; d.doing != nil {
			d.coming = crdt.Vector{} // known in a moment
		}
		if d.requested {
			d.requested, d.notBefore = false, now.Add(wantInterval)
		}
		return d, next
	}
	return nil, next
}

// catchUpAll catches up with one document after the other on a stream of its
// own, until none is left or much was sent.
func (s *Session) catchUpAll(ctx context.Context, d *docState, base crdt.Vector) error {
	l := &lane{open: func() (io.WriteCloser, error) { return s.conn.OpenBulk(ctx) }}
	for d != nil {
		b := &batcher{lane: l, open: func() bool { return s.speaksOf(d.space) }, space: d.space.id, doc: d.id, covered: crdt.Vector{}, sent: crdt.Vector{}}
		err := s.stream(ctx, d, b, base)
		s.mu.Lock()
		s.caughtUp(ctx, d, b, err)
		if d = nil; ctx.Err() == nil && l.err == nil && l.size < laneSize {
			d, _ = s.takeLate(time.Now(), false)
		}
		if d != nil {
			base = d.sent.Clone()
		}
		s.mu.Unlock()
	}
	err := l.close()
	s.mu.Lock()
	s.catching--
	s.mu.Unlock()
	s.nudge()
	if err != nil {
		s.log.Debug("a stream could not be ended", "err", err) // with the connection
	}
	return ctx.Err()
}

// caughtUp notes how a catch-up has ended. One that failed is tried again later;
// a connection that failed ends the session by itself. Under mu.
func (s *Session) caughtUp(ctx context.Context, d *docState, b *batcher, err error) {
	whole := b.base.Clone()
	whole.Merge(b.sent)
	d.catching = false
	switch {
	case !whole.Covers(d.coming): // what went live meanwhile may have nothing to stand on
		d.sent, d.notBefore = d.theirs.Clone(), time.Now().Add(wantInterval)
		d.lower(b.base, whole)
		s.fallBehind(d)
	case d.again == nil:
		d.sent.Merge(b.sent)
	}
	if d.again != nil {
		s.sendLost(d, d.again)
	}
	d.coming, d.again = nil, nil
	d.told.Merge(b.sent)
	switch {
	case ctx.Err() != nil, errors.Is(err, errParted):
	case err == nil:
		d.failures = 0
	default:
		s.log.Warn("a document could not be caught up with; trying again later", "doc", d.id, "err", err)
		d.failures++
		d.notBefore = time.Now().Add(min(retryDelay<<min(d.failures-1, 16), maxRetryDelay))
		s.fallBehind(d)
	}
	if d.behind {
		s.nudge()
	}
}

// lower takes it that the peer has no more than base of the actors of whom a catch-up
// did not bring all that it was to: it may have lost what it had acknowledged. Under mu.
func (d *docState) lower(base, brought crdt.Vector) {
	for a, tip := range d.coming {
		if brought.Has(a, tip.Seq) {
			continue
		}
		if d.sent[a] = base[a]; base[a].Seq == 0 {
			delete(d.sent, a)
		}
	}
}

// lane is a stream for catching up with several documents, one after the other.
type lane struct {
	open func() (io.WriteCloser, error) // called once, if there is something to send
	w    io.WriteCloser
	size int   // bytes sent
	err  error // of a write; nothing is written after it
}

func (l *lane) write(m message) error {
	if l.w == nil && l.err == nil {
		if l.w, l.err = l.open(); l.err != nil {
			l.w, l.err = nil, fmt.Errorf("open a stream: %w", l.err)
		}
	}
	if l.err != nil {
		return l.err
	}
	frame, err := appendFrame(nil, m)
	if err != nil {
		return err
	}
	l.size += len(frame)
	if _, err := l.w.Write(frame); err != nil {
		l.err = fmt.Errorf("send: %w", err)
	}
	return l.err
}

func (l *lane) close() error {
	if l.w == nil {
		return nil
	}
	return l.w.Close()
}

// stream sends nothing, and reads none but the vector, if there is nothing: the
// peer may ask for a document that we have never heard of.
func (s *Session) stream(ctx context.Context, d *docState, b *batcher, base crdt.Vector) error {
	ours := s.host.Committed(b.space, b.doc)
	base, b.only = s.begin(d, s.apart(b.doc, base, ours), ours)
	if b.base, b.reached = base, base.Clone(); base.Covers(ours) {
		return nil
	}
	if len(base) == 0 {
		covers, err := s.streamSnapshot(ctx, b)
		if err != nil {
			return fmt.Errorf("send the snapshot: %w", err)
		}
		base = covers
	}
	heads, err := s.host.HeadsSince(ctx, b.space, b.doc, base)
	if err != nil {
		return fmt.Errorf("read heads: %w", err)
	}
	heads = slices.DeleteFunc(heads, func(h trust.Head) bool { return b.passes(crdt.ActorID(h.Actor)) })
	slices.SortFunc(heads, compareHeads)
	b.heads, b.top = heads, make(map[crdt.ActorID]uint64)
	for _, h := range heads {
		b.top[crdt.ActorID(h.Actor)] = h.Seq
	}
	s.bring(d, ours, b.top)
	err = s.host.ChangesSince(ctx, b.space, b.doc, base, b.add)
	if err = errors.Join(err, b.flush(true)); err != nil {
		return err
	}
	return s.prove(ctx, b, base, ours)
}

// maxComing is how many changes a catch-up brings at most for later ones to go live
// while it goes on. They wait at the peer for what they build on.
const maxComing = 1024

// begin notes whether a catch-up will bring little, and returns base with what is passed over
// because nothing of those actors is missing at the peer, and of whom something is, nil
// if that may be all. One that has nothing of the document gets all of it, with its
// snapshot.
func (s *Session) begin(d *docState, base, ours crdt.Vector) (crdt.Vector, map[crdt.ActorID]struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(base) == 0 {
		d.doing = nil
	}
	only := d.doing
	base, n := base.Clone(), uint64(0)
	for a, tip := range ours {
		if _, ok := only[a]; only != nil && !ok {
			base[a] = tip
			continue
		}
		n += tip.Seq - min(tip.Seq, base[a].Seq)
	}
	if d.coming = nil; n <= maxComing && len(base) > 0 {
		d.coming = crdt.Vector{} // until the heads are read
	}
	return base, only
}

// bring notes up to where a catch-up will bring each actor of whom it brings
// anything: as far as a head reaches. What goes beyond is held for the sake of a head
// that waits here.
func (s *Session) bring(d *docState, ours crdt.Vector, top map[crdt.ActorID]uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.coming == nil {
		return
	}
	for a, seq := range top {
		d.coming[a] = crdt.Tip{Seq: min(seq, ours[a].Seq)} // its hash is not needed
	}
}

func compareHeads(a, b trust.Head) int {
	return cmp.Or(cmp.Compare(a.Actor, b.Actor), cmp.Compare(a.Seq, b.Seq))
}

// acceptBulk reads catch-ups, once a space is open. Each stream is read to its
// end, a few at a time: more would let the peer fill our memory with frames.
func (s *Session) acceptBulk(ctx context.Context, g *errgroup.Group) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.opened:
	}
	reading := make(chan struct{}, maxCatchUps+1)
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
// begin again. What is of several documents is taken at the same time, so that it
// is committed together; of one document it is taken in order.
func (s *Session) readBulk(ctx context.Context, r *bufio.Reader) error {
	g, ctx := errgroup.WithContext(ctx)
	taking := inFlight{room: make(chan struct{}, maxTaking), done: make(map[crdt.DocID]chan struct{})}
	err := s.eachChanges(ctx, r, func(m message, release func()) error {
		finish, err := taking.begin(ctx, m)
		if err != nil {
			release()
			return err
		}
		g.Go(func() error {
			defer release()
			defer finish()
			if err := s.takeBulk(ctx, m); err != nil {
				return fmt.Errorf("message %d in a catch-up: %w", m.kind(), err)
			}
			return nil
		})
		return nil
	})
	return cmp.Or(g.Wait(), err)
}

func (s *Session) takeBulk(ctx context.Context, m message) error {
	if piece, ok := m.(*snapshot); ok {
		return s.onSnapshot(ctx, piece)
	}
	return s.onChanges(ctx, m.(*changes))
}

// eachChanges reads the messages of a catch-up. All that a session reads so, or
// takes, has maxReading bytes together: release gives back those of a message.
func (s *Session) eachChanges(ctx context.Context, r *bufio.Reader, yield func(m message, release func()) error) error {
	var release func()
	defer func() {
		if release != nil {
			release()
		}
	}()
	for {
		if release == nil {
			var err error
			if release, err = s.reserve(ctx, r); err != nil {
				return err
			}
		}
		m, err := readFrame(r, func() int { return MaxFrame })
		ok := true
		var later unknownKind
		switch {
		case err == nil:
		case errors.As(err, &later):
			s.answerUnknown(later)
			release()
			release = nil
			continue
		case breaks(err):
			return fmt.Errorf("read a catch-up: %w", err)
		case errors.Is(err, io.EOF):
			return nil
		default:
			s.log.Debug("a catch-up broke off", "err", err)
			return nil
		}
		switch c := m.(type) {
		case *snapshot:
		case *changes:
			ok = c.Line == 0
		default:
			ok = false
		}
		if !ok {
			return fmt.Errorf("message %d in a catch-up: %w", m.kind(), ErrMalformed)
		}
		mine := release
		release = nil
		if err := yield(m, mine); err != nil {
			return err
		}
	}
}

// reserve waits until there is room for the next frame. Frames that are too long
// are for the reader to refuse.
func (s *Session) reserve(ctx context.Context, r *bufio.Reader) (release func(), err error) {
	n := int64(0)
	if header, err := r.Peek(frameHeader); err == nil {
		n = min(int64(binary.BigEndian.Uint32(header)), MaxFrame)
	}
	if err := s.reading.Acquire(ctx, n); err != nil {
		return nil, err
	}
	return func() { s.reading.Release(n) }, nil
}

// inFlight is what of a stream is being taken. A small message takes one place,
// a large one all of them. It is used by the stream's reader.
type inFlight struct {
	room chan struct{}
	done map[crdt.DocID]chan struct{}
}

// begin waits until a message may be taken; finish is to be called when it was.
func (f *inFlight) begin(ctx context.Context, m message) (finish func(), err error) {
	places, doc := cap(f.room), crdt.DocID{}
	switch m := m.(type) {
	case *changes:
		if doc = m.Doc; m.size() <= smallMessage {
			places = 1
		}
	case *snapshot:
		doc = m.Doc
	}
	before := f.done[doc]
	if len(f.done) >= 4*maxTaking {
		clear(f.done) // of which most have ended; the rest are waited for
		places = cap(f.room)
	}
	for range places {
		select {
		case f.room <- struct{}{}:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	if before != nil {
		<-before // by one that has its places already
	}
	done := make(chan struct{})
	f.done[doc] = done
	return func() {
		close(done)
		for range places {
			<-f.room
		}
	}, nil
}

func (m *changes) size() (n int) {
	for _, c := range m.Changes {
		n += len(c)
	}
	return n + len(m.Heads)*headSize
}
