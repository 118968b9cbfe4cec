package peer

import (
	"context"
	"maps"
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
	// maxHearsay is of how many documents somebody may want to know, over all sessions.
	maxHearsay = 1024
	// hearsayWait is how long an answer is waited for.
	hearsayWait = 500 * time.Millisecond
)

// hearsay is who has what by the word of others. It is safe for concurrent use; the
// zero value is ready.
type hearsay struct {
	mu    sync.Mutex
	asked map[topic]bool                     // about which others want to know; whether it is held there
	news  map[topic]struct{}                 // of these, of which something was heard
	busy  bool                               // that is being passed on
	said  map[crdt.DocID]map[DeviceID]saying // by whom
}

// topic is a document in the space that was named with it. It may be of another one, or
// not be here yet.
type topic struct {
	space SpaceID
	doc   crdt.DocID
}

// saying is what one has said: that some devices have all that has a digest.
type saying struct {
	digest  [32]byte
	devices map[DeviceID]struct{}
}

// ask notes that somebody wants to know who has a document, which is held in its space or
// may be about to come. Where there is no room, all go that nobody wants any more; if there
// are none, one that is not held goes, or else any for one that is held.
func (h *hearsay) ask(t topic, held bool, wanted func(topic) bool) (begin bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.asked == nil {
		h.asked, h.news = make(map[topic]bool), make(map[topic]struct{})
	}
	if _, ok := h.asked[t]; !ok && len(h.asked) == maxHearsay {
		for old := range h.asked {
			if !wanted(old) {
				h.dropLocked(old)
			}
		}
		if len(h.asked) == maxHearsay && !h.letGoLocked(held) {
			return false
		}
	}
	h.asked[t] = h.asked[t] || held
	return h.noteLocked(t)
}

func (h *hearsay) dropLocked(t topic) {
	delete(h.asked, t)
	delete(h.news, t)
}

// letGoLocked makes room for one document, and reports whether there is some; under mu.
func (h *hearsay) letGoLocked(forHeld bool) bool {
	var any topic
	for t, held := range h.asked {
		if any = t; !held {
			break
		}
	}
	if h.asked[any] && !forHeld {
		return false
	}
	h.dropLocked(any)
	return true
}

// note notes that something was heard of a document, or of a space if that is zero.
func (h *hearsay) note(t topic) (begin bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t.doc != (crdt.DocID{}) {
		if _, ok := h.asked[t]; ok {
			h.asked[t] = true
		}
		return h.noteLocked(t)
	}
	for other := range h.asked {
		if other.space == t.space {
			begin = h.noteLocked(other) || begin
		}
	}
	return begin
}

// noteLocked reports whether somebody is to be found who passes it on; under mu.
func (h *hearsay) noteLocked(t topic) (begin bool) {
	if _, ok := h.asked[t]; !ok {
		return false
	}
	h.news[t] = struct{}{}
	begin, h.busy = !h.busy, true
	return begin
}

// forget notes that nobody wants to know any more who has a document, unless somebody
// has just asked.
func (h *hearsay) forget(t topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.news[t]; !ok {
		delete(h.asked, t)
	}
}

// take gives the documents to be told of, and ends passing on if there are none.
func (h *hearsay) take() map[topic]struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := maps.Clone(h.news)
	clear(h.news)
	h.busy = len(out) > 0
	return out
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

// askedHolders notes that one wants to know who has a document.
func (p *Peer) askedHolders(space SpaceID, doc crdt.DocID) {
	sessions := p.sessions() // before the lock of hearsay, which is taken last
	wanted := func(t topic) bool {
		return slices.ContainsFunc(sessions, func(s *protocol.Session) bool { return s.Asks(t.space, t.doc) })
	}
	if p.hearsay.ask(topic{space, doc}, len(p.committedIn(space, doc)) > 0, wanted) {
		p.passHearsay()
	}
}

// heardOf has it be passed on who has a document, of which something was heard, or
// those of a space if that is zero.
func (p *Peer) heardOf(space SpaceID, doc crdt.DocID) {
	if p.hearsay.note(topic{space, doc}) {
		p.passHearsay()
	}
}

// passHearsay passes on what is heard until there is nothing more.
func (p *Peer) passHearsay() {
	p.background.Go(func() {
		ctx := p.upkeep.ctx
		for docs := p.hearsay.take(); len(docs) > 0 && ctx.Err() == nil; docs = p.hearsay.take() {
			for t := range docs {
				if err := p.tellHolders(ctx, t); err != nil && ctx.Err() == nil {
					p.log.Warn("it could not be told who has a document", "doc", t.doc, "err", err)
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
func (p *Peer) tellHolders(ctx context.Context, t topic) error {
	space, doc := t.space, t.doc
	asking := slices.DeleteFunc(p.sessions(), func(s *protocol.Session) bool { return !s.Asks(space, doc) })
	committed := p.committedIn(space, doc)
	if len(asking) == 0 {
		p.hearsay.forget(t)
		return nil
	}
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
		s.TellHolders(space, doc, digest, slices.DeleteFunc(slices.Clone(devices), func(d DeviceID) bool {
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
