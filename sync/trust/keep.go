package trust

import (
	"slices"

	"starling/sync/identity"
)

// record is a kept statement and what follows from what it knew alone.
type record struct {
	*Statement
	past set // all that it knew
	out  set // what of that does not count, by that alone
	// person is the author's; depth how many admissions stand between it and
	// the founder, reach how many links between it and the author.
	person       identity.DeviceID
	depth, reach int
	minor        bool // the author is no owner
	needs        Role // Owner, or Viewer where any member may say it
	// ids are the person whom it admits or removes, with all its devices, and
	// had is the role that they had, 0 for none. Of a device alone, the device.
	ids []identity.DeviceID
	had Role
	// target is the person whose device it removes.
	target identity.DeviceID
	// attacks are the statements that it voids if it stands.
	attacks []int
	// sparing are those that attack it and leave it standing.
	sparing []int
	lines   map[lineKey]uint64 // read at the first question
}

// parking holds the statements that wait for others.
type parking struct {
	waiting map[StatementHash][]*Statement     // by one that they name and that is not here yet
	pages   map[StatementHash]*Statement       // until a kept statement names them
	proofs  map[identity.DeviceID][]*Statement // forks, until the roster knows of the device
	parked  map[StatementHash]struct{}         // all of these
	bytes   int
}

// forget drops the statements that wait for others.
func (p *parking) forget() {
	*p = parking{
		waiting: make(map[StatementHash][]*Statement),
		pages:   make(map[StatementHash]*Statement),
		proofs:  make(map[identity.DeviceID][]*Statement),
		parked:  make(map[StatementHash]struct{}),
	}
}

func (p *parking) park(s *Statement) {
	p.parked[s.hash] = struct{}{}
	p.bytes += len(s.raw)
}

func (p *parking) unpark(s *Statement) {
	if _, ok := p.parked[s.hash]; ok {
		delete(p.parked, s.hash)
		p.bytes -= len(s.raw)
	}
}

// makeRoom drops what waits if it would become too much: whoever holds it will
// say it again.
func (p *parking) makeRoom(fresh map[StatementHash]*Statement) {
	bytes := p.bytes
	for _, s := range fresh {
		bytes += len(s.raw)
	}
	if len(p.parked)+len(fresh) > MaxStatements || bytes > maxParked && p.bytes > 0 {
		p.forget()
	}
}

// settle judges a statement, and those that waited for it.
func (r *Roster) settle(s *Statement) {
	for open := []*Statement{s}; len(open) > 0; {
		s, open = open[len(open)-1], open[:len(open)-1]
		r.unpark(s)
		if _, ok := r.index[s.hash]; ok {
			continue // it came again in the batch that brought what it waited for
		}
		switch s.Kind {
		case Page:
			r.park(s)
			r.pages[s.hash] = s
			open = append(open, r.released(s.hash)...)
		case Fork:
			open = append(open, r.settleFork(s)...)
		default:
			open = append(open, r.settleSigned(s)...)
		}
	}
}

func (r *Roster) released(h StatementHash) []*Statement {
	out := r.waiting[h]
	delete(r.waiting, h)
	return out
}

// settleFork keeps a fork of a device of which the roster has ever known:
// strangers prove nothing here.
func (r *Roster) settleFork(s *Statement) []*Statement {
	device := s.Heads[0].Device
	person := r.root(device)
	switch {
	case !r.knows(device):
		r.park(s)
		r.proofs[device] = append(r.proofs[device], s)
		return nil
	case !r.roomForFork(s, person) && !r.wanted(s, MaxStatements) || len(r.kept) >= MaxStatements:
		return nil
	}
	if !s.saysOnly() {
		r.forksOf[person]++
	}
	r.forks = append(r.forks, len(r.kept))
	r.enter(&record{Statement: s})
	return r.released(s.hash)
}

// wanted reports whether a statement of an owner nearer the founder than depth
// waits for this one, directly or through others.
func (r *Roster) wanted(s *Statement, depth int) bool {
	return slices.ContainsFunc(r.waiting[s.hash], func(w *Statement) bool {
		l := r.view()
		p, role, ok := l.person(w.Author)
		return ok && role == Owner && l.depth(p) < depth || r.wanted(w, depth)
	})
}

// roomFor is how many statements there may be with one of an author so far from the
// founder: whatever others state, there is always room for those who are nearer, who
// can remove them.
func (r *Roster) roomFor(k *record, pages []*Statement) bool {
	n, size := len(r.kept)+len(pages), r.size+len(k.raw)
	for _, p := range pages {
		size += len(p.raw)
	}
	far := min(k.depth, maxFar)
	return n < MaxStatements-far*(MaxStatements/16) && size < MaxRoster-far*(MaxRoster/16) ||
		n < MaxStatements && size < MaxRoster && r.wanted(k.Statement, k.depth)
}

