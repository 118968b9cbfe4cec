package peer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"starling/crdt"
	"starling/crdt/store"
)

// What is received for a document that is not open is checked from its rows, so
// that nobody can have many documents opened by writing to them:
//
//  1. the format, when it is parsed;
//  2. a signed head by a device that could write, and no line that bars it
//     (vouch.go, lines.go);
//  3. what it builds on is held;
//  4. its number is one above that of its actor's last change, which is among
//     what it builds on;
//  5. its first operation is one above the greatest of what it builds on; in a
//     foreign change, above it;
//  6. it is no commenter's, of which the rows can't tell what it may write;
//  7. it has no more operations, and numbers them no higher, than the guard lets
//     it.
//
// Then it is stored as unchecked, acknowledged and passed on, but not shown. The
// rest is the guard's, when the document is opened (opening.go), which happens
// in the background before long (behind.go). What the guard refuses then was
// passed on by peers who could not know, so only its author is to blame.

// rowsStep is how many changes are taken before the document may be opened.
const rowsStep = 256

var (
	errSeq     = errors.New("the change does not follow its actor's last one")
	errStartOp = errors.New("the operations are not numbered on from what they build on")
	// errUnfounded says that what is held may have to retreat for a founding change.
	errUnfounded = errors.New("something is held that is not below the founding change")
	errMaxOp     = errors.New("the operations are too many, or numbered too high")
)

// rows are what a document that is not open holds, as far as has been looked
// up; under inbox.mu.
type rows struct {
	p    *Peer
	new  bool // there is no such document yet
	doc  crdt.DocID
	tips crdt.Vector
	deps map[crdt.Hash]store.Dep
}

func (r *rows) Has(h crdt.Hash) bool { return r.deps[h].Held }

func (r *rows) Last(a crdt.ActorID) uint64 { return r.tips[a].Seq }

// lookUp asks the store for changes that are not known yet.
func (r *rows) lookUp(ctx context.Context, hashes map[crdt.Hash]struct{}) error {
	var ask []crdt.Hash
	for h := range hashes {
		if _, ok := r.deps[h]; !ok {
			ask = append(ask, h)
		}
	}
	if len(ask) == 0 {
		return nil
	}
	found, err := r.p.store.Ancestry(ctx, r.doc, ask)
	if errors.Is(err, store.ErrNoDocument) {
		return nil // of which nothing is held
	}
	if err != nil {
		return err
	}
	for i, h := range ask {
		r.deps[h] = found[i]
	}
	return nil
}

// note adds a change that is about to be stored.
func (r *rows) note(c crdt.Change) {
	r.tips.Advance(c.Actor, crdt.Tip{Seq: c.Seq, Hash: c.Hash})
	r.deps[c.Hash] = store.Dep{Held: true, Actor: c.Actor, Seq: c.Seq, MaxOp: c.MaxOp, Clock: r.clockOf(c)}
}

// clockOf is the last change of each other actor that a change builds on. It is
// shared with the change before if that is all that it builds on.
func (r *rows) clockOf(c crdt.Change) map[crdt.ActorID]uint64 {
	if len(c.Deps) == 1 && r.deps[c.Deps[0]].Actor == c.Actor {
		return r.deps[c.Deps[0]].Clock
	}
	clock := make(map[crdt.ActorID]uint64)
	for _, h := range c.Deps {
		dep := r.deps[h]
		for a, seq := range dep.Clock {
			clock[a] = max(clock[a], seq)
		}
		clock[dep.Actor] = max(clock[dep.Actor], dep.Seq)
	}
	delete(clock, c.Actor)
	return clock
}

// deliverRows is deliver for a document that is not open.
func (p *Peer) deliverRows(ctx context.Context, box *inbox, a *arrival) (want crdt.Vector, more bool, err error) {
	r, err := p.rowsFor(ctx, a)
	if err != nil {
		return nil, false, err
	}
	in := box.begin(p, a.Space)
	blamed := a.putInto(in, r)
	p.recallFor(ctx, box, bare{r.tips, p, ctx, a.Doc})
	more, err = p.takeRows(ctx, in, r, a.From)
	if !more {
		in.dismiss()
	}
	if !more && err == nil { // after an error it may come in by another way
		in.trim()
	}
	if err == nil {
		err = blamed
	}
	return in.wanted(a.From, func() crdt.Vector { return p.store.Committed(a.Doc) }), more, err
}

