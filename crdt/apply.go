package crdt

import (
	"fmt"
)

// maxAuthors is how many runs of one actor's changes are compared with the text
// one by one. A batch with more, as after a long time apart, is compared once,
// and its patches name no author.
const maxAuthors = 64

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
// which wraps one of package crdt/guard's or crdt/format's.
//
// The caller has checked who signed them.
func (d *Document) Apply(chunks [][]byte) (Applied, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken {
		return Applied{}, fmt.Errorf("apply to document %v: %w", d.id, ErrBroken)
	}
	accepted, refusal := d.accept(chunks)
	if len(accepted) == 0 {
		return Applied{}, refusal
	}
	first := d.log.last() + 1
	for _, run := range d.runs(accepted) {
		if err := d.take(run); err != nil {
			return Applied{}, d.fail("apply to", err)
		}
	}
	patches, err := d.log.since(first - 1)
	if err != nil { // more patches than the log keeps: views read the text anew
		patches = nil
	}
	return Applied{accepted, append([]Patch(nil), patches...)}, refusal
}

// accept judges the changes and enters those that pass into our books.
func (d *Document) accept(chunks [][]byte) ([]Change, error) {
	var accepted []Change
	for _, chunk := range chunks {
		p, err := parse(chunk)
		if err != nil {
			return accepted, fmt.Errorf("apply to document %v: %w", d.id, err)
		}
		if d.guard.Has(p.Hash) {
			continue
		}
		if err := d.guard.Check(p.ops); err != nil {
			return accepted, fmt.Errorf("apply change %v to document %v: %w", p.Hash, d.id, err)
		}
		if err := d.note(p); err != nil {
			return accepted, d.fail("apply to", err)
		}
		accepted = append(accepted, p.Change)
	}
	return accepted, nil
}

// runs cuts changes into runs of one actor, or leaves them whole if there would
// be too many.
func (d *Document) runs(changes []Change) [][]Change {
	var runs [][]Change
	start := 0
	for i := range changes {
		if i > 0 && changes[i].Actor != changes[i-1].Actor {
			runs = append(runs, changes[start:i])
			start = i
		}
	}
	runs = append(runs, changes[start:])
	if len(runs) > maxAuthors {
		return [][]Change{changes}
	}
	return runs
}

// take gives accepted changes to the engine and logs what they did to the text.
func (d *Document) take(run []Change) error {
	var all []byte
	for _, c := range run {
		all = append(all, c.Bytes...)
	}
	if err := d.engine.load(all); err != nil {
		return err
	}
	last := run[len(run)-1]
	held, err := d.engine.doc.Change([32]byte(last.Hash))
	if err != nil || held == nil {
		return fmt.Errorf("change %v did not arrive in the engine: %w", last.Hash, err)
	}
	text, err := d.engine.string()
	if err != nil {
		return err
	}
	actor, seq := last.Actor, last.Seq
	if run[0].Actor != actor {
		actor, seq = "", 0
	}
	for _, s := range diff(d.text, text) {
		d.patch(s, actor, seq)
	}
	if d.text != text {
		return fmt.Errorf("change %v: the patches do not give the text", last.Hash)
	}
	return nil
}
