package protocol

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"starling/sync/identity"
	"starling/sync/trust"
)

var (
	// ErrPairingUsed says that this connection had its one attempt, or ended
	// before: another connection gives another one.
	ErrPairingUsed = errors.New("this connection had its attempt to pair")
	// ErrRejected says that one of the two people said that the codes differ,
	// or did not want to.
	ErrRejected = errors.New("the pairing was rejected")
	// ErrPairingTimeout says that two minutes passed.
	ErrPairingTimeout = errors.New("nobody confirmed the code in time")
	// ErrPairingEnded says that the connection ended first.
	ErrPairingEnded = errors.New("the connection ended before both had confirmed")
	// ErrPairingOther says that the two pair already, but not to be one person.
	ErrPairingOther = errors.New("a pairing with this device goes on that does not link it; answer that first")
	// ErrNoPairing says that there is no code to answer.
	ErrNoPairing = errors.New("there is no such pairing to answer")
)

// PausedError says that too many attempts to pair with the peer have failed.
type PausedError struct{ Wait time.Duration }

func (e *PausedError) Error() string {
	return fmt.Sprintf("too many attempts to pair there have failed; try again in %v, or let them ask you", e.Wait)
}

// Pairing is what a person may see of a pairing.
type Pairing struct {
	Code     string // six digits, "" until it is known
	Incoming bool   // the peer asked
	Mine     bool   // we have confirmed
	Theirs   bool   // the peer has confirmed
	// Link says that the two devices will be the same person's. Consent is the
	// peer's word for that, once it has confirmed.
	Link    bool
	Consent [consentLen]byte
	// Err is why it ended, nil while it goes on and after it was done.
	Err error
}

// Done reports whether both have confirmed.
func (p Pairing) Done() bool { return p.Mine && p.Theirs }

// consentLen is the length of a consent in bytes.
const consentLen = 64

// The messages of a pairing, in the order in which they are sent. The one who
// asks is the requester. Either may reject at any time; one who was refused
// because too many attempts have failed may ask again after Wait seconds.
type (
	pairRequest struct {
		Commitment [32]byte `cbor:"1,keyasint"`
		Link       bool     `cbor:"2,keyasint,omitempty"`
	}
	pairNonce struct {
		Nonce [identity.NonceLen]byte `cbor:"1,keyasint"`
	}
	pairReveal struct {
		Nonce [identity.NonceLen]byte `cbor:"1,keyasint"`
	}
	pairConfirm struct {
		Consent []byte `cbor:"1,keyasint,omitempty"`
	}
	pairReject struct {
		Wait uint32 `cbor:"1,keyasint,omitempty"`
	}
)

func (m *pairConfirm) check() error {
	if len(m.Consent) != 0 && len(m.Consent) != consentLen {
		return fmt.Errorf("a consent that is none: %w", ErrMalformed)
	}
	return nil
}

// maxWait is the longest pause between attempts that anyone asks for.
const maxWait = time.Hour

func (m *pairReject) check() error {
	if m.Wait > uint32(maxWait/time.Second) {
		return fmt.Errorf("a pause of %d s: %w", m.Wait, ErrLimit)
	}
	return nil
}

// waitSeconds is a pause as it is told: whole seconds, at least one.
func waitSeconds(d time.Duration) uint32 {
	return uint32(min(max(d, time.Second)+time.Second-1, maxWait) / time.Second)
}

type pairPhase int

const (
	pairNone      pairPhase = iota
	pairRequested           // we sent a commitment
	pairAnswered            // we have one and sent our nonce
	pairOpen                // the code is known
	pairEnded
)

// pairing is the state of the one attempt that a connection has. Its lock is
// held while the host hears of a step, so that steps arrive in order.
type pairing struct {
	mu         sync.Mutex
	done       atomic.Bool // both have confirmed: seen.Done() for those without mu
	phase      pairPhase
	seen       Pairing
	nonce      [identity.NonceLen]byte
	commitment [32]byte
	answered   time.Time     // when the peer was sent our nonce
	asked      bool          // we have sent a request
	crossed    bool          // and the peer's has met it
	over       bool          // the connection has ended
	began      chan struct{} // closed when the clock starts
}

