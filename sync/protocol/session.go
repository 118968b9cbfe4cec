package protocol

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"starling/crdt"
	"starling/sync/identity"
	"starling/sync/trust"
)

// Session is one live connection to one peer. It speaks for all documents of
// all spaces that the two share.
//
// Inputs (frames, commits, cursors, a click on "confirm") only note facts under
// mu and wake the writer; collect alone decides what is sent. Invariants:
//
//  1. Nothing of a space is sent before the peer has shown that it knows the
//     space and our roster has it, or our grant has gone out.
//  2. Of a document only committed changes are sent.
//  3. What sent says the peer has, it was sent on this connection, or it named.
//  4. A change from the peer is not sent back to it.
type Session struct {
	conn   Conn
	host   Host
	log    *slog.Logger
	me     identity.DeviceID
	peer   identity.DeviceID
	opened chan struct{} // closed when the first space is open
	wake   chan struct{}

	mu       sync.Mutex
	profile  Profile // the peer's
	control  []message
	gotTags  bool
	matched  map[trust.SpaceID]bool
	spaces   map[trust.SpaceID]*spaceState
	dirty    map[crdt.DocID]*docState
	catching int
	lastAck  time.Time
	cursors  map[crdt.DocID]*presence
	lastSeen time.Time // when cursors were sent last
	reaches  map[identity.DeviceID]struct{}
	pairing  pairing
}

// NewSession makes a session over a connection; [Session.Run] does the work.
func NewSession(me identity.DeviceID, conn Conn, host Host, log *slog.Logger) *Session {
	return &Session{
		conn: conn, host: host, me: me, peer: conn.Peer(),
		log:     log.With("peer", conn.Peer().Tag()),
		opened:  make(chan struct{}),
		wake:    make(chan struct{}, 1),
		matched: make(map[trust.SpaceID]bool),
		spaces:  make(map[trust.SpaceID]*spaceState),
		dirty:   make(map[crdt.DocID]*docState),
		cursors: make(map[crdt.DocID]*presence),
		reaches: make(map[identity.DeviceID]struct{}),
	}
}

// Peer is the device at the other end, as the handshake has proved.
func (s *Session) Peer() identity.DeviceID { return s.peer }

// Dialled reports whether we dialled.
func (s *Session) Dialled() bool { return s.conn.Dialled() }

// Profile is what the peer says of itself; empty until it was introduced.
func (s *Session) Profile() Profile {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.profile
}

// Shares reports whether the peer and we have opened a space together.
func (s *Session) Shares(space trust.SpaceID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.spaces[space] != nil
}

// End closes the connection, which ends Run.
func (s *Session) End(cause error) { s.conn.Close(cause) }

// Run speaks with the peer until ctx ends, the connection breaks or the peer
// breaks the rules; all its goroutines have ended when it returns. The error
// tells why, nil after ctx has ended.
func (s *Session) Run(ctx context.Context) (err error) {
	defer func() {
		s.endPairing(ErrPairingEnded)
		s.conn.Close(err)
		if ctx.Err() != nil {
			err = nil
		}
	}()
	g, inner := errgroup.WithContext(ctx)
	stop := context.AfterFunc(inner, func() { s.conn.Close(context.Cause(inner)) })
	defer stop()
	g.Go(func() error { return s.speak(inner, g) })
	return g.Wait()
}

func (s *Session) speak(ctx context.Context, g *errgroup.Group) error {
	control, r, err := s.introduce(ctx)
	if err != nil {
		return err
	}
	g.Go(func() error { return s.write(ctx, g, control) })
	g.Go(func() error { return s.acceptBulk(ctx, g) })
	return s.read(ctx, r)
}