// maxFar is from which depth on there is no less room.
const maxFar = 4

// minorKey counts the removals by a person, or what else it states.
type minorKey struct {
	person  identity.DeviceID
	removal bool
}

func (k *record) minorKey() minorKey { return minorKey{k.person, k.Kind == Remove} }

// roomForMinor reports whether a statement by one who is no owner is kept without
// an owner's naming it.
func (r *Roster) roomForMinor(k *record) bool {
	return r.minorOf[k.minorKey()] < MaxMinorOf && (k.Kind == Remove || r.minor < MaxMinor)
}

// root is the person whose device one was said to be first, whether that counts or
// not.
func (r *Roster) root(device identity.DeviceID) identity.DeviceID {
	for range MaxMinorOf {
		links := r.links[device]
		if len(r.admits[device]) > 0 || len(links) == 0 {
			break
		}
		device = r.kept[links[0]].Person
	}
	return device
}

func (r *Roster) knows(device identity.DeviceID) bool {
	return len(r.kept) > 0 && r.kept[0].Author == device || len(r.admits[device]) > 0 || len(r.links[device]) > 0
}

// settleSigned keeps a statement if all that it names is here and its author
// had the right, and returns those that waited for it.
func (r *Roster) settleSigned(s *Statement) []*Statement {
	if missing := r.missing(s); missing != nil {
		r.park(s)
		r.waiting[*missing] = append(r.waiting[*missing], s)
		return nil
	}
	k := &record{Statement: s}
	for _, h := range s.Known {
		i := r.index[h]
		k.past = k.past.union(r.kept[i].past).with(i)
	}
	if s.Kind != Found {
		k.out = r.resolvedPast(s, k.past)
		if !r.lens(k.past, k.out).judge(k) {
			return nil
		}
		if k.minor && !r.roomForMinor(k) && !r.wanted(s, MaxStatements) {
			return nil
		}
	}
	pages := r.loosePages(s)
	if !r.roomFor(k, pages) {
		return nil
	}
	for _, p := range pages {
		r.unpark(p)
		delete(r.pages, p.hash)
		r.enter(&record{Statement: p})
	}
	return r.count(k)
}

// missing returns a statement that s names and that is not here.
func (r *Roster) missing(s *Statement) *StatementHash {
	for _, h := range s.Known {
		if _, ok := r.index[h]; !ok {
			return &h
		}
	}
	for _, h := range s.Pages {
		if _, ok := r.index[h]; !ok && r.pages[h] == nil {
			return &h
		}
	}
	if s.Names != (StatementHash{}) {
		if _, ok := r.index[s.Names]; !ok {
			return &s.Names
		}
	}
	return nil
}

func (r *Roster) loosePages(s *Statement) []*Statement {
	var out []*Statement
	for _, h := range s.Pages {
		if p := r.pages[h]; p != nil && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

func (r *Roster) enter(k *record) int {
	i := len(r.kept)
	r.kept = append(r.kept, k)
	r.index[k.hash] = i
	r.size += len(k.raw)
	r.all = append(set(nil), r.all...).with(i) // views hold the old one
	r.now, r.standing = nil, nil
	return i
}

// count enters a signed statement and returns those that waited for it.
func (r *Roster) count(k *record) []*Statement {
	i := r.enter(k)
	if k.minor {
		r.minor++
		r.minorOf[k.minorKey()]++
	}
	r.said = r.said.with(i)
	free := r.released(k.hash)
	switch k.Kind {
	case Found:
		k.person, k.ids = k.Author, []identity.DeviceID{k.Author}
		r.owners = append(r.owners, k.Author)
		free = append(free, r.proofs[k.Author]...)
		delete(r.proofs, k.Author)
	case Admit:
		r.admits[k.Subject] = append(r.admits[k.Subject], i)
		if k.Role == Owner && !slices.Contains(r.owners, k.Subject) {
			r.owners = append(r.owners, k.Subject)
		}
	case Link:
		r.links[k.Subject] = append(r.links[k.Subject], i)
		r.linksTo[k.Person] = append(r.linksTo[k.Person], i)
	case Invite:
		r.invites = append(r.invites, i)
	}
	if k.Kind == Admit || k.Kind == Remove && k.Whole {
		for _, id := range k.ids {
			r.about[id] = append(r.about[id], i)
		}
	} else if k.Kind == Remove {
		r.revokes[k.Subject] = append(r.revokes[k.Subject], i)
	}
	if k.Kind == Admit || k.Kind == Link {
		free = append(free, r.proofs[k.Subject]...)
		delete(r.proofs, k.Subject)
	}
	if k.SecretHash != ([32]byte{}) {
		r.renewals = append(r.renewals, i)
	}
	if len(k.out) > 0 {
		r.spotted = r.spotted.with(i)
	}
	r.pitch(i)
	return free
}
