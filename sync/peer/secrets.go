package peer

import (
	"context"
	"maps"
	"slices"
	"time"

	"starling/sync/trust"
)

// maxOffered is how many secrets wait for the removals that renewed them.
const maxOffered = 16

// shown are the secrets in the order in which they are shown: those that removals
// have renewed, the current ones first, then the others. One that was drawn for
// a removal that came to nothing is among the others.
func (sp *space) shown() []trust.Secret {
	out := make([]trust.Secret, 0, len(sp.secrets))
	for _, hash := range sp.roster.SecretHashes() {
		for _, s := range sp.secrets {
			if s.Hash() == hash && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	for _, s := range sp.secrets {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// maxBeside is how many secrets of owners stand beside those that removals renewed.
const maxBeside = 5

// trustOwner takes secrets that an owner brings beside those we have: whoever
// brought us in first may have made theirs up, and nobody would know our tags.
func (p *Peer) trustOwner(ctx context.Context, from DeviceID, id SpaceID, secrets []trust.Secret) error {
	p.mu.Lock()
	sp := p.spaces[id]
	if role, ok := sp.roster.Role(from); !ok || role != trust.Owner {
		p.mu.Unlock()
		return nil
	}
	had := len(sp.secrets)
	beside := len(sp.secrets) - len(sp.roster.SecretHashes())
	for _, s := range secrets {
		if beside < maxBeside && !slices.Contains(sp.secrets, s) {
			sp.secrets = append(sp.secrets, s)
			beside++
		}
	}
	more := len(sp.secrets) > had
	p.mu.Unlock()
	if !more {
		return nil
	}
	return p.storeSpace(ctx, sp)
}

// takeSecrets takes secrets that a member says are new. What no removal that
// counts has renewed to waits for one: the statement may come behind.
func (p *Peer) takeSecrets(ctx context.Context, id SpaceID, secrets []trust.Secret) error {
	p.mu.Lock()
	sp := p.spaces[id]
	if sp == nil || !sp.has(p.me.ID) {
		p.mu.Unlock()
		return nil
	}
	for _, s := range secrets {
		if !slices.Contains(sp.secrets, s) && !slices.Contains(sp.offered, s) {
			sp.offered = append(sp.offered, s)
		}
	}
	sp.offered = sp.offered[max(0, len(sp.offered)-maxOffered):]
	p.mu.Unlock()
	return p.adoptSecrets(ctx, sp)
}

// adoptSecrets takes those offered secrets that count now, stores them and then
// passes them on.
func (p *Peer) adoptSecrets(ctx context.Context, sp *space) error {
	p.mu.Lock()
	if len(sp.offered) == 0 {
		p.mu.Unlock()
		return nil
	}
	hashes := sp.roster.SecretHashes()
	adopted := false
	sp.offered = slices.DeleteFunc(sp.offered, func(s trust.Secret) bool {
		if !slices.Contains(hashes, s.Hash()) {
			return false
		}
		sp.secrets = append([]trust.Secret{s}, sp.secrets...)
		adopted = true
		return true
	})
	p.mu.Unlock()
	if !adopted {
		return nil
	}
	if err := p.storeSpace(context.WithoutCancel(ctx), sp); err != nil {
		return err
	}
	p.pushKeys(sp.id)
	return nil
}

// renewSecret draws a secret for those who stay and stores it, before anyone is
// told of the statement that it comes with. state, called under mu, makes that. A
// secret that came to nothing is forgotten: else its place among those that count
// beside the renewed ones would be taken for good. It goes to its end though ctx
// ends: nobody else would give those who stay the secret of what was stated.
func (p *Peer) renewSecret(ctx context.Context, id SpaceID, state func(*space, trust.Secret) ([]*trust.Statement, error)) error {
	ctx = context.WithoutCancel(ctx)
	secret, err := trust.NewSecret()
	if err != nil {
		return err
	}
	sp, err := p.space(id)
	if err != nil {
		return err
	}
	p.mu.Lock()
	sp.secrets = append([]trust.Secret{secret}, sp.secrets...)
	p.mu.Unlock()
	if err = p.storeSpace(ctx, sp); err == nil {
		err = p.amend(ctx, id, func(sp *space) ([]*trust.Statement, error) { return state(sp, secret) })
	}
	if err != nil {
		p.forgetSecret(ctx, sp, secret)
		return err
	}
	p.pushKeys(id)
	return nil
}

// forgetSecret forgets a secret that no statement names.
func (p *Peer) forgetSecret(ctx context.Context, sp *space, secret trust.Secret) {
	p.mu.Lock()
	named := slices.Contains(sp.roster.SecretHashes(), secret.Hash())
	if !named {
		sp.secrets = slices.DeleteFunc(sp.secrets, func(s trust.Secret) bool { return s == secret })
	}
	p.mu.Unlock()
	if named {
		return
	}
	if err := p.storeSpace(context.WithoutCancel(ctx), sp); err != nil {
		p.log.Debug("a secret that came to nothing may still be stored", "space", sp.id, "err", err)
	}
}

// storeSpace stores a space as it is by now. Two who do so at the same time write
// one after the other, so that none writes over what is newer.
func (p *Peer) storeSpace(ctx context.Context, sp *space) error {
	sp.writing.Lock()
	defer sp.writing.Unlock()
	p.mu.Lock()
	row := sp.row()
	p.mu.Unlock()
	return p.store.PutSpace(ctx, row)
}

// How long after a failure nobody tries to renew a secret again: the first time,
// then twice as long each time, and at most.
const (
	renewPause    = time.Minute
	maxRenewPause = time.Hour
)

// renewExposed renews the secret of a space that somebody has left, who knows it, if
// we are the first of its owners who are here. Two who do so at once do no harm.
func (p *Peer) renewExposed(ctx context.Context, sp *space) error {
	p.mu.Lock()
	mine := !sp.renewing && sp.roster.Exposed() && p.firstOwnerLocked(sp) && !time.Now().Before(sp.renewAt)
	sp.renewing = sp.renewing || mine
	p.mu.Unlock()
	if !mine {
		return nil
	}
	err := p.renewSecret(ctx, sp.id, func(sp *space, secret trust.Secret) ([]*trust.Statement, error) {
		return sp.roster.Renew(p.id, secret, p.now())
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	sp.renewing = false
	if err == nil {
		sp.renewAt, sp.renewPause = time.Time{}, 0
		return nil
	}
	sp.renewPause = min(max(2*sp.renewPause, renewPause), maxRenewPause)
	sp.renewAt = time.Now().Add(sp.renewPause)
	return err
}

// firstOwnerLocked reports whether no owner's device that comes before ours in the
// roster is connected with us.
func (p *Peer) firstOwnerLocked(sp *space) bool {
	for _, m := range sp.roster.Members() {
		for _, d := range m.Devices {
			switch {
			case m.Role != trust.Owner:
			case d == p.me.ID:
				return true
			case p.net != nil && p.net.links[d] != nil:
				return false
			}
		}
	}
	return false
}

// tendSecret is renewExposed, which is tried again with each refresh.
func (p *Peer) tendSecret(ctx context.Context, sp *space) {
	if err := p.renewExposed(ctx, sp); err != nil && ctx.Err() == nil {
		p.log.Warn("a secret could not be renewed", "space", sp.id, "err", err)
	}
}

// tendSecrets does so for all spaces: an owner who was to do it may be gone.
func (p *Peer) tendSecrets(ctx context.Context) {
	p.mu.Lock()
	all := slices.Collect(maps.Values(p.spaces))
	p.mu.Unlock()
	for _, sp := range all {
		p.tendSecret(ctx, sp)
	}
}

// pushKeys gives the newest secrets of a space to all with whom we share it.
func (p *Peer) pushKeys(id SpaceID) {
	for _, s := range p.sessions() {
		s.PushKey(id)
	}
}
