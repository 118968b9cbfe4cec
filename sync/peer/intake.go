package peer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"starling/crdt"
	"starling/crdt/guard"
	"starling/crdt/store"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// Limits of what waits in one document for what it builds on, for a head or for
// a roster. Beyond them it is forgotten and asked for again.
const (
	maxWaiting      = 16384
	maxWaitingBytes = 16 << 20
	maxWaitingHeads = 4096
)

// intake holds what a document was sent and can't take yet. It is used under
// openDoc.order.
//
// A change is taken when all that it builds on is held and a verified head of
// its actor, by a device that may write, reaches it through the hashes of
// changes: a head vouches for its actor's changes and for no one else's.
type intake struct {
	waiting map[crdt.Hash]crdt.Change
	arrived []crdt.Hash // in the order of arrival, which is mostly causal
	bytes   int
	heads   map[crdt.ActorID][]trust.Head // verified
	nHeads  int
}

func newIntake() intake {
	return intake{waiting: make(map[crdt.Hash]crdt.Change), heads: make(map[crdt.ActorID][]trust.Head)}
}

func (in *intake) empty() bool { return len(in.waiting) == 0 }

func (in *intake) forget() { *in = newIntake() }

func (in *intake) addChange(c crdt.Change) {
	if _, ok := in.waiting[c.Hash]; ok {
		return
	}
	in.waiting[c.Hash] = c
	in.arrived = append(in.arrived, c.Hash)
	in.bytes += len(c.Bytes)
}

func (in *intake) addHead(h trust.Head) {
	a := crdt.ActorID(h.Actor[:])
	in.heads[a] = append(in.heads[a], h)
	in.nHeads++
}

func (in *intake) full() bool {
	return len(in.waiting) > maxWaiting || in.bytes > maxWaitingBytes || in.nHeads > maxWaitingHeads
}

// receive judges changes from a peer and applies those that can be. It returns
// what is held if something is missing that nothing waiting will bring.
func (d *openDoc) receive(r protocol.Received) (want crdt.Vector, err error) {
	d.order.Lock()
	defer d.order.Unlock()
	held := d.doc.Vector()
	for _, chunk := range r.Chunks {
		c, err := crdt.ParseChange(chunk)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", protocol.ErrMalformed, err)
		}
		if !d.doc.Has(c.Hash) {
			d.intake.addChange(c)
		}
	}
	for _, h := range r.Heads {
		if held.Has(crdt.ActorID(h.Actor[:]), h.Seq) {
			continue
		}
		if err := h.Verify(d.space, d.id); err != nil {
			return nil, fmt.Errorf("%w: %w", protocol.ErrMalformed, err)
		}
		d.intake.addHead(h)
	}
	err = d.take(r.From)
	if d.intake.full() {
		d.p.log.Warn("too much waits for what it builds on; it is forgotten and asked for again", "doc", d.id)
		d.intake.forget()
		return d.doc.Vector(), err
	}
	if d.lacks() {
		want = d.doc.Vector()
	}
	return want, err
}

// reconsider looks again at what waits, after a roster has changed.
func (d *openDoc) reconsider() {
	d.order.Lock()
	defer d.order.Unlock()
	if d.intake.empty() {
		return
	}
	if err := d.take(DeviceID{}); err != nil {
		d.p.log.Warn("a waiting change was refused", "doc", d.id, "err", err)
	}
}

// take applies all that can be; under order.
func (d *openDoc) take(from DeviceID) error {
	ready, used, err := d.ready()
	if err != nil {
		return err
	}
	if len(ready) == 0 {
		return nil
	}
	chunks := make([][]byte, 0, len(ready))
	for _, c := range ready {
		chunks = append(chunks, c.Bytes)
	}
	now := time.Now()
	applied, refusal := d.doc.Apply(chunks)
	d.settle(applied.Changes, used)
	if len(applied.Changes) > 0 {
		e := store.Entry{Changes: applied.Changes}
		for _, h := range used {
			if d.doc.Has(h.Hash) {
				e.Heads = append(e.Heads, toStoreHead(h))
			}
		}
		d.submit(e, applied.Patches, from, now)
	}
	if refusal != nil {
		return d.refuse(ready[len(applied.Changes)], from, refusal)
	}
	return nil
}

// ready finds the waiting changes that can be taken now, each after those it
// builds on, and the heads that cover them.
func (d *openDoc) ready() ([]crdt.Change, []trust.Head, error) {
	covered := make(map[crdt.Hash]bool)
	var used []trust.Head
	for _, heads := range d.intake.heads {
		for _, h := range heads {
			if !d.p.mayWrite(d.space, h.Device) {
				continue
			}
			n, err := d.cover(h, covered)
			if err != nil {
				return nil, nil, err
			}
			if n {
				used = append(used, h)
			}
		}
	}
	o := ordering{d: d, covered: covered, state: make(map[crdt.Hash]int)}
	for _, hash := range d.intake.arrived {
		o.visit(hash)
	}
	return o.out, used, nil
}

