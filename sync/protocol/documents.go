package protocol

import (
	"bufio"
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

// docState is what a session knows of a document at the peer.
type docState struct {
	space *spaceState
	id    crdt.DocID
	// theirs is what the peer said it has committed; sent is that and what it
	// was sent on this connection.
	theirs, sent crdt.Vector
	queue        []Commit // live, to be sent
	queued       int      // bytes in queue
	// behind says that the peer must be caught up with from the store, and
	// catching that this goes on.
	behind, catching bool
	// told is what we have acknowledged; ackDue that there is more.
	told   crdt.Vector
	ackDue bool
	// checkAt is when to look whether the peer has got what another was to
	// pass on to it; zero if there is nothing.
	checkAt time.Time
	wanted  time.Time // when we last asked for what is missing
}

// docLocked finds the state of a document, beginning with what the peer said it
// holds.
func (s *Session) docLocked(sp *spaceState, id crdt.DocID) *docState {
	d := sp.docs[id]
	if d == nil {
		d = &docState{
			space: sp, id: id, told: crdt.Vector{},
			theirs: sp.base[id].Clone(), sent: sp.base[id].Clone(),
		}
		sp.docs[id] = d
	}
	return d
}

// Push passes on what was just committed, if the peer lacks it. Call it in the
// order of the commits, from one goroutine at a time; it never waits.
func (s *Session) Push(c Commit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp := s.spaces[c.Space]
	if sp == nil || !sp.synced {
		return // the comparison to come will find it
	}
	d := s.docLocked(sp, c.Doc)
	s.dirty[c.Doc] = d
	d.ackDue = true
	if c.From == s.peer {
		for _, ch := range c.Changes {
			d.theirs.Advance(ch.Actor, crdt.Tip{Seq: ch.Seq, Hash: ch.Hash})
			d.sent.Advance(ch.Actor, crdt.Tip{Seq: ch.Seq, Hash: ch.Hash})
		}
		s.nudge()
		return
	}
	_, reached := s.reaches[c.From]
	switch {
	case d.behind || d.catching:
		d.behind = true
	case reached:
		d.checkAt = time.Now().Add(relayCheck)
	default:
		d.enqueue(c)
	}
	s.nudge()
}

// enqueue keeps a commit until the writer comes; a peer too slow for that is
// caught up with from the store later.
func (d *docState) enqueue(c Commit) {
	for _, ch := range c.Changes {
		d.queued += len(ch.Bytes)
	}
	d.queue = append(d.queue, c)
	if d.queued > maxQueued {
		d.queue, d.queued, d.behind = nil, 0, true
	}
}

// liveChanges empties the queues; under mu.
func (s *Session) liveChanges() []message {
	var out []message
	for id, d := range s.dirty {
		out = append(out, d.drain()...)
		if !d.ackDue && !d.behind && d.checkAt.IsZero() {
			delete(s.dirty, id)
		}
	}
	return out
}

// drain turns the queue into messages. The newest head of each actor covers
// what came before it; changes whose head did not fit wait at the peer for the
// next message.
func (d *docState) drain() []message {
	var out []message
	m, size := d.message(), 0
	newest := make(map[[16]byte]trust.Head)
	flush := func() {
		for _, h := range newest {
			m.Heads = append(m.Heads, head(h))
		}
		out = append(out, m)
		m, size = d.message(), 0
		clear(newest)
	}
	for _, c := range d.queue {
		for _, ch := range c.Changes {
			if size+len(ch.Bytes) > batchSize && size > 0 || len(m.Changes) == MaxChanges {
				flush()
			}
			m.Changes = append(m.Changes, ch.Bytes)
			size += len(ch.Bytes)
			d.sent.Advance(ch.Actor, crdt.Tip{Seq: ch.Seq, Hash: ch.Hash})
		}
		for _, h := range c.Heads {
			if newest[h.Actor].Seq < h.Seq {
				newest[h.Actor] = h
			}
		}
	}
	if len(m.Changes) > 0 || len(newest) > 0 {
		flush()
	}
	d.queue, d.queued = nil, 0
	return out
}

func (d *docState) message() *changes { return &changes{Space: d.space.id, Doc: d.id} }

// acks tells what we have committed since our last word, in batches; under mu.
func (s *Session) acks(now time.Time) ([]message, time.Duration) {
	var due []*docState
	for _, d := range s.dirty {
		if d.ackDue {
			due = append(due, d)
		}
	}
	if len(due) == 0 {
		return nil, time.Hour
	}
	if wait := s.lastAck.Add(ackInterval).Sub(now); wait > 0 {
		return nil, wait
	}
	s.lastAck = now
	var out []message
	for _, d := range due {
		d.ackDue = false
		news := crdt.Vector{}
		for actor, tip := range s.host.Committed(d.id) {
			if d.told[actor] != tip {
				news[actor] = tip
				d.told[actor] = tip
			}
		}
		for page := range slices.Chunk(toEntries(news), MaxActors) {
			out = append(out, &have{Space: d.space.id, Doc: d.id, Vector: page})
		}
	}
	return out, time.Hour
}

// checkRelays looks after changes that another device was to pass on; under mu.
func (s *Session) checkRelays(now time.Time) time.Duration {
	next := time.Hour
	for _, d := range s.dirty {
		if d.checkAt.IsZero() {
			continue
		}
		if wait := d.checkAt.Sub(now); wait > 0 {
			next = min(next, wait)
			continue
		}
		d.checkAt = time.Time{}
		if !d.theirs.Covers(s.host.Committed(d.id)) && !d.catching {
			d.behind = true
			next = 0
		}
	}
	return next
}

func (s *Session) onHave(m *have) error {
	s.mu.Lock()
	sp := s.spaces[m.Space]
	if sp == nil {
		s.mu.Unlock()
		return nil
	}
	d := s.docLocked(sp, m.Doc)
	if m.Want {
		d.theirs = toVector(m.Vector)
		d.sent = d.theirs.Clone()
		d.behind = true
		s.dirty[m.Doc] = d
	} else {
		d.theirs.Merge(toVector(m.Vector))
		d.sent.Merge(d.theirs)
	}
	held := d.theirs.Clone()
	s.mu.Unlock()
	s.nudge()
	s.host.Acknowledged(s.peer, m.Space, m.Doc, held)
	return nil
}

// onChanges hands changes to the host, and asks for what they lack.
func (s *Session) onChanges(ctx context.Context, m *changes) error {
	if !s.Shares(m.Space) {
		return nil
	}
	r := Received{From: s.peer, Space: m.Space, Doc: m.Doc, Chunks: m.Changes}
	for _, h := range m.Heads {
		r.Heads = append(r.Heads, trust.Head(h))
	}
	want, err := s.host.Receive(ctx, r)
	if err != nil {
		return err
	}
	if want == nil {
		return nil
	}
	s.mu.Lock()
	d := s.docLocked(s.spaces[m.Space], m.Doc)
	due := time.Since(d.wanted) >= wantInterval
	if due {
		d.wanted = time.Now()
	}
	s.mu.Unlock()
	if due {
		s.send(&have{Space: m.Space, Doc: m.Doc, Vector: toEntries(want), Want: true})
	}
	return nil
}

// startCatchUps begins to send from the store what documents at the peer lack.
func (s *Session) startCatchUps(ctx context.Context, g *errgroup.Group) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.dirty {
		if s.catching == maxCatchUps {
			return
		}
		if !d.behind || d.catching {
			continue
		}
		d.behind, d.catching = false, true
		s.catching++
		base := d.sent.Clone()
		g.Go(func() error { return s.catchUp(ctx, d, base) })
	}
}

