package peer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// receive judges changes from a peer and applies those that can be. It returns
// what is held if something is missing that nothing waiting will bring.
func (d *openDoc) receive(r protocol.Received) (want crdt.Vector, err error) {
	changes, heads, err := d.check(r)
	if err != nil {
		return nil, err
	}
	d.taking.Lock()
	defer d.taking.Unlock()
	had := d.intake.dropped
	for _, c := range changes {
		d.intake.addChange(c, r.From)
	}
	for _, h := range heads {
		d.intake.addHead(h, r.From)
	}
	if d.intake.dropped && !had {
		d.p.log.Warn("too much waits for what it builds on; the rest will be asked for again", "doc", d.id)
	}
	err = d.take(r.From)
	if d.lacks() {
		want = d.text().Vector()
	}
	if d.intake.dropped && !d.intake.full() && d.intake.nHeads < maxWaitingHeads {
		d.intake.dropped = false
		want = d.text().Vector()
	}
	return want, err
}

// check reads what a peer sent and verifies its heads, without a lock. What is
// held already is left out.
func (d *openDoc) check(r protocol.Received) (changes []crdt.Change, heads []trust.Head, err error) {
	doc := d.text()
	for _, chunk := range r.Chunks {
		c, err := crdt.ParseChange(chunk)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: %w", protocol.ErrMalformed, err)
		}
		if !doc.Has(c.Hash) {
			changes = append(changes, c)
		}
	}
	for _, h := range r.Heads {
		if doc.Has(h.Hash) {
			continue
		}
		if err := h.Verify(d.space, d.id); err != nil {
			return nil, nil, fmt.Errorf("%w: %w", protocol.ErrMalformed, err)
		}
		heads = append(heads, h)
	}
	return changes, heads, nil
}

// reconsider looks again at what waits, after a roster has changed.
func (d *openDoc) reconsider() {
	d.taking.Lock()
	defer d.taking.Unlock()
	if !d.intake.empty() {
		_ = d.take(DeviceID{}) // what it refuses is logged and set aside
	}
}

// maxRefusals is how many changes are refused in one go; more is for the next.
const maxRefusals = 64

// take applies all that can be and bars what is refused, until nothing moves
// any more; under taking. It returns a refusal if from is to blame for it.
func (d *openDoc) take(from DeviceID) error {
	defer d.tidyIntake()
	var blamed error
	for range maxRefusals {
		r := d.ready()
		if len(r.changes) > 0 {
			r.refused = append(r.refused, d.applyBatch(r)...)
		}
		if len(r.refused) == 0 {
			break
		}
		for _, c := range r.refused {
			if c.blame == from && !from.IsZero() && blamed == nil {
				blamed = fmt.Errorf("%w: change %v: %w", protocol.ErrMalformed, c.Hash, c.cause)
			}
			d.setAside(c)
		}
	}
	return blamed
}

// tidyIntake forgets what is held by now.
func (d *openDoc) tidyIntake() {
	doc := d.text()
	for h := range d.intake.waiting {
		if doc.Has(h) {
			d.intake.remove(h)
		}
	}
	d.intake.tidy()
	d.intake.forgetHeads(func(h waitingHead) bool {
		if doc.Has(h.Hash) {
			return true
		}
		_, here := d.intake.waiting[h.Hash]
		_, held := doc.Held(crdt.ActorID(h.Actor), h.Seq)
		return held && !here // of a fork whose change did not come
	})
}

// A slice is as many changes as are applied while order is held: more in a long
// text, which is read once for each slice.
const (
	sliceChanges = 64
	sliceBytes   = 1 << 10 // of text for one change more
)

