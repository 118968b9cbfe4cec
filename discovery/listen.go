package discovery

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"
)

// heard notes what came in and returns what it tells that is new.
func (e *engine) heard(now time.Time, d datagram) []Event {
	p := e.ports[d.port]
	if p != nil && p.link.loopback() && d.from.Addr().IsUnspecified() {
		// Linux sends so to a group on the loopback interface.
		d.from = netip.AddrPortFrom(p.addrs()[0], d.from.Port())
	}
	if p == nil || !p.link.near(d.from.Addr()) {
		return nil
	}
	own := p.link.own(d.from.Addr())
	m, err := hear(d.data, p.link, e.rec.tag)
	if err != nil {
		e.bad, e.lastBad = e.bad+1, err
		return nil
	}
	if own {
		p.silentSince = time.Time{}
	} else {
		p.heard++
		p.heardAt = now
	}
	if m.query {
		e.heardQuery(now, p, d.from, m)
		return nil
	}
	return e.heardResponse(now, p, m, own)
}

func (e *engine) heardResponse(now time.Time, p *port, m message, own bool) []Event {
	var events []Event
	for _, s := range m.seen {
		if s.tag == e.rec.tag {
			e.heardOfSelf(now, p, s, own)
			continue
		}
		fresh := !e.tracker.has(s.tag, p.id)
		events = append(events, e.tracker.saw(now, p.id, s)...)
		if len(s.addrs) > 0 {
			p.catchUp.found(s.tag, fresh && now.Sub(p.began) < newFor)
			e.lendVoice(now, p, s.tag)
		}
	}
	e.named(now, p, m.named)
	e.planCatchUp(now, p, soon)
	return events
}

// heardOfSelf notes that someone has said for us what we wanted to (RFC 6762,
// section 7.4), or contradicts a goodbye that isn't ours.
func (e *engine) heardOfSelf(now time.Time, p *port, s sighting, own bool) {
	switch {
	case own || e.invisible || p.toldAt.IsZero():
	case len(s.addrs) == 0:
		e.answerAll(p, netip.Addr{}, now)
	case s.addrs[0].Port() == uint16(e.rec.port) && s.addrs[0].Addr() == p.addrs()[0]:
		p.tellAt = time.Time{}
	}
}

// lendVoice begins to ask and announce at a port that only listened, for the
// sake of someone who is not heard over the other family.
func (e *engine) lendVoice(now time.Time, p *port, tag string) {
	other := portID{p.id.index, 1 - p.id.family}
	if p.speaks || e.tracker.has(tag, other) {
		return
	}
	p.speaks = true
	e.begin(now, p)
}

// named notes whom others know and we perhaps don't.
func (e *engine) named(now time.Time, p *port, tags []string) {
	for _, tag := range tags {
		if tag != e.rec.tag && !e.tracker.has(tag, p.id) && p.catchUp.want(now, tag) {
			e.planCatchUp(now, p, minDelay+rand.N(catchUpEvery))
		}
	}
}

func (e *engine) heardQuery(now time.Time, p *port, from netip.AddrPort, m message) {
	e.named(now, p, m.known)
	e.spareQuestion(now, p, m)
	asker := from.Addr()
	if slices.Contains(m.known, e.rec.tag) {
		if m.asked.what == 0 {
			p.spare(asker) // a later part of a list (RFC 6762, section 7.2)
		}
		m.asked.what &^= askService // it knows us (section 7.1)
	}
	if e.invisible || m.asked.what == 0 {
		return
	}
	if !fromGroup(from) || m.asked.unicast && now.Sub(p.toldAt) < recordTTL/4 {
		e.answerAlone(now, p, from, m)
		return
	}
	at := now.Add(delay(m))
	if m.asked.what&askTypes != 0 && (p.typesAt.IsZero() || at.Before(p.typesAt)) {
		p.typesAt = at
	}
	if m.asked.what&^askTypes != 0 {
		e.answerAll(p, asker, at)
	}
}

// delay is how long an answer waits: not at all if we alone can give it (RFC
// 6762, section 6).
func delay(m message) time.Duration {
	switch {
	case m.more:
		return moreDelay + rand.N(moreDelay/4)
	case m.asked.what&(askService|askTypes) != 0:
		return minDelay + rand.N(maxDelay-minDelay)
	default:
		return 0
	}
}

// answerAll plans to tell all, at most once a second.
func (e *engine) answerAll(p *port, asker netip.Addr, at time.Time) {
	if earliest := p.toldAt.Add(minGap); at.Before(earliest) {
		at = earliest
	}
	if p.tellAt.IsZero() || at.Before(p.tellAt) {
		p.tellAt = at
	}
	if p.tellFor == nil {
		p.tellFor = map[netip.Addr]bool{}
	}
	if len(p.tellFor) < maxReplies {
		p.tellFor[asker] = true
	}
}

// spare drops an answer that only asker wanted.
func (p *port) spare(asker netip.Addr) {
	if p.tellFor[asker] && len(p.tellFor) < maxReplies {
		delete(p.tellFor, asker)
		if len(p.tellFor) == 0 {
			p.tellAt = time.Time{}
		}
	}
	p.replies = slices.DeleteFunc(p.replies, func(r reply) bool { return r.to.Addr() == asker })
}

// answerAlone plans an answer to one asker. One of ours who asks that way and
// does not know us has missed what we told all, so it gets the answer twice.
func (e *engine) answerAlone(now time.Time, p *port, from netip.AddrPort, m message) {
	q := m.asked
	q.legacy = !q.unicast
	if q.unicast && q.what&askService != 0 && !p.tellAt.IsZero() && p.tellAt.Before(now.Add(soon)) {
		return
	}
	var data []byte
	var err error
	if q.what == askTypes {
		data, err = types(legacyTTL, q.id, q.questions)
	} else {
		data, err = e.rec.answer(p.addrs(), q)
	}
	if err != nil {
		e.send(now, packet{}, err)
		return
	}
	times := 2
	if q.legacy {
		times = 1
	}
	at := now.Add(delay(m))
	for range times {
		if len(p.replies) < maxReplies {
			p.replies = append(p.replies, reply{at, from, data})
		}
		at = at.Add(minDelay + rand.N(minDelay))
	}
}

// spareQuestion takes a question of someone who knows no more than we do for
// ours, if ours was only to keep up (RFC 6762, section 7.3).
func (e *engine) spareQuestion(now time.Time, p *port, m message) {
	if !m.service || m.more || m.asked.unicast || p.asks < len(askAfter) || now.Sub(p.askedAt) < minGap {
		return
	}
	list := e.tracker.known(now, p.id, p.began)
	listed := func(tag string) bool {
		return tag == e.rec.tag || slices.ContainsFunc(list, func(k known) bool { return k.tag == tag })
	}
	for _, tag := range m.known {
		if !listed(tag) {
			return
		}
	}
	e.asked(now, p, list)
}
