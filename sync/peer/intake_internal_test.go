package peer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"starling/crdt"
	"starling/sync/trust"
)

// books are what is held.
type books struct {
	has  map[crdt.Hash]bool
	last map[crdt.ActorID]uint64
}

// heldFirst is held from the beginning: only a document's founder may make a change that
// builds on none.
var heldFirst = crdt.Hash{0xff}

func newBooks() *books { return &books{map[crdt.Hash]bool{heldFirst: true}, map[crdt.ActorID]uint64{}} }

func (b *books) Has(h crdt.Hash) bool { return b.has[h] }

func (b *books) Last(a crdt.ActorID) uint64 { return b.last[a] }

func (b *books) add(c crdt.Change) {
	b.has[c.Hash] = true
	b.last[c.Actor] = max(b.last[c.Actor], c.Seq)
}

func hashOf(n int) (h crdt.Hash) {
	binary.BigEndian.PutUint64(h[:], uint64(n)+1)
	return h
}

func chain(actor crdt.ActorID, n int) []crdt.Change {
	changes := make([]crdt.Change, n)
	for i := range changes {
		changes[i] = crdt.Change{Actor: actor, Seq: uint64(i) + 1, Hash: hashOf(i), Deps: []crdt.Hash{heldFirst}}
		if i > 0 {
			changes[i].Deps = []crdt.Hash{hashOf(i - 1)}
		}
	}
	return changes
}

// testIntake lets everyone write.
func testIntake() *intake {
	in := newIntake(terms{
		doc: crdt.DocID(trust.DocumentID(SpaceID{}, DeviceID{1}, trust.Nonce{})), standing: func(trust.Head) standing { return standing{known: true, writes: true, line: noLine} },
	}, &room{})
	return &in
}

func headOver(c crdt.Change) trust.Head {
	return trust.Head{Actor: string(c.Actor), Seq: c.Seq, Hash: c.Hash, Device: DeviceID{1}}
}

// drain takes all that is ripe, n at a time.
func drain(in *intake, held *books, n int) (taken []crdt.Change) {
	for {
		step := in.next(n)
		if len(step) == 0 {
			return taken
		}
		for _, w := range step {
			held.add(w.Change)
			in.done(w)
			taken = append(taken, w.Change)
		}
	}
}

func (in *intake) wantEmpty(t *testing.T) {
	t.Helper()
	if in.waiting != 0 || in.all != (load{}) || in.lacking != 0 || in.nHeads != 0 || len(in.knots) != 0 || len(in.heads) != 0 || len(in.room.taken) != 0 || len(in.senders) != 0 {
		t.Errorf("left behind: %d changes, %v, %d lacking, %d heads, %d knots, room for %v",
			in.waiting, in.all, in.lacking, in.nHeads, len(in.knots), in.room.taken)
	}
}

// What comes in the worst order costs as many steps as there are ties, also if
// each change comes in a message of its own, whenever the head comes.
func TestTheWorstOrdersAreLinear(t *testing.T) {
	const n = maxThings
	orders := map[string]func(i int) int{
		"forward":  func(i int) int { return i },
		"backward": func(i int) int { return n - 1 - i },
		"mixed":    func(i int) int { return i * 7919 % n },
	}
	for name, order := range orders {
		for _, headFirst := range []bool{true, false} {
			in, held, changes := testIntake(), newBooks(), chain("a", n)
			head := headOver(changes[n-1])
			if headFirst {
				if err := in.addHead(head, DeviceID{2}); err != nil {
					t.Fatal(err)
				}
			}
			var taken []crdt.Change
			for i := range n {
				in.addChange(changes[order(i)], DeviceID{2}, held)
				taken = append(taken, drain(in, held, sliceChanges)...)
			}
			if !headFirst {
				if err := in.addHead(head, DeviceID{2}); err != nil {
					t.Fatal(err)
				}
			}
			taken = append(taken, drain(in, held, sliceChanges)...)
			if len(taken) != n || !slices.IsSortedFunc(taken, func(a, b crdt.Change) int { return int(a.Seq) - int(b.Seq) }) {
				t.Errorf("%s: %d taken, or not in order", name, len(taken))
			}
			in.wantEmpty(t)
			if most := 16 * n; in.steps > most {
				t.Errorf("%s, head first %v: %d steps, at most %d", name, headFirst, in.steps, most)
			}
		}
	}
}

