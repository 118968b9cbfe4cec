package protocol

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"starling/crdt"
	"starling/sync/identity"
	"starling/sync/trust"
)

// Session is one live connection to one peer. It speaks for all documents of
// all spaces that the two share.
//
// Inputs (frames, commits, cursors, a click on "confirm") only note facts under
// mu and wake the writer; collect alone decides what is sent. No [Host] method is
// called under mu. Invariants:
//
//  1. Nothing of a space is sent before the peer has shown that it knows the
//     space and our roster has it, or our grant has gone out.
//  2. Of a document only committed changes are sent.
//  3. What sent says the peer has, it was sent on this connection, or it named.
//  4. A change from the peer is not sent back to it.
//  5. What the peer can make us remember is bounded, however slowly it reads.
type Session struct {
	conn   Conn
	host   Host
	log    *slog.Logger
	me     identity.DeviceID
	peer   identity.DeviceID
	opened chan struct{} // closed when the first space is open
	wake   chan struct{}
	grant  *grant     // being gathered by the reader
	claims int        // that the peer has made; the reader's
	limit  func() int // of the next frame; the reader's
	said   *counted   // on the control stream

	reading    *semaphore.Weighted // bytes of catch-ups that are read or taken
	refreshing sync.Mutex          // held by Refresh; taken before telling and mu
	telling    sync.Mutex          // held while the host hears what the peer has; before mu
	pairing    pairing             // has a lock of its own
	redeeming  redeeming           // under mu

	mu        sync.Mutex
	over      bool    // Run has ended
	familiar  bool    // the peer was no stranger at some time
	profile   Profile // the peer's
	skew      time.Duration
	skewKnown bool
	control   []message
	rename    *hello             // to be sent
	answered  map[uint8]struct{} // kinds that we said we don't know
	meeting   meeting
	matched   map[trust.SpaceID]bool
	early     map[trust.SpaceID]*digest // of spaces that are not open yet
	spaces    map[trust.SpaceID]*spaceState

	live     []*docState // with something in their queues
	queued   int         // bytes in all queues
	late     []*docState // behind, the longest first
	catching int
	owed     []*docState // with something to acknowledge
	lastAck  time.Time
	ackTimed bool // the writer will look at owed by itself
	relays   map[*docState]struct{}
	wants    map[*docState]struct{}
	probe    probe
	lag      time.Duration // how late the peer acknowledges, if it has done so
	lagKnown bool
	ahead    map[*docState]time.Time // where the peer has more, and when to look at that

	ours, theirs     lines                                      // that each side has begun
	resumes          map[trust.SpaceID]map[crdt.DocID]pieceHeld // of snapshots, at the peer
	cursors          map[crdt.DocID]*cursor
	lastSeen         time.Time               // when cursors were sent last
	places           map[crdt.DocID]struct{} // where the peer is
	reach, toldReach []identity.DeviceID
	reaches          map[identity.DeviceID]struct{} // whom the peer reaches
	asking           asking
}