// cover marks the changes of the head's actor that its hash reaches, and
// reports whether the head's own change is here.
func (d *openDoc) cover(h trust.Head, covered map[crdt.Hash]bool) (bool, error) {
	actor := crdt.ActorID(h.Actor[:])
	tip, here := d.intake.waiting[h.Hash]
	if !here {
		return false, nil
	}
	if tip.Actor != actor || tip.Seq != h.Seq {
		return false, fmt.Errorf("a head over another's change %v: %w", h.Hash, protocol.ErrMalformed)
	}
	seen := map[crdt.Hash]bool{h.Hash: true}
	for stack := []crdt.Change{tip}; len(stack) > 0; {
		c := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if c.Actor == actor {
			covered[c.Hash] = true
			if len(c.Deps) == 0 && !h.Founds(d.space, d.id) {
				return false, fmt.Errorf("change %v begins a document that another founded: %w", c.Hash, protocol.ErrMalformed)
			}
		}
		for _, dep := range c.Deps {
			if next, ok := d.intake.waiting[dep]; ok && !seen[dep] {
				seen[dep] = true
				stack = append(stack, next)
			}
		}
	}
	return true, nil
}

// ordering sorts covered changes so that each comes after those it builds on.
type ordering struct {
	d       *openDoc
	covered map[crdt.Hash]bool
	state   map[crdt.Hash]int
	out     []crdt.Change
}

const (
	orderOpen = iota + 1
	orderTaken
	orderBlocked
)

// visit reports whether the change is held or will be. It walks with a stack of
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
		o.state[h] = orderBlocked
		if o.covered[h] && o.depsTaken(c) {
			o.state[h] = orderTaken
			o.out = append(o.out, c)
		}
	}
}

func (o *ordering) depsTaken(c crdt.Change) bool {
	for _, dep := range c.Deps {
		if o.state[dep] != orderTaken && !o.d.doc.Has(dep) {
			return false
		}
	}
	return true
}

// settle forgets what was applied and notes whose it is; under order.
func (d *openDoc) settle(applied []crdt.Change, used []trust.Head) {
	in := &d.intake
	for _, c := range applied {
		in.bytes -= len(in.waiting[c.Hash].Bytes)
		delete(in.waiting, c.Hash)
	}
	arrived := in.arrived[:0]
	for _, h := range in.arrived {
		if _, ok := in.waiting[h]; ok {
			arrived = append(arrived, h)
		}
	}
	in.arrived = arrived
	held := d.doc.Vector()
	for a, heads := range in.heads {
		rest := heads[:0]
		for _, h := range heads {
			if !held.Has(a, h.Seq) {
				rest = append(rest, h)
			}
		}
		in.nHeads -= len(heads) - len(rest)
		if in.heads[a] = rest; len(rest) == 0 {
			delete(in.heads, a)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, h := range used {
		d.authors[crdt.ActorID(h.Actor[:])] = h.Device
	}
}

// lacks reports whether a waiting change builds on one that is neither held nor
// waiting.
func (d *openDoc) lacks() bool {
	for _, c := range d.intake.waiting {
		for _, dep := range c.Deps {
			if _, ok := d.intake.waiting[dep]; !ok && !d.doc.Has(dep) {
				return true
			}
		}
	}
	return false
}

// refuse sets a change aside that the guard did not pass, and what waits with
// it. Whoever sent it should have refused it too.
func (d *openDoc) refuse(c crdt.Change, from DeviceID, cause error) error {
	d.intake.forget()
	aside := store.Aside{
		Kind: store.KindChange, Doc: d.id, Device: from,
		Reason: cause.Error(), Bytes: c.Bytes, At: time.Now(),
	}
	d.p.background.Go(func() { // no I/O under order
		if err := d.p.store.SetAside(context.Background(), aside); err != nil {
			d.p.log.Error("a refused change could not be set aside", "doc", d.id, "err", err)
		}
	})
	switch {
	case errors.Is(cause, guard.ErrForked):
		d.p.log.Error("two changes carry one actor and number; the second is set aside", "doc", d.id, "change", c.Hash)
		return nil // whoever passed it on may hold it honestly
	case errors.Is(cause, crdt.ErrBroken):
		return cause
	}
	return fmt.Errorf("%w: %w", protocol.ErrMalformed, cause)
}