// Many actors take turns, and each has a head that reaches all that is below:
// set by set, and not one by one.
func TestManyActorsInOneChain(t *testing.T) {
	const n, actors = maxThings, 256
	in, held, changes := testIntake(), newBooks(), chain("", n)
	for i := range changes {
		changes[i].Actor, changes[i].Seq = crdt.ActorID(fmt.Sprint("actor ", i%actors)), uint64(i/actors)+1
	}
	for _, c := range changes[n-actors:] {
		if err := in.addHead(headOver(c), DeviceID{2}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range slices.Backward(changes) {
		in.addChange(c, DeviceID{2}, held)
	}
	if got := drain(in, held, sliceChanges); len(got) != n {
		t.Errorf("%d taken", len(got))
	}
	in.wantEmpty(t)
	if most := 20 * n; in.steps > most {
		t.Errorf("%d steps, at most %d", in.steps, most)
	}
}

// A bar takes with it what builds on it, in as many steps as that has ties, and
// keeps it out.
func TestBarsAreLinear(t *testing.T) {
	const n = maxThings
	in, held, changes := testIntake(), newBooks(), chain("a", n)
	for _, c := range slices.Backward(changes[1:]) {
		in.addChange(c, DeviceID{2}, held)
	}
	if err := in.addHead(headOver(changes[n-1]), DeviceID{2}); err != nil {
		t.Fatal(err)
	}
	if in.lacking != 1 {
		t.Errorf("%d lacking", in.lacking)
	}
	before := in.steps
	in.bar(changes[0].Hash)
	in.wantEmpty(t)
	if steps := in.steps - before; steps > 8*n {
		t.Errorf("%d steps", steps)
	}
	if len(in.barred) > maxBarred {
		t.Errorf("%d barred", len(in.barred))
	}
	in, held = testIntake(), newBooks()
	in.bar(changes[0].Hash)
	for _, c := range changes[:100] {
		in.addChange(c, DeviceID{2}, held)
	}
	in.wantEmpty(t)
	if len(in.barred) != 100 {
		t.Errorf("%d barred", len(in.barred))
	}
}

// Of a slice that fails in its middle the rest waits again and costs no more
// than the slice: here each change is refused, one after the other.
func TestRefusalsAreLinear(t *testing.T) {
	const n = 4096
	in, held, changes := testIntake(), newBooks(), chain("a", 1)
	root := changes[0]
	in.addChange(root, DeviceID{2}, held)
	if err := in.addHead(headOver(root), DeviceID{2}); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		c := crdt.Change{Actor: crdt.ActorID(fmt.Sprint("b", i)), Seq: 1, Hash: hashOf(i + 10), Deps: []crdt.Hash{root.Hash}}
		in.addChange(c, DeviceID{2}, held)
		if err := in.addHead(headOver(c), DeviceID{2}); err != nil {
			t.Fatal(err)
		}
	}
	step := in.next(1)
	held.add(step[0].Change)
	in.done(step[0])
	for in.waiting > 1 {
		step := in.next(sliceChanges)
		if len(step) == 0 {
			t.Fatalf("%d wait and none is ripe", in.waiting)
		}
		in.backAll(step[1:])
		in.bar(step[0].Hash)
	}
	if most := n * (sliceChanges + 16); in.steps > most {
		t.Errorf("%d steps, at most %d", in.steps, most)
	}
}

// Whatever comes in whatever order, in the end what is taken is what a simple
// model says: each change after what it builds on, and none that no head of its
// actor reaches.
func TestIntakeAgainstAModel(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 7))
		changes, heads := randomHistory(rng)
		want := modelOf(changes, heads)
		in, held := testIntake(), newBooks()
		got := map[crdt.Hash]bool{}
		rng.Shuffle(len(heads), func(i, j int) { heads[i], heads[j] = heads[j], heads[i] })
		order := rng.Perm(len(changes))
		for len(order) > 0 || len(heads) > 0 {
			if len(heads) > 0 && (len(order) == 0 || rng.IntN(3) == 0) {
				if err := in.addHead(heads[0], DeviceID{2}); err != nil {
					t.Fatal(err)
				}
				heads = heads[1:]
			} else {
				in.addChange(changes[order[0]], DeviceID{2}, held)
				order = order[1:]
			}
			for step := in.next(1 + rng.IntN(4)); len(step) > 0; step = in.next(1 + rng.IntN(4)) {
				n := 1 + rng.IntN(len(step))
				for _, w := range step[:n] {
					for _, dep := range w.Deps {
						if !held.has[dep] {
							t.Fatalf("seed %d: taken before what it builds on", seed)
						}
					}
					held.add(w.Change)
					in.done(w)
					got[w.Hash] = true
				}
				in.backAll(step[n:])
			}
		}
		for i, c := range changes {
			if got[c.Hash] != want[c.Hash] {
				t.Fatalf("seed %d: change %d: taken %v, want %v", seed, i, got[c.Hash], want[c.Hash])
			}
		}
		if in.waiting != len(changes)-len(got) || in.lacking != 0 {
			t.Fatalf("seed %d: %d wait, %d lacking", seed, in.waiting, in.lacking)
		}
	}
}

