package desktop

import (
	"context"
	"errors"
	"fmt"
	"time"

	"starling/crdt"
	"starling/sync/peer"
)

// gatherer notes what events say has changed, and reads it. It belongs to the
// bridge's goroutine.
type gatherer struct {
	bridge *bridge
	world  world

	people, lists, pairings bool
	arriving, forked        bool
	text, cursors, state    bool
	words, reach            bool
	listsAt, wordsAt        time.Time // not before
	reachAt                 time.Time
	arrivingAt              time.Time       // when to look again how much has come; zero for not at all
	stored                  []peer.Document // those that have come
	counted                 crdt.DocID
	outlined                bool          // the last reading had headings
	reached                 *peer.Reached // what was told last of who has reachedOf; nil for nothing
	reachedOf               crdt.DocID
	typists                 typists
	typingEnds              time.Time // of somebody; zero for nobody
}

// all makes everything be read again.
func (g *gatherer) all() {
	g.people, g.lists, g.pairings, g.arriving, g.forked = true, true, true, true, true
	g.text, g.cursors, g.state, g.words, g.reach = true, true, true, true, true
}

// note enters what an event says.
func (g *gatherer) note(event peer.Event) {
	doc := g.doc()
	switch e := event.(type) {
	case peer.PeersChanged:
		g.people, g.reach = true, true // somebody may be seen now
	case peer.ForkFound:
		g.lists, g.forked = true, true // the other text may be there
	case peer.DamageFound:
		g.people = true
	case peer.ArrivingChanged:
		g.arriving = true
	case peer.PairingsChanged:
		g.pairings = true
	case peer.SpacesChanged:
		g.lists, g.forked = true, true // an owner may have chosen
		g.state, g.reach = true, true  // somebody may have come or gone
	case peer.DocumentsChanged:
		g.lists = true
		g.forked = g.forked || len(g.world.Forks) > 0 // more of a text may show that the other one counts
	case peer.TextChanged:
		if e.Doc == doc {
			// A caret may have waited for the text in which it stands.
			g.text, g.cursors, g.words = true, true, true
		}
	case peer.CursorsChanged:
		g.people = true
		g.cursors = g.cursors || e.Doc == doc
	case peer.StateChanged:
		if e.Doc == doc {
			g.state, g.words, g.reach = true, true, true
		}
	case peer.Missed:
		g.all()
	}
}

// drain notes what else has arrived already.
func (g *gatherer) drain(events <-chan peer.Event) {
	for {
		select {
		case event := <-events:
			g.note(event)
		default:
			return
		}
	}
}

// doc is the document at the desk, zero if there is none.
func (g *gatherer) doc() crdt.DocID {
	if d := g.bridge.open.Load(); d != nil {
		return d.ID()
	}
	return crdt.DocID{}
}

// wait is how long what may not be read yet has to wait.
func (g *gatherer) wait() (wait time.Duration, any bool) {
	now := time.Now()
	wait = time.Hour
	for _, due := range []struct {
		any bool
		at  time.Time
	}{{g.lists, g.listsAt}, {g.words, g.wordsAt}, {g.reach, g.reachAt}, {!g.typingEnds.IsZero(), g.typingEnds}, {!g.arrivingAt.IsZero(), g.arrivingAt}} {
		if due.any {
			any = true
			wait = min(wait, due.at.Sub(now))
		}
	}
	return max(wait, time.Millisecond), any
}

// read reads what has changed and may be read, and tells the window: first of
// the open document, which must not wait while the lists are read from a disk
// that may be busy.
func (g *gatherer) read() {
	n := news{doc: g.doc()}
	g.readDesk(&n)
	g.tell(n)
	n = news{doc: n.doc}
	n.err = g.readReach(&n)
	g.count(&n)
	g.tell(n)
	n = news{doc: n.doc}
	changed := g.people || g.pairings
	if changed {
		n.err = g.readPeople()
	}
	if g.arriving || !g.arrivingAt.IsZero() && !time.Now().Before(g.arrivingAt) {
		changed = g.readArriving() || changed
	}
	if g.lists && !time.Now().Before(g.listsAt) {
		g.lists = false
		began := time.Now()
		n.err = errors.Join(n.err, g.readLists())
		g.listsAt = time.Now().Add(g.bridge.pace.lists.after(time.Since(began)))
		changed = true
	}
	if changed {
		devices, err := g.bridge.peer.Devices(g.bridge.ctx)
		if err == nil {
			g.world.Devices = devices
		}
		n.err = errors.Join(n.err, err)
		w := g.world
		n.world = &w
	}
	g.tell(n)
}

