package trust

import (
	"slices"

	"starling/sync/identity"
)

// judge reports whether the author of k had the right to state it by what the
// lens shows, and notes in k what else follows from that. It is called once with
// what k knew, and again whenever some of that turns out not to count; only the
// first call's notes are kept.
func (l *lens) judge(k *record) bool {
	person, role, ok := l.person(k.Author)
	if !ok {
		return false
	}
	k.person, k.depth, k.reach, k.needs = person, l.depth(person), l.reach(k.Author), Owner
	k.minor = role != Owner
	switch k.Kind {
	case Admit:
		k.ids, k.had = l.whole(k.Subject)
	case Remove:
		target, had, in := l.person(k.Subject)
		if k.Whole {
			k.ids, k.had = l.whole(k.Subject)
		} else if k.ids, k.had, k.target = []identity.DeviceID{k.Subject}, had, target; !in {
			return false
		}
		if in && target == person || k.Whole && !in && k.Subject == person { // whose first device is gone
			k.needs = Viewer
		}
	case Link:
		target, _, in := l.person(k.To)
		if !in || target != k.Person {
			return false
		}
		if target == person {
			k.needs = Viewer
		}
	case Cancel:
		if i, ok := l.r.index[k.Names]; !ok || l.r.kept[i].Kind != Invite {
			return false
		}
	case Choose:
		if i, ok := l.r.index[k.Names]; !ok || !l.r.kept[i].chooses(k.Choice) {
			return false
		}
	}
	if k.Kind == Admit && k.Names != (StatementHash{}) {
		if i := l.r.index[k.Names]; l.r.kept[i].Kind != Invite {
			return false
		}
	}
	return role <= k.needs
}

// whole is a person with all its devices, and its role.
func (l *lens) whole(subject identity.DeviceID) ([]identity.DeviceID, Role) {
	at, role, ok := l.person(subject)
	if !ok {
		at, role = subject, l.own(subject)
	}
	ids := l.devices(at)
	for _, id := range []identity.DeviceID{at, subject} {
		found := false
		for _, have := range ids {
			found = found || have == id
		}
		if !found {
			ids = append(ids, id)
		}
	}
	return ids, role
}

// chooses reports whether the statement is a fork of which hash is one side.
func (k *record) chooses(hash [32]byte) bool {
	return k.Kind == Fork && slices.Contains(k.Parting.Hashes[:], hash)
}

// strips reports whether the statement takes something away, and so what the
// person said meanwhile with what it needed for that.
func (k *record) strips(needs Role) bool {
	switch {
	case k.Kind == Remove:
		return true
	case k.Kind == Admit:
		return k.had != 0 && k.had < k.Role && k.Role > needs
	}
	return false
}

// stops reports whether the statement takes writing away, and so draws a line.
func (k *record) stops() bool {
	return k.Kind == Remove || k.Kind == Admit && k.had.Writes() && !k.Role.Writes()
}

// takes reports whether the statement can take away at all.
func (k *record) takes() bool { return k.Kind == Remove || k.Kind == Admit && k.Role != Owner }
