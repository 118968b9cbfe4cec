package peer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"starling/sync/protocol"
	"starling/sync/trust"
)

// pairing is one attempt of two people to come together, over one session,
// which has no other; under Peer.mu.
type pairing struct {
	key     uint64
	id      DeviceID
	session *protocol.Session
	seen    protocol.Pairing
	space   SpaceID       // that we share, zero for none
	as      DeviceID      // of the person whose new device it is, zero for none
	link    bool          // we have asked to be one person
	asked   bool          // a person here has asked for it
	known   chan struct{} // closed when the code is known
	ended   chan struct{}
	err     error // once ended

	answered bool // a person here has confirmed it
}

// maxEnded is how many pairings are remembered after their end, for those who
// still wait for the outcome.
const maxEnded = 64

func (p *Peer) newPairingLocked(s *protocol.Session) *pairing {
	p.lastKey++
	pa := &pairing{
		key: p.lastKey, id: s.Peer(), session: s,
		known: make(chan struct{}), ended: make(chan struct{}),
	}
	ended := 0
	for _, old := range p.pairings {
		if old.over() {
			ended++
		}
	}
	p.pairings = slices.DeleteFunc(p.pairings, func(old *pairing) bool {
		forget := old.over() && ended > maxEnded
		if forget {
			ended--
		}
		return forget
	})
	p.pairings = append(p.pairings, pa)
	return pa
}

func (p *Peer) pairingOfLocked(s *protocol.Session) *pairing {
	for _, pa := range p.pairings {
		if pa.session == s {
			return pa
		}
	}
	return nil
}

// elsewhereLocked lists the pairings with the session's device that go on over
// other sessions, as when two connections cross.
func (p *Peer) elsewhereLocked(s *protocol.Session) []*pairing {
	var out []*pairing
	for _, pa := range p.pairings {
		if pa.id == s.Peer() && pa.session != s && !pa.over() {
			out = append(out, pa)
		}
	}
	return out
}

// mayPair decides whether to answer a request: not if we have asked over another
// connection with the device and our ID is the smaller, which makes our request
// count. Else what goes on over another one gives way: the other side would have
// joined it if it were alive there. A request over a connection that has given way
// may be read when that has ended there, and what goes on was begun after it. One
// who has failed too often is told how long to wait, unless a person here has asked.
func (p *Peer) mayPair(s *protocol.Session) (ok bool, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	mine, others := p.pairingOfLocked(s), p.elsewhereLocked(s)
	if (mine == nil || mine.over()) && !p.keepsLocked(s) {
		return false, 0
	}
	asked := func(pa *pairing) bool { return pa.asked }
	if (mine == nil || !mine.asked) && !slices.ContainsFunc(others, asked) {
		if wait := p.pairGuard.wait(s.Peer(), p.knownLocked(s.Peer()), time.Now()); wait > 0 {
			return false, wait
		}
	}
	for _, pa := range others {
		if pa.asked && p.me.ID.Compare(pa.id) < 0 {
			return false, 0
		}
	}
	if mine == nil {
		p.newPairingLocked(s)
	}
	for _, pa := range others {
		pa.end(ErrPairingEnded)
		p.background.Go(func() { _ = pa.session.RejectPairing() }) // it may have ended by itself
	}
	return true, 0
}

// keepsLocked reports whether a session is the one that is kept with its device.
// Any other ends as soon as no code is compared over it.
func (p *Peer) keepsLocked(s *protocol.Session) bool {
	if p.net == nil {
		return false
	}
	l := p.net.links[s.Peer()]
	return l != nil && l.session == s
}

func (pa *pairing) over() bool {
	select {
	case <-pa.ended:
		return true
	default:
		return false
	}
}

func (pa *pairing) end(err error) {
	if !pa.over() {
		pa.err = err
		close(pa.ended)
	}
}

func (p *Peer) pairingInfoLocked(pa *pairing) PairingInfo {
	who := p.whoLocked(pa.id)
	like := p.takenForLocked(pa.id, who.Name, p.looksLocked())
	info := PairingInfo{
		LooksLike: like.name, LooksLikeID: like.id,
		Key: pa.key, Code: pa.seen.Code, ID: pa.id, Name: who.Name, Colour: who.Colour,
		Incoming: pa.seen.Incoming || !pa.asked, Confirmed: pa.seen.Mine || pa.answered,
		Link: pa.seen.Link || pa.link,
	}
	if !pa.as.IsZero() {
		info.As = p.whoLocked(pa.as).Name
	}
	return info
}

// maxAttempts is how often a pairing is asked for whose connection ends before
// the code is known, as when two connections cross and one gives way.
const maxAttempts = 5

// StartPairing asks a person nearby, or one whose address is known, to pair,
// and returns when the code is known on both sides. space, unless zero, is
// shared with them once both have confirmed. A pairing with them that goes on
// already is joined.
func (p *Peer) StartPairing(ctx context.Context, start string, space SpaceID) (PairingInfo, error) {
	return p.startPairing(ctx, start, wish{space: space})
}

