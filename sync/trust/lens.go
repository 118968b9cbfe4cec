package trust

import (
	"cmp"
	"slices"

	"starling/sync/identity"
)

// lens is what a set of statements says, without those that don't count.
type lens struct {
	r       *Roster
	in, out set
	// orphan says that no owner is left, so that the founder is it again.
	orphan bool

	// What was found by everything kept is not looked up twice.
	members []Member
	people  map[identity.DeviceID]place
	secrets [][32]byte
	exposed *bool
}

// place is whose device one is, and that person's role.
type place struct {
	person identity.DeviceID
	role   Role
	in     bool
}

// place is person, looked up once.
func (l *lens) place(d identity.DeviceID) place {
	at, ok := l.people[d]
	if !ok {
		if l.people == nil || len(l.people) >= MaxStatements {
			l.people = make(map[identity.DeviceID]place)
		}
		at.person, at.role, at.in = l.person(d)
		l.people[d] = at
	}
	return at
}

func (r *Roster) lens(in, out set) *lens {
	l := &lens{r: r, in: in, out: out}
	l.orphan = len(r.kept) > 0 && !l.owned()
	return l
}

func (l *lens) has(i int) bool { return l.in.has(i) && !l.out.has(i) }

// newest calls do with those of some statements that no other of them knew.
func (l *lens) newest(of []int, do func(*record)) {
	for n, i := range of {
		if !l.has(i) {
			continue
		}
		replaced := false
		for _, j := range of[n+1:] { // whoever knew it was kept after it
			if l.r.kept[j].past.has(i) && l.has(j) {
				replaced = true
				break
			}
		}
		if !replaced {
			do(l.r.kept[i])
		}
	}
}

// own is the role of a person named by its first device, whatever that is
// linked to: of several statements made apart the least, a removal being the
// least of all. 0 is no role.
func (l *lens) own(p identity.DeviceID) Role {
	role := Role(0)
	founder := len(l.r.kept) > 0 && l.has(0) && l.r.kept[0].Author == p
	if founder || slices.ContainsFunc(l.r.admits[p], l.has) {
		l.newest(l.r.about[p], func(k *record) {
			if k.Kind == Remove {
				role = removed
			}
			role = max(role, k.Role)
		})
	}
	switch {
	case founder && (role == 0 || l.orphan):
		return Owner
	case role == removed:
		return 0
	}
	return role
}

// revoked reports whether a device was removed and not linked again since.
func (l *lens) revoked(d identity.DeviceID) bool {
	for _, i := range l.r.revokes[d] {
		if l.has(i) && !slices.ContainsFunc(l.r.links[d], func(j int) bool {
			return l.has(j) && l.r.kept[j].past.has(i)
		}) {
			return true
		}
	}
	return false
}

// claims calls do with the persons that a device belongs to, itself perhaps
// among them: by the links that no removal of the device knew, and by its own
// admission if it was never removed.
func (l *lens) claims(d identity.DeviceID, do func(p identity.DeviceID)) {
	for _, i := range l.r.links[d] {
		if l.has(i) && !slices.ContainsFunc(l.r.revokes[d], func(j int) bool {
			return l.has(j) && l.r.kept[j].past.has(i)
		}) {
			do(l.r.kept[i].Person)
		}
	}
	if !slices.ContainsFunc(l.r.revokes[d], l.has) {
		do(d)
	}
}

// claimed reports whether d is a device of p's, or would be if p belonged.
func (l *lens) claimed(d, p identity.DeviceID) bool {
	found := false
	l.claims(d, func(q identity.DeviceID) { found = found || q == p })
	return found && !l.revoked(d)
}

// person is whose device d is, and that person's role; false if nobody's who
// belongs. Someone who is a person of their own is another's device by a link
// to one who may do as much or more, so nobody loses a role by a link.
func (l *lens) person(d identity.DeviceID) (identity.DeviceID, Role, bool) {
	if l.revoked(d) && !l.orphaned(d) {
		return identity.DeviceID{}, 0, false
	}
	at, role := l.next(d)
	if role == 0 {
		return identity.DeviceID{}, 0, false
	}
	if len(l.r.links[at]) == 0 {
		return at, role, true
	}
	chain := []identity.DeviceID{at}
	for l.claimed(at, at) {
		to, better := l.next(at)
		if better == 0 || to == at {
			break
		}
		at, role = to, better
		if n := slices.Index(chain, to); n >= 0 {
			// All of a circle may do the same.
			return slices.MinFunc(chain[n:], l.nearer), role, true
		}
		chain = append(chain, to)
	}
	return at, role, true
}

func (l *lens) orphaned(d identity.DeviceID) bool { return l.orphan && l.r.kept[0].Author == d }

// next is the best of what a device belongs to: the mightiest role, rather
// another's device than a person of its own.
func (l *lens) next(d identity.DeviceID) (best identity.DeviceID, role Role) {
	if l.orphaned(d) {
		return d, Owner
	}
	l.claims(d, func(p identity.DeviceID) {
		r := l.own(p)
		switch {
		case r == 0 || role != 0 && r > role:
		case role == 0 || r < role:
			best, role = p, r
		case best == d || p != d && l.nearer(p, best) < 0:
			best = p
		}
	})
	return best, role
}

// nearer orders persons by their distance from the founder, then by their IDs.
func (l *lens) nearer(a, b identity.DeviceID) int {
	if a == b {
		return 0
	}
	return cmp.Or(cmp.Compare(l.depth(a), l.depth(b)), a.Compare(b))
}

// depth is how many admissions stand between a person and the founder.
func (l *lens) depth(p identity.DeviceID) int {
	if len(l.r.kept) > 0 && l.r.kept[0].Author == p {
		return 0
	}
	depth := MaxStatements
	for _, i := range l.r.admits[p] {
		if l.has(i) {
			depth = min(depth, l.r.kept[i].depth+1)
		}
	}
	return depth
}

// reach is how many links stand between a device and its person's first one.
func (l *lens) reach(d identity.DeviceID) int {
	if l.r.kept[0].Author == d || slices.ContainsFunc(l.r.admits[d], l.has) {
		return 0
	}
	reach := MaxStatements
	for _, i := range l.r.links[d] {
		if l.has(i) {
			reach = min(reach, l.r.kept[i].reach+1)
		}
	}
	return reach
}

// devices are a person's, the first one first if it is one, then by their IDs.
func (l *lens) devices(p identity.DeviceID) []identity.DeviceID {
	var out []identity.DeviceID
	seen := []identity.DeviceID{p}
	for n := 0; n < len(seen); n++ {
		if at, _, ok := l.person(seen[n]); ok && at == p {
			out = append(out, seen[n])
		}
		for _, i := range l.r.linksTo[seen[n]] {
			if d := l.r.kept[i].Subject; l.has(i) && !slices.Contains(seen, d) {
				seen = append(seen, d)
			}
		}
	}
	slices.SortFunc(out, func(a, b identity.DeviceID) int {
		switch {
		case a == p:
			return -1
		case b == p:
			return 1
		}
		return a.Compare(b)
	})
	return out
}

// owned reports whether the space has an owner with a device.
func (l *lens) owned() bool {
	return slices.ContainsFunc(l.r.owners, func(p identity.DeviceID) bool {
		return l.own(p) == Owner && l.hasDevice(p)
	})
}

// hasDevice reports whether a device is left of a person's.
func (l *lens) hasDevice(p identity.DeviceID) bool {
	return l.claimed(p, p) || slices.ContainsFunc(l.r.linksTo[p], func(i int) bool {
		return l.has(i) && l.claimed(l.r.kept[i].Subject, p)
	})
}