// introduce opens the control stream and exchanges names. A peer that takes too
// long is hung up on.
func (s *Session) introduce(ctx context.Context) (io.ReadWriteCloser, *bufio.Reader, error) {
	timer := time.AfterFunc(helloTimeout, func() { s.conn.Close(ErrSilent) })
	defer timer.Stop()
	open := s.conn.AcceptControl
	if s.conn.Dialled() {
		open = s.conn.OpenControl
	}
	control, err := open(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("open the control stream: %w", err)
	}
	me := s.host.Profile()
	if err := writeMessages(control, &hello{Version, me.Name, me.Colour, me.Run}); err != nil {
		return nil, nil, err
	}
	r := bufio.NewReaderSize(control, 32<<10)
	m, err := readFrame(r, MaxStrangerFrame)
	if err != nil {
		return nil, nil, fmt.Errorf("read the introduction: %w", err)
	}
	h, ok := m.(*hello)
	if !ok {
		return nil, nil, fmt.Errorf("message %d before the introduction: %w", m.kind(), ErrMalformed)
	}
	if h.Version != Version {
		return nil, nil, fmt.Errorf("version %d, ours is %d: %w", h.Version, Version, ErrVersion)
	}
	s.mu.Lock()
	s.profile = Profile{h.Name, h.Colour, h.Run}
	s.mu.Unlock()
	if err := s.host.Introduced(s, s.Profile()); err != nil {
		return nil, nil, err
	}
	return control, r, s.sendTags()
}

// Rename tells the peer our name anew.
func (s *Session) Rename() {
	me := s.host.Profile()
	s.send(&hello{Version, me.Name, me.Colour, me.Run})
}

func (s *Session) onRename(h *hello) error {
	s.mu.Lock()
	if h.Version != Version || h.Run != s.profile.Run {
		s.mu.Unlock()
		return fmt.Errorf("a second introduction: %w", ErrMalformed)
	}
	s.profile = Profile{h.Name, h.Colour, h.Run}
	p := s.profile
	s.mu.Unlock()
	s.host.Renamed(s, p)
	return nil
}

func writeMessages(w io.Writer, messages ...message) error {
	var buf []byte
	var err error
	for _, m := range messages {
		if buf, err = appendFrame(buf, m); err != nil {
			return err
		}
	}
	if _, err := w.Write(buf); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

// read takes frames from the control stream until it breaks.
func (s *Session) read(ctx context.Context, r *bufio.Reader) error {
	for {
		m, err := readFrame(r, s.frameLimit())
		var later unknownKind
		if errors.As(err, &later) {
			s.send(&unknown{uint8(later)})
			continue
		}
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if err := s.handle(ctx, m); err != nil {
			return fmt.Errorf("message %d: %w", m.kind(), err)
		}
	}
}

// frameLimit is small until the peer has shown that it shares a space.
func (s *Session) frameLimit() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.spaces) == 0 && len(s.matched) == 0 && !s.pairing.done() {
		return MaxStrangerFrame
	}
	return MaxFrame
}

func (s *Session) handle(ctx context.Context, m message) error {
	switch m := m.(type) {
	case *unknown:
		s.log.Debug("the peer passed over a message", "kind", m.Kind)
		return nil
	case *hello:
		return s.onRename(m)
	case *tags:
		return s.onTags(ctx, m)
	case *roster:
		return s.onRoster(ctx, m)
	case *grant:
		return s.onGrant(ctx, m)
	case *digest:
		return s.onDigest(ctx, m)
	case *vectors:
		return s.onVectors(ctx, m)
	case *changes:
		return s.onChanges(ctx, m)
	case *have:
		return s.onHave(m)
	case *presence:
		return s.onPresence(m)
	case *reach:
		return s.onReach(m)
	default:
		return s.onPairing(m)
	}
}

// send queues messages for the control stream; safe from any goroutine.
func (s *Session) send(messages ...message) {
	s.mu.Lock()
	s.control = append(s.control, messages...)
	s.mu.Unlock()
	s.nudge()
}

// nudge wakes the writer.
func (s *Session) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// write sends what collect decides until the stream breaks.
func (s *Session) write(ctx context.Context, g *errgroup.Group, w io.Writer) error {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		messages, next := s.collect(time.Now())
		s.startCatchUps(ctx, g)
		if len(messages) > 0 {
			if err := writeMessages(w, messages...); err != nil {
				return err
			}
			continue
		}
		timer.Reset(next)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.wake:
		case <-timer.C:
		}
	}
}

// collect decides what is to be sent now, and after what time to look again if
// nothing happens before.
func (s *Session) collect(now time.Time) (out []message, next time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out, s.control = s.control, nil
	next = time.Hour
	out = append(out, s.liveChanges()...)
	acks, wait := s.acks(now)
	out = append(out, acks...)
	next = min(next, wait)
	seen, wait := s.movedCursors(now)
	out = append(out, seen...)
	next = min(next, wait, s.checkRelays(now))
	return out, next
}