// wish is what a pairing is for, beside knowing each other.
type wish struct {
	space SpaceID // to be shared, zero for none
	link  bool    // both devices are one person's
}

func (p *Peer) startPairing(ctx context.Context, start string, w wish) (PairingInfo, error) {
	n, err := p.network()
	if err != nil {
		return PairingInfo{}, err
	}
	if err := p.mayShare(w.space); err != nil {
		return PairingInfo{}, err
	}
	info, err := p.awaitPeer(ctx, start)
	if err != nil {
		return PairingInfo{}, fmt.Errorf("pair with %q: %w", start, err)
	}
	bounded, cancel := context.WithTimeout(ctx, protocol.PairingTimeout)
	defer cancel()
	for attempt := 1; ; attempt++ {
		out, err := p.tryPairing(bounded, n, info, w)
		switch {
		case err == nil:
			return out, nil
		case ctx.Err() == nil && bounded.Err() != nil:
			err = ErrPairingTimeout
		case crossed(err) && attempt < maxAttempts && bounded.Err() == nil:
			continue
		}
		return PairingInfo{}, fmt.Errorf("pair with %s: %w", info.Tag, err)
	}
}

// crossed reports whether an attempt ended because another connection with the same
// device stays.
func crossed(err error) bool {
	return errors.Is(err, ErrPairingEnded) || errors.Is(err, protocol.ErrDuplicate) || duplicateCode(err)
}