// rowsFor looks up what is held of that on which a message builds.
func (p *Peer) rowsFor(ctx context.Context, a *arrival) (*rows, error) {
	held, err := p.store.Document(ctx, a.Doc)
	if err != nil && !errors.Is(err, store.ErrNoDocument) {
		return nil, err
	}
	if err == nil && held.Space != a.Space {
		return nil, wrongSpace(a)
	}
	r := &rows{p: p, new: err != nil, doc: a.Doc, tips: p.store.Committed(a.Doc), deps: make(map[crdt.Hash]store.Dep)}
	if a.put {
		return r, nil
	}
	ask := make(map[crdt.Hash]struct{})
	for _, c := range a.changes {
		for _, dep := range c.Deps {
			ask[dep] = struct{}{}
		}
		if r.tips.Has(c.Actor, c.Seq) {
			ask[c.Hash] = struct{}{} // it, or another one of its number
		}
	}
	for _, c := range a.changes {
		if !r.tips.Has(c.Actor, c.Seq) {
			delete(ask, c.Hash) // not held, since its number is not
		}
	}
	return r, r.lookUp(ctx, ask)
}

// takeRows stores what can be of the changes that are ripe, and bars what is
// refused; under inbox.mu. It reports whether there may be more.
func (p *Peer) takeRows(ctx context.Context, in *intake, r *rows, from DeviceID) (more bool, err error) {
	var blamed error
	settle := func(refused ...refusal) {
		for _, r := range refused {
			if err := p.refuse(in, r, from); blamed == nil {
				blamed = err
			}
		}
	}
	settle(in.refused...)
	in.refused = nil
	if took, err := p.takeFresh(in, r); took || err != nil {
		return blamed == nil && err == nil, cmp.Or(err, blamed)
	}
	if in.awaitsFounding(r) {
		return false, blamed
	}
	step := in.next(rowsStep)
	if len(step) == 0 {
		return false, blamed
	}
	if n := slices.IndexFunc(step, func(w *waitingChange) bool {
		return !in.late(w, in.founded(r)) && (!w.wide() || w.Seq <= r.Last(w.Actor))
	}); n >= 0 {
		in.backAll(step[n:])
		if step = step[:n]; n == 0 {
			return false, fmt.Errorf("a commenter's change, or a fork, in document %v: %w", r.doc, store.ErrNeedDocument)
		}
	}
	good, bad, err := r.judge(ctx, in, step)
	if errors.Is(err, errUnfounded) {
		in.backAll(step)
		return p.beginRows(ctx, in)
	}
	if err != nil {
		in.backAll(step)
		return false, err
	}
	if len(good) > 0 {
		if good, bad, err = p.storeRows(in, r, good, bad); err != nil {
			return false, err
		}
	}
	for _, w := range good {
		if w.isBeyond() {
			p.behind.again(r.doc)
		}
		in.done(w)
	}
	settle(bad...)
	return blamed == nil, blamed
}

// judge splits what next gave into changes to be stored and at most one that is
// refused; what stands behind those waits again. On an error nothing does.
func (r *rows) judge(ctx context.Context, in *intake, step []*waitingChange) (good []*waitingChange, bad []refusal, err error) {
	ask := make(map[crdt.Hash]struct{})
	for _, w := range step {
		for _, dep := range w.Deps {
			ask[dep] = struct{}{}
		}
	}
	for _, w := range step {
		delete(ask, w.Hash) // known when its turn comes
	}
	if err := r.lookUp(ctx, ask); err != nil {
		return nil, nil, err
	}
	for i, w := range step {
		first := in.mayBegin(w)
		if i == 0 && first && r.outside(w.Change) {
			return nil, nil, errUnfounded
		}
		forked := w.Seq <= r.Last(w.Actor) // with another one of the step
		if i > 0 && (first || forked) || in.late(w, in.founded(r)) {
			in.backAll(step[i:])
			break
		}
		if cause := r.check(in, w); cause != nil {
			bad = append(bad, cause.of(w))
			in.backAll(step[i+1:])
			break
		}
		r.note(w.Change)
		good = append(good, w)
	}
	return good, bad, nil
}

// outside reports whether something is held on which a change does not build.
func (r *rows) outside(c crdt.Change) bool {
	clock := r.clockOf(c)
	for a, tip := range r.tips {
		if tip.Seq > clock[a] {
			return true
		}
	}
	return false
}

// beginRows has what is not below a founding change retreat.
func (p *Peer) beginRows(ctx context.Context, in *intake) (more bool, err error) {
	gone, err := p.unfounded(ctx, in)
	if err == nil && len(gone) > 0 {
		if err = p.retreat(ctx, in.by.space, in.by.doc, in, gone); err != nil {
			in.begins = crdt.Hash{} // they are still held
		}
	}
	return err == nil, err
}

