package crdt

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"unicode/utf8"

	"starling/crdt/format"
	"starling/crdt/guard"
	"starling/crdt/opid"
	"starling/crdt/opset"
	"starling/crdt/sequence"
)

// maxSpare is how many operations' memory waits for the next edit.
const maxSpare = 256

// author turns edits of ours into changes, and carries each out at once. In its
// operations an actor is its number in the document plus 1, and 0 is our own,
// until [author.commit] gives them the change's own indexes.
type author struct {
	d       *Document
	time    int64
	message string
	// holds says that no change is made before the last operation is there, so
	// that all can be taken back: cuts are where in ops the next one begins.
	holds   bool
	cuts    []int
	next    uint32 // counter of the next operation
	ops     []format.Op
	load    load
	done    int // how many of ops are carried out
	changes []Change
	did     opset.Effects
}

func (d *Document) newAuthor(seconds int64, message string) *author {
	return &author{d: d, time: seconds, message: message, next: d.maxOp() + 1, ops: d.spare[:0]}
}

// expect makes room for so many operations.
func (w *author) expect(n int) {
	if n > maxSpare {
		w.ops = slices.Grow(w.ops, min(n, maxOpsPerChange))
	}
}

// maxOp is the greatest counter of any operation.
func (d *Document) maxOp() uint32 {
	var last uint32
	for _, i := range d.graph.Heads() {
		last = max(last, d.graph.MaxOp(i))
	}
	return last
}

// ref names an operation for use in one of ours.
func (w *author) ref(id opid.ID) format.OpID {
	switch {
	case id.IsZero():
		return format.OpID{}
	case id.Actor == w.d.me:
		return format.OpID{Counter: id.Counter}
	}
	return format.OpID{Counter: id.Counter, Actor: id.Actor + 1}
}

func (w *author) refs(ids []opid.ID) []format.OpID {
	out := make([]format.OpID, len(ids))
	for i, id := range ids {
		out[i] = w.ref(id)
	}
	return out
}

// add appends an operation, in a further change if the open one is full, and
// returns its ID. An operation that overwrites more values than one change may
// name comes after others that delete most of them.
func (w *author) add(op format.Op) (opid.ID, error) {
	for len(op.Pred) > maxPredsPerOp {
		part := format.Op{Obj: op.Obj, Key: op.Key, Action: format.Delete, Pred: op.Pred[:maxPredsPerOp]}
		if _, err := w.append(part); err != nil {
			return opid.ID{}, err
		}
		op.Pred = op.Pred[maxPredsPerOp:]
	}
	return w.append(op)
}

func (w *author) append(op format.Op) (opid.ID, error) {
	if !w.load.take(&op) {
		if err := w.cut(); err != nil {
			return opid.ID{}, err
		}
		w.load.take(&op)
	}
	w.ops = append(w.ops, op)
	id := opid.ID{Actor: w.d.me, Counter: w.next}
	w.next++
	return id, nil
}

// cut ends the open change, which is full.
func (w *author) cut() error {
	w.load = load{}
	if w.holds {
		w.cuts = append(w.cuts, len(w.ops))
		return nil
	}
	return w.commit()
}

// splice replaces del code points at a place of the text by ins.
func (w *author) splice(s splice) error {
	return w.spliceText(w.d.textObj, w.d.text, s)
}

// spliceText does so in any text of the document.
func (w *author) spliceText(obj opid.ID, text *sequence.Sequence, s splice) error {
	if err := w.remove(obj, text, s.at, s.del); err != nil {
		return err
	}
	if err := w.insert(w.ref(obj), text, s.at, s.ins); err != nil {
		return err
	}
	return w.carryOut()
}

// remove deletes the elements that show n code points from a place on. They are
// gathered first, since a change that becomes full on the way is carried out.
func (w *author) remove(obj opid.ID, text *sequence.Sequence, at, n int) error {
	if n == 0 {
		return nil
	}
	var runs []sequence.Run
	text.Visible(at, n, func(r sequence.Run) bool {
		runs = append(runs, r)
		return true
	})
	for _, r := range runs {
		if err := w.removeRun(obj, r); err != nil {
			return err
		}
	}
	return nil
}

func (w *author) removeRun(obj opid.ID, r sequence.Run) error {
	asWritten := r.Item == nil && len(r.Revived) == 0
	var elems []format.OpID
	if asWritten {
		elems = make([]format.OpID, r.N)
	}
	for i := range r.N {
		op := format.Op{Obj: w.ref(obj), Key: format.Key{Elem: w.ref(r.First.Plus(i))}, Action: format.Delete}
		if asWritten {
			elems[i] = op.Key.Elem
			op.Pred = elems[i : i+1 : i+1]
		} else {
			op.Pred = w.refs(w.d.set.Preds(obj, nil, r.First.Plus(i)))
		}
		if _, err := w.add(op); err != nil {
			return err
		}
	}
	return nil
}

// insert puts a text at a place.
func (w *author) insert(obj format.OpID, text *sequence.Sequence, at int, ins string) error {
	if ins == "" {
		return nil
	}
	var origin opid.ID
	if at > 0 {
		var ok bool
		if origin, _, ok = text.ElemAt(at - 1); !ok {
			return fmt.Errorf("no element at %d: %w", at-1, ErrOutside)
		}
	}
	return w.insertBehind(obj, origin, ins)
}

