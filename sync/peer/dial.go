package peer

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"time"

	"starling/sync/protocol"
	"starling/sync/transport"
)

const (
	firstRetry = time.Second
	lastRetry  = time.Minute
	// firstPenalty and lastPenalty keep us from a device that broke the
	// protocol, or that said we did.
	firstPenalty = time.Minute
	lastPenalty  = time.Hour
	// yield is how long the larger ID waits for the smaller one to dial.
	yield = 300 * time.Millisecond
	// probeTime is how long we stay with a stranger whose ID we wanted.
	probeTime = time.Second
	// maxProbes is how often a neighbour that does not answer is asked who it
	// is, until it announces itself anew.
	maxProbes = 4
	// stable is how long a session lasts that was worth dialling at once again.
	stable = 10 * time.Second
)

// target is how a device is dialled; under Peer.mu.
type target struct {
	tag     string
	next    time.Time
	wait    time.Duration // the last backoff
	penalty time.Duration // the last penalty
	barred  time.Time     // not to be dialled before, whatever is heard
	eager   time.Time     // until then pauses don't grow
	cancel  func()        // ends the attempt under way, nil if there is none
	probes  int
	strange bool // next and wait are those of a stranger
	// trouble is how the last attempt ended, nil if well, and version that of
	// their protocol if it was another than ours.
	trouble error
	version uint32
}

// dialing reports whether an attempt is under way.
func (t *target) dialing() bool { return t.cancel != nil }

// job is one device to dial now.
type job struct {
	id   DeviceID // zero: we want to learn it
	tag  string
	ctx  context.Context // of the attempt
	done func()
}

// targetLocked finds or makes the entry of a device, to be dialled at its turn.
func (n *network) targetLocked(tag string, now time.Time) *target {
	t := n.targets[tag]
	if t == nil {
		t = &target{tag: tag, next: now.Add(n.turn(tag))}
		n.targets[tag] = t
	}
	return t
}

// turn is how long we wait for the other side to dial first.
func (n *network) turn(tag string) time.Duration {
	if n.p.me.ID.Tag() > tag {
		return yield
	}
	return 0
}

// nudge wakes the dialler, which looks anew at whom we want to be connected with.
func (n *network) nudge() {
	n.p.mu.Lock()
	n.surveyed = time.Time{}
	n.p.mu.Unlock()
	n.rouse()
}

// rouse wakes the dialler because somebody's turn may have come. Of the wanted
// ones it asks no roster: attempts end a thousand times as often as rosters change.
func (n *network) rouse() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// dialLoop keeps us connected with everyone we know, and asks neighbours we
// don't know who they are.
func (n *network) dialLoop(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-n.wake:
		case <-timer.C:
		}
		jobs, next := n.due(ctx, time.Now())
		for _, j := range jobs {
			if !n.start(func() { n.pursue(ctx, j) }) {
				j.done()
			}
		}
		timer.Reset(next)
	}
}

// due says whom to dial now and when to look again.
func (n *network) due(ctx context.Context, now time.Time) (jobs []job, next time.Duration) {
	n.p.mu.Lock()
	defer n.p.mu.Unlock()
	n.unlistLocked(now)
	next = lastRetry
	consider := func(j job, t *target) {
		if t.dialing() || n.links[j.id] != nil {
			return
		}
		when := t.next
		if t.barred.After(when) {
			when = t.barred
		}
		if wait := when.Sub(now); wait > 0 {
			next = min(next, wait)
			return
		}
		if !j.id.IsZero() && !n.wantedLocked(j.id) {
			delete(n.wanted, j.id) // since the last survey
			return
		}
		j.ctx, j.done = n.attempt(ctx, t, now)
		jobs = append(jobs, j)
	}
	if now.Sub(n.surveyed) >= lastRetry {
		n.surveyLocked(now)
	}
	for id, t := range n.wanted {
		consider(job{id: id, tag: t.tag}, t)
	}
	asked := n.askedLocked()
	for tag, near := range n.nearby {
		// Who is invisible does not show itself to strangers.
		if n.p.bounds.invisible || asked >= maxAsked {
			break
		}
		if t := n.targetLocked(tag, now); near.id.IsZero() && t.probes < maxProbes && !n.knownTagLocked(tag) {
			before := len(jobs)
			consider(job{tag: tag}, t)
			asked += len(jobs) - before
		}
	}
	return jobs, next
}

