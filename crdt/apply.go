package crdt

import (
	"errors"
	"fmt"

	"starling/crdt/guard"
	"starling/crdt/sequence"
)

// Each run of one actor's changes in a batch is shown by itself, and where what
// it did must be found by comparing texts, that costs in proportion to the text. A batch with more runs than
// fewAuthors and more than the text's size allows, as after a long time apart,
// is compared once, and its patches name no author.
const (
	fewAuthors   = 4
	maxAuthors   = 64
	compareBytes = 1 << 20
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
func (d *Document) Apply(changes []Change) (Applied, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken {
		return Applied{}, fmt.Errorf("apply to document %v: %w", d.id, ErrBroken)
	}
	accepted, refusal := d.accept(changes)
	if len(accepted) == 0 {
		return Applied{}, refusal
	}
	out := Applied{Changes: make([]Change, len(accepted))}
	for i := range accepted {
		out.Changes[i] = accepted[i].Change
	}
	for _, run := range d.runs(accepted) {
		patches, err := d.take(run)
		if err != nil {
			return Applied{}, d.fail("apply to", err)
		}
		out.Patches = append(out.Patches, patches...)
	}
	d.checkOrder()
	return out, refusal
}

// arrival is a change that was accepted, and what our own order says that it
// does to the text.
type arrival struct {
	Change
	did sequence.Splices
}

// accept judges the changes and enters those that pass into our books.
func (d *Document) accept(changes []Change) ([]arrival, error) {
	accepted := make([]arrival, 0, len(changes))
	for _, c := range changes {
		p, err := c.read()
		if err != nil {
			return accepted, fmt.Errorf("apply to document %v: %w", d.id, err)
		}
		if d.guard.Has(p.Hash) {
			continue
		}
		if err := d.guard.Check(p.ops); err != nil {
			return accepted, fmt.Errorf("apply change %v to document %v: %w", p.Hash, d.id, err)
		}
		accepted = append(accepted, arrival{Change: p.Change})
		last := len(accepted) - 1
		if err := d.note(p, &accepted[last].did); err != nil {
			return accepted[:last], d.fail("apply to", err)
		}
	}
	return accepted, nil
}

// runs cuts changes into runs of one actor, or leaves them whole if there would
// be too many.
func (d *Document) runs(changes []arrival) [][]arrival {
	var runs [][]arrival
	start := 0
	for i := range changes {
		if i > 0 && changes[i].Actor != changes[i-1].Actor {
			runs = append(runs, changes[start:i])
			start = i
		}
	}
	runs = append(runs, changes[start:])
	if len(runs) > min(max(compareBytes/(len(d.text)+1), fewAuthors), maxAuthors) {
		return [][]arrival{changes}
	}
	return runs
}

// take gives accepted changes to the engine, and logs and returns what they did
// to the text.
func (d *Document) take(run []arrival) ([]Patch, error) {
	var all []byte
	for _, c := range run {
		all = append(all, c.Bytes...)
	}
	if err := d.engine.load(all); err != nil {
		return nil, err
	}
	last := run[len(run)-1]
	held, err := d.engine.doc.Change([32]byte(last.Hash))
	if err != nil || held == nil {
		return nil, fmt.Errorf("change %v did not arrive in the engine: %w", last.Hash, err)
	}
	actor, seq := last.Actor, last.Seq
	if run[0].Actor != actor {
		actor, seq = "", 0
	}
	if splices, ok := d.exact(run); ok {
		d.unread = true
		return d.patch(splices, actor, seq), nil
	}
	patches, err := d.compare(actor, seq)
	if err != nil {
		return nil, fmt.Errorf("change %v: %w", last.Hash, err)
	}
	return patches, nil
}

// compare reads the text from the engine, and logs and returns what makes ours
// the same.
func (d *Document) compare(actor ActorID, seq uint64) ([]Patch, error) {
	text, err := d.engine.string()
	if err != nil {
		return nil, err
	}
	patches := d.patch(diff(d.text, text), actor, seq)
	if d.text != text {
		return nil, errors.New("the patches do not give the text")
	}
	d.unread = false
	return patches, nil
}
