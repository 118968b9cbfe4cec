package trust

import (
	"cmp"
	"maps"
	"slices"

	"starling/sync/identity"
)

// model says the same as a Roster, with nothing remembered or shortened. It
// takes statements in the order in which they were made.
type model struct {
	kept   []*node
	byHash map[StatementHash]*node
}

type nodes map[*node]bool

type node struct {
	*Statement
	past, out nodes
	person    identity.DeviceID
	depth     int
	reach     int
	needs     Role
	ids       []identity.DeviceID
	had       Role
	target    identity.DeviceID
}

func newModel(all []*Statement) *model {
	m := &model{byHash: make(map[StatementHash]*node)}
	for _, s := range all {
		n := &node{Statement: s, past: nodes{}, out: nodes{}}
		ok := true
		for _, k := range s.Known {
			known := m.byHash[k]
			if ok = ok && known != nil; !ok {
				break
			}
			n.past[known] = true
			maps.Copy(n.past, known.past)
		}
		if ok && s.Kind == Found {
			n.person, n.ids = s.Author, []identity.DeviceID{s.Author}
		} else if ok {
			n.out = m.eval(n.past)
			ok = m.see(n.past, n.out).judge(n)
		}
		if ok {
			m.kept = append(m.kept, n)
			m.byHash[s.hash] = n
		}
	}
	return m
}

// sight is some statements without those that don't count.
type sight struct {
	m      *model
	in     nodes
	orphan bool
}

func (m *model) see(in, out nodes) *sight {
	v := &sight{m: m, in: nodes{}}
	for n := range in {
		if !out[n] {
			v.in[n] = true
		}
	}
	v.orphan = !v.owned()
	return v
}

func (v *sight) founder() identity.DeviceID { return v.m.kept[0].Author }

func (v *sight) all(which func(*node) bool) []*node {
	var out []*node
	for n := range v.in {
		if which(n) {
			out = append(out, n)
		}
	}
	return out
}

func (v *sight) any(which func(*node) bool) bool { return len(v.all(which)) > 0 }

func (v *sight) own(p identity.DeviceID) Role {
	founded := v.founder() == p && v.any(func(n *node) bool { return n.Kind == Found })
	if founded && v.orphan {
		return Owner
	}
	if !founded && !v.any(func(n *node) bool { return n.Kind == Admit && n.Subject == p }) {
		return 0
	}
	about := v.all(func(n *node) bool {
		return (n.Kind == Admit || n.Kind == Remove && n.Whole) && slices.Contains(n.ids, p)
	})
	role := Role(0)
	for _, n := range about {
		if !slices.ContainsFunc(about, func(later *node) bool { return later.past[n] }) {
			if n.Kind == Remove {
				return 0
			}
			role = max(role, n.Role)
		}
	}
	if role == 0 {
		return Owner
	}
	return role
}

func (v *sight) removals(d identity.DeviceID) []*node {
	return v.all(func(n *node) bool { return n.Kind == Remove && !n.Whole && n.Subject == d })
}

func (v *sight) linksOf(d identity.DeviceID) []*node {
	return v.all(func(n *node) bool { return n.Kind == Link && n.Subject == d })
}

func (v *sight) revoked(d identity.DeviceID) bool {
	return slices.ContainsFunc(v.removals(d), func(r *node) bool {
		return !slices.ContainsFunc(v.linksOf(d), func(l *node) bool { return l.past[r] })
	})
}

func (v *sight) claims(d identity.DeviceID) []identity.DeviceID {
	var out []identity.DeviceID
	for _, l := range v.linksOf(d) {
		if !slices.ContainsFunc(v.removals(d), func(r *node) bool { return r.past[l] }) {
			out = append(out, l.Person)
		}
	}
	if len(v.removals(d)) == 0 {
		out = append(out, d)
	}
	return out
}

func (v *sight) nearer(a, b identity.DeviceID) int {
	return cmp.Or(cmp.Compare(v.depth(a), v.depth(b)), a.Compare(b))
}

func (v *sight) next(d identity.DeviceID) (identity.DeviceID, Role) {
	if v.orphan && d == v.founder() {
		return d, Owner
	}
	claims := slices.DeleteFunc(v.claims(d), func(p identity.DeviceID) bool { return v.own(p) == 0 })
	if len(claims) == 0 {
		return identity.DeviceID{}, 0
	}
	self := func(p identity.DeviceID) int {
		if p == d {
			return 1
		}
		return 0
	}
	best := slices.MinFunc(claims, func(a, b identity.DeviceID) int {
		return cmp.Or(cmp.Compare(v.own(a), v.own(b)), cmp.Compare(self(a), self(b)), v.nearer(a, b))
	})
	return best, v.own(best)
}