// randomHistory is of a few actors, each change on some of the last ones; some
// have no head.
func randomHistory(rng *rand.Rand) (changes []crdt.Change, heads []trust.Head) {
	last := map[crdt.ActorID]int{}
	seqs := map[crdt.ActorID]uint64{}
	for i := range 40 {
		a := crdt.ActorID(rune('a' + rng.IntN(4)))
		seqs[a]++
		c := crdt.Change{Actor: a, Seq: seqs[a], Hash: hashOf(i), Bytes: make([]byte, 10)}
		deps := map[int]bool{}
		if at, ok := last[a]; ok {
			deps[at] = true
		}
		for range rng.IntN(3) {
			if i > 0 {
				deps[max(0, i-1-rng.IntN(5))] = true
			}
		}
		for dep := range deps {
			c.Deps = append(c.Deps, hashOf(dep))
		}
		if len(c.Deps) == 0 {
			c.Deps = []crdt.Hash{heldFirst}
		}
		last[a] = i
		changes = append(changes, c)
		if rng.IntN(6) == 0 {
			heads = append(heads, headOver(c))
		}
	}
	return changes, heads
}

func modelOf(changes []crdt.Change, heads []trust.Head) map[crdt.Hash]bool {
	byHash := map[crdt.Hash]crdt.Change{}
	for _, c := range changes {
		byHash[c.Hash] = c
	}
	vouched := map[crdt.Hash]bool{}
	for _, h := range heads {
		seen := map[crdt.Hash]bool{}
		var walk func(crdt.Hash)
		walk = func(hash crdt.Hash) {
			if seen[hash] {
				return
			}
			seen[hash] = true
			c := byHash[hash]
			if string(c.Actor) == h.Actor {
				vouched[hash] = true
			}
			for _, dep := range c.Deps {
				walk(dep)
			}
		}
		walk(h.Hash)
	}
	taken := map[crdt.Hash]bool{heldFirst: true}
	for _, c := range changes { // each after what it builds on
		taken[c.Hash] = vouched[c.Hash] && !slices.ContainsFunc(c.Deps, func(dep crdt.Hash) bool { return !taken[dep] })
	}
	return taken
}

// What is taken at once is bounded in operations too, though one change may have
// more.
func TestSlicesAreBoundedInOperations(t *testing.T) {
	in, held := testIntake(), newBooks()
	sizes := []uint64{1, 4094, 1, 1, 5000, 4095, 70_000, 3}
	changes := chain("a", len(sizes))
	next := uint64(1)
	for i, n := range sizes {
		changes[i].StartOp, changes[i].MaxOp = next, next+n-1
		next += n
		in.addChange(changes[i], DeviceID{2}, held)
	}
	if err := in.addHead(headOver(changes[len(changes)-1]), DeviceID{2}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{3, 2, 2, 1} {
		step := in.nextOf(sliceChanges, sliceOps)
		if len(step) != want {
			t.Errorf("%d changes, want %d", len(step), want)
		}
		for _, w := range step {
			held.add(w.Change)
			in.done(w)
		}
	}
	in.wantEmpty(t)
}

// A head over another's change says nothing against that change.
func TestAHeadOverAnothersChange(t *testing.T) {
	in, held, changes := testIntake(), newBooks(), chain("a", 2)
	early := headOver(changes[0])
	early.Actor = "b"
	if err := in.addHead(early, DeviceID{3}); err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		in.addChange(c, DeviceID{2}, held)
	}
	wrong := headOver(changes[1])
	wrong.Actor = "b"
	if err := in.addHead(wrong, DeviceID{3}); !errors.Is(err, errNotTheirs) {
		t.Errorf("taken: %v", err)
	}
	if got := drain(in, held, 10); len(got) != 0 {
		t.Errorf("it vouches for %d", len(got))
	}
	if err := in.addHead(headOver(changes[1]), DeviceID{2}); err != nil {
		t.Fatal(err)
	}
	if got := drain(in, held, 10); len(got) != 2 {
		t.Errorf("%d taken", len(got))
	}
	in.wantEmpty(t)
}

// Whoever wrote between whom in a file, the import heads come in time for one who
// gets it change by change.
func TestImportHeadsComeInTime(t *testing.T) {
	p, space := alone(t)
	changes := chain("b", maxThings+2000)
	changes[0].Actor = "a"
	for i := range changes[1:] {
		changes[i+1].Seq = uint64(i) + 1
	}
	last := &changes[len(changes)-1]
	last.Actor, last.Seq = "a", 2
	f := founding{p: p, space: space, changes: changes}
	heads := make(map[crdt.Hash]trust.Head)
	for _, h := range f.heads() {
		heads[h.Hash] = toTrustHead(h)
	}
	in, held, taken := testIntake(), newBooks(), 0
	for _, c := range changes {
		in.addChange(c, DeviceID{2}, held)
		if h, ok := heads[c.Hash]; ok {
			if err := in.addHead(h, DeviceID{2}); err != nil {
				t.Fatal(err)
			}
		}
		taken += len(drain(in, held, sliceChanges))
		if in.waiting > importHeadStep {
			t.Fatalf("%d wait", in.waiting)
		}
	}
	if taken != len(changes) {
		t.Errorf("%d of %d taken", taken, len(changes))
	}
	in.wantEmpty(t)
}
