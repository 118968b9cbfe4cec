package trust

import (
	"math"
	"slices"

	"starling/sync/identity"
)

// Standing is what a roster says of a head.
type Standing struct {
	// Known is false if the roster that the head names is not here: it waits.
	Known bool
	// Role is what the signer might do by the roster that it names, 0 for one
	// who did not belong. If it only might because of statements that don't
	// count, such as those of an owner who was removed meanwhile, Line is 0: it
	// wrote in good faith, so what others built on that is not lost.
	Role   Role
	Person identity.DeviceID
	// Line is up to which number the actor's changes count by themselves:
	// [math.MaxUint64] if nobody drew a line that the signer did not know.
	Line uint64
}

// standing is what is the same for all heads of a device that name one roster.
type standing struct {
	role   Role
	person identity.DeviceID
	lines  []*record // that draw a line
	void   bool      // the role is by statements that don't count
}

// NoLine is the line of one whose changes all count.
const NoLine = math.MaxUint64

// Standing judges a head that was verified. It looks up what it has found
// before, so it costs little for each head.
func (r *Roster) Standing(h Head, doc [16]byte) Standing {
	st := r.standingOf(h)
	if st == nil {
		return Standing{}
	}
	line := uint64(NoLine)
	if st.void {
		line = 0
	}
	for _, k := range st.lines {
		line = min(line, r.line(k, doc, h.Actor))
	}
	return Standing{Known: true, Role: st.role, Person: st.person, Line: line}
}

// standingOf is what is the same for all heads like h, nil if the roster that it names
// is not here.
func (r *Roster) standingOf(h Head) *standing {
	key := make([]byte, 0, 32*(MaxHeadRoster+1))
	key = append(key, h.Device[:]...)
	for _, s := range h.Roster {
		key = append(key, s[:]...)
	}
	st := r.standing[string(key)]
	if st == nil {
		var ok bool
		if st, ok = r.judgeHead(h); !ok {
			return nil
		}
		if r.standing == nil || len(r.standing) >= MaxStatements {
			r.standing = make(map[string]*standing)
		}
		r.standing[string(key)] = st
	}
	return st
}

// LineBy is the statement that draws the line of a verified head, nil if none does or
// it is by statements that don't count. Of several that draw the same line it is one
// that knew none of the others, rather of a device than of a person, rather a removal
// than a lesser role.
func (r *Roster) LineBy(h Head, doc [16]byte) *Statement {
	st := r.standingOf(h)
	if st == nil || st.void {
		return nil
	}
	var by []*record
	least := uint64(NoLine)
	for _, k := range st.lines {
		switch line := r.line(k, doc, h.Actor); {
		case line > least:
		case line < least:
			by, least = []*record{k}, line
		default:
			by = append(by, k)
		}
	}
	var first *record
	for _, k := range by {
		if slices.ContainsFunc(by, func(other *record) bool { return k.past.has(r.index[other.hash]) }) {
			continue
		}
		if first == nil || k.narrower(first) {
			first = k
		}
	}
	if first == nil {
		return nil
	}
	return first.Statement
}

// narrower reports whether a statement goes before another one where both draw the
// same line.
func (k *record) narrower(other *record) bool {
	if k.Kind != Remove || other.Kind != Remove {
		return k.Kind == Remove && other.Kind != Remove
	}
	return !k.Whole && other.Whole
}

func (r *Roster) judgeHead(h Head) (*standing, bool) {
	view := r.view()
	st := &standing{}
	var in set
	for _, s := range h.Roster {
		i, ok := r.index[s]
		if !ok {
			return nil, false
		}
		in = in.union(r.kept[i].past).with(i)
	}
	if len(r.kept) == 0 {
		return nil, false
	}
	if len(h.Roster) == 0 {
		st.person, st.role = r.everMightiest(h.Device)
	} else {
		l := &lens{r: r, in: in, out: view.out, orphan: view.orphan && in.has(0)}
		st.person, st.role, _ = l.person(h.Device)
		if !st.role.Writes() && !disjoint(in, view.out) {
			alone := r.lens(in, r.resolve(in))
			if person, role, ok := alone.person(h.Device); ok && (st.role == 0 || role < st.role) {
				st.person, st.role, st.void = person, role, true
			}
		}
	}
	draws := func(i int) bool {
		k := r.kept[i]
		return view.has(i) && !in.has(i) && (k.stops() || st.role.Writes() && r.crosses(view, k)) && k.covers(h.Device, st.person)
	}
	r.items.each(func(i int) {
		if k := r.kept[i]; draws(i) && !slices.ContainsFunc(k.sparing, draws) {
			st.lines = append(st.lines, k)
		}
	})
	return st, true
}

// crosses reports whether an admission to less than writing was made without its
// author knowing of another one, to writing, that counts too. The lesser role
// holds, so all can agree on one thing only: it draws a line as a demotion does, in
// front of everything that was signed without knowing of it.
func (r *Roster) crosses(l *lens, k *record) bool {
	return k.Kind == Admit && !k.Role.Writes() && !k.had.Writes() &&
		slices.ContainsFunc(r.admits[k.Subject], func(i int) bool {
			other := r.kept[i]
			return l.has(i) && other.Role.Writes() && !k.past.has(i) && !other.past.has(r.index[k.Hash()])
		})
}

// covers reports whether the statement is about a device.
func (k *record) covers(device, person identity.DeviceID) bool {
	if k.Kind == Remove && !k.Whole {
		return k.Subject == device
	}
	return slices.Contains(k.ids, device) || slices.Contains(k.ids, person)
}

// everMightiest is the standing of a head of version 1, which names no roster:
// what the device may do now or, if it may write no more, what it ever might.
// Lines bound the latter.
func (r *Roster) everMightiest(device identity.DeviceID) (identity.DeviceID, Role) {
	l := r.view()
	person, role, _ := l.person(device)
	if role.Writes() {
		return person, role
	}
	consider := func(p identity.DeviceID) {
		if r.kept[0].Author == p && l.has(0) {
			person, role = p, Owner
		}
		for _, i := range r.admits[p] {
			if k := r.kept[i]; l.has(i) && (role == 0 || k.Role < role) {
				person, role = p, k.Role
			}
		}
	}
	consider(device)
	for _, i := range r.links[device] {
		if l.has(i) {
			consider(r.kept[i].Person)
		}
	}
	return person, role
}
