package discovery

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// The rhythm. Neighbours who come later announce themselves, so browsing is
// eager only while we are new to the network.
const (
	pollEvery   = 500 * time.Millisecond // interfaces are compared
	eagerFor    = 30 * time.Second       // after a start or a change
	eagerEvery  = 5 * time.Second
	missedEvery = 10 * time.Second // while someone is missed, to be sure sooner
	calmEvery   = 30 * time.Second // and up to as much again, by chance
	minGap      = 500 * time.Millisecond
	minBrowse   = 2 * time.Second  // a shorter browse proves no one's absence
	retryEvery  = 5 * time.Second  // announcing that failed
	sleptFor    = 10 * time.Second // a wall clock that leaps this far: we slept
	dropsEvery  = 10 * time.Second // at most one message about bad records
	maxAnswers  = 1000             // in one browse; then it is cut short
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
	quietLibrary()
	l := newLoop(ctx, f, found)
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
			l.wanted = true
			l.evaluate(time.Now())
		case r := <-l.reports:
			l.take(time.Now(), r)
		}
	}
}

// report is what a browsing goroutine has to say.
type report struct {
	family family
	answer answer
	err    error
}

// loop is the state of one Run; only Run's goroutine touches it. Its inputs
// note facts; evaluate decides.
type loop struct {
	*Finder
	ctx     context.Context
	found   func(Event)
	tracker *tracker
	reports chan report

	links    []link
	scanErr  error
	lastPoll time.Time
	eager    time.Time // until when
	wanted   bool      // someone called Refresh

	stopAnnounce func() // nil while nothing is announced
	announceAt   time.Time
	announceErr  error

	stopBrowse func() // nil while nobody browses
	browsedAt  time.Time
	browseAt   time.Time
	browseErr  error
	heardErr   error
	answers    int

	drops   int
	dropErr error
	dropAt  time.Time
}

func newLoop(ctx context.Context, f *Finder, found func(Event)) *loop {
	return &loop{Finder: f, ctx: ctx, found: found, tracker: newTracker(f.rec.tag), reports: make(chan report)}
}

func (l *loop) close() {
	l.endBrowse()
	l.endAnnounce()
	l.setStatus(nil, nil)
}

// poll looks at the interfaces and the clock.
func (l *loop) poll(now time.Time) {
	first := l.lastPoll.IsZero()
	// The monotonic clock stands still while a machine sleeps.
	slept := !first && now.Round(0).Sub(l.lastPoll.Round(0)) > sleptFor
	l.lastPoll = now
	changed := l.scanLinks()
	if first || slept || changed {
		l.log.Debug("discovery: network", "links", linkNames(l.links), "slept", slept)
		l.eager = now.Add(eagerFor)
		l.announceAt, l.browseAt = now, now
		l.announceErr = nil
		l.endAnnounce()
	}
	l.evaluate(now)
	l.logLibrary()
	l.logDrops(now)
}

// scanLinks reports whether the usable interfaces changed. If the system does
// not tell, they stay as they were.
func (l *loop) scanLinks() bool {
	all, err := l.scan()
	if l.scanErr = err; err != nil {
		l.log.Debug("discovery: interfaces", "error", err)
		return false
	}
	links := chooseLinks(all)
	if sameLinks(l.links, links) {
		return false
	}
	l.links = links
	return true
}

// evaluate announces and browses when it is time to. Announcing comes first,
// so that those whom our question reaches find us when they ask in turn.
func (l *loop) evaluate(now time.Time) {
	if l.stopAnnounce == nil && len(l.links) > 0 && !now.Before(l.announceAt) {
		l.announce(now)
	}
	if l.wanted && now.Sub(l.browsedAt) >= minGap || !now.Before(l.browseAt) {
		l.browse(now)
	}
	l.setStatus(l.links, errors.Join(l.scanErr, l.announceErr, l.browseErr, l.heardErr))
}

func (l *loop) announce(now time.Time) {
	l.stopAnnounce, l.announceErr = l.wire.announce(l.rec, l.links)
	if l.announceErr != nil {
		l.announceAt = now.Add(retryEvery)
		l.log.Debug("discovery: announce", "error", l.announceErr)
	}
}

