package peer

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/trust"
)

// live is an open document as the intake sees it.
type live struct {
	d      *openDoc
	ctx    context.Context // of one call
	vector crdt.Vector
}

func (d *openDoc) live(ctx context.Context) live { return live{d, ctx, d.text().Vector()} }

func (l live) Last(a crdt.ActorID) uint64 { return l.vector[a].Seq }

// Has may have to ask the store: a document that was opened from its compact
// form knows few old changes by their hash. Those that the guard will need are
// read here, and not under order. What cannot be told while the disk fails counts
// as held, and waits when it is applied.
func (l live) Has(h crdt.Hash) bool {
	doc := l.d.text()
	if doc.Has(h) || !l.d.partial {
		return doc.Has(h)
	}
	found, err := l.d.p.store.Ancestry(l.ctx, l.d.id, []crdt.Hash{h})
	if err == nil && !found[0].Held {
		return false
	}
	for a := range l.vector {
		if _, ok := doc.Held(a, 1); !ok { // reads the hashes of all
			return true
		}
	}
	l.d.partial = false
	return doc.Has(h)
}

// maxRefusals is how many changes are refused in one go; more is for the next.
const maxRefusals = 64

// sliceChanges and sliceOps are how many changes, and operations of them, are
// applied while order is held: a few milliseconds' worth. Only a single change may
// have more.
const (
	sliceChanges = 128
	sliceOps     = 4096
)

// batch is what is taken of an intake in one go, to be submitted as one entry.
type batch struct {
	d       *openDoc
	in      *intake
	held    live
	entry   store.Entry
	patches []entered
	from    []DeviceID // of each of the entry's changes
	refused []refusal
	lost    int // that wait: another one has their number, or no head counts
}

// take applies all that can be and bars what is refused, until nothing moves
// any more; under inbox.mu. It returns a refusal if from is to blame for it.
//
// It goes slice by slice, and submits them as one entry with the heads that
// cover them: what is held of an actor always has a head.
func (d *openDoc) take(ctx context.Context, from DeviceID) error {
	return d.takeOver(d.live(ctx), from)
}

// takeOver is take by one who has just looked at what is held; what they have is
// written to.
func (d *openDoc) takeOver(held live, from DeviceID) error {
	in := d.slot.inbox.intake
	if in == nil || d.stale() {
		return nil // they wait until it is read anew
	}
	in.hopeAgain(d.p.docs.chosenIn(d.id))
	b := &batch{d: d, in: in, held: held}
	blamed := b.settle(from)
	for range maxRefusals {
		if !b.slices() {
			break
		}
		if err := b.settle(from); blamed == nil {
			blamed = err
		}
	}
	d.careful = d.text().Broken()
	b.end()
	return blamed
}

// settle bars and sets aside what is refused.
func (b *batch) settle(from DeviceID) (blamed error) {
	refused := append(b.refused, b.in.refused...)
	b.refused, b.in.refused = nil, nil
	for _, r := range refused {
		if err := b.d.p.refuse(b.in, r, from); blamed == nil {
			blamed = err
		}
	}
	return blamed
}

// slices applies slice after slice, and reports whether that ended with a
// refusal.
func (b *batch) slices() (refused bool) {
	for len(b.refused) == 0 && len(b.in.refused) == 0 {
		slice, lost := b.in.nextOf(b.d.slice(), sliceOps), b.lost
		good := b.judge(slice)
		if len(good) == 0 && b.lost > lost {
			continue
		}
		if !b.apply(good) {
			break
		}
	}
	return len(b.refused) > 0 || len(b.in.refused) > 0
}

// judge takes out of a slice what is not to be taken yet. Where there is such a
// change, only what stands before it is left; the rest waits again.
func (b *batch) judge(slice []*waitingChange) []*waitingChange {
	founded := b.in.founded(b.held)
	for i, w := range slice {
		if b.in.late(w, founded) {
			b.lost++
			b.in.backAll(slice[i:])
			return slice[:i]
		}
		if w.Seq <= b.held.Last(w.Actor) {
			if w.lost = b.fork(w); w.lost { // whoever passed it on may hold it honestly
				b.lost++
			}
			b.in.backAll(slice[i:])
			return slice[:i]
		}
		if b.in.mayBegin(w) && (i > 0 || !b.begin(w)) {
			b.in.backAll(slice[i:])
			return slice[:i]
		}
		founded = founded || w.Actor == b.in.founder
	}
	return slice
}

// begin reports whether a founding change can be taken now. If something else is
// held, that may have to retreat first, when the document is read anew.
func (b *batch) begin(w *waitingChange) bool {
	for _, h := range b.d.text().Heads() {
		if !slices.Contains(w.Deps, h) {
			b.d.outdate()
			return false
		}
	}
	return true
}