// askedLocked counts the strangers who are just being asked who they are.
func (n *network) askedLocked() int {
	count := 0
	for tag, near := range n.nearby {
		if t := n.targets[tag]; t != nil && t.dialing() && near.id.IsZero() && !n.knownTagLocked(tag) {
			count++
		}
	}
	return count
}

// attempt begins an attempt to reach a device. It takes little time while the
// network is new.
func (n *network) attempt(ctx context.Context, t *target, now time.Time) (context.Context, func()) {
	var cancel context.CancelFunc
	if now.Before(t.eager) {
		ctx, cancel = context.WithTimeout(ctx, eagerDial)
	} else {
		ctx, cancel = context.WithCancel(ctx)
	}
	t.cancel = cancel
	return ctx, cancel
}

// wantedLocked reports whether we want to be connected with a device.
func (n *network) wantedLocked(id DeviceID) bool {
	who := n.p.people[id]
	return who != nil && id != n.p.me.ID && (who.typed != "" || n.p.knownLocked(id))
}

// surveyLocked finds out with whom we want to be connected.
func (n *network) surveyLocked(now time.Time) {
	n.surveyed = now
	clear(n.wanted)
	for id := range n.p.people {
		n.wishLocked(id, now)
	}
}

// wishLocked notes whether we want to be connected with a device.
func (n *network) wishLocked(id DeviceID, now time.Time) {
	if !n.wantedLocked(id) {
		delete(n.wanted, id)
		return
	}
	t := n.wanted[id]
	if t == nil {
		t = n.targetLocked(id.Tag(), now)
		n.wanted[id] = t
	}
	if t.strange && n.p.knownLocked(id) {
		// No one waits as a stranger who has become known since: two who part
		// because they don't know each other may be brought together a moment later.
		t.strange, t.wait, t.next = false, 0, now.Add(n.turn(t.tag))
	}
}

// knownTagLocked reports whether a device with this tag is dialled by its ID.
func (n *network) knownTagLocked(tag string) bool {
	start, err := hex.DecodeString(tag)
	if err != nil {
		return false
	}
	for id := range n.p.people {
		if bytes.HasPrefix(id[:], start) && id.Tag() == tag && n.wantedLocked(id) {
			return true
		}
	}
	return false
}

// pursue dials one device and notes what came of it.
func (n *network) pursue(ctx context.Context, j job) {
	l, err := n.dial(j.ctx, n.addresses(j.ctx, j.id, j.tag), j.id)
	if err == nil {
		err = n.awaitReady(ctx, l)
	}
	j.done()
	n.tried(j, err)
	n.rouse()
	if err != nil {
		n.log.Debug("could not reach a device", "tag", j.tag, "err", err)
		return
	}
	if j.id.IsZero() {
		n.leaveStranger(ctx, l)
	}
}

// tried notes the outcome of an attempt. Only one who is silent is tried more
// and more rarely: if another connection with it stays, all is well.
func (n *network) tried(j job, err error) {
	n.p.mu.Lock()
	defer n.p.mu.Unlock()
	now := time.Now()
	t := n.targetLocked(j.tag, now)
	t.cancel = nil
	t.failed(err)
	if j.id.IsZero() {
		t.probes++
		t.strange = true
	}
	switch {
	case err == nil || n.links[j.id] != nil:
	case now.Before(t.eager):
		t.next = now.Add(firstRetry / 4)
	default:
		t.wait = min(max(2*t.wait, firstRetry), lastRetry)
		t.next = now.Add(t.wait/2 + rand.N(t.wait))
	}
}