func (l *loop) endAnnounce() {
	if l.stopAnnounce != nil {
		l.stopAnnounce()
		l.stopAnnounce = nil
	}
}

// browse ends the browse that is under way, draws its conclusions and starts
// the next.
func (l *loop) browse(now time.Time) {
	l.endBrowse()
	if !l.browsedAt.IsZero() {
		l.conclude(now.Sub(l.browsedAt) >= minBrowse)
	}
	l.wanted, l.answers, l.browseErr = false, 0, nil
	l.browsedAt, l.browseAt = now, now.Add(l.pause(now))
	l.startBrowse()
}

func (l *loop) conclude(counted bool) {
	if counted {
		l.heardErr = nil
		if l.stopAnnounce != nil && l.browseErr == nil && !l.tracker.heardSelf {
			l.heardErr = ErrNotHeard
		}
	}
	for _, e := range l.tracker.endBrowse(counted) {
		l.tell(e)
	}
}

// pause is how long the browse that starts now shall last.
func (l *loop) pause(now time.Time) time.Duration {
	switch {
	case now.Before(l.eager):
		return eagerEvery
	case l.tracker.missing():
		return missedEvery
	default:
		return calmEvery + rand.N(calmEvery)
	}
}

// startBrowse asks over IPv4 where there is IPv4, and over IPv6 elsewhere:
// both everywhere would double the packets.
func (l *loop) startBrowse() {
	var byFamily [families][]link
	for _, k := range l.links {
		f := overIPv6
		if k.hasIPv4() {
			f = overIPv4
		}
		byFamily[f] = append(byFamily[f], k)
	}
	ctx, cancel := context.WithCancel(l.ctx)
	var running sync.WaitGroup
	for f, links := range byFamily {
		if len(links) > 0 {
			running.Go(func() { l.browseOver(ctx, family(f), links) })
		}
	}
	l.stopBrowse = func() { cancel(); running.Wait() }
}

// browseOver runs in a goroutine of its own and touches no state of the loop.
func (l *loop) browseOver(ctx context.Context, f family, links []link) {
	send := func(r report) {
		select {
		case l.reports <- r:
		case <-ctx.Done():
		}
	}
	err := l.wire.browse(ctx, f, links, func(a answer) { send(report{family: f, answer: a}) })
	if err != nil {
		send(report{family: f, err: err})
	}
}

func (l *loop) endBrowse() {
	if l.stopBrowse != nil {
		l.stopBrowse()
		l.stopBrowse = nil
	}
}

func (l *loop) take(now time.Time, r report) {
	if r.err != nil {
		l.log.Debug("discovery: browse", "error", r.err)
		l.browseErr = r.err
		if soon := now.Add(retryEvery); soon.Before(l.browseAt) {
			l.browseAt = soon
		}
		l.evaluate(now)
		return
	}
	if l.answers++; l.answers > maxAnswers {
		l.drop(errFlood)
		l.endBrowse()
		return
	}
	s, err := parse(r.answer, l.links)
	if err != nil {
		l.drop(err)
		return
	}
	if e, news := l.tracker.saw(now, r.family, s); news {
		l.tell(e)
	}
}

func (l *loop) tell(e Event) {
	l.log.Debug("discovery: event", "tag", e.Hint.Tag, "addrs", e.Hint.Addrs, "gone", e.Gone)
	l.found(e)
}

var errFlood = errors.New("too many answers")

func (l *loop) drop(err error) { l.drops, l.dropErr = l.drops+1, err }

// logDrops tells of bad records, but not of each, for a neighbour could send
// thousands.
func (l *loop) logDrops(now time.Time) {
	if l.drops+l.tracker.refused == 0 || now.Before(l.dropAt) {
		return
	}
	l.log.Debug("discovery: answers dropped", "bad", l.drops, "last", l.dropErr, "no room", l.tracker.refused)
	l.drops, l.tracker.refused, l.dropErr = 0, 0, nil
	l.dropAt = now.Add(dropsEvery)
}

func (l *loop) logLibrary() {
	for {
		select {
		case line := <-libraryLines:
			l.log.Debug("discovery: library", "line", line)
		default:
			return
		}
	}
}

func linkNames(links []link) []string {
	var names []string
	for _, k := range links {
		names = append(names, k.name())
	}
	return names
}
