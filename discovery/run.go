package discovery

import (
	"context"
	"fmt"
	"time"
)

const (
	pollEvery  = 500 * time.Millisecond // interfaces are compared
	retryEvery = 5 * time.Second        // at most between attempts at a port that failed
	sleptFor   = 10 * time.Second       // a wall clock that leaps this far: we slept
	dropsEvery = 10 * time.Second       // at most one message about bad packets
	maxHeard   = 1000                   // packets between two polls; the rest is dropped
	hearingAid = 2 * time.Second        // without an echo of ours something is wrong
)

// Run announces and browses until ctx ends, then says goodbye and returns nil.
// It works without a network and begins when there is one. found is called
// from Run's own goroutine; while it blocks, nothing else happens here. The
// only error is [ErrRunning].
func (f *Finder) Run(ctx context.Context, found func(Event)) error {
	if !f.running.CompareAndSwap(false, true) {
		return fmt.Errorf("run %s: %w", f.rec.tag, ErrRunning)
	}
	defer f.running.Store(false)
	l := &loop{
		Finder:   f,
		ctx:      ctx,
		found:    found,
		engine:   newEngine(f.rec, f.cfg.Invisible, f.cfg.Trusted),
		sockets:  map[portID]socket{},
		failed:   map[portID]failure{},
		incoming: make(chan datagram, 256),
		timer:    time.NewTimer(0),
	}
	defer l.close()
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	l.poll(time.Now())
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-poll.C:
			l.poll(time.Now())
		case <-f.refresh:
			l.engine.refresh(time.Now())
		case d := <-l.incoming:
			l.take(time.Now(), d)
		case <-l.timer.C:
		}
		l.act(time.Now())
	}
}

// loop is the state of one Run; only Run's goroutine touches it.
type loop struct {
	*Finder
	ctx    context.Context
	found  func(Event)
	engine *engine

	links    []link
	scanErr  error
	lastPoll time.Time
	sockets  map[portID]socket
	failed   map[portID]failure
	incoming chan datagram
	timer    *time.Timer

	left    int // packets that may be taken before the next poll
	dropped int // for want of that
	dropAt  time.Time
}

// failure is of a port that could not be opened or sent to.
type failure struct {
	err   error
	tries int
	at    time.Time // of the next attempt
	// opened says that it is open again.
	opened bool
}

func (l *loop) close() {
	l.timer.Stop()
	l.send(time.Now(), l.engine.farewell(time.Now()))
	for id := range l.sockets {
		l.shut(id)
	}
	l.setStatus(nil)
}

// poll looks at the interfaces and the clock.
func (l *loop) poll(now time.Time) {
	// The monotonic clock stands still while a machine sleeps.
	slept := !l.lastPoll.IsZero() && now.Round(0).Sub(l.lastPoll.Round(0)) > sleptFor
	l.lastPoll, l.left = now, maxHeard
	l.scanLinks(now, slept)
	for id, f := range l.failed {
		if k := l.linkOf(id.index); k != nil && !f.opened && !now.Before(f.at) {
			l.openPort(now, *k, id.family)
		}
	}
	l.logDrops(now)
	l.act(now)
	l.setStatus(l.describe(now))
}

// scanLinks opens what is new and closes what is gone or has changed. If the
// system does not tell, all stays as it was.
func (l *loop) scanLinks(now time.Time, slept bool) {
	all, err := l.scan()
	if l.scanErr = err; err != nil {
		l.log.Debug("discovery: interfaces", "error", err)
		return
	}
	links := chooseLinks(all)
	fresh := make([]link, 0, len(links))
	for _, k := range links {
		if old := l.linkOf(k.iface.Index); slept || old == nil || !sameLink(*old, k) {
			fresh = append(fresh, k)
		}
	}
	before := l.links
	l.links = links
	for _, k := range before {
		if left := l.linkOf(k.iface.Index); slept || left == nil || !sameLink(*left, k) {
			l.closeLink(k)
		}
	}
	if len(fresh) == 0 {
		return
	}
	l.log.Debug("discovery: network", "links", linkNames(links), "slept", slept)
	for _, k := range fresh {
		for f := range families {
			if len(k.addrs[f]) > 0 {
				l.openPort(now, k, f)
			}
		}
	}
	l.engine.refresh(now) // what was behind one interface may be behind another
}

