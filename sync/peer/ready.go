package peer

import (
	"errors"

	"starling/crdt"
	"starling/sync/trust"
)

// readiness is what waits and can be taken now.
type readiness struct {
	changes []waitingChange // each after those it builds on
	heads   []trust.Head    // that cover them
	// refused are those that can never be taken, with the reason.
	refused []refusal
}

// refusal is a change that can't be taken.
type refusal struct {
	waitingChange
	blame DeviceID // who should have refused it too; zero for nobody
	cause error
}

// ready finds the waiting changes that can be taken now; under taking.
func (d *openDoc) ready() readiness {
	covered := make(map[crdt.Hash]bool)
	var out readiness
	for _, heads := range d.intake.heads {
		seen := make(map[crdt.Hash]bool) // by the newer heads of the same actor
		for _, h := range heads {
			if !d.p.mayWrite(d.space, h.Device) {
				continue
			}
			tip, here := d.intake.waiting[h.Hash]
			if !here {
				continue
			}
			if bad, cause := d.cover(h, tip, covered, seen); cause != nil {
				out.refused = append(out.refused, refusal{bad, h.from, cause})
				continue
			}
			out.heads = append(out.heads, h.Head)
		}
	}
	o := ordering{d: d, doc: d.text(), covered: covered, state: make(map[crdt.Hash]int)}
	for _, hash := range d.intake.arrived {
		o.visit(hash)
	}
	out.changes, out.refused = o.out, append(out.refused, o.forks...)
	return out
}

var (
	errNotTheirs = errors.New("a head is over another's change")
	errBegun     = errors.New("the change begins a document that another founded")
)

// cover marks the changes of the head's actor that the head's own, tip, reaches.
// seen are those that another head of the actor has reached. It returns a change
// that stands against it, and why.
func (d *openDoc) cover(h waitingHead, tip waitingChange, covered, seen map[crdt.Hash]bool) (bad waitingChange, cause error) {
	actor := crdt.ActorID(h.Actor)
	if tip.Actor != actor || tip.Seq != h.Seq {
		return tip, errNotTheirs
	}
	if seen[h.Hash] {
		return bad, nil
	}
	seen[h.Hash] = true
	for stack := []waitingChange{tip}; len(stack) > 0; {
		c := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if c.Actor == actor {
			if len(c.Deps) == 0 && !h.Founds(d.space, d.id) {
				return c, errBegun
			}
			covered[c.Hash] = true
		}
		for _, dep := range c.Deps {
			if next, ok := d.intake.waiting[dep]; ok && !seen[dep] {
				seen[dep] = true
				stack = append(stack, next)
			}
		}
	}
	return bad, nil
}

// ordering sorts covered changes so that each comes after those it builds on.
type ordering struct {
	d       *openDoc
	doc     *crdt.Document
	covered map[crdt.Hash]bool
	state   map[crdt.Hash]int
	out     []waitingChange
	forks   []refusal
}

const (
	orderOpen = iota + 1
	orderTaken
	orderBlocked
)

// visit decides on a change after those it builds on. It walks with a stack of
// its own, since chains can be thousands long.
func (o *ordering) visit(hash crdt.Hash) {
	stack := []crdt.Hash{hash}
	for len(stack) > 0 {
		h := stack[len(stack)-1]
		c, waiting := o.d.intake.waiting[h]
		if !waiting || o.state[h] >= orderTaken {
			stack = stack[:len(stack)-1]
			continue
		}
		if o.state[h] == 0 {
			o.state[h] = orderOpen
			for _, dep := range c.Deps {
				if o.state[dep] == 0 {
					stack = append(stack, dep)
				}
			}
			continue
		}
		stack = stack[:len(stack)-1]
		o.state[h] = o.judge(c)
	}
}

func (o *ordering) judge(c waitingChange) int {
	if !o.covered[c.Hash] {
		return orderBlocked
	}
	if held, ok := o.doc.Held(c.Actor, c.Seq); ok && held != c.Hash {
		// Whoever passed it on may hold it honestly.
		o.forks = append(o.forks, refusal{waitingChange: c, cause: crdt.ErrForked})
		return orderBlocked
	}
	if !o.depsTaken(c) {
		return orderBlocked
	}
	o.out = append(o.out, c)
	return orderTaken
}

func (o *ordering) depsTaken(c waitingChange) bool {
	for _, dep := range c.Deps {
		if o.state[dep] != orderTaken && !o.doc.Has(dep) {
			return false
		}
	}
	return true
}
