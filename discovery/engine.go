package discovery

import (
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"
)

// engine decides what to ask, say and report. It knows no network, no clock and
// no lock: what comes in is noted by heard and setLinks, act does what is due,
// and next says when to call it again.
//
// Invariants: our records go to all at most once a second at a port; so does a
// question; no list grows beyond its bound, whatever strangers send; while
// invisible, no record of ours leaves, in whatever section.
type engine struct {
	rec       record
	invisible bool
	tracker   *tracker
	ports     map[portID]*port
	out       []packet
	swept     time.Time
	// bad counts what could not be read, and lastBad says why.
	bad     int
	lastBad error
}

func newEngine(rec record, invisible bool, trusted func(string) bool) *engine {
	return &engine{rec: rec, invisible: invisible, tracker: newTracker(rec.tag, trusted), ports: map[portID]*port{}}
}

// open makes a port that can be used from now on, or begins anew on one.
func (e *engine) open(now time.Time, l link, f family) {
	id := portID{l.iface.Index, f}
	p := e.ports[id]
	if p == nil {
		p = &port{id: id}
		e.ports[id] = p
	}
	p.link = l
	p.speaks = p.speaks || f == l.first()
	e.begin(now, p)
}

// begin asks and announces as one who is new there.
func (e *engine) begin(now time.Time, p *port) {
	p.began = now
	p.asks, p.askAt = 0, now.Add(minDelay+rand.N(minDelay*2))
	p.announces, p.announceAt = 2, now
	p.toldAt, p.tellAt, p.typesAt, p.replies = time.Time{}, time.Time{}, time.Time{}, nil
	p.catchUp.reset(now)
	p.catchUp.at = p.askAt.Add(minDelay*2 + rand.N(minDelay*2))
}

// refresh asks everywhere anew, as after a change of the network, but does not
// announce.
func (e *engine) refresh(now time.Time) {
	for _, p := range e.ports {
		if p.began == now {
			continue // it is about to
		}
		p.began, p.asks, p.askAt = now, 0, now
		if next := p.askedAt.Add(minGap); next.After(now) {
			p.askAt = next
		}
	}
}

// close forgets a port and says nothing there.
func (e *engine) close(id portID) { delete(e.ports, id) }

// act does what is due.
func (e *engine) act(now time.Time) ([]packet, []Event) {
	var events []Event
	if now.Sub(e.swept) >= sweepEvery {
		e.swept = now
		events = e.tracker.sweep(now, e.began)
	}
	for _, id := range e.order() {
		p := e.ports[id]
		e.announceDue(now, p)
		e.tellDue(now, p)
		e.askDue(now, p)
		e.catchUpDue(now, p)
	}
	out := e.out
	e.out = nil
	return out, events
}

// began is for [tracker.sweep].
func (e *engine) began(id portID) (time.Time, bool) {
	p := e.ports[id]
	if p == nil {
		return time.Time{}, false
	}
	return p.began, true
}

func (e *engine) order() []portID {
	return slices.SortedFunc(maps.Keys(e.ports), func(a, b portID) int {
		if a.family != b.family {
			return int(a.family - b.family)
		}
		return a.index - b.index
	})
}

// next returns when something may be due.
func (e *engine) next(now time.Time) time.Time {
	next := now.Add(pollEvery)
	earlier := func(t time.Time) {
		if !t.IsZero() && t.Before(next) {
			next = t
		}
	}
	for _, p := range e.ports {
		earlier(p.tellAt)
		earlier(p.typesAt)
		for _, r := range p.replies {
			earlier(r.at)
		}
		if !p.speaks {
			continue
		}
		earlier(p.askAt)
		earlier(p.catchUp.at)
		if p.announces > 0 && !e.invisible {
			earlier(p.announceAt)
		}
	}
	return next
}

func (e *engine) announceDue(now time.Time, p *port) {
	if e.invisible || !p.speaks || p.announces == 0 || now.Before(p.announceAt) {
		return
	}
	p.announces--
	p.announceAt = now.Add(minGap)
	e.tell(now, p)
}

// tellDue gives the answers that have waited long enough.
func (e *engine) tellDue(now time.Time, p *port) {
	if !p.tellAt.IsZero() && !now.Before(p.tellAt) {
		e.tell(now, p)
	}
	if !p.typesAt.IsZero() && !now.Before(p.typesAt) {
		p.typesAt = time.Time{}
		data, err := types(recordTTL, 0, nil)
		e.send(now, packet{port: p.id, data: data}, err)
	}
	p.replies = slices.DeleteFunc(p.replies, func(r reply) bool {
		if now.Before(r.at) {
			return false
		}
		e.send(now, packet{port: p.id, to: r.to, data: r.data}, nil)
		return true
	})
}

