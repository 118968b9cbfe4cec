package peer

import (
	"context"
	"errors"
	"fmt"
)

// ErrAnswered says that a pairing was confirmed before, as something else.
var ErrAnswered = errors.New("it was answered before, and otherwise")

// answerLocked notes whose new device the person here says that the other one is, zero
// for nobody's. The first answer may have been told to the other side, so one that
// differs from it fails with [ErrAnswered].
func (p *Peer) answerLocked(pa *pairing, as DeviceID) error {
	switch same := pa.as == as || !pa.as.IsZero() && !as.IsZero() && p.samePersonLocked(pa.as, as); {
	case !pa.answered:
		pa.as, pa.answered = as, true
	case same:
	case pa.as.IsZero():
		return otherwise{"you have already confirmed it, and not as anybody's new device"}
	default:
		return otherwise{fmt.Sprintf("you have already said that this is %s's new device", p.whoLocked(pa.as).Name)}
	}
	return nil
}

// otherwise is [ErrAnswered] with the first answer.
type otherwise struct{ first string }

func (e otherwise) Error() string { return e.first }
func (e otherwise) Unwrap() error { return ErrAnswered }

// PairingOf describes a pairing that goes on or ended lately; false if there is none.
func (p *Peer) PairingOf(key uint64) (PairingInfo, bool) {
	pa := p.pairingByKey(key)
	if pa == nil {
		return PairingInfo{}, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pairingInfoLocked(pa), true
}

// mayShareWith reports whether a device with which we pair can be let into a space, zero
// for none: not one that was taken out of it by itself, with [ErrRevoked].
func (p *Peer) mayShareWith(id SpaceID, device DeviceID) error {
	if err := p.mayShare(id); err != nil || id == (SpaceID{}) {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if sp := p.spaces[id]; sp != nil && sp.revoked(device) {
		return fmt.Errorf("share %q: %w", sp.roster.Name(), ErrRevoked)
	}
	return nil
}

// sharePaired lets somebody into a space with whom we have paired, unless they belong by
// now.
func (p *Peer) sharePaired(ctx context.Context, id SpaceID, who Person) error {
	err := p.mayShareWith(id, who.ID)
	if err == nil {
		err = p.admit(ctx, id, who)
	}
	p.mu.Lock()
	if sp := p.spaces[id]; err == nil && !sp.has(who.ID) {
		err = ErrRevoked
	}
	p.mu.Unlock()
	if err != nil {
		return fmt.Errorf("paired with %s, but the space is not shared: %w", who.Name, err)
	}
	return nil
}
