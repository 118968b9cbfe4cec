package peer

import (
	"context"
	"slices"
	"sync"
	"time"

	"starling/crdt"
	"starling/sync/protocol"
)

// A device tells those with whom it is connected what it has. Where two can't reach
// each other, one between them passes that on, to who asks for it: of a document on
// somebody's screen, and only what it was told by the device itself. That is believed
// no more than it is worth: it is shown as the word of whoever said it, holds for just
// the changes of which it was said, and is forgotten at the end.

const (
	// hearsayPause is the least between two looks at what is to be passed on.
	hearsayPause = 200 * time.Millisecond
	// hearsayWait is how long an answer is waited for.
	hearsayWait = 500 * time.Millisecond
)

// hearsay is who has what by the word of others. What others want to know is kept by
// their sessions. It is safe for concurrent use; the zero value is ready.
type hearsay struct {
	mu   sync.Mutex
	news bool                               // some session has something to be passed on
	busy bool                               // that is being done
	said map[crdt.DocID]map[DeviceID]saying // by whom
}

// saying is what one has said: that some devices have all that has a digest.
type saying struct {
	digest  [32]byte
	devices map[DeviceID]struct{}
}

// begin notes that there is something to be passed on, and reports whether somebody is
// to be found who does that.
func (h *hearsay) begin() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	found := h.busy
	h.news, h.busy = true, true
	return !found
}

// more reports whether there is something to be passed on, and ends that if not.
func (h *hearsay) more() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.news, h.busy = false, h.news
	return h.busy
}

// heard keeps what one says of devices, in place of what they said before.
func (h *hearsay) heard(doc crdt.DocID, by DeviceID, digest [32]byte, devices []DeviceID) {
	w := saying{digest, make(map[DeviceID]struct{}, len(devices))}
	for _, d := range devices {
		w.devices[d] = struct{}{}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.said == nil {
		h.said = make(map[crdt.DocID]map[DeviceID]saying)
	}
	if h.said[doc] == nil {
		if len(h.said) == maxRecalled {
			clear(h.said)
		}
		h.said[doc] = make(map[DeviceID]saying)
	}
	h.said[doc][by] = w
}

// who has said, of those who count, that one of some devices has all that has a digest.
// Of several it is the first by ID, so that it stays the same one.
func (h *hearsay) who(doc crdt.DocID, devices []DeviceID, digest [32]byte, counts func(DeviceID) bool) (first DeviceID, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for by, w := range h.said[doc] {
		says := func(d DeviceID) bool {
			_, ok := w.devices[d]
			return ok
		}
		if w.digest == digest && slices.ContainsFunc(devices, says) && counts(by) && (!ok || by.Compare(first) < 0) {
			first, ok = by, true
		}
	}
	return first, ok
}

// heardOf has it be passed on who has a document, of which something was heard, or
// those of a space if that is zero.
func (p *Peer) heardOf(about protocol.Topic) {
	asks := false
	for _, s := range p.sessions() {
		if about.Doc == (crdt.DocID{}) {
			asks = s.HeardAll(about.Space) || asks
		} else {
			asks = s.Heard(about) || asks
		}
	}
	if asks {
		p.passHearsay()
	}
}

// passHearsay passes on what is heard until there is nothing more.
func (p *Peer) passHearsay() {
	if !p.hearsay.begin() {
		return
	}
	p.background.Go(func() {
		ctx := p.upkeep.ctx
		for p.hearsay.more() && ctx.Err() == nil {
			about := make(map[protocol.Topic]struct{})
			for _, s := range p.sessions() {
				s.TakeHeard(about)
			}
			for t := range about {
				if err := p.tellHolders(ctx, t); err != nil && ctx.Err() == nil {
					p.log.Warn("it could not be told who has a document", "doc", t.Doc, "err", err)
				}
			}
			pause := time.NewTimer(hearsayPause)
			select {
			case <-pause.C:
			case <-ctx.Done():
			}
			pause.Stop()
		}
	})
}

// tellHolders tells those who have asked who has a document, of those with whom they
// are not connected, as far as these have told us. Of a document that is not here they
// are told that at once, and likewise of one of another space.
func (p *Peer) tellHolders(ctx context.Context, about protocol.Topic) error {
	space, doc := about.Space, about.Doc
	asking := slices.DeleteFunc(p.sessions(), func(s *protocol.Session) bool { return !s.Asks(about) })
	committed := p.committedIn(space, doc)
	if len(committed) > 0 {
		if err := p.reached.recall(ctx, p.store, doc); err != nil {
			return err
		}
	}
	forked := p.docs.forkedIn(doc)
	p.mu.Lock()
	sp := p.spaces[space]
	var devices []DeviceID
	if sp != nil {
		for _, m := range sp.roster.Members() {
			devices = append(devices, m.Devices...)
		}
		asking = slices.DeleteFunc(asking, func(s *protocol.Session) bool { return !sp.has(s.Peer()) })
	}
	p.mu.Unlock()
	devices = slices.DeleteFunc(devices, func(d DeviceID) bool {
		return len(committed) == 0 || d == p.ID() || !p.reached.has(d, space, doc, committed, forked)
	})
	digest := committed.Digest()
	for _, s := range asking {
		reaches := s.Reaches()
		s.TellHolders(about, digest, slices.DeleteFunc(slices.Clone(devices), func(d DeviceID) bool {
			_, near := reaches[d]
			return near || d == s.Peer()
		}))
	}
	return nil
}

// takeHolders notes what one says of others: of those who belong to the document's space.
func (p *Peer) takeHolders(from DeviceID, space SpaceID, doc crdt.DocID, digest [32]byte, devices []DeviceID) {
	p.mu.Lock()
	sp := p.spaces[space]
	known := sp != nil && sp.has(from)
	if known {
		devices = slices.DeleteFunc(slices.Clone(devices), func(d DeviceID) bool { return !sp.has(d) })
	}
	p.mu.Unlock()
	if !known || len(p.committedIn(space, doc)) == 0 {
		return
	}
	p.hearsay.heard(doc, from, digest, devices)
	if p.docs.isOpen(doc) {
		p.hub.emit(StateChanged{doc})
	}
}

// askAround asks those who are connected who has a document, unless that is known of
// all others.
func (p *Peer) askAround(space SpaceID, doc crdt.DocID, r Reached) (answers []<-chan struct{}) {
	if !slices.ContainsFunc(r.Missing, func(m ReachedMember) bool { return !m.Connected }) {
		return nil
	}
	for _, s := range p.sessions() {
		if told := s.AskHolders(space, doc); told != nil {
			answers = append(answers, told)
		}
	}
	return answers
}

// AskWhoHas asks those who are connected who else has a document, and waits for what
// they say, half a second at most. [Peer.Reach] asks too, and does not wait.
func (p *Peer) AskWhoHas(ctx context.Context, doc crdt.DocID) error {
	_, answers, err := p.reach(ctx, doc)
	if err != nil {
		return err
	}
	timeout := time.NewTimer(hearsayWait)
	defer timeout.Stop()
	for _, told := range answers {
		select {
		case <-told:
		case <-timeout.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
