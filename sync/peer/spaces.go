package peer

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	"starling/crdt/store"
	"starling/sync/protocol"
	"starling/sync/trust"
)

func (p *Peer) loadSpaces(ctx context.Context) error {
	rows, err := p.store.Spaces(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		sp := &space{id: row.ID, roster: trust.NewRoster(row.ID), joined: row.Joined, left: row.Left}
		for _, secret := range row.Secrets {
			if len(secret) == len(trust.Secret{}) {
				sp.secrets = append(sp.secrets, trust.Secret(secret))
			}
		}
		held, err := p.store.Statements(ctx, row.ID)
		if err != nil {
			return err
		}
		for _, h := range held {
			s, err := trust.ParseStatement(h.Bytes)
			if err == nil {
				_, err = sp.roster.Add(s)
			}
			if err != nil {
				p.log.Error("a stored statement can't be read", "space", sp.id, "err", err)
			}
		}
		p.spaces[sp.id] = sp
		p.learnMembers(sp)
	}
	return nil
}

// learnMembers makes the members of a space known people; under mu, or before
// the peer is shared.
func (p *Peer) learnMembers(sp *space) {
	for _, m := range sp.roster.Members() {
		for _, d := range m.Devices {
			if d == p.me.ID {
				continue
			}
			if who := p.personLocked(d); who.name == "" {
				who.name = CleanName(m.Name)
			}
		}
	}
}

// Spaces lists our spaces in the order in which we came to them.
func (p *Peer) Spaces(context.Context) ([]Space, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.byAge()
	out := make([]Space, 0, len(all))
	for _, sp := range all {
		out = append(out, p.describeLocked(sp))
	}
	return out, nil
}

// byAge are our spaces in the order in which we came to them; under mu.
func (p *Peer) byAge() []*space {
	return slices.SortedFunc(maps.Values(p.spaces), func(a, b *space) int {
		return cmp.Or(a.joined.Compare(b.joined), a.id.Compare(b.id))
	})
}

func (p *Peer) describeLocked(sp *space) Space {
	s := Space{ID: sp.id, Name: CleanName(sp.roster.Name()), Left: sp.left}
	if role, in := sp.roster.Role(p.me.ID); in {
		s.Role, s.Left = role.String(), false
	} else if by, ok := sp.roster.RemovedBy(p.me.ID); ok { // which may be later than that we have left
		person, stays := sp.roster.Person(by)
		if !stays {
			person = by
		}
		if s.Left = sp.leftBy(p.me.ID); !s.Left { // one device leaves for all
			s.RemovedBy, s.Revoked = p.whoLocked(by), slices.Contains(sp.roster.Ever(person), p.me.ID)
		}
	}
	names := p.looksLocked()
	for _, m := range sp.roster.Members() {
		s.Members = append(s.Members, p.memberOfLocked(m, names))
	}
	for _, m := range sp.roster.Removed() {
		if len(m.Devices) > 1 { // one that was taken out before names nobody who is to return
			if had := slices.DeleteFunc(slices.Clone(m.Devices), sp.takenOut); len(had) > 0 {
				m.Devices = had
			}
		}
		gone := p.memberOfLocked(m, names)
		gone.Removed, gone.Left = true, m.Left
		s.Members = append(s.Members, gone)
	}
	return s
}

func (p *Peer) memberOfLocked(m trust.Member, names looks) Member {
	out := Member{Person: p.whoLocked(m.ID), Role: m.Role.String()}
	out.NotTheOne = p.memberLikeLocked(out.Name, m.Devices, names)
	for _, d := range m.Devices {
		out.Devices = append(out.Devices, p.deviceLocked(d))
	}
	return out
}

// NewSpace founds a space that holds only us.
func (p *Peer) NewSpace(ctx context.Context, name string) (SpaceID, error) {
	if name = CleanName(name); name == "" {
		return SpaceID{}, fmt.Errorf("new space: %w", ErrBadName)
	}
	roster, err := trust.FoundSpace(p.id, name, p.now())
	if err != nil {
		return SpaceID{}, err
	}
	secret, err := trust.NewSecret()
	if err != nil {
		return SpaceID{}, err
	}
	sp := &space{id: roster.ID(), secrets: []trust.Secret{secret}, roster: roster, joined: p.now()}
	return sp.id, p.enter(ctx, sp)
}

// enter stores a space and begins to live in it.
func (p *Peer) enter(ctx context.Context, sp *space) error {
	if err := p.storeStatements(ctx, sp.id, sp.roster.Statements()); err != nil {
		return err
	}
	err := p.store.PutSpace(ctx, sp.row())
	if err != nil {
		return err
	}
	p.mu.Lock()
	if held := p.spaces[sp.id]; held == nil {
		p.spaces[sp.id] = sp
	} else if _, err = held.roster.Add(sp.roster.Statements()...); err == nil {
		sp = held // two have brought us in at the same time
	}
	p.learnMembers(sp)
	n := p.net
	p.mu.Unlock()
	if err != nil {
		return err
	}
	if n != nil {
		n.nudge() // members whom we had not met are to be dialled
	}
	p.hub.emit(SpacesChanged{})
	p.linkDevices(ctx, sp)
	return nil
}

