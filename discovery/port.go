package discovery

import (
	"net/netip"
	"time"
)

// The rhythm. Neighbours who come later announce themselves, so we ask eagerly
// only while we are new to the network.
const (
	minGap    = time.Second      // between two questions, or two of our announcements (RFC 6762, sections 5.2 and 6)
	calmEvery = 30 * time.Second // between questions, and up to as much again, by chance
	minDelay  = 20 * time.Millisecond
	maxDelay  = 120 * time.Millisecond // before an answer that others may give too (section 6)
	moreDelay = 400 * time.Millisecond // and up to 100 ms more, while known answers are still to come (section 7.2)
	soon      = 150 * time.Millisecond // an answer to all that comes within it serves one who wants it alone

	sweepEvery = 100 * time.Millisecond // at least, between two looks at who is gone
	newFor     = 2 * time.Second        // after a start or a change

	catchUpEvery  = 60 * time.Millisecond
	catchUpRounds = 16                     // for one who does not answer
	catchUpMost   = 24                     // in a row
	catchUpRest   = 250 * time.Millisecond // brings one more round
	ghostFor      = 60 * time.Second       // who was asked for in vain is not asked for again
	maxWanted     = maxPeers
	maxReplies    = 64
)

// askAfter is when we ask, counted from when a port is new.
var askAfter = []time.Duration{0, time.Second, 3 * time.Second, 9 * time.Second}

// reply is an answer to one asker that waits for its time.
type reply struct {
	at   time.Time
	to   netip.AddrPort
	data []byte
}

// port is what we ask and say over one family on one interface. It only keeps
// books; the engine decides.
type port struct {
	id   portID
	link link
	// speaks is whether we ask and announce there of our own accord. Where
	// there is IPv4 we only listen over IPv6 and answer, until someone is heard
	// there who isn't heard over IPv4.
	speaks bool
	// began is when we came to this network, which voids what was heard before.
	began time.Time

	asks  int
	askAt time.Time
	// askedAt is when we, or someone with less knowledge, last asked.
	askedAt time.Time

	announces  int // still to be made of our own accord
	announceAt time.Time
	// toldAt is when our records last went to all.
	toldAt  time.Time
	tellAt  time.Time           // zero: nobody has asked
	tellFor map[netip.Addr]bool // who asked; bounded by maxReplies
	typesAt time.Time           // as tellAt, of the question for all services
	replies []reply

	catchUp catchUp

	sent, heard uint64 // to all; from other machines
	heardAt     time.Time
	// silentSince is when we first sent to all since our own words last came
	// back to us; zero if they have.
	silentSince time.Time
}

// addrs are what we announce there.
func (p *port) addrs() []netip.Addr { return p.link.addrs[p.id.family] }

// catchUp asks again, soon and with answers to us alone, when there is evidence
// that packets were lost: others list someone whom we have not heard, or the
// last round brought someone new.
type catchUp struct {
	at     time.Time // zero: nothing to do
	news   bool      // since the last round
	wanted map[string]int
	ghosts map[string]time.Time // until when
	rounds int                  // left; grows with time
	grewAt time.Time
}

func (c *catchUp) reset(now time.Time) {
	*c = catchUp{wanted: map[string]int{}, ghosts: map[string]time.Time{}, rounds: catchUpMost, grewAt: now}
}

// want notes that tag was named by someone, and reports whether that is worth
// asking for.
func (c *catchUp) want(now time.Time, tag string) bool {
	if until, ghost := c.ghosts[tag]; ghost && now.Before(until) {
		return false
	}
	if _, old := c.wanted[tag]; old || len(c.wanted) >= maxWanted {
		return false
	}
	c.wanted[tag] = 0
	return true
}

// found ends the search for tag.
func (c *catchUp) found(tag string, fresh bool) {
	delete(c.wanted, tag)
	delete(c.ghosts, tag)
	c.news = c.news || fresh
}

// spend takes one round, if there is one.
func (c *catchUp) spend(now time.Time) bool {
	if grown := int(now.Sub(c.grewAt) / catchUpRest); grown > 0 {
		c.rounds = min(catchUpMost, c.rounds+grown)
		c.grewAt = now
	}
	if c.rounds == 0 {
		return false
	}
	c.rounds--
	return true
}

// asked counts a round for those who were asked for; who does not answer for
// long is a ghost.
func (c *catchUp) asked(now time.Time, tags []string) {
	for _, tag := range tags {
		if c.wanted[tag]++; c.wanted[tag] < catchUpRounds {
			continue
		}
		delete(c.wanted, tag)
		if len(c.ghosts) >= maxWanted {
			clear(c.ghosts)
		}
		c.ghosts[tag] = now.Add(ghostFor)
	}
}
