package trust

import (
	"slices"

	"starling/sync/identity"
)

// Member is what a roster says of a person.
type Member struct {
	// ID names the person: its first device in the space, also after that was
	// removed.
	ID      identity.DeviceID
	Name    string // as the one who admitted it knew it
	Role    Role
	Devices []identity.DeviceID // the first one before the others
	// By is the device that admitted the person or, of one removed, removed it.
	// It is zero for the founder.
	By identity.DeviceID
	// Depth is how many admissions stand between the person and the founder.
	Depth int
	// Left says of one who does not belong that they went themselves, be it that
	// somebody else removed them meanwhile.
	Left bool
}

// Members returns who belongs, in the order of their IDs. They must not be
// changed.
func (r *Roster) Members() []Member {
	l := r.view()
	if l.members == nil {
		l.members = r.listMembers(l)
	}
	return l.members
}

func (r *Roster) listMembers(l *lens) []Member {
	byPerson := make(map[identity.DeviceID]*Member)
	for d := range r.everyone() {
		p, role, ok := l.person(d)
		if !ok {
			continue
		}
		m := byPerson[p]
		if m == nil {
			m = &Member{ID: p, Role: role, Depth: l.depth(p)}
			m.Name, m.By = l.admission(p)
			byPerson[p] = m
		}
		m.Devices = append(m.Devices, d)
	}
	out := make([]Member, 0, len(byPerson))
	for _, m := range byPerson {
		slices.SortFunc(m.Devices, func(a, b identity.DeviceID) int {
			switch {
			case a == m.ID:
				return -1
			case b == m.ID:
				return 1
			}
			return a.Compare(b)
		})
		out = append(out, *m)
	}
	slices.SortFunc(out, func(a, b Member) int { return a.ID.Compare(b.ID) })
	return out
}

// everyone is every device that kept statements name as a person's.
func (r *Roster) everyone() map[identity.DeviceID]struct{} {
	out := make(map[identity.DeviceID]struct{}, len(r.admits)+len(r.links)+1)
	if len(r.kept) > 0 {
		out[r.kept[0].Author] = struct{}{}
	}
	for d := range r.admits {
		out[d] = struct{}{}
	}
	for d := range r.links {
		out[d] = struct{}{}
	}
	return out
}

// admission is the name under which a person was admitted last, and by whom. Of
// admissions made apart, the one to the lesser role says it, then the greater
// hash.
func (l *lens) admission(p identity.DeviceID) (name string, by identity.DeviceID) {
	var last *record
	l.newest(l.r.admits[p], func(k *record) {
		if last == nil || k.Role > last.Role || k.Role == last.Role && compareHashes(k.hash, last.hash) > 0 {
			last = k
		}
	})
	if last == nil {
		return "", identity.DeviceID{}
	}
	return last.Name, last.Author
}

// Removed returns the persons who were removed and have not returned, in the
// order of their IDs, with the role and the devices that they had.
func (r *Roster) Removed() []Member {
	l := r.view()
	last := make(map[identity.DeviceID]*record)
	r.items.each(func(i int) {
		k := r.kept[i]
		if k.Kind != Remove || !k.Whole || !l.has(i) || l.own(k.Subject) != 0 {
			return
		}
		if _, _, in := l.person(k.Subject); in {
			return // as another's device
		}
		if old := last[k.Subject]; old == nil || k.past.has(r.index[old.hash]) ||
			!old.past.has(i) && compareHashes(k.hash, old.hash) > 0 {
			last[k.Subject] = k
		}
	})
	out := make([]Member, 0, len(last))
	for p, k := range last {
		m := Member{ID: p, Role: k.had, Devices: slices.Clone(k.ids), By: k.Author, Depth: l.depth(p)}
		m.Name, _ = l.admission(p)
		m.Left = l.left(p)
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b Member) int { return a.ID.Compare(b.ID) })
	return out
}

// left reports whether a person went by themselves: where another's removal voids
// that, it is said all the same, until an admission knows of it.
func (l *lens) left(p identity.DeviceID) (left bool) {
	l.newest(l.r.about[p], func(k *record) { left = left || k.leaves() })
	return left || slices.ContainsFunc(l.r.about[p], func(i int) bool {
		k := l.r.kept[i]
		voids := func(j int) bool {
			other := l.r.kept[j]
			return l.has(j) && !k.past.has(j) && !other.past.has(i) && other.voids(k)
		}
		return k.leaves() && !l.has(i) && slices.ContainsFunc(l.r.about[p], voids) &&
			!slices.ContainsFunc(l.r.revokes[k.Author], voids) && // else the device was stolen
			!slices.ContainsFunc(l.r.about[p], func(j int) bool {
				return l.has(j) && l.r.kept[j].Kind == Admit && l.r.kept[j].past.has(i)
			})
	})
}

// leaves reports whether a statement is that of a person who goes.
func (k *record) leaves() bool { return k.Kind == Remove && k.Whole && k.needs == Viewer }

// RemovedBy returns who removed a device, alone or with its person; false if it
// belongs, or never did.
func (r *Roster) RemovedBy(device identity.DeviceID) (identity.DeviceID, bool) {
	l := r.view()
	if l.place(device).in {
		return identity.DeviceID{}, false
	}
	var last *record
	r.items.each(func(i int) {
		k := r.kept[i]
		if k.Kind == Remove && l.has(i) && slices.Contains(k.ids, device) &&
			(last == nil || !last.past.has(i) && (k.past.has(r.index[last.hash]) || compareHashes(k.hash, last.hash) > 0)) {
			last = k
		}
	})
	if last == nil {
		return identity.DeviceID{}, false
	}
	return last.Author, true
}

// Person is whose device it is, by that person's ID; false if it belongs to
// nobody in the space.
func (r *Roster) Person(device identity.DeviceID) (identity.DeviceID, bool) {
	at := r.view().place(device)
	return at.person, at.in
}

// Role is what a device's person may do; false if it does not belong.
func (r *Roster) Role(device identity.DeviceID) (Role, bool) {
	at := r.view().place(device)
	return at.role, at.in
}

// MayWrite reports whether the device's person writes text now.
func (r *Roster) MayWrite(device identity.DeviceID) bool {
	role, ok := r.Role(device)
	return ok && role.Writes()
}
