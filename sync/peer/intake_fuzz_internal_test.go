package peer

import (
	"maps"
	"math/rand/v2"
	"testing"

	"starling/crdt"
)

// FuzzIntake gives the intake steps of any kind, with changes that may make no
// sense: rings, one that waits for itself, two of one number. Each step is three
// bytes: what to do, with which of 32 changes, and a parameter. What it keeps
// count of must always be what it holds, what it gives out must be vouched for
// and build on what is held, and when nothing waits any more nothing must be left.
func FuzzIntake(f *testing.F) {
	for seed := range uint64(6) {
		rng := rand.New(rand.NewPCG(seed, 10))
		steps := make([]byte, 600)
		for i := range steps {
			steps[i] = byte(rng.Uint32())
		}
		f.Add(steps)
	}
	f.Fuzz(func(t *testing.T, steps []byte) {
		if len(steps) < 96 {
			return
		}
		z := &fuzzed{t: t, in: testIntake(), held: newBooks(), changes: fuzzedChanges(steps[:96])}
		for steps = steps[96:]; len(steps) >= 3; steps = steps[3:] {
			z.step(steps[0], z.changes[steps[1]%32], steps[2])
			z.check()
		}
		for _, c := range z.changes {
			z.in.bar(c.Hash)
		}
		for _, heads := range z.in.heads {
			for len(heads) > 0 {
				z.in.dropHead(heads[0])
				heads = z.in.heads[crdt.ActorID(heads[0].Actor)]
			}
		}
		z.in.wantEmpty(t)
	})
}

type fuzzed struct {
	t       *testing.T
	in      *intake
	held    *books
	changes []crdt.Change
}

// fuzzedChanges are of four actors, each with up to two dependencies.
func fuzzedChanges(b []byte) []crdt.Change {
	changes := make([]crdt.Change, 32)
	for i := range changes {
		what, x, y := b[3*i], b[3*i+1], b[3*i+2]
		c := crdt.Change{Actor: crdt.ActorID(rune('a' + what%4)), Seq: uint64(what>>2)%8 + 1, Hash: hashOf(i), Bytes: b[:what>>5], StartOp: 1}
		if x < 128 {
			c.Deps = append(c.Deps, hashOf(int(x%32)))
		}
		if y < 64 && y%32 != x%32 {
			c.Deps = append(c.Deps, hashOf(int(y%32)))
		}
		if len(c.Deps) == 0 && i%2 == 0 {
			c.Deps = append(c.Deps, heldFirst)
		}
		changes[i] = c
	}
	return changes
}

func (z *fuzzed) step(what byte, c crdt.Change, n byte) {
	from := DeviceID{n%3 + 1}
	switch what % 8 {
	case 0, 1, 2:
		z.in.addChange(c, from, z.held)
	case 3, 4:
		h := headOver(c)
		h.Device, h.Import = DeviceID{n%2 + 1}, n&8 != 0
		if n&16 != 0 {
			h.Actor = string(rune('a' + n>>5%4))
		}
		_ = z.in.addHead(h, from) // which may be over another's change
	case 5, 6:
		z.take(int(n%5)+1, int(n>>4))
	case 7:
		if n < 32 {
			z.in.bar(c.Hash)
		} else if k := z.in.knots[c.Hash]; n < 64 && k != nil && k.change != nil {
			z.in.letGo(k)
		}
	}
	for _, r := range z.in.refused {
		if !r.gone {
			z.in.bar(r.Hash)
		}
	}
	z.in.refused = nil
}

// take takes up to n changes and gives the last few back, or bars the first of
// these.
func (z *fuzzed) take(n, keep int) {
	step := z.in.next(n)
	for i, w := range step {
		if i >= keep || w.Seq <= z.held.Last(w.Actor) {
			z.in.backAll(step[i+1:])
			if w.Seq <= z.held.Last(w.Actor) || keep%2 == 1 {
				z.in.bar(w.Hash)
			} else {
				z.in.back(w)
			}
			return
		}
		if !w.vouched() {
			z.t.Fatalf("nobody vouches for %v", w.Hash)
		}
		for _, dep := range w.Deps {
			if !z.held.Has(dep) {
				z.t.Fatalf("%v is taken before %v", w.Hash, dep)
			}
		}
		z.held.add(w.Change)
		z.in.done(w)
	}
}

// check counts everything anew.
func (z *fuzzed) check() {
	in, all, heads, waiting, lacking := z.in, make(loads), 0, 0, 0
	for h, k := range in.knots {
		if h != k.hash || k.change == nil && len(k.kids) == 0 && len(k.heads) == 0 {
			z.t.Fatalf("a knot of %v stands at %v", k.hash, h)
		}
		if k.change != nil {
			waiting++
			all.take(k.change.from, len(k.change.Bytes))
		}
		if k.lacks() {
			lacking++
		}
		for i, kid := range k.kids {
			if kid.change.gone || kid.change.deps[kid.dep] != k || kid.change.at[kid.dep] != i {
				z.t.Fatalf("a tie to %v leads elsewhere", h)
			}
		}
		for _, w := range k.heads {
			all.take(w.from, headCost)
			if heads++; w.counts && k.change == nil {
				z.t.Fatalf("a head over %v counts without it", h)
			}
		}
	}
	if waiting != in.waiting || lacking != in.lacking || heads != in.nHeads || !maps.Equal(all, in.senders) || !maps.Equal(all, in.room.taken) {
		z.t.Fatalf("%d wait, %d lacking, %d heads of %v; counted %d, %d, %d, %v",
			in.waiting, in.lacking, in.nHeads, in.senders, waiting, lacking, heads, all)
	}
	for a, heads := range in.heads {
		for i, h := range heads {
			if string(a) != h.Actor || i > 0 && h.Seq > heads[i-1].Seq {
				z.t.Fatalf("the heads of %q are out of order", a)
			}
		}
	}
}