func (p *pairing) running() bool { return p.phase != pairNone && p.phase != pairEnded }

// comparing reports whether two people compare a code, or are about to: the peer
// has its person's word for it only if we asked, else it must open its nonce soon.
func (p *pairing) comparing(now time.Time) bool {
	if p.phase == pairAnswered {
		return now.Sub(p.answered) < revealTime
	}
	return p.running()
}

// step takes one step and tells the host, if a person would see it. The peer
// hears of it afterwards, so that what follows from it meets a host that knows.
func (s *Session) step(take func(p *pairing) ([]message, error)) error {
	p := &s.pairing
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.seen
	out, err := take(p)
	p.done.Store(p.seen.Done())
	if p.phase == pairOpen && p.seen.Done() {
		p.phase = pairEnded
	}
	if p.seen != before {
		s.host.PairingChanged(s, p.seen)
	}
	if len(out) > 0 {
		s.send(out...)
	}
	return err
}

// RequestPairing asks the peer to pair and, if link is set, to be the same
// person. Nothing is shown to anyone before the code is known. If either side
// has asked on this connection and was not answered yet, that counts, unless
// that was about something else.
func (s *Session) RequestPairing(link bool) error {
	return s.step(func(p *pairing) ([]message, error) {
		switch {
		case p.running() && link && !p.seen.Link:
			return nil, ErrPairingOther
		case p.running():
			return nil, nil
		case p.over || p.phase != pairNone:
			return nil, ErrPairingUsed
		}
		if err := p.begin(pairRequested); err != nil {
			return nil, err
		}
		p.asked, p.seen.Link = true, link
		return []message{&pairRequest{identity.Commitment(p.nonce, s.me, s.peer), link}}, nil
	})
}

// begin draws our nonce and starts the clock.
func (p *pairing) begin(phase pairPhase) error {
	if _, err := rand.Read(p.nonce[:]); err != nil {
		return fmt.Errorf("draw a nonce: %w", err)
	}
	if p.phase == pairNone {
		close(p.began)
	}
	p.phase = phase
	p.seen.Incoming = phase == pairAnswered
	return nil
}

// watchPairing ends an attempt that nobody confirms in time.
func (s *Session) watchPairing(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-s.pairing.began:
	}
	timer := time.NewTimer(PairingTimeout)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return nil
	case <-timer.C:
		return s.endPairing(ErrPairingTimeout, nil, &pairReject{})
	}
}

// endPairing ends an attempt that goes on and tells the peer by last; if none
// goes on it returns otherwise.
func (s *Session) endPairing(cause, otherwise error, last ...message) error {
	return s.step(func(p *pairing) ([]message, error) {
		if !p.running() {
			return nil, otherwise
		}
		p.phase, p.seen.Err = pairEnded, cause
		return last, nil
	})
}

// closePairing ends what goes on, as the connection has ended, and lets nothing
// begin.
func (s *Session) closePairing() {
	_ = s.step(func(p *pairing) ([]message, error) {
		p.over = true
		if p.running() {
			p.phase, p.seen.Err = pairEnded, ErrPairingEnded
		}
		return nil, nil
	})
}

// ConfirmPairing records that the person here found the codes to be the same.
func (s *Session) ConfirmPairing() error {
	return s.step(func(p *pairing) ([]message, error) {
		if p.phase != pairOpen {
			return nil, ErrNoPairing
		}
		if p.seen.Mine {
			return nil, nil
		}
		p.seen.Mine = true
		confirm := &pairConfirm{}
		if p.seen.Link {
			confirm.Consent = s.host.Consent(s.peer)
		}
		return []message{confirm}, nil
	})
}

// RejectPairing ends the pairing with a no, or withdraws our request.
func (s *Session) RejectPairing() error {
	return s.endPairing(ErrRejected, ErrNoPairing, &pairReject{})
}

