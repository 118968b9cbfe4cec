package crdt

import (
	"errors"
	"fmt"

	"starling/crdt/format"
	"starling/crdt/graph"
	"starling/crdt/guard"
	"starling/crdt/opset"
)

// ErrForked says that another change with the same actor and number is held.
var ErrForked = guard.ErrForked

// Applied is what received changes did.
type Applied struct {
	// Changes are those that were new, in the order in which they were applied.
	Changes []Change
	// Patches are what they did to the text.
	Patches []Patch
}

// Apply adds changes from other devices, each after those it builds on. Changes
// that are held already are passed over. The first one that is refused ends the
// batch: what came before it stays applied and is returned with the error,
// which wraps [ErrForked] or another one of package crdt/guard's or crdt/format's.
//
// A change comes from [ParseChange], or is read from its Bytes alone. The caller
// has checked who signed it.
//
// A change that builds on an old one may need the hashes of all, which a
// document does not keep in memory; they are read from [Config.History] then,
// with no lock held.
func (d *Document) Apply(changes []Change) (Applied, error) {
	var out Applied
	d.prepare()
	for {
		rest, err := d.applySome(changes, &out)
		if !errors.Is(err, graph.ErrNoHashes) {
			return out, err
		}
		if err := d.readHashes(); err != nil {
			return out, fmt.Errorf("apply to document %v: %w", d.id, err)
		}
		changes = rest
	}
}

// applySome applies what it can, and returns what is left with the error.
func (d *Document) applySome(changes []Change, out *Applied) ([]Change, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken {
		return nil, fmt.Errorf("apply to document %v: %w", d.id, ErrBroken)
	}
	in := intake{d: d, out: out}
	for i, c := range changes {
		if err := in.take(c); err != nil {
			in.tell()
			return changes[i:], fmt.Errorf("apply change %v to document %v: %w", c.Hash, d.id, err)
		}
	}
	in.tell()
	return nil, nil
}

// intake applies received changes one by one, and tells what those of one actor
// did in one go.
type intake struct {
	d     *Document
	out   *Applied
	actor ActorID
	seq   uint64
	did   opset.Effects
}

func (in *intake) take(c Change) error {
	held, err := in.d.holds(c.Actor, c.Seq, c.Hash)
	if held || err != nil {
		return err
	}
	ops, err := c.read()
	if err != nil {
		return err
	}
	c.ops = nil
	if c.Actor != in.actor {
		in.tell()
		in.actor = c.Actor
	}
	if err := in.d.enter(ops, in.d.rules(c), &in.did); err != nil {
		return err
	}
	in.seq = c.Seq
	in.out.Changes = append(in.out.Changes, c)
	if in.did.Root {
		in.lookForText()
	}
	return nil
}

// lookForText looks again which object is the text. One that was shown gives way
// as a whole.
func (in *intake) lookForText() {
	d := in.d
	in.tell()
	before := 0
	if d.text != nil {
		before = d.text.Len()
	}
	if !d.findText() || before+d.text.Len() == 0 {
		return
	}
	in.out.Patches = append(in.out.Patches, d.log.add(Patch{
		Delete: before, Insert: d.whole(), Inserted: d.text.Len(), Actor: in.actor, Seq: in.seq,
	}))
}

// tell makes patches of what was done since the last call.
func (in *intake) tell() {
	in.out.Patches = append(in.out.Patches, in.d.patch(&in.did, in.actor, in.seq)...)
	in.did = opset.Effects{}
}

// enter judges a change and enters it.
func (d *Document) enter(c *format.Change, rules guard.Rules, did *opset.Effects) error {
	if err := guard.Check(c, d.graph, d.set, rules); err != nil {
		return err
	}
	numbers := d.numbersOf(c)
	if _, err := d.graph.Add(c, numbers); err != nil {
		return d.fail("apply to", err)
	}
	if err := d.set.Apply(c, numbers, did); err != nil {
		return d.fail("apply to", err)
	}
	return nil
}

// rules are what the guard must know of a change beside the change.
func (d *Document) rules(c Change) guard.Rules {
	rules := guard.Rules{Foreign: c.Foreign, Founder: string(d.founder)}
	if c.Narrow != nil {
		rules.Own = func(actor string) bool { return c.Narrow(ActorID(actor)) }
	}
	return rules
}

// SetFounder says which actor founded the document, once that is known.
func (d *Document) SetFounder(founder ActorID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.founder = founder
}

// numbersOf numbers the actors of a change.
func (d *Document) numbersOf(c *format.Change) []uint32 {
	numbers := make([]uint32, 0, 4)
	for i := range 1 + len(c.OtherActors) {
		numbers = append(numbers, d.actors.Number(c.ActorAt(uint32(i))))
	}
	return numbers
}

// holds reports whether a change is held. Another one with its actor and number
// is for the guard to tell.
func (d *Document) holds(actor ActorID, seq uint64, hash Hash) (bool, error) {
	n, ok := d.actors.Find(string(actor))
	if !ok || seq > uint64(d.graph.Last(n)) {
		return false, nil
	}
	_, held, err := d.graph.Find(hash)
	return held, err
}

// readHashes reads the hashes of all changes. It takes the lock, and keeps it only
// to exchange what is known for what was read.
func (d *Document) readHashes() error {
	if d.history == nil {
		return graph.ErrNoHashes
	}
	read := map[ActorID][]Hash{} // by seq, from 1
	err := d.history(func(c Change) error {
		of := read[c.Actor]
		if c.Seq != uint64(len(of))+1 {
			return fmt.Errorf("change %d of actor %v comes after its change %d", c.Seq, c.Actor, len(of))
		}
		read[c.Actor] = append(of, c.Hash)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the hashes of its changes: %w", err)
	}
	d.mu.Lock()
	was := d.freezeGraph()
	d.mu.Unlock()
	all := was.hashesFrom(read)
	table := graph.NewHashes(all)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.graph.SetHashes(table); err != nil {
		return d.fail("read the hashes of", err)
	}
	return nil
}

// hashesFrom puts the hashes of each actor's changes in the graph's order, as far
// as there are all.
func (b books) hashesFrom(read map[ActorID][]Hash) [][32]byte {
	by := make([][]Hash, b.actors.Len())
	for n := range by {
		by[n] = read[ActorID(b.actors.Name(uint32(n)))]
	}
	all := make([][32]byte, 0, b.graph.Len())
	for i := range b.graph.Len() {
		actor, seq := b.graph.Author(i)
		if int(seq) > len(by[actor]) {
			break
		}
		all = append(all, by[actor][seq-1])
	}
	return all
}