func (v *sight) whose(d identity.DeviceID) (identity.DeviceID, Role, bool) {
	if v.revoked(d) && !(v.orphan && d == v.founder()) {
		return identity.DeviceID{}, 0, false
	}
	at, role := v.next(d)
	if role == 0 {
		return identity.DeviceID{}, 0, false
	}
	chain := []identity.DeviceID{at}
	for {
		to, better := v.next(at)
		if better == 0 || to == at || v.revoked(at) || !slices.Contains(v.claims(at), at) {
			return at, role, true
		}
		if n := slices.Index(chain, to); n >= 0 {
			return slices.MinFunc(chain[n:], v.nearer), better, true
		}
		at, role = to, better
		chain = append(chain, at)
	}
}

func (v *sight) depth(p identity.DeviceID) int {
	if p == v.founder() {
		return 0
	}
	depth := MaxStatements
	for _, n := range v.all(func(n *node) bool { return n.Kind == Admit && n.Subject == p }) {
		depth = min(depth, n.depth+1)
	}
	return depth
}

func (v *sight) reach(d identity.DeviceID) int {
	if d == v.founder() || v.any(func(n *node) bool { return n.Kind == Admit && n.Subject == d }) {
		return 0
	}
	reach := MaxStatements
	for _, n := range v.linksOf(d) {
		reach = min(reach, n.reach+1)
	}
	return reach
}

func (v *sight) everyone() []identity.DeviceID {
	out := []identity.DeviceID{v.founder()}
	for n := range v.in {
		if n.Kind == Admit || n.Kind == Link {
			out = append(out, n.Subject)
		}
	}
	slices.SortFunc(out, identity.DeviceID.Compare)
	return slices.Compact(out)
}

func (v *sight) devicesOf(p identity.DeviceID) []identity.DeviceID {
	return slices.DeleteFunc(v.everyone(), func(d identity.DeviceID) bool {
		at, _, ok := v.whose(d)
		return !ok || at != p
	})
}

func (v *sight) hasDevice(p identity.DeviceID) bool {
	return slices.ContainsFunc(append(v.everyone(), p), func(d identity.DeviceID) bool {
		return !v.revoked(d) && slices.Contains(v.claims(d), p)
	})
}

func (v *sight) owned() bool {
	return slices.ContainsFunc(v.everyone(), func(p identity.DeviceID) bool {
		return v.own(p) == Owner && v.hasDevice(p)
	})
}

func (v *sight) judge(n *node) bool {
	person, role, ok := v.whose(n.Author)
	if !ok {
		return false
	}
	n.person, n.depth, n.reach, n.needs = person, v.depth(person), v.reach(n.Author), Owner
	switch n.Kind {
	case Admit, Remove:
		target, had, in := v.whose(n.Subject)
		if n.Kind == Remove && (in && target == person || !in && n.Whole && n.Subject == person) {
			n.needs = Viewer
		}
		if n.Kind == Remove && !n.Whole {
			n.ids, n.had, n.target = []identity.DeviceID{n.Subject}, had, target
			return in && role <= n.needs
		}
		if !in {
			target, had = n.Subject, v.own(n.Subject)
		}
		n.ids, n.had = append(v.devicesOf(target), target, n.Subject), had
	case Link:
		target, _, in := v.whose(n.To)
		if in && target == person {
			n.needs = Viewer
		}
		return in && target == n.Person && role <= n.needs
	}
	return role <= n.needs
}

func (n *node) takes() bool { return n.Kind == Remove || n.Kind == Admit && n.Role != Owner }

func (n *node) voids(y *node) bool {
	apart := n != y && !n.past[y] && !y.past[n]
	strips := n.Kind == Remove || n.Kind == Admit && n.had != 0 && n.had < n.Role && n.Role > y.needs
	whole := n.Kind == Admit || n.Whole
	return apart && strips && y.Kind != Found &&
		(slices.Contains(n.ids, y.Author) || whole && slices.Contains(n.ids, y.person))
}

func (n *node) spares(y *node) bool {
	return n.Kind == Remove && n.Whole && y.Kind == Remove && !y.Whole && y.target == y.person &&
		slices.Contains(n.ids, y.person) && y.Subject != n.Author && n.voids(y)
}