// catchUp sends all that is committed beyond base on a stream of its own.
func (s *Session) catchUp(ctx context.Context, d *docState, base crdt.Vector) error {
	b := &batcher{space: d.space.id, doc: d.id, reached: base}
	err := s.stream(ctx, b, base.Clone())
	s.mu.Lock()
	d.sent.Merge(b.reached)
	d.catching = false
	s.catching--
	s.dirty[d.id] = d
	s.mu.Unlock()
	s.nudge()
	if err != nil {
		return fmt.Errorf("catch up with document %v: %w", d.id, err)
	}
	return nil
}

func (s *Session) stream(ctx context.Context, b *batcher, base crdt.Vector) error {
	heads, err := s.host.HeadsSince(ctx, b.doc, base)
	if err != nil {
		return err
	}
	b.heads = heads
	slices.SortFunc(b.heads, compareActors)
	w, err := s.conn.OpenBulk(ctx)
	if err != nil {
		return err
	}
	b.w = w
	err = s.host.ChangesSince(ctx, b.doc, base, b.add)
	return errors.Join(err, b.flush(true), w.Close())
}

// batcher cuts a document's missing changes into messages.
type batcher struct {
	w       io.Writer
	space   trust.SpaceID
	doc     crdt.DocID
	heads   []trust.Head // sorted by actor and seq
	reached crdt.Vector
	chunks  [][]byte
	size    int
}

func (b *batcher) add(c crdt.Change) error {
	if b.size+len(c.Bytes) > batchSize || len(b.chunks) == MaxChanges {
		if err := b.flush(false); err != nil {
			return err
		}
	}
	b.chunks = append(b.chunks, c.Bytes)
	b.size += len(c.Bytes)
	b.reached.Advance(c.Actor, crdt.Tip{Seq: c.Seq, Hash: c.Hash})
	return nil
}

// flush sends a message with, for each actor, the newest head that its changes
// so far reach. A change that no head covers yet waits at the peer for the next
// message.
func (b *batcher) flush(last bool) error {
	if len(b.chunks) == 0 && !last {
		return nil
	}
	m := &changes{Space: b.space, Doc: b.doc, Changes: b.chunks}
	var rest []trust.Head
	for i, h := range b.heads {
		tip := b.reached[crdt.ActorID(h.Actor[:])].Seq
		next := i + 1
		newer := next < len(b.heads) && b.heads[next].Actor == h.Actor && b.heads[next].Seq <= tip
		switch {
		case h.Seq > tip:
			rest = append(rest, h)
		case !newer:
			m.Heads = append(m.Heads, head(h))
		}
	}
	b.heads, b.chunks, b.size = rest, nil, 0
	if len(m.Changes) == 0 && len(m.Heads) == 0 {
		return nil
	}
	return writeMessages(b.w, m)
}

// acceptBulk reads catch-ups, once a space is open.
func (s *Session) acceptBulk(ctx context.Context, g *errgroup.Group) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.opened:
	}
	for {
		r, err := s.conn.AcceptBulk(ctx)
		if err != nil {
			return fmt.Errorf("accept a stream: %w", err)
		}
		g.Go(func() error { return s.readBulk(ctx, bufio.NewReader(r)) })
	}
}

func (s *Session) readBulk(ctx context.Context, r *bufio.Reader) error {
	for {
		m, err := readFrame(r, MaxFrame)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read a catch-up: %w", err)
		}
		c, ok := m.(*changes)
		if !ok {
			return fmt.Errorf("message %d in a catch-up: %w", m.kind(), ErrMalformed)
		}
		if err := s.onChanges(ctx, c); err != nil {
			return err
		}
	}
}