// tell brings news to the window, if there are any.
func (g *gatherer) tell(n news) {
	if n != (news{doc: n.doc}) {
		g.bridge.tell(n)
	}
}

// readDesk reads what is known of the document at the desk.
func (g *gatherer) readDesk(n *news) {
	if !g.typingEnds.IsZero() && !time.Now().Before(g.typingEnds) {
		g.cursors = true
	}
	if d := g.bridge.open.Load(); d != nil {
		n.text = g.text
		if g.cursors || g.text { // a caret may have waited for this text
			others := d.Others()
			g.typingEnds = g.typists.mark(d.ID(), others, time.Now(), d.Since)
			n.others = &others
		}
		if g.state {
			state := d.State()
			n.state = &state
			if g.reached != nil && g.reachedOf == d.ID() {
				g.reached = reachNow(state, g.reached)
				n.reach = g.reached
			}
		}
	} else {
		g.typingEnds = time.Time{}
	}
	g.text, g.cursors, g.state = false, false, false
}

// readReach reads who has the document at the desk, and what waits beside it.
func (g *gatherer) readReach(n *news) error {
	d := g.bridge.open.Load()
	if d == nil {
		g.reach = false
		return nil
	}
	if !g.reach || time.Now().Before(g.reachAt) {
		return nil
	}
	g.reach = false
	began := time.Now()
	r, err := g.bridge.peer.Reach(g.bridge.ctx, d.ID())
	if err == nil {
		n.reach, g.reached, g.reachedOf = &r, &r, d.ID()
		var waiting []peer.Waiting
		if waiting, err = g.bridge.peer.Waiting(g.bridge.ctx, d.ID()); err == nil {
			n.waiting = &waiting
		}
	}
	g.reachAt = time.Now().Add(g.bridge.pace.reach.after(time.Since(began)))
	switch {
	case errors.Is(err, peer.ErrNoDocument), errors.Is(err, context.Canceled):
		return nil
	case err != nil:
		return fmt.Errorf("who has the document: %w", err)
	}
	return nil
}

// readPeople reads who is there.
func (g *gatherer) readPeople() error {
	p := g.bridge.peer
	if g.people {
		g.world.Peers, g.world.Readers = p.Peers(), p.Readers()
		g.world.NewDevices, g.world.Damage = p.NewDevices(), p.Damage()
	}
	if g.pairings {
		g.world.Pairings = p.Pairings()
	}
	g.people, g.pairings = false, false
	g.world.Me, g.world.Named = p.Me(), p.Named()
	status, err := p.Status(g.bridge.ctx)
	if err != nil {
		return fmt.Errorf("read the peer's status: %w", err)
	}
	g.world.Status = status
	return nil
}

// readLists reads what lies in the store. What cannot be read stays as it was.
func (g *gatherer) readLists() error {
	p, ctx := g.bridge.peer, g.bridge.ctx
	spaces, err := p.Spaces(ctx)
	if err != nil {
		return fmt.Errorf("read the spaces: %w", err)
	}
	g.world.Spaces = spaces
	g.readArriving() // before the documents, so that none is in neither
	documents, err := p.Documents(ctx, peer.SpaceID{})
	if err != nil {
		return fmt.Errorf("read the documents: %w", err)
	}
	if g.forked {
		if g.world.Forks, err = g.bridge.source.Forks(ctx); err != nil {
			return fmt.Errorf("read the forks: %w", err)
		}
		g.forked = false
	}
	sortByTitle(documents)
	branchesBehind(documents, g.world.Forks)
	g.stored = documents
	g.world.Documents, g.world.Listed = withArriving(documents, g.world.Arriving, g.world.Forks), true
	return nil
}

// count reads the text of the document at the desk, when it has changed or its
// headings are wanted.
func (g *gatherer) count(n *news) {
	d := g.bridge.open.Load()
	if d == nil {
		g.words, g.counted = false, crdt.DocID{}
		return
	}
	outline := g.bridge.outline.Load()
	other := g.counted != d.ID() || outline && !g.outlined
	if !other && (!g.words || time.Now().Before(g.wordsAt)) {
		return
	}
	began := time.Now()
	g.words, g.counted, g.outlined = false, d.ID(), outline
	text, seen := d.Snapshot()
	r := readText(text, seen, outline)
	n.reading = &r
	g.wordsAt = time.Now().Add(g.bridge.pace.words.after(time.Since(began)))
}
