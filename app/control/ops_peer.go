package control

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"starling/sync/peer"
)

// ID tells who I am on this device.
var ID = single("id", func(_ context.Context, p *peer.Peer, _ None) (Person, error) {
	me := p.Me()
	return Person{me.ID.String(), me.Name, me.Colour}, nil
})

// GetStatus tells what the peer is doing.
var GetStatus = single("status", func(ctx context.Context, p *peer.Peer, _ None) (Status, error) {
	status, err := p.Status(ctx)
	if err != nil {
		return Status{}, err
	}
	forks, err := p.Forks(ctx)
	s := statusOf(status, p.Damage())
	if len(forks) > 0 {
		s.Forks = each(forks, forkOf)
	}
	return s, err
})

// ReachArgs names a document.
type ReachArgs struct {
	Document string `json:"document"`
}

// GetReach tells whom a document's text has reached.
var GetReach = single("reach", func(ctx context.Context, p *peer.Peer, a ReachArgs) (Reach, error) {
	doc, err := findDocument(ctx, p, a.Document)
	if err != nil {
		return Reach{}, err
	}
	if err := p.AskWhoHas(ctx, doc); err != nil {
		return Reach{}, err
	}
	r, err := p.Reach(ctx, doc)
	if err != nil {
		return Reach{}, err
	}
	out := reachOf(r)
	waiting, err := p.Waiting(ctx, doc)
	for _, w := range waiting {
		out.Waiting = append(out.Waiting, w.String())
	}
	return out, err
})

// Peers lists the other devices, nearby or known.
var Peers = single("peers", func(_ context.Context, p *peer.Peer, _ None) ([]Neighbour, error) {
	return each(p.Peers(), neighbourOf), nil
})

// ConnectArgs is the UDP address, host:port, of a peer.
type ConnectArgs struct {
	Address string `json:"address"`
}

// Connect dials an address and gives who is there.
var Connect = running(single("connect", func(ctx context.Context, p *peer.Peer, a ConnectArgs) (Neighbour, error) {
	info, err := p.Connect(ctx, a.Address)
	if err != nil {
		return Neighbour{}, err
	}
	return neighbourOf(info), nil
}))

// PairArgs names a peer by its ID, the start of that, or its name, and the space to
// share with it, "" for none.
type PairArgs struct {
	Peer  string `json:"peer"`
	Space string `json:"space"`
}

// PairStep is where a pairing stands: the first has the code, the second says
// that both have confirmed.
type PairStep struct {
	Pairing
	Paired bool `json:"paired"`
}

// StartPairing pairs with a peer. It gives one [PairStep] when the code is
// known and one when both have confirmed it; anything else is an error. The
// end of ctx rejects.
var StartPairing = running(Op[PairArgs, PairStep]{name: "pair", run: startPairing})

func startPairing(ctx context.Context, p *peer.Peer, a PairArgs, emit func(PairStep) error) error {
	space, err := findOptionalSpace(ctx, p, a.Space)
	if err != nil {
		return err
	}
	other, err := findNeighbour(p, a.Peer)
	if err != nil {
		return err
	}
	info, err := p.StartPairing(ctx, other, space)
	if err != nil {
		return err
	}
	return awaitPairing(ctx, p, info, emit)
}

// awaitPairing gives the step at which the code is known, and the last one.
func awaitPairing(ctx context.Context, p *peer.Peer, info peer.PairingInfo, emit func(PairStep) error) error {
	step := PairStep{Pairing: pairingOf(info)}
	if err := emit(step); err != nil {
		_ = p.RejectPairing(info.Code) // it may have ended by itself
		return err
	}
	if err := p.WaitPairing(ctx, info.Key); err != nil {
		if ctx.Err() != nil {
			_ = p.RejectPairing(info.Code)
		}
		return err
	}
	if now, ok := p.PairingOf(info.Key); ok {
		step.Link, step.As = now.Link, now.As
	}
	step.Confirmed, step.Paired = true, true
	return emit(step)
}

// Pairings lists the pairings that wait for an answer from either side and
// have a code already.
var Pairings = running(single("pair list", func(_ context.Context, p *peer.Peer, _ None) ([]Pairing, error) {
	open := slices.DeleteFunc(p.Pairings(), func(i peer.PairingInfo) bool { return i.Code == "" })
	return each(open, pairingOf), nil
}))

// AnswerArgs is the code of a pairing and the space to share, "" for none. As is
// the known person whose new device the other one is, "" for nobody's; Other says that
// it is somebody else than the known person whom they look like, and Mine that it is to
// be a device of the person here.
type AnswerArgs struct {
	Code  string `json:"code"`
	Space string `json:"space"`
	As    string `json:"as"`
	Other bool   `json:"other"`
	Mine  bool   `json:"mine"`
}

// ConfirmPairing records that the person saw the same code on both screens. What the
// other side asked for to become a device of the person here takes Mine: [ErrLink]. Of
// somebody who looks like a known person it has to be told who it is: [ErrLooksLike].
var ConfirmPairing = running(single("pair confirm", func(ctx context.Context, p *peer.Peer, a AnswerArgs) (Pairing, error) {
	space, err := findOptionalSpace(ctx, p, a.Space)
	if err != nil {
		return Pairing{}, err
	}
	return answer(p, a.Code, true, func(code string) error {
		if err := a.askFirst(p.Pairings(), code); err != nil {
			return err
		}
		if a.As != "" {
			return p.ConfirmAs(code, a.As, space)
		}
		return p.ConfirmPairing(code, space)
	})
}))

// askFirst finds what has to be told of a pairing and was not.
func (a AnswerArgs) askFirst(open []peer.PairingInfo, code string) error {
	i := slices.IndexFunc(open, func(i peer.PairingInfo) bool { return i.Code == code })
	switch {
	case i < 0:
		return nil // it is told below
	case open[i].Link && open[i].Incoming && !a.Mine:
		return fmt.Errorf("code %s: %w", code, ErrLink)
	case !open[i].Link && a.Mine:
		return fmt.Errorf("code %s: %w", code, ErrNoLink)
	case open[i].LooksLike != "" && !open[i].Link && !open[i].Confirmed && !a.Other && a.As == "":
		return fmt.Errorf("%s is not the %s you know: %w", open[i].Name, open[i].LooksLike, ErrLooksLike)
	}
	return nil
}

// RejectPairing records that the codes differ or that the person is not wanted.
var RejectPairing = running(single("pair reject", func(_ context.Context, p *peer.Peer, a AnswerArgs) (Pairing, error) {
	return answer(p, a.Code, false, p.RejectPairing)
}))

// answer gives the pairing as it stands after the answer.
func answer(p *peer.Peer, code string, confirmed bool, f func(string) error) (Pairing, error) {
	code, ok := cleanCode(code)
	if !ok {
		return Pairing{}, ErrBadCode
	}
	pairing, key := Pairing{Code: code}, uint64(0)
	for _, info := range p.Pairings() {
		if info.Code == code {
			pairing, key = pairingOf(info), info.Key
		}
	}
	if err := f(code); err != nil {
		return Pairing{}, err
	}
	if now, ok := p.PairingOf(key); ok {
		pairing.As = now.As
	}
	pairing.Confirmed = confirmed
	return pairing, nil
}

// IsCode reports whether s is a pairing code as people write it.
func IsCode(s string) bool {
	_, ok := cleanCode(s)
	return ok
}

// cleanCode returns the six digits of "417293", "417 293" or "417-293".
func cleanCode(s string) (code string, ok bool) {
	code = strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(s)
	return code, len(code) == 6 && strings.Trim(code, "0123456789") == ""
}