// applyBatch applies changes slice by slice, and submits them as one entry with
// the heads that cover them: what is held of an actor always has a head.
func (d *openDoc) applyBatch(r readiness) []refusal {
	if d.text().Broken() {
		return nil // they wait until it is read anew
	}
	d.noteAuthors(r.heads)
	var refused []refusal
	var e store.Entry
	var patches []entered
	for rest := r.changes; len(rest) > 0; {
		n := d.slice(len(rest))
		applied, cause := d.applySlice(rest[:n])
		e.Changes = append(e.Changes, applied.Changes...)
		patches = append(patches, enter(applied.Patches, time.Now())...)
		if cause != nil {
			refused = d.refusedBy(rest[:n], len(applied.Changes), cause)
			break
		}
		rest = rest[n:]
	}
	d.careful = d.text().Broken()
	for _, h := range r.heads {
		if d.text().Has(h.Hash) {
			e.Heads = append(e.Heads, toStoreHead(h))
		}
	}
	d.endBatch(e, patches, senderOf(r.changes[:len(e.Changes)]))
	return refused
}

// slice is how many of the next changes are applied at once.
func (d *openDoc) slice(left int) int {
	if d.careful {
		return 1
	}
	text, _ := d.text().Text()
	return min(sliceChanges+len(text)/sliceBytes, left)
}

// refusedBy finds whom a slice failed for, after so many of its changes. If the
// engine did not take what the guard had passed, nobody can tell which change it
// was; when the document has been read anew, they are tried one by one.
func (d *openDoc) refusedBy(slice []waitingChange, applied int, cause error) []refusal {
	bad := slice[applied]
	switch {
	case errors.Is(cause, crdt.ErrBroken):
		d.p.upkeep.nudge() // which reads it anew
		if len(slice) > 1 {
			return nil
		}
	case errors.Is(cause, crdt.ErrForked):
		return []refusal{{waitingChange: bad, cause: cause}} // the sender may hold it honestly
	}
	return []refusal{{bad, bad.from, cause}}
}

// senderOf is the one device that sent all of the changes, or zero: with the
// sender, a session takes it for granted that the sender holds them all.
func senderOf(changes []waitingChange) DeviceID {
	var from DeviceID
	for i, c := range changes {
		if i > 0 && c.from != from {
			return DeviceID{}
		}
		from = c.from
	}
	return from
}

func (d *openDoc) applySlice(changes []waitingChange) (crdt.Applied, error) {
	batch := make([]crdt.Change, 0, len(changes))
	for _, c := range changes {
		batch = append(batch, c.Change)
	}
	d.order.Lock()
	defer d.order.Unlock()
	d.batch = true
	return d.text().Apply(batch)
}

// endBatch submits a batch, and what was written here meanwhile.
func (d *openDoc) endBatch(e store.Entry, patches []entered, from DeviceID) {
	d.order.Lock()
	defer d.order.Unlock()
	d.batch = false
	if len(e.Changes) > 0 {
		d.p.store.Submit(d.prepare(e, patches, from))
	}
	for _, own := range d.after {
		d.p.store.Submit(own)
	}
	d.after = nil
}

func (d *openDoc) noteAuthors(heads []trust.Head) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, h := range heads {
		d.authors[crdt.ActorID(h.Actor)] = h.Device
	}
}

// lacks reports whether a waiting change builds on one that is neither held nor
// waiting.
func (d *openDoc) lacks() bool {
	doc := d.text()
	for _, c := range d.intake.waiting {
		for _, dep := range c.Deps {
			if _, ok := d.intake.waiting[dep]; !ok && !doc.Has(dep) {
				return true
			}
		}
	}
	return false
}

// setAside keeps a change that can't be taken, where people can find it, and
// bars it and what builds on it.
func (d *openDoc) setAside(c refusal) {
	d.intake.bar(c.Hash)
	d.p.log.Error("a change was refused and set aside, with what builds on it", "doc", d.id,
		"change", c.Hash, "actor", c.Actor, "seq", c.Seq, "from", c.from.Tag(), "err", c.cause)
	aside := store.Aside{
		Kind: store.KindChange, Doc: d.id, Device: c.from,
		Reason: c.cause.Error(), Bytes: c.Bytes, At: time.Now(),
	}
	d.p.background.Go(func() { // no I/O under a document's lock
		if err := d.p.store.SetAside(context.Background(), aside); err != nil {
			d.p.log.Error("a refused change could not be set aside", "doc", d.id, "err", err)
		}
	})
}
