package peer

import (
	"sync"

	"starling/crdt"
)

// Event is one of the structs below. Each says that something changed, not how:
// whoever cares looks it up.
type Event interface{ event() }

// The events.
type (
	PeersChanged     struct{}
	PairingsChanged  struct{}
	SpacesChanged    struct{}
	DocumentsChanged struct{ Space SpaceID }
	TextChanged      struct{ Doc crdt.DocID }
	CursorsChanged   struct{ Doc crdt.DocID }
	StateChanged     struct{ Doc crdt.DocID }
	// ArrivingChanged says that a document begins to come as a snapshot, that its
	// text is known, or that it comes so no more: then [Peer.Arriving] is false, and
	// the document can be opened unless it was refused or is being taken otherwise.
	ArrivingChanged struct {
		Space SpaceID
		Doc   crdt.DocID
	}
	// DamageFound says that [Peer.Damage] has found something.
	DamageFound struct{}
	// ForkFound says that a device has numbered two changes of a document alike,
	// as a copied home does. The text that does not count there is the document
	// Branch, as soon as all of it has come, as far as is known when it is told:
	// [Peer.Forks] says how it is later.
	ForkFound struct {
		Doc, Branch crdt.DocID
		Device      DeviceID
	}
	// Missed says that the buffer was full: look at everything.
	Missed struct{}
)

func (PeersChanged) event()     {}
func (PairingsChanged) event()  {}
func (SpacesChanged) event()    {}
func (DocumentsChanged) event() {}
func (TextChanged) event()      {}
func (CursorsChanged) event()   {}
func (StateChanged) event()     {}
func (ArrivingChanged) event()  {}
func (DamageFound) event()      {}
func (ForkFound) event()        {}
func (Missed) event()           {}

// Subscription is a stream of events.
type Subscription struct {
	hub    *hub
	events chan Event
}

// C gives the events. It is never closed; stop reading after Close.
func (s *Subscription) C() <-chan Event { return s.events }

// Close ends the subscription.
func (s *Subscription) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	delete(s.hub.subscriptions, s)
}

// hub hands events to all subscriptions and never waits for one.
type hub struct {
	mu            sync.Mutex
	subscriptions map[*Subscription]struct{}
}

// Subscribe starts a stream of events with room for buffer of them.
func (p *Peer) Subscribe(buffer int) *Subscription {
	s := &Subscription{hub: &p.hub, events: make(chan Event, max(buffer, 2))}
	p.hub.mu.Lock()
	defer p.hub.mu.Unlock()
	if p.hub.subscriptions == nil {
		p.hub.subscriptions = make(map[*Subscription]struct{})
	}
	p.hub.subscriptions[s] = struct{}{}
	return s
}

func (h *hub) emit(events ...Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subscriptions {
		for _, e := range events {
			s.offer(e)
		}
	}
}

// offer keeps an event while there is room. The last place is kept for the news
// that one was lost: so that is always behind what was kept, and whoever reads
// to the end learns it. Only one goroutine at a time offers.
func (s *Subscription) offer(e Event) {
	switch room := cap(s.events) - len(s.events); {
	case room > 1:
		s.events <- e
	case room == 1:
		s.events <- Missed{}
	}
}
