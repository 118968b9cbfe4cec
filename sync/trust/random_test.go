package trust

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"starling/sync/identity"
)

// history makes statements at random, by anyone about anyone, most of them with
// some of the newest in mind and some without: several owners and devices apart.
func history(t testing.TB, rng *rand.Rand, people []*identity.Identity, n int) (SpaceID, []*Statement) {
	r := found(t, people[0])
	all := r.Statements()
	tips := []StatementHash{all[0].hash}
	say := func(by *identity.Identity, s Statement, known ...StatementHash) {
		slices.SortFunc(known, compareHashes)
		s.Space, s.Known = r.ID(), slices.Compact(known)
		if s.Kind == Remove && rng.IntN(2) == 0 {
			s.SecretHash = [32]byte{byte(len(all))}
		}
		done, err := sign(by, s)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, done)
		if tips = append(tips, done.hash); len(tips) > 4 {
			tips = tips[1:]
		}
	}
	last := func() StatementHash { return all[len(all)-1].hash }
	// quarrel has a person's devices revoke each other, while the person is removed or
	// leaves, and then perhaps brought back.
	quarrel := func(one, other, owner *identity.Identity, known ...StatementHash) {
		person := one.ID()
		for range 1 + rng.IntN(2) {
			say(one, Statement{Kind: Remove, Subject: other.ID()}, known...)
			one, other = other, one
		}
		removal := append(slices.Clone(known), all[len(all)-1-rng.IntN(2)].hash)
		say(owner, Statement{Kind: Remove, Subject: person, Whole: true}, removal...)
		if rng.IntN(2) == 0 {
			back := []StatementHash{last(), all[len(all)-2].hash}[:1+rng.IntN(2)]
			say(people[rng.IntN(3)], Statement{Kind: Admit, Subject: person, Role: Editor}, back...)
		}
	}
	if rng.IntN(5) > 0 {
		for i := 1; i <= 2; i++ {
			say(people[i-1], Statement{Kind: Admit, Subject: people[i].ID(), Role: Owner}, last())
		}
		for i := range rng.IntN(3) {
			d, to := people[3+i], people[i]
			say(to, Statement{
				Kind: Link, Subject: d.ID(), Person: to.ID(), To: to.ID(), Consent: Consent(d, to.ID()),
			}, last())
			if rng.IntN(2) == 0 {
				quarrel(to, d, people[(i+rng.IntN(3))%3], last())
			}
		}
	}
	someone := func() *identity.Identity { return people[min(rng.IntN(len(people)), rng.IntN(len(people)))] }
	for range n {
		var known []StatementHash
		for range 1 + rng.IntN(3) {
			known = append(known, tips[rng.IntN(len(tips))])
		}
		if rng.IntN(8) == 0 {
			known = []StatementHash{all[rng.IntN(len(all))].hash}
		}
		by, subject := someone(), people[rng.IntN(len(people))]
		switch rng.IntN(10) {
		case 0, 1, 2:
			say(by, Statement{Kind: Admit, Subject: subject.ID(), Role: Owner}, known...)
		case 3:
			say(by, Statement{Kind: Admit, Subject: subject.ID(), Role: Role(2 + rng.IntN(3))}, known...)
		case 4, 5:
			to := someone()
			if rng.IntN(2) == 0 {
				to = by
			}
			person := to.ID()
			if rng.IntN(2) == 0 {
				person = someone().ID()
			}
			say(by, Statement{
				Kind: Link, Subject: subject.ID(), Person: person, To: to.ID(), Consent: Consent(subject, to.ID()),
			}, known...)
		case 6, 7:
			say(by, Statement{Kind: Remove, Subject: subject.ID(), Whole: true}, known...)
		case 8:
			say(by, Statement{Kind: Remove, Subject: subject.ID()}, known...)
		case 9:
			if rng.IntN(2) == 0 {
				say(by, Statement{Kind: Renew, SecretHash: [32]byte{byte(len(all))}}, known...)
				continue
			}
			say(by, Statement{Kind: Invite, Key: [32]byte{1}, Role: Editor}, known...)
		}
	}
	return r.ID(), all
}

// Whatever is stated, by whomever, apart or not: every order and partition gives
// one roster, the model's, and it has an owner.
func TestAnyOrderGivesTheModelsRoster(t *testing.T) {
	people := devices(t, 6)
	seeds := uint64(250)
	if testing.Short() {
		seeds = 40
	}
	spared := 0
	for seed := range seeds {
		rng := rand.New(rand.NewPCG(seed, 1))
		space, all := history(t, rng, people, 6+rng.IntN(24))
		m := newModel(all)
		roles, whose, out := m.members()
		if !slices.Contains(slices.Collect(maps.Values(roles)), Owner) {
			t.Fatalf("seed %d: no owner", seed)
		}
		var first [32]byte
		for try := range 5 {
			r := NewRoster(space)
			var fresh []*Statement
			for rest := shuffled(rng, append(all, all[rng.IntN(len(all))])); len(rest) > 0; {
				n := 1 + rng.IntN(len(rest))
				fresh = append(fresh, add(t, r, rest[:n]...)...)
				rest = rest[n:]
			}
			if len(fresh) != len(m.kept) || len(r.kept) != len(m.kept) {
				t.Fatalf("seed %d: %d kept of %d, the model keeps %d", seed, len(r.kept), len(all), len(m.kept))
			}
			gotRoles, gotWhose := make(map[identity.DeviceID]Role), make(map[identity.DeviceID]identity.DeviceID)
			for _, mem := range r.Members() {
				gotRoles[mem.ID] = mem.Role
				for _, d := range mem.Devices {
					gotWhose[d] = mem.ID
				}
			}
			if !maps.Equal(gotRoles, roles) || !maps.Equal(gotWhose, whose) {
				t.Fatalf("seed %d: %v %v, want %v %v", seed, gotRoles, gotWhose, roles, whose)
			}
			for _, n := range m.kept {
				if i, ok := r.index[n.hash]; !ok || r.view().has(i) == out[n] {
					t.Fatalf("seed %d: statement kind %d is kept %v, counts wrongly", seed, n.Kind, ok)
				}
			}
			if try == 0 {
				for i, k := range r.kept {
					if l := r.view(); l.has(i) && l.spared(k) {
						spared++
					}
				}
				first = r.Digest()
			}
			if r.Digest() != first {
				t.Fatalf("seed %d: the digest depends on the order", seed)
			}
			again := NewRoster(space)
			if add(t, again, r.Statements()...); again.Digest() != first {
				t.Fatalf("seed %d: what is kept does not make the roster", seed)
			}
		}
	}
	if spared == 0 {
		t.Error("nobody's word of their own device is spared: it tests too little")
	}
}