func (p *Peer) storeStatements(ctx context.Context, id SpaceID, statements []*trust.Statement) error {
	rows := make([]store.Statement, 0, len(statements))
	for _, s := range statements {
		rows = append(rows, store.Statement{Hash: s.Hash(), Bytes: s.Bytes()})
	}
	return p.store.PutStatements(ctx, id, rows)
}

func (p *Peer) space(id SpaceID) (*space, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if sp := p.spaces[id]; sp != nil {
		return sp, nil
	}
	return nil, fmt.Errorf("space %v: %w", id, ErrNoSpace)
}

// mayWrite reports whether a device belongs to a space, and whether what it writes
// in texts counts there.
func (p *Peer) mayWrite(id SpaceID, device DeviceID) (in, writes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	sp := p.spaces[id]
	if sp == nil || !sp.has(device) {
		return false, false
	}
	return true, sp.roster.MayWrite(device)
}

// spread stores the statements that the roster has taken and that are not
// stored yet, and tells everyone but the one they came from. What could not be
// stored is tried again the next time. As the roster has taken them, all of it is
// done to the end, though whoever brought them, and with them ctx, has gone; only they
// wait no longer. Not even the end of the peer keeps them from being stored; what
// follows is done at the next start then.
func (p *Peer) spread(ctx context.Context, sp *space, from DeviceID) error {
	done := make(chan error, 1)
	p.background.Go(func() { done <- p.spreadAll(p.upkeep.ctx, sp, from) })
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Peer) spreadAll(ctx context.Context, sp *space, from DeviceID) error {
	id := sp.id
	p.mu.Lock()
	owed := slices.Clone(sp.owed)
	p.mu.Unlock()
	if len(owed) == 0 {
		return nil
	}
	err := p.storeStatements(context.WithoutCancel(ctx), id, owed)
	p.mu.Lock()
	if err == nil {
		sp.owed = slices.DeleteFunc(sp.owed, func(s *trust.Statement) bool { return slices.Contains(owed, s) })
		sp.unsettled = true
	}
	sp.late = len(sp.owed) > 0 && (sp.late || err != nil)
	p.mu.Unlock()
	if err != nil {
		return err
	}
	raw := make([][]byte, 0, len(owed))
	for _, s := range owed {
		raw = append(raw, s.Bytes())
	}
	for _, s := range p.sessions() {
		if s.Peer() != from {
			s.PushStatements(id, raw)
		}
	}
	p.hub.emit(SpacesChanged{}, PeersChanged{})
	if err := p.settleSpace(ctx, sp); err != nil && ctx.Err() == nil {
		p.log.Error("lines may not be drawn yet; trying again", "err", err)
	}
	p.refreshSessions()
	p.noticeRevoked()
	p.linkDevices(ctx, sp)
	p.tendSecret(ctx, sp)
	return p.adoptSecrets(ctx, sp)
}

// settleSpace looks again at what a space holds, as its roster has changed. If that
// fails, it is left to be done again.
func (p *Peer) settleSpace(ctx context.Context, sp *space) error {
	p.mu.Lock()
	sp.unsettled = false // it may be set again meanwhile
	p.mu.Unlock()
	err := p.reconsider(ctx, sp.id)
	if err != nil {
		p.mu.Lock()
		sp.unsettled = true
		p.mu.Unlock()
	}
	return err
}

// storeOwed tries again to store the statements that the disk did not take, and to
// do what was to follow those that it did.
func (p *Peer) storeOwed(ctx context.Context) {
	p.mu.Lock()
	var owing, unsettled []*space
	for _, sp := range p.spaces {
		if sp.late {
			owing = append(owing, sp)
		}
		if sp.unsettled {
			unsettled = append(unsettled, sp)
		}
	}
	p.mu.Unlock()
	for _, sp := range owing {
		if err := p.spread(ctx, sp, DeviceID{}); err != nil && ctx.Err() == nil {
			p.log.Debug("statements are still not stored", "space", sp.id, "err", err)
		}
	}
	for _, sp := range unsettled {
		if err := p.settleSpace(ctx, sp); err != nil && ctx.Err() == nil {
			p.log.Debug("lines are still not drawn", "space", sp.id, "err", err)
		}
	}
}

// statements are all that a space's roster holds.
func (p *Peer) statements(id SpaceID) [][]byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	sp := p.spaces[id]
	if sp == nil {
		return nil
	}
	var raw [][]byte
	for _, s := range sp.roster.Statements() {
		if !slices.Contains(sp.owed, s) {
			raw = append(raw, s.Bytes())
		}
	}
	return raw
}

