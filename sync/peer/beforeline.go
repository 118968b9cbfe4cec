package peer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"starling/crdt"
	"starling/crdt/store"
)

// A line says of each document how much of somebody's writing counts, as far as it
// is held where the line is drawn. So whoever draws one first gets what those who are
// connected have of it: else the rest would be shown nowhere any more, though all
// but the one who drew it had read it.

// LineOptions say how somebody is removed, or no longer lets write.
type LineOptions struct {
	// Now has nothing be waited for. What is not here yet does not count then until
	// somebody takes it in; see [Peer.TakeIn].
	Now bool
}

// LineReport says on what a removal rests.
type LineReport struct {
	// Alone says that nobody of the space was connected who could tell whether there
	// is more than is here. What others have received and the peer here has not will
	// not count until somebody takes it in.
	Alone bool
}

// Warning is what a person is to be told of it, "" for nothing.
func (r LineReport) Warning() string {
	if !r.Alone {
		return ""
	}
	return "You are connected to nobody of this space: what others have received of them and you have not will not count until somebody takes it in."
}

// ErrNotAllHere says that others hold more than is here of what a line is to be drawn
// in. It is a [NotAllHereError].
var ErrNotAllHere = errors.New("not all that others hold is here yet")

// NotAllHereError says how much is not here.
type NotAllHereError struct {
	Documents int      // of which others hold more
	Silent    []Person // who are connected and have not told yet what they hold
}

func (e *NotAllHereError) Error() string {
	var parts []string
	switch {
	case e.Documents == 1:
		parts = append(parts, "1 document is still coming from others")
	case e.Documents > 1:
		parts = append(parts, fmt.Sprintf("%d documents are still coming from others", e.Documents))
	}
	if len(e.Silent) > 0 {
		names := make([]string, len(e.Silent))
		for i, who := range e.Silent {
			names[i] = who.Name
		}
		parts = append(parts, strings.Join(names, " and ")+" has not told yet what there is")
	}
	return strings.Join(parts, ", and ") + "; what is not here yet would not count any more"
}

// Is has it be [ErrNotAllHere].
func (e *NotAllHereError) Is(target error) bool { return target == ErrNotAllHere }

const (
	// catchUpTime is how long a line waits for what others hold, and catchUpLook how
	// long at least between two looks.
	catchUpTime = 20 * time.Second
	catchUpLook = 100 * time.Millisecond
	// openingTime is how long after a session has begun, or after the space has come, one
	// who belongs to it may not have opened it yet. Who has not by then does not know
	// of the space, or will not have it.
	openingTime = 3 * time.Second
)

// catchUp waits until all is here that those who are connected hold in a space and
// that may be of some devices. It fails with a [NotAllHereError] after catchUpTime.
func (p *Peer) catchUp(ctx context.Context, space SpaceID, devices []DeviceID, o LineOptions) (LineReport, error) {
	if o.Now {
		told, silent := p.listeners(space)
		return LineReport{Alone: len(told)+len(silent) == 0}, nil
	}
	deadline := time.Now().Add(catchUpTime)
	for {
		began := time.Now()
		told, silent := p.listeners(space)
		docs, err := p.lackedOf(ctx, space, devices, told)
		if err != nil {
			return LineReport{}, err
		}
		if docs == 0 && len(silent) == 0 {
			return LineReport{Alone: len(told) == 0}, nil
		}
		if !time.Now().Before(deadline) {
			out := &NotAllHereError{Documents: docs}
			for _, d := range silent {
				out.Silent = append(out.Silent, p.who(d))
			}
			return LineReport{}, out
		}
		look := time.NewTimer(max(catchUpLook, 4*time.Since(began)))
		select {
		case <-ctx.Done():
			look.Stop()
			return LineReport{}, context.Cause(ctx)
		case <-look.C:
		}
	}
}

// listeners are the devices of a space with which we are connected there: those that
// have told what they hold, and those that are about to.
func (p *Peer) listeners(space SpaceID) (told, silent []DeviceID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	sp := p.spaces[space]
	if sp == nil || p.net == nil || !sp.has(p.me.ID) {
		return nil, nil
	}
	for id, l := range p.net.links {
		switch {
		case !sp.has(id):
		case l.told[space]:
			told = append(told, id)
		case l.session.Shares(space), time.Since(l.since) < openingTime, p.now().Sub(sp.joined).Abs() < openingTime:
			silent = append(silent, id)
		}
	}
	return told, silent
}

// noteTold notes that a device has told all that it holds of a space, in the session
// that is kept with it.
func (p *Peer) noteTold(device DeviceID, space SpaceID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.net == nil || p.net.links[device] == nil {
		return
	}
	l := p.net.links[device]
	if l.told == nil {
		l.told = make(map[SpaceID]bool)
	}
	l.told[space] = true
}

// lackedOf counts the documents of a space of which others hold changes that are
// not here, neither in the document nor beside it, and that may be of some devices.
func (p *Peer) lackedOf(ctx context.Context, space SpaceID, devices, others []DeviceID) (int, error) {
	ours, err := p.holding(ctx, space)
	if err != nil {
		return 0, fmt.Errorf("look up what is held of space %v: %w", space, err)
	}
	more := make(map[crdt.DocID]map[crdt.ActorID]uint64)
	for _, id := range others {
		p.reached.each(id, space, func(doc crdt.DocID, theirs crdt.Vector) {
			held := ours.Vector(doc)
			for a, tip := range theirs {
				if tip.Seq <= held[a].Seq {
					continue
				}
				if more[doc] == nil {
					more[doc] = make(map[crdt.ActorID]uint64)
				}
				more[doc][a] = max(more[doc][a], tip.Seq)
			}
		})
	}
	n := 0
	for doc, theirs := range more {
		lacks, err := p.lacksOf(ctx, doc, theirs, devices)
		if err != nil {
			return 0, err
		}
		if lacks {
			n++
		}
	}
	return n, nil
}

// lacksOf reports whether one of some actors, of whom others hold more than is in a
// document, is a device's of these or nobody's whom we know of, and has written more
// than stands beside it.
func (p *Peer) lacksOf(ctx context.Context, doc crdt.DocID, theirs map[crdt.ActorID]uint64, devices []DeviceID) (bool, error) {
	if p.docs.besides.has(doc) {
		beside, _, err := p.store.Beside(ctx, doc)
		if err != nil {
			return false, err
		}
		for _, c := range beside {
			if theirs[c.Actor] <= c.Seq {
				delete(theirs, c.Actor)
			}
		}
	}
	if len(theirs) == 0 {
		return false, nil
	}
	known, err := p.store.ActorDevices(ctx, doc)
	if err != nil && !errors.Is(err, store.ErrNoDocument) {
		return false, fmt.Errorf("look up who has written in document %v: %w", doc, err)
	}
	for a := range theirs {
		if device, ok := known[a]; !ok || slices.Contains(devices, device) {
			return true, nil
		}
	}
	return false, nil
}

// each gives what a device has said that it holds of each document of a space, which
// must not be written to.
func (r *reached) each(device DeviceID, space SpaceID, yield func(crdt.DocID, crdt.Vector)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.devices[device][space]
	if a == nil {
		return
	}
	for doc, held := range a.since {
		yield(doc, held)
	}
	if !a.compared() {
		return
	}
	for doc, held := range a.View.All() {
		if _, ok := a.since[doc]; !ok {
			yield(doc, held)
		}
	}
}
