package trust

import (
	"math/rand/v2"
	"slices"
	"testing"

	"starling/sync/identity"
)

// all is everything kept, and what of that does not count.
func (m *model) all() (in, out nodes) {
	in = nodes{}
	for _, n := range m.kept {
		in[n] = true
	}
	return in, m.eval(in)
}

func (n *node) covers(device, person identity.DeviceID) bool {
	if n.Kind == Remove && !n.Whole {
		return n.Subject == device
	}
	return slices.Contains(n.ids, device) || slices.Contains(n.ids, person)
}

func (n *node) lessens() bool {
	return n.Kind == Remove || n.Kind == Admit && n.had.Writes() && !n.Role.Writes()
}

// standing is what a device's head is worth that names a roster, where no page says up
// to which number a line is drawn. spoken says that a removal draws one although it
// is spared.
func (m *model) standing(device identity.DeviceID, roster []StatementHash) (st Standing, spoken bool) {
	known := nodes{}
	for _, h := range roster {
		n := m.byHash[h]
		known[n] = true
		for k := range n.past {
			known[k] = true
		}
	}
	all, out := m.all()
	view := m.see(all, out)
	v := m.see(known, out)
	v.orphan = view.orphan
	st.Known, st.Line = true, NoLine
	st.Person, st.Role, _ = v.whose(device)
	if !st.Role.Writes() {
		person, role, in := m.see(known, m.eval(known)).whose(device)
		if in && (st.Role == 0 || role < st.Role) {
			st.Person, st.Role, st.Line = person, role, 0
		}
	}
	crosses := func(n *node) bool {
		return n.Kind == Admit && !n.Role.Writes() && !n.had.Writes() && view.any(func(y *node) bool {
			return y.Kind == Admit && y.Subject == n.Subject && y.Role.Writes() && !n.past[y] && !y.past[n]
		})
	}
	drawn := view.all(func(n *node) bool {
		return !known[n] && n.covers(device, st.Person) && (n.lessens() || st.Role.Writes() && crosses(n))
	})
	if len(drawn) > 0 {
		st.Line = 0
	}
	spoken = slices.ContainsFunc(drawn, func(n *node) bool {
		spares := func(z *node) bool { return z.spares(n) }
		return view.any(spares) && !slices.ContainsFunc(drawn, spares)
	})
	return st, spoken
}

// exposed reports whether one who is out may know each secret. by is a removal for
// which it is so although it is spared, if there is one.
func (m *model) exposed() (exposed bool, by *node) {
	in, out := m.all()
	v := m.see(in, out)
	spared := func(n *node) bool {
		return v.any(func(z *node) bool { return z.spares(n) })
	}
	removals := v.all(func(n *node) bool {
		_, _, in := v.whose(n.target)
		gone := v.any(func(z *node) bool { return z.spares(n) && slices.Contains(z.ids, n.Subject) })
		return n.Kind == Remove && (in || v.own(n.target) != 0 || !gone)
	})
	renewed := func(of []*node) bool {
		return v.any(func(n *node) bool {
			return n.SecretHash != [32]byte{} && !spared(n) &&
				!slices.ContainsFunc(of, func(r *node) bool { return r != n && !n.past[r] })
		})
	}
	if len(removals) == 0 || renewed(removals) {
		return false, nil
	}
	if others := slices.DeleteFunc(slices.Clone(removals), spared); len(others) == 0 || renewed(others) {
		by = removals[slices.IndexFunc(removals, spared)]
	}
	return true, by
}

// In every order heads are worth what the model says, and the secret is exposed where it
// does.
func TestAnyOrderGivesTheModelsStanding(t *testing.T) {
	people := devices(t, 6)
	seeds := uint64(200)
	if testing.Short() {
		seeds = 100
	}
	spoken, exposed, renewed := 0, 0, 0
	for seed := range seeds {
		rng := rand.New(rand.NewPCG(seed, 3))
		space, all := history(t, rng, people, rng.IntN(12))
		m := newModel(all)
		want, by := m.exposed()
		switch {
		case by != nil:
			exposed++
		case !want:
			renewed++
		}
		var heads []Head
		var worth []Standing
		for range 12 {
			h := Head{Device: people[rng.IntN(len(people))].ID(), Seq: 1}
			for range 1 + rng.IntN(2) {
				h.Roster = append(h.Roster, m.kept[rng.IntN(len(m.kept))].hash)
			}
			st, speaks := m.standing(h.Device, h.Roster)
			heads, worth = append(heads, h), append(worth, st)
			if speaks {
				spoken++
			}
		}
		for range 3 {
			r := NewRoster(space)
			add(t, r, shuffled(rng, all)...)
			if got := r.Exposed(); got != want {
				t.Fatalf("seed %d: the secret is exposed: %v", seed, got)
			}
			for i, h := range heads {
				if got := r.Standing(h, testDoc); got != worth[i] {
					t.Fatalf("seed %d: a head has the standing %+v, want %+v", seed, got, worth[i])
				}
			}
		}
	}
	t.Logf("%d lines are drawn and %d secrets exposed by what is spared, %d are not", spoken, exposed, renewed)
	if spoken == 0 || exposed == 0 || renewed == 0 {
		t.Error("it tests too little")
	}
}
