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
// that may be of some devices. It fails with a [NotAllHereError] after catchUpTime, but
// not if nobody but these devices says that there is more: who is to be removed could
// else keep that from happening.
func (p *Peer) catchUp(ctx context.Context, space SpaceID, devices []DeviceID, o LineOptions) (LineReport, error) {
	if o.Now {
		return LineReport{Alone: len(p.listeners(space)) == 0}, nil
	}
	if err := p.readBesides(ctx, space); err != nil { // what stands there is here
		return LineReport{}, err
	}
	deadline := time.Now().Add(catchUpTime)
	for {
		began := time.Now()
		late := !time.Now().Before(deadline)
		lack, others, err := p.lackedOf(ctx, space, devices, !late)
		switch {
		case err != nil:
			return LineReport{}, err
		case lack.Documents == 0 && len(lack.Silent) == 0:
			return LineReport{Alone: others == 0}, nil
		case late:
			return LineReport{}, lack
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

// listener is a device of a space with which we are connected.
type listener struct {
	*link
	id DeviceID
	// early says that it may not have opened the space yet.
	early bool
}

// listeners are those of a space.
func (p *Peer) listeners(space SpaceID) (all []listener) {
	p.mu.Lock()
	defer p.mu.Unlock()
	sp := p.spaces[space]
	if sp == nil || p.net == nil || !sp.has(p.me.ID) {
		return nil
	}
	fresh := p.now().Sub(sp.joined).Abs() < openingTime
	for id, l := range p.net.links {
		if sp.has(id) {
			all = append(all, listener{l, id, fresh || time.Since(l.since) < openingTime})
		}
	}
	return all
}

// lackedOf tells of what documents of a space others hold changes that are not here,
// neither in the document nor beside it, and that may be of some devices; and how many
// others have told. Whether these devices say so themselves counts only with theirs.
func (p *Peer) lackedOf(ctx context.Context, space SpaceID, devices []DeviceID, theirs bool) (lack *NotAllHereError, others int, err error) {
	lack = &NotAllHereError{}
	ours, err := p.holding(ctx, space)
	if err != nil {
		return nil, 0, fmt.Errorf("look up what is held of space %v: %w", space, err)
	}
	more := make(map[crdt.DocID]map[crdt.ActorID]uint64)
	for _, l := range p.listeners(space) {
		if !theirs && slices.Contains(devices, l.id) {
			continue
		}
		told := l.told(space, func(doc crdt.DocID, theirs crdt.Vector) {
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
		switch {
		case told:
			others++
		case l.early, l.session.Shares(space):
			lack.Silent = append(lack.Silent, p.who(l.id))
		}
	}
	for doc, theirs := range more {
		lacks, err := p.lacksOf(ctx, doc, theirs, devices)
		if err != nil {
			return nil, 0, err
		}
		if lacks {
			lack.Documents++
		}
	}
	return lack, others, nil
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
