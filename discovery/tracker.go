package discovery

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"time"
)

const (
	// maxPeers bounds the memory and the time that strangers can cost.
	maxPeers = 256
	// rescue is how long a goodbye waits for being contradicted (RFC 6762,
	// section 10.1).
	rescue = time.Second
	// Whoever is doubted, was asked for maxMissed times in vain, and then had
	// missedFor to answer, is gone (after section 10.4).
	maxMissed = 4
	missedFor = time.Second
	// formerFor is for how long the addresses at another UDP port are kept beside
	// the new ones: who was started anew has others, but anyone can say so.
	formerFor = 30 * time.Second
	// worried is how many questions in vain make us ask for someone by name.
	worried = 2
)

// tracker turns sightings into events. It knows no network, no clock and no
// lock.
//
// Invariants: at most maxPeers peers, never ourselves; every peer has at least
// one address; each Gone follows exactly one found with the same tag; an event
// that is not Gone differs from the last one of its tag in more than Seen.
type tracker struct {
	self  string
	peers map[string]*peer
	// trusted says whose place a stranger may not take; nil means no one's.
	trusted func(tag string) bool
	// refused counts those for whom there was no room.
	refused int
}

// peer is one neighbour. What was heard at each port is kept apart: it may tell
// of different interfaces of the same machine.
type peer struct {
	hint  Hint
	parts map[portID]*part
	// former are the last addresses at other UDP ports. While there are any, we
	// ask as if we didn't know the peer, so that it speaks for itself.
	former []formerAddr
}

type formerAddr struct {
	netip.AddrPort
	until time.Time
}

// part is what was told at one port.
type part struct {
	addrs         []netip.AddrPort
	seen, expires time.Time
	ttl           time.Duration
	missed        int       // questions since seen that did not list it
	missedAt      time.Time // when they became maxMissed
}

func newTracker(self string, trusted func(string) bool) *tracker {
	return &tracker{self: self, peers: map[string]*peer{}, trusted: trusted}
}

// saw notes a sighting and returns what it tells that is new: mostly one event
// or none.
func (t *tracker) saw(now time.Time, at portID, s sighting) []Event {
	if s.tag == t.self {
		return nil
	}
	p, old := t.peers[s.tag]
	if len(s.addrs) == 0 {
		if old && p.parts[at] != nil {
			p.parts[at].expires = now.Add(rescue)
		}
		return nil
	}
	var events []Event
	if !old {
		room, left := t.makeRoom(s.tag)
		if !room {
			t.refused++
			return nil
		}
		events = left
		p = &peer{parts: map[portID]*part{}}
		t.peers[s.tag] = p
	}
	if old && p.hint.Addrs[0].Port() != s.addrs[0].Port() {
		p.retire(now)
	}
	p.parts[at] = &part{addrs: s.addrs, seen: now, expires: now.Add(s.ttl), ttl: s.ttl}
	before := p.hint
	p.hint = Hint{Tag: s.tag, Name: s.name, Version: s.version, Addrs: p.addrs(), Seen: now}
	if !sameHint(before, p.hint) {
		events = append(events, Event{Hint: p.hint})
	}
	return events
}

// retire keeps what is known for a while, as it may be another process, or
// somebody who would like us to think so.
func (p *peer) retire(now time.Time) {
	current := p.current()
	p.former = slices.DeleteFunc(p.former, func(f formerAddr) bool { return slices.Contains(current, f.AddrPort) })
	for _, a := range current {
		p.former = append(p.former, formerAddr{a, now.Add(formerFor)})
	}
	p.former = p.former[max(0, len(p.former)-maxAddrs):]
	clear(p.parts)
}

// makeRoom reports whether there is a place for tag. A trusted one takes that
// of the stranger that was not heard for longest.
func (t *tracker) makeRoom(tag string) (bool, []Event) {
	if len(t.peers) < maxPeers {
		return true, nil
	}
	if t.trusted == nil || !t.trusted(tag) {
		return false, nil
	}
	var oldest *peer
	for _, p := range t.peers {
		if t.trusted(p.hint.Tag) {
			continue
		}
		if oldest == nil || cmp.Or(p.hint.Seen.Compare(oldest.hint.Seen), cmp.Compare(p.hint.Tag, oldest.hint.Tag)) < 0 {
			oldest = p
		}
	}
	if oldest == nil {
		return false, nil
	}
	delete(t.peers, oldest.hint.Tag)
	return true, []Event{{Hint: oldest.hint, Gone: true}}
}