// onPairing takes one step. The requester commits to its nonce before it sees
// the other's and opens it afterwards, so neither can search for a code.
func (s *Session) onPairing(m message) error {
	switch m := m.(type) {
	case *pairRequest:
		return s.step(func(p *pairing) ([]message, error) { return s.onPairRequest(p, m) })
	case *pairNonce:
		return s.step(func(p *pairing) ([]message, error) { return s.onPairNonce(p, m) })
	case *pairReveal:
		return s.step(func(p *pairing) ([]message, error) { return nil, s.onPairReveal(p, m) })
	case *pairConfirm:
		return s.step(func(p *pairing) ([]message, error) {
			if err := p.inTurn(pairOpen); err != nil || p.phase == pairEnded {
				return nil, err
			}
			return nil, s.onPairConfirm(p, m)
		})
	case *pairReject:
		if m.Wait > 0 {
			return s.endPairing(&PausedError{time.Duration(m.Wait) * time.Second}, nil)
		}
		return s.endPairing(ErrRejected, nil)
	default:
		return fmt.Errorf("message %d: %w", m.kind(), ErrMalformed)
	}
}

// onPairConfirm notes the other person's yes. Consent goes with it if, and only
// if, the code was shown for that.
func (s *Session) onPairConfirm(p *pairing, m *pairConfirm) error {
	if p.seen.Link != (len(m.Consent) > 0) {
		return fmt.Errorf("a confirmation of something else: %w", ErrMalformed)
	}
	if p.seen.Link {
		if err := trust.CheckConsent(s.peer, s.me, m.Consent); err != nil {
			return fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		p.seen.Consent = [consentLen]byte(m.Consent)
	}
	p.seen.Theirs = true
	return nil
}

// inTurn refuses a message that belongs to another phase. After the end it may
// have crossed our word that it is over, and is passed over.
func (p *pairing) inTurn(phase pairPhase) error {
	if p.phase != phase && p.phase != pairEnded {
		return fmt.Errorf("a pairing message out of turn: %w", ErrMalformed)
	}
	return nil
}

// onPairRequest answers a request. If both asked at once, the one of the
// smaller ID counts. A request that crosses ours was sent before the peer's nonce,
// so none may come later: it could make something else of a code that a person
// already looks at.
func (s *Session) onPairRequest(p *pairing, m *pairRequest) ([]message, error) {
	crosses := p.asked && !p.crossed && (p.phase == pairRequested || p.phase == pairEnded)
	if p.phase != pairNone && !crosses {
		return nil, fmt.Errorf("a second pairing: %w", ErrRefused)
	}
	p.crossed = p.asked
	if p.phase == pairEnded { // withdrawn, of which the peer is about to hear
		return nil, nil
	}
	p.seen.Link = p.seen.Link || m.Link
	if p.asked && s.me.Compare(s.peer) < 0 {
		return nil, nil
	}
	if ok, wait := s.host.MayPair(s); !ok {
		p.phase = pairEnded // what else the peer says of it is passed over
		if wait > 0 {
			return []message{&pairReject{waitSeconds(wait)}}, nil
		}
		return nil, nil
	}
	if err := p.begin(pairAnswered); err != nil {
		return nil, err
	}
	p.commitment, p.answered = m.Commitment, time.Now()
	return []message{&pairNonce{p.nonce}}, nil
}

func (s *Session) onPairNonce(p *pairing, m *pairNonce) ([]message, error) {
	if err := p.inTurn(pairRequested); err != nil || p.phase == pairEnded {
		return nil, err
	}
	s.openPairing(p, identity.Pairing{
		Requester: s.me, Responder: s.peer,
		RequesterNonce: p.nonce, ResponderNonce: m.Nonce,
	})
	return []message{&pairReveal{p.nonce}}, nil
}

func (s *Session) onPairReveal(p *pairing, m *pairReveal) error {
	if err := p.inTurn(pairAnswered); err != nil || p.phase == pairEnded {
		return err
	}
	want := identity.Commitment(m.Nonce, s.peer, s.me)
	if subtle.ConstantTimeCompare(want[:], p.commitment[:]) != 1 {
		return fmt.Errorf("the nonce is not the one committed to: %w", ErrMalformed)
	}
	s.openPairing(p, identity.Pairing{
		Requester: s.peer, Responder: s.me,
		RequesterNonce: m.Nonce, ResponderNonce: p.nonce,
	})
	return nil
}

func (s *Session) openPairing(p *pairing, code identity.Pairing) {
	code.Exporter = s.conn.Exporter()
	p.phase, p.seen.Code = pairOpen, code.Code()
}