// verdict says why a change is refused, and whether its sender could know.
type verdict struct {
	cause error
	blame bool
}

func (v *verdict) of(w *waitingChange) refusal {
	r := refusal{waitingChange: w, cause: v.cause}
	if v.blame {
		r.blame = w.from
	}
	return r
}

// check judges a change; nil says that it can be stored.
func (r *rows) check(in *intake, w *waitingChange) *verdict {
	last := r.tips[w.Actor].Seq
	switch {
	case w.Seq <= last:
		return &verdict{crdt.ErrForked, false} // the sender may hold it honestly
	}
	greatest, before := uint64(0), uint64(0)
	for _, h := range w.Deps {
		dep := r.deps[h]
		if !dep.Held {
			return &verdict{fmt.Errorf("it builds on %v, which was refused", h), false}
		}
		greatest = max(greatest, dep.MaxOp)
		if dep.Actor == w.Actor {
			before = max(before, dep.Seq)
		}
		before = max(before, dep.Clock[w.Actor])
	}
	switch {
	case w.Seq != last+1 || before != last:
		return &verdict{errSeq, true}
	case w.StartOp <= greatest || w.StartOp > greatest+1 && !w.foreign():
		// Where a founder's word for an actor of the file came first, it was good.
		return &verdict{errStartOp, w.imported == nothing}
	case w.foreign() && w.MaxOp > crdt.MaxForeignOp:
		return &verdict{errMaxOp, true}
	case !w.foreign() && w.Ops() > crdt.MaxOps:
		return &verdict{errMaxOp, w.imported == nothing}
	}
	return nil
}

// refusedByStore reports whether the store has refused an entry, and not failed.
func refusedByStore(err error) bool {
	for _, refusal := range []error{
		store.ErrRefused, store.ErrConflict, store.ErrGap, store.ErrBadChange, store.ErrOtherSpace,
	} {
		if errors.Is(err, refusal) {
			return true
		}
	}
	return false
}

// storeRows stores changes and waits for the commit, then tells everyone. If the
// store refuses them, they are tried one by one, as far as the first that it
// refuses; on an error they wait again.
func (p *Peer) storeRows(in *intake, r *rows, good []*waitingChange, bad []refusal) ([]*waitingChange, []refusal, error) {
	err := p.submitRows(in, r, good)
	if err == nil {
		return good, bad, nil
	}
	if !refusedByStore(err) {
		p.store.Reset(r.doc)
		for _, b := range bad {
			in.back(b.waitingChange)
		}
		in.backAll(good)
		return nil, nil, err
	}
	n := 0
	if len(good) > 1 {
		for n < len(good) {
			if err = p.submitRows(in, r, good[n:n+1]); err != nil {
				break
			}
			n++
		}
	}
	if n == len(good) {
		return good, bad, nil
	}
	for _, b := range bad {
		in.back(b.waitingChange)
	}
	if !refusedByStore(err) {
		p.store.Reset(r.doc)
		in.backAll(good[n:])
		return good[:n], nil, nil
	}
	in.backAll(good[n+1:])
	return good[:n], []refusal{{waitingChange: good[n], cause: err}}, nil
}

// submitRows stores changes as unchecked.
func (p *Peer) submitRows(in *intake, r *rows, changes []*waitingChange) error {
	fresh := r.new
	err := p.submit(in, r, store.Entry{Changes: changesOf(changes), Unchecked: true}, changes)
	if err == nil {
		p.behind.note(r.doc, fresh, time.Now())
	}
	return err
}

// submit stores an entry of changes and waits for the commit.
func (p *Peer) submit(in *intake, r *rows, e store.Entry, changes []*waitingChange) error {
	e.Doc, e.Space = in.by.doc, in.by.space
	for _, h := range in.headsOver(changes) {
		e.Heads = append(e.Heads, toStoreHead(h))
	}
	from := make([]DeviceID, 0, len(changes))
	for _, w := range changes {
		from = append(from, w.from)
	}
	done := make(chan error, 1)
	e.Done = func(heads []store.Head, err error) {
		if err == nil {
			p.committed(e, heads, from...)
		}
		done <- err
	}
	p.store.Submit(e)
	err := <-done // as the disk allows
	if err == nil && r.new {
		r.new = false
		p.hub.emit(DocumentsChanged{e.Space})
	}
	return err
}