// leaveStranger ends a session that had no other aim than to learn the ID,
// unless something came of it.
func (n *network) leaveStranger(ctx context.Context, l *link) {
	select {
	case <-ctx.Done():
	case <-l.ended:
	case <-time.After(probeTime):
		n.p.mu.Lock()
		id := l.session.Peer()
		pa, who := n.p.pairingOfLocked(l.session), n.p.people[id]
		busy := pa != nil && !pa.over() || n.p.knownLocked(id) || who != nil && who.typed != ""
		n.p.mu.Unlock()
		if !busy {
			l.session.End(nil)
		}
	}
}

// dial connects and begins to speak.
func (n *network) dial(ctx context.Context, addrs []netip.AddrPort, want DeviceID) (*link, error) {
	if len(addrs) > 0 {
		if addrs = n.passing(addrs); len(addrs) == 0 {
			return nil, ErrNotLocal
		}
	}
	conn, err := n.endpoint.DialFirst(ctx, addrs, want)
	if err != nil {
		return nil, err
	}
	return n.speak(conn)
}

// afterwards decides when a device is dialled again.
func (n *network) afterwards(id DeviceID, err error, kept bool, lived time.Duration) {
	n.p.mu.Lock()
	defer n.p.mu.Unlock()
	now := time.Now()
	t := n.targetLocked(id.Tag(), now)
	if !kept && err != nil {
		t.failed(err)
	}
	switch {
	case broke(err):
		t.penalty = min(max(2*t.penalty, firstPenalty), lastPenalty)
		t.barred = now.Add(t.penalty)
		n.log.Warn("a session ended because the protocol was broken; the device is left alone for a while",
			"peer", id.Tag(), "for", t.penalty, "err", err)
	case kept && lived > stable:
		t.wait, t.penalty = 0, 0
	case kept: // one that ends again and again is dialled more and more rarely
		t.wait = min(max(2*t.wait, firstRetry/4), lastRetry)
	}
	if kept {
		n.log.Info("disconnected", "peer", id.Tag(), "why", why(err))
		t.next = now.Add(t.wait + n.turn(id.Tag()))
		switch {
		case !n.p.knownLocked(id):
			t.next, t.strange = now.Add(strangerPause), true
		case cutOff(err):
			t.eager = now.Add(eagerFor)
		}
		if n.finder != nil {
			n.finder.Refresh()
		}
	}
	n.wishLocked(id, now)
	n.forgetStrangerLocked(id)
	n.rouse()
}

// cutOff reports whether a session ended because the network did: at the other
// end, too, somebody is missed.
func cutOff(err error) bool {
	if _, unsent := errors.AsType[*net.OpError](err); unsent || errors.Is(err, protocol.ErrSilent) {
		return true
	}
	code, remote, ok := transport.CodeOf(err)
	return ok && !remote && code == transport.Timeout
}

// why says in a word how a session ended.
func why(err error) string {
	if err == nil {
		return "we left"
	}
	code, remote, ok := transport.CodeOf(err)
	switch {
	case !ok:
		return err.Error()
	case remote:
		return "they left: " + code.String()
	default:
		return code.String()
	}
}

// broke reports whether one side found the other to break the protocol.
func broke(err error) bool {
	if errors.Is(err, protocol.ErrMalformed) || errors.Is(err, protocol.ErrLimit) || errors.Is(err, protocol.ErrVersion) {
		return true
	}
	code, _, ok := transport.CodeOf(err)
	return ok && (code == transport.Malformed || code == transport.Limit || code == transport.Version)
}

// forgetStrangerLocked drops what we know of someone who is neither known nor
// here. Strangers come and go, and leave nothing behind.
func (n *network) forgetStrangerLocked(id DeviceID) {
	if n.wantedLocked(id) || n.p.knownLocked(id) || n.links[id] != nil || n.nearby[id.Tag()] != nil {
		return
	}
	delete(n.p.people, id)
	delete(n.wanted, id)
	delete(n.targets, id.Tag())
}