// eval returns what does not count of some statements that hold all that they
// name.
func (m *model) eval(in nodes) nodes {
	void, settled, open := nodes{}, nodes{}, nodes{}
	for n := range in {
		if n.takes() {
			open[n] = true
		}
	}
	uncounted := func(void nodes) nodes {
		out := maps.Clone(void)
		for _, n := range m.kept {
			if !in[n] || out[n] || settled[n] || n.Kind == Found {
				continue
			}
			again := *n
			v := m.see(n.past, out)
			v.orphan = false
			if !v.judge(&again) {
				out[n] = true
			}
		}
		return out
	}
	attacks := func(x, y *node) bool {
		for z := range settled {
			if z.spares(x) && z.past[y] {
				return false
			}
		}
		return x.voids(y) && !settled[y]
	}
	victims := func(x *node) nodes {
		out := maps.Clone(void)
		for y := range in {
			if attacks(x, y) && !x.spares(y) {
				out[y] = true
			}
		}
		return out
	}
	hits := func(x *node) nodes {
		out := uncounted(victims(x))
		for y := range in {
			if attacks(x, y) {
				out[y] = true
			}
		}
		return out
	}
	view := func(out nodes) *sight {
		v := m.see(in, out)
		v.orphan = false
		return v
	}
	settle := func(x *node) {
		delete(open, x)
		hidden := maps.Clone(open)
		for n := range in {
			if n.past[x] && !n.takes() {
				hidden[n] = true
			}
		}
		gone := victims(x)
		before, after := uncounted(void), uncounted(gone)
		maps.Copy(before, hidden)
		maps.Copy(after, hidden)
		before[x] = true
		if view(before).owned() && !view(after).owned() ||
			x.Kind == Remove && !x.Whole && !view(after).hasDevice(x.target) {
			void[x] = true
			return
		}
		void = gone
		settled[x] = true
	}
	for {
		out := uncounted(void)
		var fighters, rest []*node
		for x := range open {
			fights := false
			for y := range in {
				fights = fights || attacks(x, y) && !out[y]
			}
			if out[x] {
				continue
			}
			if rest = append(rest, x); fights {
				fighters = append(fighters, x)
			}
		}
		if len(fighters) > 0 {
			settle(m.pick(fighters, view(out), hits))
			continue
		}
		v := view(out)
		fine := v.owned()
		for _, x := range rest {
			fine = fine && (x.Kind != Remove || x.Whole || v.hasDevice(x.target))
		}
		if fine || len(rest) == 0 {
			return out
		}
		settle(farthest(rest, v))
	}
}

func (m *model) pick(fighters []*node, v *sight, gone func(*node) nodes) *node {
	hits := make(map[*node]nodes)
	free := slices.Clone(fighters)
	for _, x := range fighters {
		hits[x] = gone(x)
		delete(hits[x], x)
		free = slices.DeleteFunc(free, func(y *node) bool { return hits[x][y] })
	}
	if len(free) > 0 {
		return farthest(free, v)
	}
	var reaches func(from, to *node, seen nodes) bool
	reaches = func(from, to *node, seen nodes) bool {
		return slices.ContainsFunc(fighters, func(y *node) bool {
			if !hits[from][y] || seen[y] {
				return false
			}
			seen[y] = true
			return y == to || reaches(y, to, seen)
		})
	}
	circle := slices.DeleteFunc(slices.Clone(fighters), func(x *node) bool {
		return slices.ContainsFunc(fighters, func(y *node) bool { return reaches(y, x, nodes{}) && !reaches(x, y, nodes{}) })
	})
	return slices.MinFunc(circle, func(a, b *node) int {
		return cmp.Or(cmp.Compare(a.depth, b.depth), a.person.Compare(b.person),
			cmp.Compare(a.reach, b.reach), a.Author.Compare(b.Author), compareHashes(a.hash, b.hash))
	})
}

func farthest(of []*node, v *sight) *node {
	first := slices.DeleteFunc(slices.Clone(of), func(x *node) bool {
		return slices.ContainsFunc(of, func(y *node) bool { return x.past[y] })
	})
	person := func(n *node) identity.DeviceID {
		if n.Kind == Remove && !n.Whole {
			return n.target
		}
		return n.Subject
	}
	return slices.MaxFunc(first, func(a, b *node) int {
		return cmp.Or(cmp.Compare(v.depth(person(a)), v.depth(person(b))), person(a).Compare(person(b)),
			cmp.Compare(v.reach(a.Subject), v.reach(b.Subject)), a.Subject.Compare(b.Subject), compareHashes(a.hash, b.hash))
	})
}

// members are who belongs by all that is kept.
func (m *model) members() (roles map[identity.DeviceID]Role, whose map[identity.DeviceID]identity.DeviceID, out nodes) {
	in, out := m.all()
	v := m.see(in, out)
	roles, whose = make(map[identity.DeviceID]Role), make(map[identity.DeviceID]identity.DeviceID)
	for _, d := range v.everyone() {
		if p, role, ok := v.whose(d); ok {
			roles[p], whose[d] = role, p
		}
	}
	return roles, whose, out
}
