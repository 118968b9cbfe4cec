package protocol

import (
	"context"
	"errors"
	"fmt"

	"starling/sync/identity"
)

// Why an invitation is not redeemed. Each says what to do.
var (
	// ErrInviteUnknown says that the peer does not know the invitation.
	ErrInviteUnknown = errors.New("nobody there knows this invitation; ask for a new link")
	// ErrInviteElsewhere says that the peer may not redeem it.
	ErrInviteElsewhere = errors.New("only the one who invited you can let you in; wait until they are near")
	// ErrInviteExpired says that its time is over by the redeemer's clock.
	ErrInviteExpired = errors.New("the invitation has expired; ask for a new link")
	// ErrInviteCancelled says that somebody has taken it back.
	ErrInviteCancelled = errors.New("the invitation was taken back; ask for a new link")
	// ErrInviteUsed says that as many have come as it was for.
	ErrInviteUsed = errors.New("the invitation was used already; ask for a new link")
	// ErrInviteRemoved says that we were removed from the space since the invitation
	// was made.
	ErrInviteRemoved = errors.New("you were removed from this space; ask one of its owners for a new link, or to add you again")
	// ErrInviteFailed says that the peer could not do it now.
	ErrInviteFailed = errors.New("the other device could not let you in; try again")
)

// outcomes are the answers to a redemption, in the order of their numbers.
var outcomes = [...]error{
	nil, ErrInviteUnknown, ErrInviteElsewhere, ErrInviteExpired, ErrInviteCancelled, ErrInviteUsed, ErrInviteFailed, ErrInviteRemoved,
}

// maxRedemptions is how many redemptions are judged on a connection: each takes
// a signature's check.
const maxRedemptions = 4

// Redemption shows that its sender holds the link of an invitation: the link's
// key has signed the sender's ID and the connection's exporter, so it is worth
// nothing to anyone else.
type Redemption struct {
	From       identity.DeviceID
	Exporter   [32]byte
	Invitation [32]byte // the link's public key
	Sig        []byte
}

// redeeming is what a session knows of redemptions; under Session.mu.
type redeeming struct {
	heard int                   // from the peer
	sent  int                   // to the peer
	asked map[[32]byte]struct{} // of the peer, not answered yet
	// welcome says that the peer has redeemed one, so it lets itself be brought in.
	welcome bool
}

// redeem asks to be let in by the link whose public key this is.
type redeem struct {
	Invitation [32]byte `cbor:"1,keyasint"`
	Sig        []byte   `cbor:"2,keyasint"`
}

// redeemed answers a redeem. If all is well a grant follows.
type redeemed struct {
	Invitation [32]byte `cbor:"1,keyasint"`
	Outcome    uint8    `cbor:"2,keyasint,omitempty"`
}

func (m *redeem) check() error {
	if len(m.Sig) != 64 {
		return fmt.Errorf("a redemption without a signature: %w", ErrMalformed)
	}
	return nil
}

func (*redeemed) check() error { return nil }

// Redeem asks the peer to let us in. sign signs our ID and the exporter with the
// key of the link. The answer goes to [Host.Redeemed]. It reports false, and asks
// nothing, where the peer has judged as many over this connection as it does.
func (s *Session) Redeem(invitation [32]byte, sign func(device identity.DeviceID, exporter [32]byte) []byte) bool {
	s.mu.Lock()
	if s.redeeming.sent == maxRedemptions {
		s.mu.Unlock()
		return false
	}
	s.redeeming.sent++
	if s.redeeming.asked == nil {
		s.redeeming.asked = make(map[[32]byte]struct{})
	}
	s.redeeming.asked[invitation] = struct{}{}
	s.mu.Unlock()
	s.send(&redeem{invitation, sign(s.me, s.conn.Exporter())})
	return true
}

// onRedeem has the host judge a redemption and tells what came of it. What the
// peer may see now is sent behind that.
func (s *Session) onRedeem(ctx context.Context, m *redeem) error {
	s.mu.Lock()
	s.redeeming.heard++
	heard := s.redeeming.heard
	s.mu.Unlock()
	if err := atMost("redemptions", heard, maxRedemptions); err != nil {
		return err
	}
	err := s.host.Redeem(ctx, Redemption{s.peer, s.conn.Exporter(), m.Invitation, m.Sig})
	s.send(&redeemed{m.Invitation, outcomeOf(err)})
	if err != nil {
		s.log.Info("an invitation was not redeemed", "err", err)
		return nil
	}
	s.mu.Lock()
	s.redeeming.welcome = true // to be brought in
	s.mu.Unlock()
	return s.Refresh(ctx)
}

func outcomeOf(err error) uint8 {
	if err == nil {
		return 0
	}
	for i, known := range outcomes {
		if known != nil && errors.Is(err, known) {
			return uint8(i)
		}
	}
	return outcomeOf(ErrInviteFailed)
}

// onRedeemed hands an answer on, if we have asked.
func (s *Session) onRedeemed(m *redeemed) error {
	s.mu.Lock()
	_, asked := s.redeeming.asked[m.Invitation]
	delete(s.redeeming.asked, m.Invitation)
	s.mu.Unlock()
	if !asked {
		return nil
	}
	err := ErrInviteFailed // what a later version may say
	if int(m.Outcome) < len(outcomes) {
		err = outcomes[m.Outcome]
	}
	s.host.Redeemed(s, m.Invitation, err)
	return nil
}

func (*redeem) kind() kind   { return kindRedeem }
func (*redeemed) kind() kind { return kindRedeemed }