// tell sends our records to all.
func (e *engine) tell(now time.Time, p *port) {
	p.toldAt, p.tellAt, p.tellFor = now, time.Time{}, nil
	data, err := e.rec.announcement(p.addrs(), recordTTL)
	e.send(now, packet{port: p.id, data: data}, err)
}

func (e *engine) askDue(now time.Time, p *port) {
	if !p.speaks || now.Before(p.askAt) {
		return
	}
	list := e.tracker.known(now, p.id, p.began)
	e.question(now, p, list, false)
	p.asks++
	e.asked(now, p, list)
}

// asked notes a question of ours, or of someone who asked in our stead.
func (e *engine) asked(now time.Time, p *port, list []known) {
	p.askedAt = now
	for _, tag := range e.tracker.asked(now, p.id, list) {
		if p.catchUp.want(now, tag) {
			e.planCatchUp(now, p, maxDelay)
		}
	}
	e.planAsk(now, p)
}

// planAsk sets when to ask next.
func (e *engine) planAsk(now time.Time, p *port) {
	if p.asks < len(askAfter) {
		p.askAt = now.Add(askAfter[p.asks] - askAfter[max(0, p.asks-1)])
		return
	}
	p.askAt = now.Add(calmEvery + rand.N(calmEvery))
	if fading := e.tracker.fading(p.id); !fading.IsZero() && fading.Before(p.askAt) {
		p.askAt = fading
		if next := now.Add(minGap); p.askAt.Before(next) {
			p.askAt = next
		}
	}
}

// question asks for the service. We list ourselves too, so that those who have
// missed our announcement learn that there is someone to ask for.
func (e *engine) question(now time.Time, p *port, list []known, alone bool) {
	if !e.invisible {
		list = append([]known{{e.rec.tag, recordTTL}}, list...)
	}
	packets, err := question(list, alone)
	for _, data := range packets {
		e.send(now, packet{port: p.id, oneShot: alone, data: data}, nil)
	}
	if err != nil {
		e.send(now, packet{}, err)
	}
}

func (e *engine) catchUpDue(now time.Time, p *port) {
	c := &p.catchUp
	if !p.speaks || c.at.IsZero() || now.Before(c.at) {
		return
	}
	if !c.spend(now) {
		c.at = now.Add(catchUpRest)
		return
	}
	tags := slices.Sorted(maps.Keys(c.wanted))
	if rest := len(tags) - (mostKnown - 1); rest > 0 {
		from := rand.IntN(rest + 1)
		tags = tags[from : from+mostKnown-1]
	}
	c.news = false
	if len(tags) == 0 {
		e.question(now, p, e.tracker.known(now, p.id, p.began), true)
	} else {
		self := e.rec.tag
		if e.invisible {
			self = ""
		}
		data, err := askFor(tags, self)
		e.send(now, packet{port: p.id, oneShot: true, data: data}, err)
		c.asked(now, tags)
		e.tracker.askedFor(now, p.id, tags)
	}
	c.at = time.Time{}
	e.planCatchUp(now, p, catchUpEvery+rand.N(catchUpEvery/2))
}

// planCatchUp plans a round, if there is reason for one and none is planned.
func (e *engine) planCatchUp(now time.Time, p *port, wait time.Duration) {
	c := &p.catchUp
	if c.at.IsZero() && (c.news || len(c.wanted) > 0) {
		c.at = now.Add(wait)
	}
}

func (e *engine) send(now time.Time, k packet, err error) {
	if err != nil {
		e.bad, e.lastBad = e.bad+1, err
		return
	}
	if p := e.ports[k.port]; p != nil && !k.to.IsValid() {
		p.sent++
		if p.silentSince.IsZero() {
			p.silentSince = now
		}
	}
	e.out = append(e.out, k)
}

// farewell takes back what we announced.
func (e *engine) farewell(now time.Time) []packet {
	for _, id := range e.order() {
		if p := e.ports[id]; !e.invisible && !p.toldAt.IsZero() {
			data, err := e.rec.announcement(p.addrs(), 0)
			e.send(now, packet{port: id, data: data}, err)
		}
	}
	out := e.out
	e.out = nil
	return out
}

// fromGroup reports whether a packet came from a full multicast DNS speaker
// (RFC 6762, section 6.7).
func fromGroup(from netip.AddrPort) bool { return from.Port() == mdnsPort }