// sweep forgets what has expired, what was told at ports that are no more, and
// those who were doubted and have not answered. began says since when a port is
// open, or since when all there are doubted, if that is later. The events are in
// the order of tags.
func (t *tracker) sweep(now time.Time, began func(portID) (time.Time, bool)) []Event {
	var events []Event
	for _, tag := range slices.Sorted(maps.Keys(t.peers)) {
		p := t.peers[tag]
		maps.DeleteFunc(p.parts, func(at portID, told *part) bool {
			since, open := began(at)
			return !open || told.over(now, since)
		})
		p.former = slices.DeleteFunc(p.former, func(f formerAddr) bool { return !now.Before(f.until) })
		addrs := p.addrs()
		switch {
		case len(p.parts) == 0:
			delete(t.peers, tag)
			events = append(events, Event{Hint: p.hint, Gone: true})
		case !slices.Equal(addrs, p.hint.Addrs):
			p.hint.Addrs = addrs
			events = append(events, Event{Hint: p.hint})
		}
	}
	return events
}

func (p *part) over(now, began time.Time) bool {
	return !now.Before(p.expires) || p.seen.Before(began) && p.missed >= maxMissed && now.Sub(p.missedAt) >= missedFor
}

func (p *part) miss(now time.Time) {
	if p.missed++; p.missed == maxMissed {
		p.missedAt = now
	}
}

// known lists whom a question at a port need not ask: those heard there since a
// moment, of whom nobody says different things, and whose records have more than half of their life before them (RFC
// 6762, section 7.1).
func (t *tracker) known(now time.Time, at portID, since time.Time) []known {
	var list []known
	for _, tag := range slices.Sorted(maps.Keys(t.peers)) {
		if p := t.peers[tag].parts[at]; p != nil && len(t.peers[tag].former) == 0 && !p.seen.Before(since) && p.expires.Sub(now) > p.ttl/2 {
			list = append(list, known{tag, p.expires.Sub(now)})
		}
	}
	return list
}

// asked notes a question at a port that listed only those in list, and returns
// who should be asked for by name.
func (t *tracker) asked(now time.Time, at portID, list []known) []string {
	var urgent []string
	for tag, p := range t.peers {
		told := p.parts[at]
		if told == nil || slices.ContainsFunc(list, func(k known) bool { return k.tag == tag }) {
			continue
		}
		told.miss(now)
		if told.missed >= worried {
			urgent = append(urgent, tag)
		}
	}
	slices.Sort(urgent)
	return urgent
}

// askedFor notes that those named were asked for.
func (t *tracker) askedFor(now time.Time, at portID, tags []string) {
	for _, tag := range tags {
		if p := t.peers[tag]; p != nil && p.parts[at] != nil {
			p.parts[at].miss(now)
		}
	}
}

// fading returns when the first record heard at a port reaches 80 % of its
// life, or 90 or 95 % once it was asked for (section 5.2); zero if there is
// none.
func (t *tracker) fading(at portID) time.Time {
	var first time.Time
	for _, p := range t.peers {
		told := p.parts[at]
		if told == nil {
			continue
		}
		percent := []time.Duration{80, 90, 95, 98}[min(told.missed, 3)]
		if due := told.expires.Add(-told.ttl * (100 - percent) / 100); first.IsZero() || due.Before(first) {
			first = due
		}
	}
	return first
}

// has reports whether tag was heard at a port.
func (t *tracker) has(tag string, at portID) bool {
	p := t.peers[tag]
	return p != nil && p.parts[at] != nil
}

// addrs returns a slice of its own: what counts now, IPv4 first, then what did
// before.
func (p *peer) addrs() []netip.AddrPort {
	all := p.current()
	for _, f := range slices.Backward(p.former) {
		if len(all) < maxAddrs && !slices.Contains(all, f.AddrPort) {
			all = append(all, f.AddrPort)
		}
	}
	return all
}

func (p *peer) current() []netip.AddrPort {
	ports := slices.SortedFunc(maps.Keys(p.parts), func(a, b portID) int {
		return cmp.Or(cmp.Compare(a.family, b.family), cmp.Compare(a.index, b.index))
	})
	var all []netip.AddrPort
	for _, at := range ports {
		for _, a := range p.parts[at].addrs {
			if len(all) < maxAddrs && !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
	}
	return all
}

func sameHint(a, b Hint) bool {
	return a.Name == b.Name && a.Version == b.Version && slices.Equal(a.Addrs, b.Addrs)
}