func (l *loop) linkOf(index int) *link {
	for i := range l.links {
		if l.links[i].iface.Index == index {
			return &l.links[i]
		}
	}
	return nil
}

func (l *loop) closeLink(k link) {
	for f := range families {
		id := portID{k.iface.Index, f}
		delete(l.failed, id)
		l.shut(id)
	}
}

// shut closes a port, if it is open, without a goodbye.
func (l *loop) shut(id portID) {
	if s := l.sockets[id]; s != nil {
		s.close()
		delete(l.sockets, id)
	}
	l.engine.close(id)
}

func (l *loop) openPort(now time.Time, k link, f family) {
	id := portID{k.iface.Index, f}
	s, err := l.wire.open(l.ctx, k, f, l.incoming)
	if err != nil {
		l.fail(now, id, fmt.Errorf("join multicast DNS on %s over %v: %w", k.name(), f, err))
		return
	}
	l.sockets[id] = s
	l.engine.open(now, k, f)
	if old, again := l.failed[id]; again {
		old.opened = true // and counts as failed until it has been sent to
		l.failed[id] = old
	}
}

// fail closes a port and has it opened again: at once, by the next poll, then
// less and less often.
func (l *loop) fail(now time.Time, id portID, err error) {
	l.log.Debug("discovery: port", "error", err)
	l.shut(id)
	f := l.failed[id]
	f.err, f.opened = err, false
	f.at = now.Add(min(retryEvery, pollEvery/2<<min(f.tries, 10)))
	f.tries++
	l.failed[id] = f
}

func (l *loop) take(now time.Time, d datagram) {
	if l.left == 0 {
		l.dropped++
		return
	}
	l.left--
	l.tell(l.engine.heard(now, d))
}

// act does what is due and sets the timer for what will be.
func (l *loop) act(now time.Time) {
	out, events := l.engine.act(now)
	l.send(now, out)
	l.tell(events)
	l.timer.Reset(l.engine.next(now).Sub(now))
}

func (l *loop) send(now time.Time, out []packet) {
	for _, k := range out {
		s := l.sockets[k.port]
		if s == nil {
			continue
		}
		err := s.send(k)
		switch {
		case err == nil && !k.to.IsValid():
			delete(l.failed, k.port)
		case err == nil:
		case k.to.IsValid():
			l.log.Debug("discovery: answer", "error", err)
		default:
			l.fail(now, k.port, fmt.Errorf("send multicast DNS: %w", err))
		}
	}
}

func (l *loop) tell(events []Event) {
	for _, e := range events {
		l.log.Debug("discovery: event", "tag", e.Hint.Tag, "addrs", e.Hint.Addrs, "gone", e.Gone)
		l.found(e)
	}
}

// describe is what there is to say of each interface.
func (l *loop) describe(now time.Time) []Status {
	status := make([]Status, 0, len(l.links))
	for _, k := range l.links {
		s := Status{Name: k.name(), Addrs: k.addrs[k.first()], Err: l.scanErr}
		for f := range families {
			id := portID{k.iface.Index, f}
			if p := l.engine.ports[id]; p != nil {
				s.Sent += p.sent
				s.Heard += p.heard
				if p.heardAt.After(s.LastHeard) {
					s.LastHeard = p.heardAt
				}
				if f == k.first() && s.Err == nil && !p.silentSince.IsZero() && now.Sub(p.silentSince) > hearingAid {
					s.Err = ErrNotHeard
				}
			}
			if bad, ok := l.failed[id]; ok && f == k.first() {
				s.Err = bad.err
			}
		}
		status = append(status, s)
	}
	return status
}

// logDrops tells of bad packets, but not of each, for a neighbour could send
// thousands.
func (l *loop) logDrops(now time.Time) {
	e := l.engine
	if l.dropped+e.bad+e.tracker.refused == 0 || now.Before(l.dropAt) {
		return
	}
	l.log.Debug("discovery: packets dropped", "bad", e.bad, "last", e.lastBad, "too many", l.dropped, "no room", e.tracker.refused)
	l.dropped, e.bad, e.tracker.refused, e.lastBad = 0, 0, 0, nil
	l.dropAt = now.Add(dropsEvery)
}

func linkNames(links []link) []string {
	var names []string
	for _, k := range links {
		names = append(names, k.name())
	}
	return names
}
