package protocol

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"starling/sync/identity"
)

var (
	// ErrPairingUsed says that this connection had its one attempt.
	ErrPairingUsed = errors.New("this connection had its attempt to pair")
	// ErrRejected says that one of the two people said that the codes differ,
	// or did not want to.
	ErrRejected = errors.New("the pairing was rejected")
	// ErrPairingTimeout says that two minutes passed.
	ErrPairingTimeout = errors.New("nobody confirmed the code in time")
	// ErrPairingEnded says that the connection ended first.
	ErrPairingEnded = errors.New("the connection ended before both had confirmed")
	// ErrNoPairing says that there is no code to answer.
	ErrNoPairing = errors.New("there is no such pairing to answer")
)

// Pairing is what a person may see of a pairing.
type Pairing struct {
	Code     string // six digits, "" until it is known
	Incoming bool   // the peer asked
	Mine     bool   // we have confirmed
	Theirs   bool   // the peer has confirmed
	// Err is why it ended, nil while it goes on and after it was done.
	Err error
}

// Done reports whether both have confirmed.
func (p Pairing) Done() bool { return p.Mine && p.Theirs }

type pairPhase int

const (
	pairNone      pairPhase = iota
	pairRequested           // we sent a commitment
	pairAnswered            // we have one and sent our nonce
	pairOpen                // the code is known
	pairEnded
)

// pairing is the state of the one attempt that a connection has; under mu.
type pairing struct {
	phase      pairPhase
	seen       Pairing
	nonce      [identity.NonceLen]byte
	commitment [32]byte
	timer      *time.Timer
}

func (p *pairing) done() bool { return p.phase == pairEnded && p.seen.Done() }

// RequestPairing asks the peer to pair. Nothing is shown to anyone before the
// code is known.
func (s *Session) RequestPairing() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &s.pairing
	if p.phase == pairAnswered || p.phase == pairOpen {
		return nil // the peer has asked, which is as good
	}
	if p.phase != pairNone {
		return ErrPairingUsed
	}
	if err := s.beginPairing(pairRequested); err != nil {
		return err
	}
	s.control = append(s.control, &pairRequest{identity.Commitment(p.nonce, s.me, s.peer)})
	s.nudge()
	return nil
}

// beginPairing draws our nonce and starts the clock; under mu.
func (s *Session) beginPairing(phase pairPhase) error {
	p := &s.pairing
	if _, err := rand.Read(p.nonce[:]); err != nil {
		return fmt.Errorf("draw a nonce: %w", err)
	}
	p.phase = phase
	p.seen.Incoming = phase == pairAnswered
	if p.timer == nil {
		p.timer = time.AfterFunc(PairingTimeout, func() {
			s.send(&pairReject{})
			s.endPairing(ErrPairingTimeout)
		})
	}
	return nil
}

// ConfirmPairing records that the person here found the codes to be the same.
func (s *Session) ConfirmPairing() error {
	s.mu.Lock()
	p := &s.pairing
	if p.phase != pairOpen {
		s.mu.Unlock()
		return ErrNoPairing
	}
	first := !p.seen.Mine
	p.seen.Mine = true
	if first {
		s.control = append(s.control, &pairConfirm{})
	}
	seen := s.settlePairing()
	s.mu.Unlock()
	s.nudge()
	if first {
		s.host.PairingChanged(s, seen)
	}
	return nil
}

// settlePairing ends a pairing that both have confirmed; under mu.
func (s *Session) settlePairing() Pairing {
	p := &s.pairing
	if p.seen.Done() {
		p.phase = pairEnded
		p.timer.Stop()
	}
	return p.seen
}

// RejectPairing ends the pairing with a no, or withdraws our request.
func (s *Session) RejectPairing() error {
	s.mu.Lock()
	phase := s.pairing.phase
	s.mu.Unlock()
	if phase == pairNone || phase == pairEnded {
		return ErrNoPairing
	}
	s.send(&pairReject{})
	s.endPairing(ErrRejected)
	return nil
}

// endPairing ends an attempt that goes on; without mu.
func (s *Session) endPairing(cause error) {
	s.mu.Lock()
	p := &s.pairing
	if p.phase == pairNone || p.phase == pairEnded {
		s.mu.Unlock()
		return
	}
	p.phase, p.seen.Err = pairEnded, cause
	p.timer.Stop()
	seen := p.seen
	s.mu.Unlock()
	s.host.PairingChanged(s, seen)
}

// onPairing takes one step. The requester commits to its nonce before it sees
// the other's and opens it afterwards, so neither can search for a code.
func (s *Session) onPairing(m message) error {
	if _, ok := m.(*pairReject); ok {
		s.endPairing(ErrRejected)
		return nil
	}
	s.mu.Lock()
	before := s.pairing.seen
	err := s.pairingStep(m)
	seen := s.settlePairingIfOpen()
	s.mu.Unlock()
	if err != nil {
		return err
	}
	s.nudge()
	if seen != before {
		s.host.PairingChanged(s, seen)
	}
	return nil
}

func (s *Session) settlePairingIfOpen() Pairing {
	if s.pairing.phase == pairOpen {
		return s.settlePairing()
	}
	return s.pairing.seen
}

// pairingStep; under mu.
func (s *Session) pairingStep(m message) error {
	p := &s.pairing
	outOfTurn := fmt.Errorf("a pairing message out of turn: %w", ErrMalformed)
	switch m := m.(type) {
	case *pairRequest:
		return s.onPairRequest(m)
	case *pairNonce:
		switch p.phase {
		case pairRequested:
		case pairEnded:
			return nil // it crossed our withdrawal
		default:
			return outOfTurn
		}
		s.control = append(s.control, &pairReveal{p.nonce})
		s.openPairing(identity.Pairing{
			Requester: s.me, Responder: s.peer,
			RequesterNonce: p.nonce, ResponderNonce: m.Nonce,
		})
	case *pairReveal:
		switch p.phase {
		case pairAnswered:
		case pairEnded:
			return nil
		default:
			return outOfTurn
		}
		want := identity.Commitment(m.Nonce, s.peer, s.me)
		if subtle.ConstantTimeCompare(want[:], p.commitment[:]) != 1 {
			return fmt.Errorf("the nonce is not the one committed to: %w", ErrMalformed)
		}
		s.openPairing(identity.Pairing{
			Requester: s.peer, Responder: s.me,
			RequesterNonce: m.Nonce, ResponderNonce: p.nonce,
		})
	case *pairConfirm:
		switch p.phase {
		case pairOpen:
			p.seen.Theirs = true
		case pairEnded:
		default:
			return outOfTurn
		}
	default:
		return fmt.Errorf("message %d: %w", m.kind(), ErrMalformed)
	}
	return nil
}

// onPairRequest answers a request. If both asked at once, the one of the
// smaller ID counts.
func (s *Session) onPairRequest(m *pairRequest) error {
	p := &s.pairing
	switch {
	case p.phase == pairRequested && s.me.Compare(s.peer) < 0:
		return nil
	case p.phase != pairNone && p.phase != pairRequested:
		return fmt.Errorf("a second pairing: %w", ErrRefused)
	}
	if err := s.beginPairing(pairAnswered); err != nil {
		return err
	}
	p.commitment = m.Commitment
	s.control = append(s.control, &pairNonce{p.nonce})
	return nil
}

func (s *Session) openPairing(p identity.Pairing) {
	p.Exporter = s.conn.Exporter()
	s.pairing.phase = pairOpen
	s.pairing.seen.Code = p.Code()
}
