package discovery

import (
	"maps"
	"net/netip"
	"slices"
	"time"
)

const (
	maxPeers  = 200
	maxMissed = 3
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
	// heardSelf is whether our own announcement came back in this browse.
	heardSelf bool
	// refused counts those for whom there was no room.
	refused int
}

// peer is one neighbour. What was heard over IPv4 and over IPv6 is kept apart,
// since both may tell of different interfaces of the same machine, one after
// the other, in every browse.
type peer struct {
	hint  Hint
	parts [families]part
}

// part is what one family told.
type part struct {
	addrs  []netip.AddrPort
	seen   bool // in this browse
	missed int  // browses in a row
}

func newTracker(self string) *tracker {
	return &tracker{self: self, peers: map[string]*peer{}}
}

// saw notes a sighting and reports whether it tells anything new.
func (t *tracker) saw(now time.Time, f family, s sighting) (Event, bool) {
	if s.tag == t.self {
		t.heardSelf = true
		return Event{}, false
	}
	p, known := t.peers[s.tag]
	if !known {
		if len(t.peers) >= maxPeers {
			t.refused++
			return Event{}, false
		}
		p = &peer{}
		t.peers[s.tag] = p
	}
	if known && p.hint.Addrs[0].Port() != s.addrs[0].Port() {
		p.parts = [families]part{} // another process: its old addresses are void
	}
	p.parts[f] = part{addrs: s.addrs, seen: true}
	before := p.hint
	p.hint = Hint{Tag: s.tag, Name: s.name, Version: s.version, Addrs: p.addrs(), Seen: now}
	return Event{Hint: p.hint}, !sameHint(before, p.hint)
}

// endBrowse closes the books on a browse. counted says that it was long enough
// for everyone to answer. The events are in the order of tags.
func (t *tracker) endBrowse(counted bool) []Event {
	var events []Event
	for _, tag := range slices.Sorted(maps.Keys(t.peers)) {
		p := t.peers[tag]
		p.endBrowse(counted)
		addrs := p.addrs()
		switch {
		case len(addrs) == 0:
			delete(t.peers, tag)
			events = append(events, Event{Hint: p.hint, Gone: true})
		case !slices.Equal(addrs, p.hint.Addrs):
			p.hint.Addrs = addrs
			events = append(events, Event{Hint: p.hint})
		}
	}
	t.heardSelf = false
	return events
}

// missing reports whether someone was missed in the last browse, and so is
// perhaps going.
func (t *tracker) missing() bool {
	for _, p := range t.peers {
		if p.parts[overIPv4].missed > 0 || p.parts[overIPv6].missed > 0 {
			return true
		}
	}
	return false
}

func (p *peer) endBrowse(counted bool) {
	for f := range p.parts {
		told := &p.parts[f]
		if len(told.addrs) > 0 && !told.seen && counted {
			told.missed++
		}
		told.seen = false
		if told.missed >= maxMissed {
			*told = part{}
		}
	}
}

// addrs returns a slice of its own.
func (p *peer) addrs() []netip.AddrPort {
	var all []netip.AddrPort
	for _, told := range p.parts {
		for _, a := range told.addrs {
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
