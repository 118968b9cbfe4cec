package trust

import (
	"fmt"
	"slices"
	"time"

	"starling/sync/identity"
)

// Renew states that the space has another secret, as after somebody left, who
// knows the old one and could not draw one for the others. Only an owner may.
func (r *Roster) Renew(by *identity.Identity, secret Secret, now time.Time) ([]*Statement, error) {
	if secret == (Secret{}) {
		return nil, fmt.Errorf("renew the secret of space %v: %w", r.id, ErrBadStatement)
	}
	return r.asOwner(by, Statement{Kind: Renew, SecretHash: secret.Hash()}, now, "renew the secret of")
}

// Exposed reports whether one who was removed or has left may know each of the
// secrets: no renewal that counts knew of all the removals that do. So it is after
// somebody left, and after two removals that crossed. A device that is out for what
// is spared can have learnt none if it went with its person, who has not returned.
func (r *Roster) Exposed() bool {
	l := r.view()
	if l.exposed != nil {
		return *l.exposed
	}
	var removals set
	r.items.each(func(i int) {
		k := r.kept[i]
		if k.Kind == Remove && l.has(i) && !l.gone(k) {
			removals = removals.with(i)
		}
	})
	exposed := len(removals) > 0 && !slices.ContainsFunc(r.renewals, func(i int) bool {
		if !l.has(i) || l.spared(r.kept[i]) {
			return false
		}
		knew := append(set(nil), r.kept[i].past...).with(i)
		return removals.agree(knew, removals)
	})
	l.exposed = &exposed
	return exposed
}

// gone reports whether a device went, before anybody knew that its person removes it,
// together with that person, who does not belong again.
func (l *lens) gone(k *record) bool {
	return l.own(k.target) == 0 && !l.place(k.target).in && slices.ContainsFunc(k.sparing, func(i int) bool {
		return l.has(i) && slices.Contains(l.r.kept[i].ids, k.Subject)
	})
}

// SecretHashes are those of the renewed secrets, first those of renewals that no
// other one knew, then the older ones, the newest first. They must not be changed.
func (r *Roster) SecretHashes() [][32]byte {
	l := r.view()
	if l.secrets != nil {
		return l.secrets
	}
	renewals := slices.DeleteFunc(slices.Clone(r.renewals), func(i int) bool { return !l.has(i) || l.spared(r.kept[i]) })
	for len(renewals) > 0 {
		var layer [][32]byte
		l.newest(renewals, func(k *record) { layer = append(layer, k.SecretHash) })
		renewals = slices.DeleteFunc(renewals, func(i int) bool { return slices.Contains(layer, r.kept[i].SecretHash) })
		slices.SortFunc(layer, func(a, b [32]byte) int { return slices.Compare(a[:], b[:]) })
		l.secrets = append(l.secrets, slices.Compact(layer)...)
	}
	return l.secrets
}
