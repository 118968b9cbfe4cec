package protocol

import (
	"context"
	"fmt"

	"starling/sync/identity"
	"starling/sync/trust"
)

// maxClaims is how many claims of a peer are looked at on a connection: each takes
// a signature's check. More are passed over.
const maxClaims = 64

// Claim says that a device is one more of the person's whose device To is, with
// that device's own consent. It gives no right: somebody trusted has to sign it
// into a roster.
type Claim struct {
	Device, To identity.DeviceID
	Consent    [consentLen]byte
}

// claim is a [Claim]. Without a consent and about its receiver it asks for one;
// without a consent and about its sender it says no to that.
type claim struct {
	Device  identity.DeviceID `cbor:"1,keyasint"`
	To      identity.DeviceID `cbor:"2,keyasint"`
	Consent []byte            `cbor:"3,keyasint,omitempty"`
}

func (*claim) kind() kind { return kindClaim }

func (m *claim) check() error {
	if len(m.Consent) != 0 && len(m.Consent) != consentLen {
		return fmt.Errorf("a consent that is none: %w", ErrMalformed)
	}
	return nil
}

// AskConsent asks the peer whether it is the same person's as a device. The
// answer goes to [Host.TakeClaim] or [Host.Declined].
func (s *Session) AskConsent(to identity.DeviceID) { s.send(&claim{Device: s.peer, To: to}) }

// PushClaim tells the peer whose a device is said to be.
func (s *Session) PushClaim(c Claim) { s.send(&claim{c.Device, c.To, c.Consent[:]}) }

// onClaim answers a question and hands on what else is claimed, once it is clear
// that the device has consented. It runs on the reader alone.
func (s *Session) onClaim(ctx context.Context, m *claim) error {
	s.claims++
	if s.claims > maxClaims {
		return nil
	}
	switch {
	case len(m.Consent) > 0:
		if err := trust.CheckConsent(m.Device, m.To, m.Consent); err != nil {
			return fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		return s.host.TakeClaim(ctx, s.peer, Claim{m.Device, m.To, [consentLen]byte(m.Consent)})
	case m.Device == s.me:
		s.send(&claim{m.Device, m.To, s.host.ConsentFor(s.peer, m.To)})
	case m.Device == s.peer:
		s.host.Declined(s.peer, m.To)
	}
	return nil
}