// NewSession makes a session over a connection; [Session.Run] does the work.
func NewSession(me identity.DeviceID, conn Conn, host Host, log *slog.Logger) *Session {
	return &Session{
		conn: conn, host: host, me: me, peer: conn.Peer(),
		log:      log.With("peer", conn.Peer().Tag()),
		opened:   make(chan struct{}),
		wake:     make(chan struct{}, 1),
		reading:  semaphore.NewWeighted(maxReading),
		pairing:  pairing{began: make(chan struct{})},
		meeting:  meeting{left: make(chan struct{}, 1)},
		answered: make(map[uint8]struct{}),
		matched:  make(map[trust.SpaceID]bool),
		early:    make(map[trust.SpaceID]*digest),
		spaces:   make(map[trust.SpaceID]*spaceState),
		relays:   make(map[*docState]struct{}),
		wants:    make(map[*docState]struct{}),
		ahead:    make(map[*docState]time.Time),
		cursors:  make(map[crdt.DocID]*cursor),
		places:   make(map[crdt.DocID]struct{}),
		reaches:  make(map[identity.DeviceID]struct{}),
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

// Together reports whether the peer and we know of each other what we hold of a
// space.
func (s *Session) Together(space trust.SpaceID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp := s.spaces[space]
	return sp != nil && sp.synced
}

// End closes the connection, which ends Run.
func (s *Session) End(cause error) { s.conn.Close(cause) }

// Run speaks with the peer until ctx ends, the connection breaks or the peer
// breaks the rules; all its goroutines have ended when it returns. The error
// tells why, nil after ctx has ended.
func (s *Session) Run(ctx context.Context) (err error) {
	defer func() {
		s.mu.Lock()
		s.over = true
		s.mu.Unlock()
		s.closePairing()
		s.conn.Close(err)
		if ctx.Err() != nil || errors.Is(err, errStranger) {
			err = nil
		}
	}()
	g, inner := errgroup.WithContext(ctx)
	g.Go(func() error { return s.speak(inner, g) })
	g.Go(func() error { return s.watchPairing(inner) })
	g.Go(func() error { return s.watchStranger(inner) })
	g.Go(func() error { return s.watchParting(inner) })
	g.Go(func() error { // the others wait for the connection
		<-inner.Done()
		cause := context.Cause(inner)
		if errors.Is(cause, errStranger) {
			cause = nil // a clean leave
		}
		s.conn.Close(cause)
		return nil
	})
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

// introduce opens the control stream and exchanges names.
func (s *Session) introduce(ctx context.Context) (io.ReadWriteCloser, *bufio.Reader, error) {
	me := s.host.Profile()
	control, r, h, err := s.exchangeHellos(ctx, me)
	if err != nil {
		return nil, nil, err
	}
	if h.Version != Version {
		s.mu.Lock()
		s.profile.Version = h.Version
		s.mu.Unlock()
		s.letRead(ctx, r)
		return nil, nil, &VersionError{Theirs: h.Version, Ours: Version}
	}
	s.mu.Lock()
	s.profile, s.meeting.knows = h.profile(), h.Knows
	if h.Clock != 0 {
		s.skew, s.skewKnown = time.Until(time.Unix(h.Clock, 0)), true
	}
	s.mu.Unlock()
	if err := s.host.Introduced(s, s.Profile()); err != nil {
		return nil, nil, err
	}
	if s.host.Profile() != me {
		s.Rename() // before the host knew whom to tell
	}
	return control, r, s.sendTags()
}

// Skew is how far the peer's clock was ahead of ours when it introduced itself,
// to about a second, and whether it told.
func (s *Session) Skew() (ahead time.Duration, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.skew, s.skewKnown
}

// letRead waits until the peer has hung up, but not long: a connection that is
// closed takes with it what was not read, and the peer is to learn our version
// from our introduction.
func (s *Session) letRead(ctx context.Context, r *bufio.Reader) {
	stop := context.AfterFunc(ctx, func() { s.conn.Close(nil) })
	defer stop()
	timer := time.AfterFunc(partingTimeout, func() {
		s.conn.Close(&VersionError{Theirs: s.Profile().Version, Ours: Version})
	})
	defer timer.Stop()
	_, _ = r.Peek(r.Buffered() + 1) // nothing more of it is read
}

// hello says who we are, and whether the peer is a stranger to us.
func (s *Session) hello(me Profile) *hello {
	return &hello{Version, me.Name, me.Colour, me.Run, time.Now().Unix(), s.host.Paired(s.peer)}
}

// exchangeHellos hangs up on a peer that takes too long.
func (s *Session) exchangeHellos(ctx context.Context, me Profile) (control io.ReadWriteCloser, r *bufio.Reader, h *hello, err error) {
	timer := time.AfterFunc(helloTimeout, func() { s.conn.Close(ErrSilent) })
	defer func() {
		if !timer.Stop() {
			err = ErrSilent
		}
	}()
	open := s.conn.AcceptControl
	if s.conn.Dialled() {
		open = s.conn.OpenControl
	}
	if control, err = open(ctx); err != nil {
		return nil, nil, nil, fmt.Errorf("open the control stream: %w", err)
	}
	if err := writeMessages(control, s.hello(me)); err != nil {
		return nil, nil, nil, err
	}
	from := &counted{Reader: control}
	r = bufio.NewReaderSize(from, 32<<10)
	s.said, s.limit = from, s.frameLimit(from, r)
	m, err := readFrame(r, s.limit)
	var later unknownKind
	switch {
	case errors.As(err, &later):
		return nil, nil, nil, fmt.Errorf("%w before the introduction: %w", later, ErrMalformed)
	case err != nil:
		return nil, nil, nil, fmt.Errorf("read the introduction: %w", err)
	}
	h, ok := m.(*hello)
	if !ok {
		return nil, nil, nil, fmt.Errorf("message %d before the introduction: %w", m.kind(), ErrMalformed)
	}
	return control, r, h, nil
}

// Rename tells the peer our name anew; only the latest counts.
func (s *Session) Rename() {
	h := s.hello(s.host.Profile())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rename = h
	s.nudge()
}

func (s *Session) onRename(h *hello) error {
	s.mu.Lock()
	if h.Version != Version || h.Run != s.profile.Run {
		s.mu.Unlock()
		return fmt.Errorf("a second introduction: %w", ErrMalformed)
	}
	s.profile = h.profile()
	s.meeting.knows = s.meeting.knows || h.Knows
	p := s.profile
	s.mu.Unlock()
	s.host.Renamed(s, p)
	return nil
}

func (m *hello) profile() Profile { return Profile{m.Name, m.Colour, m.Run, m.Version} }

func writeMessages(w io.Writer, messages ...message) error {
	_, err := writeFrames(w, nil, messages)
	return err
}

// writeFrames sends messages in one write, by way of buf, and returns that for the
// next time: a key that goes to many finds its room there.
func writeFrames(w io.Writer, buf []byte, messages []message) ([]byte, error) {
	out, err := buf[:0], error(nil)
	for _, m := range messages {
		if out, err = appendFrame(out, m); err != nil {
			return buf, err
		}
	}
	if _, err := w.Write(out); err != nil {
		return buf, fmt.Errorf("send: %w", err)
	}
	if cap(out) > keptFrames {
		return buf, nil
	}
	return out, nil
}

// read takes frames from the control stream until it breaks.
func (s *Session) read(ctx context.Context, r *bufio.Reader) error {
	var pace pace
	for {
		m, err := readFrame(r, s.limit)
		if err := s.keepPace(ctx, &pace, r); err != nil {
			return err
		}
		var later unknownKind
		if errors.As(err, &later) {
			s.answerUnknown(later)
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

// answerUnknown says once of each kind that it was passed over.
func (s *Session) answerUnknown(k unknownKind) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.answered[uint8(k)]; ok {
		return
	}
	s.answered[uint8(k)] = struct{}{}
	s.control = append(s.control, &unknown{uint8(k)})
	s.nudge()
}

// breaks reports whether the peer broke the rules, which ends the session.
func breaks(err error) bool { return errors.Is(err, ErrMalformed) || errors.Is(err, ErrLimit) }

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
		return s.onVectors(m)
	case *parts:
		return s.onParts(m)
	case *first:
		return s.onFirst(m)
	case *changes:
		if err := s.beginTheirs(m); err != nil {
			return err
		}
		return s.onChanges(ctx, m)
	case *brief:
		return s.onBrief(ctx, m)
	case *got:
		return s.onGot(m)
	case *resume:
		return s.onResume(m)
	case *have:
		return s.onHave(m)
	case *presence:
		return s.onPresence(m)
	case *reach:
		return s.onReach(m)
	case *holders:
		return s.onHolders(m)
	case *redeem:
		return s.onRedeem(ctx, m)
	case *redeemed:
		return s.onRedeemed(m)
	case *key:
		return s.onKey(ctx, m)
	case *claim:
		return s.onClaim(ctx, m)
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

// never is longer than any session waits for anything.
const never = time.Hour

// write sends what collect decides until the stream breaks.
func (s *Session) write(ctx context.Context, g *errgroup.Group, w io.Writer) error {
	timer := time.NewTimer(never)
	defer timer.Stop()
	var buf []byte
	for {
		messages, next := s.collect(time.Now())
		next = min(next, s.startCatchUps(ctx, g, time.Now()))
		if len(messages) > 0 {
			var err error
			if buf, err = writeFrames(w, buf, messages); err != nil {
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
	due, next := s.dueAcks(now)
	next = min(next, s.checkAhead(now))
	s.dropSupplied(now)
	s.mu.Lock()
	defer s.mu.Unlock()
	out, s.control = s.control, nil
	if s.rename != nil {
		out, s.rename = append(out, s.rename), nil
	}
	out = append(out, s.looks()...)
	out = append(out, s.movedReach()...)
	out = append(out, s.dueHolders()...)
	next = min(next, s.checkRelays(now))
	out = append(out, s.liveChanges()...)
	out = append(out, s.acks(due)...) // of what was not just sent
	wants, wait := s.dueWants(now)
	next = min(next, wait)
	seen, wait := s.movedCursors(now) // behind the edits that they refer to
	return slices.Concat(out, wants, seen), min(next, wait)
}