// slice is how many changes are applied at once.
func (d *openDoc) slice() int {
	if d.careful {
		return 1
	}
	return sliceChanges
}

// apply applies a slice, and reports whether there may be more: all of it went in, or
// the rest is to be judged again.
func (b *batch) apply(slice []*waitingChange) bool {
	if len(slice) == 0 {
		return false
	}
	heads := b.in.headsOver(slice)
	b.d.noteAuthors(heads)
	if founder, ok := b.in.founding(); ok {
		b.d.text().SetFounder(founder)
	}
	applied, cause := b.d.applySlice(slice)
	n := len(applied.Changes)
	b.entry.Changes = append(b.entry.Changes, applied.Changes...)
	b.patches = append(b.patches, enter(applied.Patches, time.Now())...)
	for _, h := range b.in.headsOver(slice[:n]) {
		b.entry.Heads = append(b.entry.Heads, toStoreHead(h))
	}
	for _, w := range slice[:n] {
		b.from = append(b.from, w.from)
		b.held.vector.Advance(w.Actor, crdt.Tip{Seq: w.Seq, Hash: w.Hash})
		if w.isBeyond() {
			b.d.p.behind.again(b.d.id) // what carries it may be refused yet
		}
		b.in.done(w)
	}
	if cause == nil {
		return true
	}
	if w := slice[n]; errors.Is(cause, crdt.ErrForked) {
		b.held = b.d.live(b.held.ctx) // an edit of ours may have taken its number meanwhile
		if w.Seq <= b.held.Last(w.Actor) {
			b.in.backAll(slice[n:])
			return true // judge sees it
		}
	}
	b.fail(slice[n:], cause)
	return false
}

// fail finds whom a slice failed for, by its first change. If that has broken the
// document, although the guard had passed it, they are tried one by one when the
// document has been read anew.
func (b *batch) fail(rest []*waitingChange, cause error) {
	bad := rest[0]
	switch {
	case errors.Is(cause, crdt.ErrBroken):
		b.d.p.upkeep.nudge() // which reads it anew
		if len(rest) > 1 {
			b.in.backAll(rest)
			return
		}
		b.refused = append(b.refused, refusal{bad, bad.blameOf(), cause})
	case errors.Is(cause, errHistory):
		if b.d.p.upkeep.ctx.Err() == nil {
			b.d.p.log.Error("changes wait, since the document's history cannot be read", "doc", b.d.id, "err", cause)
		}
		b.in.backAll(rest)
		return
	case errors.Is(cause, crdt.ErrForked):
		b.refused = append(b.refused, refusal{waitingChange: bad, cause: cause})
	default:
		b.refused = append(b.refused, refusal{bad, bad.blameOf(), cause})
	}
	b.in.backAll(rest[1:])
}

func (d *openDoc) applySlice(slice []*waitingChange) (crdt.Applied, error) {
	changes := d.changesOf(slice)
	d.order.Lock()
	defer d.order.Unlock()
	d.batch = true
	return d.text().Apply(changes)
}

// changesOf are the changes, each as what it counts.
func (d *openDoc) changesOf(slice []*waitingChange) []crdt.Change {
	changes := changesOf(slice)
	for i, w := range slice {
		if !w.wide() {
			changes[i].Narrow = d.actorsOf(w.person)
		}
	}
	return changes
}

// actorsOf tells the actors of a person's devices, as far as they are known now.
func (d *openDoc) actorsOf(person DeviceID) func(crdt.ActorID) bool {
	d.mu.Lock()
	authors := maps.Clone(d.authors)
	d.mu.Unlock()
	devices := make(map[DeviceID]bool)
	for _, device := range d.p.devicesOf(d.space, person) {
		devices[device] = true
	}
	return func(a crdt.ActorID) bool { return devices[authors[a]] }
}

func changesOf(slice []*waitingChange) []crdt.Change {
	changes := make([]crdt.Change, 0, len(slice))
	for _, w := range slice {
		c := w.Change
		c.Foreign = w.foreign()
		changes = append(changes, c)
	}
	return changes
}

// end submits what was taken, and what was written here meanwhile.
func (b *batch) end() {
	d := b.d
	d.order.Lock()
	defer d.order.Unlock()
	if !d.batch {
		return
	}
	d.batch = false
	if len(b.entry.Changes) > 0 {
		d.p.store.Submit(d.prepare(b.entry, b.patches, b.from...))
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
		if !h.Import {
			d.authors[crdt.ActorID(h.Actor)] = h.Device
		}
	}
}