// tryPairing is one attempt, up to the code.
func (p *Peer) tryPairing(ctx context.Context, n *network, info PeerInfo, w wish) (PairingInfo, error) {
	pa, err := p.ask(ctx, n, info, w)
	if err != nil {
		return PairingInfo{}, err
	}
	select {
	case <-pa.known:
	case <-pa.ended:
	case <-ctx.Done():
		_ = pa.session.RejectPairing() // it may have ended by itself
		return PairingInfo{}, ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if pa.seen.Code == "" {
		return PairingInfo{}, pa.err
	}
	return p.pairingInfoLocked(pa), nil
}

func (p *Peer) mayShare(space SpaceID) error {
	if space == (SpaceID{}) {
		return nil
	}
	sp, err := p.space(space)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	role, in := sp.roster.Role(p.me.ID)
	if !in && !sp.tells(p.me.ID) {
		return fmt.Errorf("share space %q: %w", sp.roster.Name(), notYet{ErrRemoved})
	}
	if role != trust.Owner {
		return fmt.Errorf("share space %v: %w", space, ErrNotOwner)
	}
	return nil
}

// ask finds or makes a session with the device and asks it to pair.
func (p *Peer) ask(ctx context.Context, n *network, info PeerInfo, w wish) (*pairing, error) {
	for {
		s, err := n.reach(ctx, info)
		if err != nil {
			return nil, err
		}
		pa, err := p.askOver(n, s, w)
		if !errors.Is(err, protocol.ErrPairingUsed) {
			return pa, err
		}
		// The connection had its attempt: a new one gives a new exporter.
		s.End(nil)
		n.awaitEnd(ctx, s)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
}

// askOver asks over a session, or joins the pairing with the device that goes on
// there or over another one.
func (p *Peer) askOver(n *network, s *protocol.Session, w wish) (*pairing, error) {
	p.mu.Lock()
	if n.all[s] == nil {
		p.mu.Unlock()
		return nil, ErrPairingEnded
	}
	pa := p.pairingOfLocked(s)
	if others := p.elsewhereLocked(s); len(others) > 0 {
		pa = others[0]
		s = pa.session
	}
	if pa == nil {
		pa = p.newPairingLocked(s)
	}
	joined := (pa.asked || pa.seen.Incoming) && !pa.over()
	if joined && w.link && !pa.link && !pa.seen.Link {
		p.mu.Unlock()
		return nil, protocol.ErrPairingOther
	}
	pa.asked, pa.link = true, pa.link || w.link
	if w.space != (SpaceID{}) {
		pa.space = w.space
	}
	p.mu.Unlock()
	if joined {
		return pa, nil
	}
	if err := s.RequestPairing(w.link); err != nil {
		p.mu.Lock()
		pa.end(err)
		p.mu.Unlock()
		return nil, err
	}
	return pa, nil
}

// WaitPairing returns nil when both have confirmed and what follows from it is
// written, else why the pairing ended.
func (p *Peer) WaitPairing(ctx context.Context, key uint64) error {
	pa := p.pairingByKey(key)
	if pa == nil {
		return ErrNoPairing
	}
	select {
	case <-pa.ended:
		return pa.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Peer) pairingByKey(key uint64) *pairing {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, pa := range p.pairings {
		if pa.key == key {
			return pa
		}
	}
	return nil
}

// Pairings lists the pairings that wait for an answer and whose code is known,
// in the order in which they began.
func (p *Peer) Pairings() []PairingInfo {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []PairingInfo
	for _, pa := range p.pairings {
		if !pa.over() && pa.seen.Code != "" && !pa.seen.Done() {
			out = append(out, p.pairingInfoLocked(pa))
		}
	}
	return out
}

// byCode finds the pairings with a code that wait for an answer: one, or by a
// chance in a million several.
func (p *Peer) byCode(code string) ([]*pairing, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []*pairing
	for _, pa := range p.pairings {
		if !pa.over() && code != "" && pa.seen.Code == code {
			found = append(found, pa)
		}
	}
	if found == nil {
		return nil, fmt.Errorf("code %s: %w", code, ErrNoPairing)
	}
	return found, nil
}

// ConfirmPairing records that the person here found the codes to be the same,
// and which space to share, zero for none. It returns at once. An answer that differs
// from one before fails with [ErrAnswered].
func (p *Peer) ConfirmPairing(code string, space SpaceID) error {
	if err := p.mayShare(space); err != nil {
		return err
	}
	pa, err := p.onlyByCode(code)
	if err != nil {
		return err
	}
	if err := p.mayShareWith(space, pa.id); err != nil {
		return err
	}
	p.mu.Lock()
	err = p.answerLocked(pa, DeviceID{})
	if err == nil && space != (SpaceID{}) {
		pa.space = space
	}
	p.mu.Unlock()
	if err != nil {
		return err
	}
	return pa.session.ConfirmPairing()
}

// onlyByCode finds the one pairing with a code that waits for a yes.
func (p *Peer) onlyByCode(code string) (*pairing, error) {
	found, err := p.byCode(code)
	if err == nil && len(found) > 1 {
		err = fmt.Errorf("code %s: %w", code, ErrSameCode)
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// RejectPairing says that the codes differ, or that the person here does not
// want to.
func (p *Peer) RejectPairing(code string) error {
	found, err := p.byCode(code)
	for _, pa := range found {
		err = errors.Join(err, pa.session.RejectPairing())
	}
	return err
}

// pairingChanged notes a step that a session took. Steps may be told in another
// order than that in which they were taken.
func (p *Peer) pairingChanged(s *protocol.Session, seen protocol.Pairing) {
	p.mu.Lock()
	pa := p.pairingOfLocked(s)
	if pa == nil && seen.Err == nil && p.net != nil && p.net.all[s] != nil {
		pa = p.newPairingLocked(s)
	}
	if pa == nil || pa.over() || pa.seen.Done() {
		p.mu.Unlock()
		return
	}
	seen.Mine, seen.Theirs = seen.Mine || pa.seen.Mine, seen.Theirs || pa.seen.Theirs
	if seen.Consent == ([64]byte{}) {
		seen.Consent = pa.seen.Consent
	}
	if seen.Code == "" {
		seen.Code = pa.seen.Code
	}
	if pa.seen.Code == "" && seen.Code != "" {
		close(pa.known)
	}
	pa.seen = seen
	switch {
	case seen.Err != nil:
		p.failedLocked(pa)
		pa.end(seen.Err)
	case seen.Done():
		p.pairGuard.succeeded(pa.id)
		p.personLocked(pa.id).paired = true // before their grant can come
		p.background.Go(func() { p.paired(pa) })
	}
	p.mu.Unlock()
	p.hub.emit(PairingsChanged{})
}

// endPairingLocked ends the pairing of a session that is over, unless both have
// confirmed: then what follows from it is on its way.
func (p *Peer) endPairingLocked(s *protocol.Session) {
	if pa := p.pairingOfLocked(s); pa != nil && !pa.seen.Done() {
		p.failedLocked(pa)
		pa.end(ErrPairingEnded)
	}
}

// failedLocked counts a pairing that nobody here has asked for and that ended
// when its code had been shown.
func (p *Peer) failedLocked(pa *pairing) {
	if !pa.over() && !pa.asked && pa.seen.Code != "" {
		p.pairGuard.failed(pa.id, p.knownLocked(pa.id), time.Now())
	}
}

// paired writes what both have agreed to: they are known to each other, and the
// space is shared.
func (p *Peer) paired(pa *pairing) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*consentTime)
	defer cancel()
	who := p.who(pa.id)
	p.mu.Lock()
	space, seen, as := pa.space, pa.seen, pa.as
	p.mu.Unlock()
	p.remember(pa.id, func(w *person) { w.name, w.colour, w.paired = who.Name, who.Colour, true })
	var err error
	switch {
	case seen.Link:
		err = p.linked(ctx, pa.id, bytes.Clone(seen.Consent[:]))
	case !as.IsZero():
		err = p.takeAs(ctx, pa.session, as)
	}
	if err == nil && !seen.Link && space != (SpaceID{}) {
		err = p.sharePaired(ctx, space, who)
	}
	p.refreshSessions()
	p.mu.Lock()
	pa.end(err)
	p.mu.Unlock()
	p.log.Info("paired", "with", pa.id.Tag(), "space", space, "err", err)
	p.hub.emit(PairingsChanged{}, PeersChanged{})
}