// insertBehind puts a text behind an element, or at the start.
func (w *author) insertBehind(obj format.OpID, origin opid.ID, ins string) error {
	raw := []byte(ins)
	for len(raw) > 0 {
		_, n := utf8.DecodeRune(raw)
		id, err := w.add(format.Op{
			Obj: obj, Key: format.Key{Elem: w.ref(origin)}, Insert: true, Action: format.Set,
			Value: format.Value{Type: format.String, Raw: raw[:n:n]},
		})
		if err != nil {
			return err
		}
		origin, raw = id, raw[n:]
	}
	return nil
}

// carryOut applies the operations that are not applied yet.
func (w *author) carryOut() error {
	if w.done == len(w.ops) {
		return nil
	}
	part := &format.Change{
		Actor: []byte(w.d.actor), StartOp: uint64(w.next) - uint64(len(w.ops)-w.done), Ops: w.ops[w.done:],
	}
	w.done = len(w.ops)
	return w.d.set.Apply(part, w.numbers(), &w.did)
}

// numbers are the actors of operations that are not committed yet.
func (w *author) numbers() []uint32 {
	d := w.d
	for len(d.numbers) <= d.actors.Len() {
		d.numbers = append(d.numbers, uint32(len(d.numbers)-1))
	}
	d.numbers[0] = d.me
	return d.numbers
}

// commit ends the open changes, as far as they have operations.
func (w *author) commit() error {
	if err := w.carryOut(); err != nil {
		return err
	}
	first := w.next - uint32(len(w.ops))
	for from := 0; from < len(w.ops); {
		to := len(w.ops)
		if len(w.cuts) > 0 {
			to, w.cuts = w.cuts[0], w.cuts[1:]
		}
		if err := w.enter(first+uint32(from), w.ops[from:to]); err != nil {
			return err
		}
		from = to
	}
	if cap(w.ops) <= maxSpare {
		w.d.spare = w.ops // nobody keeps the operations of a change
	}
	w.ops, w.done, w.cuts, w.load = w.ops[:0], 0, nil, load{}
	return nil
}

// enter makes a change on top of all heads.
func (w *author) enter(first uint32, ops []format.Op) error {
	heads, err := w.mergeHeads()
	if err != nil {
		return err
	}
	return w.enterOn(w.d.hashesOf(heads), first, ops)
}

// enterOn makes a change and enters it into the graph.
func (w *author) enterOn(deps [][32]byte, first uint32, ops []format.Op) error {
	d := w.d
	c := &format.Change{
		Actor: []byte(d.actor), Seq: uint64(d.graph.Last(d.me)) + 1, StartOp: uint64(first),
		Time: w.time, Message: w.message, Deps: deps, Ops: ops,
	}
	numbers := w.settleActors(c)
	chunk := c.Encode()
	c.Hash = sha256.Sum256(chunk[8:]) // the spec's hash leaves out magic and checksum
	if w.holds {
		// What callers write is their own idea, and nobody would take it if it
		// broke a rule.
		if err := guard.Check(c, d.graph, d.set, d.rules(Change{})); err != nil {
			return err
		}
	}
	if _, err := d.graph.Add(c, numbers); err != nil {
		return err
	}
	w.changes = append(w.changes, changeOf(c, chunk))
	return nil
}

// mergeHeads makes changes without operations until there are so few heads that
// one change may build on all, and returns those.
func (w *author) mergeHeads() ([]int, error) {
	d := w.d
	heads := d.graph.Heads()
	for ; len(heads) > format.MaxDeps; heads = d.graph.Heads() {
		// Our change before must be among the ancestors.
		if own, ok := d.graph.BySeq(d.me, d.graph.Last(d.me)); ok {
			i := slices.IndexFunc(heads, func(h int) bool { return d.graph.IsAncestor(own, h) })
			heads[0], heads[i] = heads[i], heads[0]
		}
		heads = heads[:format.MaxDeps]
		var last uint32
		for _, h := range heads {
			last = max(last, d.graph.MaxOp(h))
		}
		if err := w.enterOn(d.hashesOf(heads), last+1, nil); err != nil {
			return nil, err
		}
	}
	return heads, nil
}

// settleActors gives the operations the change's own indexes of actors, and
// returns the actors' numbers by these.
func (w *author) settleActors(c *format.Change) []uint32 {
	var others actorSet
	eachRef(c.Ops, func(id *format.OpID) { others.add(id.Actor) })
	numbers := []uint32{w.d.me}
	if len(others) == 0 {
		return numbers
	}
	order := slices.Clone(others)
	slices.SortFunc(order, func(a, b uint32) int {
		return cmp.Compare(w.d.actors.Name(a-1), w.d.actors.Name(b-1))
	})
	index := make([]uint32, len(others))
	for i, n := range order {
		c.OtherActors = append(c.OtherActors, []byte(w.d.actors.Name(n-1)))
		numbers = append(numbers, n-1)
		at, _ := slices.BinarySearch(others, n)
		index[at] = uint32(i) + 1
	}
	eachRef(c.Ops, func(id *format.OpID) {
		if id.Actor != 0 {
			at, _ := slices.BinarySearch(others, id.Actor)
			id.Actor = index[at]
		}
	})
	return numbers
}

// eachRef calls f for every operation that ops name.
func eachRef(ops []format.Op, f func(*format.OpID)) {
	for i := range ops {
		op := &ops[i]
		f(&op.Obj)
		f(&op.Key.Elem)
		for j := range op.Pred {
			f(&op.Pred[j])
		}
	}
}