func (p *Peer) takeStatements(ctx context.Context, from DeviceID, id SpaceID, raw [][]byte) error {
	statements, err := parseStatements(p.unheard(id, raw))
	if err != nil {
		return err
	}
	p.mu.Lock()
	sp := p.spaces[id]
	if sp == nil {
		p.mu.Unlock()
		return nil
	}
	fresh, err := sp.roster.Add(statements...)
	said := make(map[*trust.Statement]bool, len(statements))
	for _, s := range statements {
		said[s] = true
	}
	waited := func(s *trust.Statement) bool { return !said[s] } // for what has come now
	if len(sp.owed) > 0 || slices.ContainsFunc(fresh, waited) {
		from = DeviceID{} // it may lack those
	}
	sp.owe(fresh, err)
	p.learnMembers(sp)
	p.mu.Unlock()
	if err != nil {
		return fmt.Errorf("%w: %w", protocol.ErrMalformed, err)
	}
	return p.spread(ctx, sp, from)
}

// unheard are those statements that we do not hold: each of many peers tells the
// same, and to check its signatures once is enough.
func (p *Peer) unheard(id SpaceID, raw [][]byte) [][]byte {
	hashes := make([]trust.StatementHash, len(raw))
	for i, r := range raw {
		hashes[i] = sha256.Sum256(r)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	sp := p.spaces[id]
	if sp == nil {
		return nil
	}
	out := make([][]byte, 0, len(raw))
	for i, r := range raw {
		if !sp.roster.Has(hashes[i]) {
			out = append(out, r)
		}
	}
	return out
}

func parseStatements(raw [][]byte) ([]*trust.Statement, error) {
	statements := make([]*trust.Statement, 0, len(raw))
	for _, r := range raw {
		s, err := trust.ParseStatement(r)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", protocol.ErrMalformed, err)
		}
		statements = append(statements, s)
	}
	return statements, nil
}

// takeGrant lets someone bring us into a space in which both of us are: a person
// with whom we have paired, one with whom we are in another space, as long as there
// are not more than two can speak about, or one who has redeemed an invitation to
// just this space.
func (p *Peer) takeGrant(ctx context.Context, from DeviceID, id SpaceID, secrets []trust.Secret, raw [][]byte) (bool, error) {
	p.mu.Lock()
	known := p.spaces[id] != nil
	welcome := p.knownLocked(from) && len(p.sharedLocked(from)) < protocol.MaxTags || p.awaitsLocked(from, id)
	p.mu.Unlock()
	if known {
		if err := p.takeStatements(ctx, from, id, raw); err != nil {
			return false, err
		}
		if err := p.trustOwner(ctx, from, id, secrets); err != nil {
			return false, err
		}
		return true, p.takeSecrets(ctx, id, secrets)
	}
	if !welcome {
		return false, nil
	}
	statements, err := parseStatements(raw)
	if err != nil {
		return false, err
	}
	roster := trust.NewRoster(id)
	if _, err := roster.Add(statements...); err != nil {
		return false, fmt.Errorf("%w: %w", protocol.ErrMalformed, err)
	}
	_, theirs := roster.Role(from)
	_, ours := roster.Role(p.id.ID())
	if !theirs || !ours {
		return false, nil
	}
	p.log.Info("brought into a space", "space", id, "by", from.Tag())
	return true, p.enter(ctx, &space{id: id, secrets: secrets, roster: roster, joined: p.now()})
}

// Documents lists the documents of a space, of all if it is zero, by title.
func (p *Peer) Documents(ctx context.Context, id SpaceID) ([]Document, error) {
	ids := []SpaceID{id}
	if id == (SpaceID{}) {
		ids = nil
		for _, sp := range p.spacesFor(DeviceID{}) {
			ids = append(ids, sp.ID)
		}
	} else if _, err := p.space(id); err != nil {
		return nil, err
	}
	var out []Document
	for _, id := range ids {
		rows, err := p.store.Documents(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out = append(out, Document{r.ID, r.Space, r.Title, r.Updated})
		}
	}
	slices.SortFunc(out, func(a, b Document) int {
		return cmp.Or(cmp.Compare(a.Title, b.Title), bytes.Compare(a.ID[:], b.ID[:]))
	})
	return out, nil
}

// Search finds documents by title and text. behind is how many documents have
// changes that are not in the text that was searched yet.
func (p *Peer) Search(ctx context.Context, query string, limit int) (hits []Hit, behind int, err error) {
	rows, behind, err := p.store.Search(ctx, query, limit)
	if err != nil {
		return nil, 0, err
	}
	hits = make([]Hit, 0, len(rows))
	for _, r := range rows {
		hits = append(hits, Hit{r.Doc, r.Space, r.Title, r.Snippet})
	}
	return hits, behind + len(p.behind.remaining(nil)), nil
}
