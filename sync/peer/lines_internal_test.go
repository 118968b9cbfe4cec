package peer

import (
	"math/rand/v2"
	"slices"
	"testing"

	"starling/crdt"
	"starling/sync/trust"
)

// claims is what a simple model says of changes: what heads reach, walked anew for
// each of them.
func claims(changes []crdt.Change, heads []trust.Head, by func(trust.Head) standing) (written, remarked map[crdt.Hash]claim) {
	byHash := map[crdt.Hash]crdt.Change{}
	for _, c := range changes {
		byHash[c.Hash] = c
	}
	written, remarked = map[crdt.Hash]claim{}, map[crdt.Hash]claim{}
	for _, h := range heads {
		st := by(h)
		if !st.known || !st.writes && !st.remarks {
			continue
		}
		for hash := range below(byHash, h.Hash) {
			if c := byHash[hash]; string(c.Actor) == h.Actor {
				written[hash] = max(written[hash], st.written(c.Seq))
				remarked[hash] = max(remarked[hash], st.remarked(c.Seq))
			}
		}
	}
	return written, remarked
}

// below is a change and all that it builds on.
func below(all map[crdt.Hash]crdt.Change, from crdt.Hash) map[crdt.Hash]bool {
	seen := map[crdt.Hash]bool{}
	for stack := []crdt.Hash{from}; len(stack) > 0; {
		h := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[h] {
			continue
		}
		seen[h] = true
		stack = append(stack, all[h].Deps...)
	}
	return seen
}

// counting is what the model says counts.
func counting(changes []crdt.Change, heads []trust.Head, by func(trust.Head) standing) map[crdt.Hash]bool {
	written, remarked := claims(changes, heads, by)
	all := map[crdt.Hash]crdt.Change{}
	for _, c := range changes {
		all[c.Hash] = c
	}
	sound := map[crdt.Hash]bool{heldFirst: true} // of which nothing is lacking
	carried := map[crdt.Hash]bool{}
	for _, c := range changes {
		best := max(written[c.Hash], remarked[c.Hash])
		sound[c.Hash] = best != nothing && !slices.ContainsFunc(c.Deps, func(dep crdt.Hash) bool { return !sound[dep] })
		if sound[c.Hash] && written[c.Hash] == within {
			for h := range below(all, c.Hash) {
				carried[h] = carried[h] || h != c.Hash
			}
		}
	}
	taken := map[crdt.Hash]bool{heldFirst: true}
	for _, c := range changes { // each after what it builds on
		best := max(written[c.Hash], remarked[c.Hash])
		counts := best == within || best == beyond && carried[c.Hash]
		taken[c.Hash] = counts && !slices.ContainsFunc(c.Deps, func(dep crdt.Hash) bool { return !taken[dep] })
	}
	return taken
}

// randomStandings draws one for each head.
func randomStandings(rng *rand.Rand, heads []trust.Head) func(trust.Head) standing {
	of := map[[32]byte]standing{}
	for _, h := range heads {
		st := standing{known: rng.IntN(8) > 0, person: h.Device, line: noLine}
		switch rng.IntN(6) {
		case 0:
		case 1:
			st.remarks, st.before = true, rng.Uint64N(4)
		default:
			st.writes = true
		}
		if rng.IntN(2) == 0 {
			st.line = rng.Uint64N(10)
		}
		of[h.Hash] = st
	}
	return func(h trust.Head) standing { return of[h.Hash] }
}

// Whatever roster heads name, wherever lines are drawn, and however often both
// change while things wait: what is taken is what the model says, in as many steps
// as before for each time.
func TestLinesAgainstAModel(t *testing.T) {
	waited, carriedOn := 0, 0
	for seed := range uint64(600) {
		rng := rand.New(rand.NewPCG(seed, 11))
		changes, heads := randomHistory(rng)
		for _, c := range changes {
			if rng.IntN(3) == 0 {
				heads = append(heads, headOver(c))
			}
		}
		in, held := testIntake(), newBooks()
		in.by.standing = randomStandings(rng, heads)
		rng.Shuffle(len(heads), func(i, j int) { heads[i], heads[j] = heads[j], heads[i] })
		order := rng.Perm(len(changes))
		for i := 0; len(order) > 0 || i < len(heads); {
			if i < len(heads) && (len(order) == 0 || rng.IntN(2) == 0) {
				if err := in.addHead(heads[i], DeviceID{2}); err != nil {
					t.Fatal(err)
				}
				i++
			} else {
				in.addChange(changes[order[0]], DeviceID{2}, held)
				order = order[1:]
			}
			if rng.IntN(20) == 0 {
				in.by.standing = randomStandings(rng, heads)
				in.recount()
			}
		}
		want := counting(changes, heads, in.by.standing)
		taken := drain(in, held, 1+rng.IntN(5))
		for i, c := range changes {
			if held.has[c.Hash] != want[c.Hash] {
				t.Fatalf("seed %d: change %d: taken %v, want %v", seed, i, held.has[c.Hash], want[c.Hash])
			}
		}
		written, remarked := claims(changes, heads, in.by.standing)
		for _, c := range taken {
			if max(written[c.Hash], remarked[c.Hash]) == beyond {
				carriedOn++
			}
		}
		waited += in.waiting
	}
	if waited == 0 || carriedOn == 0 {
		t.Errorf("%d waited, %d were carried: it tests nothing", waited, carriedOn)
	}
}

// One who may write on top of everything carries all of it, in as many steps as it
// has ties.
func TestCarryingIsLinear(t *testing.T) {
	const n = maxThings
	for _, headFirst := range []bool{true, false} {
		in, held, changes := testIntake(), newBooks(), chain("a", n)
		top := &changes[n-1]
		top.Actor, top.Seq = "b", 1
		in.by.standing = func(h trust.Head) standing {
			if h.Actor == "b" {
				return standing{known: true, writes: true, line: noLine}
			}
			return standing{known: true, writes: true, line: 5}
		}
		heads := []trust.Head{headOver(changes[n-2]), headOver(*top)}
		add := func() {
			for _, h := range heads {
				if err := in.addHead(h, DeviceID{2}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if headFirst {
			add()
		}
		for _, c := range changes[:n-1] {
			in.addChange(c, DeviceID{2}, held)
		}
		if !headFirst {
			add()
		}
		if got := drain(in, held, sliceChanges); len(got) != 5 {
			t.Errorf("%d taken before anyone built on more", len(got))
		}
		in.addChange(*top, DeviceID{2}, held)
		if got := drain(in, held, sliceChanges); len(got) != n-5 {
			t.Errorf("%d taken then", len(got))
		}
		in.wantEmpty(t)
		if most := 20 * n; in.steps > most {
			t.Errorf("%d steps, at most %d", in.steps, most)
		}
	}
}
