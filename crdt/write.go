package crdt

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"unicode/utf8"

	"starling/crdt/format"
	"starling/crdt/opid"
	"starling/crdt/opset"
	"starling/crdt/sequence"
)

// maxOpsPerChange is how many operations one change of ours holds at most, far
// below what a peer's limits allow: a large edit travels in pieces.
const maxOpsPerChange = 1 << 15

// maxSpare is how many operations' memory waits for the next edit.
const maxSpare = 256

// author turns edits of ours into changes, and carries each out at once. In its
// operations an actor is its number in the document plus 1, and 0 is our own,
// until [author.commit] gives them the change's own indexes.
type author struct {
	d       *Document
	time    int64
	message string
	next    uint32 // counter of the next operation
	ops     []format.Op
	done    int // how many of ops are carried out
	changes []Change
	did     opset.Effects
}

func (d *Document) newAuthor(seconds int64, message string) *author {
	return &author{d: d, time: seconds, message: message, next: d.maxOp() + 1, ops: d.spare[:0]}
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

// add appends an operation, committing a change that is full, and returns its
// ID.
func (w *author) add(op format.Op) (opid.ID, error) {
	if len(w.ops) == maxOpsPerChange {
		if err := w.commit(); err != nil {
			return opid.ID{}, err
		}
	}
	w.ops = append(w.ops, op)
	id := opid.ID{Actor: w.d.me, Counter: w.next}
	w.next++
	return id, nil
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
		for i := range r.N {
			if err := w.removeElement(obj, r, i); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *author) removeElement(obj opid.ID, r sequence.Run, i int) error {
	elem := w.ref(r.First.Plus(i))
	op := format.Op{Obj: w.ref(obj), Key: format.Key{Elem: elem}, Action: format.Delete}
	if r.Item == nil && len(r.Revived) == 0 {
		op.Pred = []format.OpID{elem}
	} else {
		op.Pred = w.refs(w.d.set.Preds(obj, nil, r.First.Plus(i)))
	}
	_, err := w.add(op)
	return err
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

// commit ends the open change, if it has any operations.
func (w *author) commit() error {
	if err := w.carryOut(); err != nil || len(w.ops) == 0 {
		return err
	}
	return w.commitEmpty()
}

// commitEmpty ends the open change even if it has no operations.
func (w *author) commitEmpty() error {
	d := w.d
	c := &format.Change{
		Actor: []byte(d.actor), Seq: uint64(d.graph.Last(d.me)) + 1, StartOp: uint64(w.next) - uint64(len(w.ops)),
		Time: w.time, Message: w.message, Deps: d.headHashes(), Ops: w.ops,
	}
	numbers := w.settleActors(c)
	chunk := c.Encode()
	c.Hash = sha256.Sum256(chunk[8:]) // the spec's hash leaves out magic and checksum
	if _, err := d.graph.Add(c, numbers); err != nil {
		return err
	}
	change := changeOf(c, chunk)
	w.changes = append(w.changes, change)
	if cap(w.ops) <= maxSpare {
		d.spare = w.ops // nobody keeps the operations of a change
	}
	w.ops, w.done = d.spare[:0], 0
	return nil
}

// settleActors gives the operations the change's own indexes of actors, and
// returns the actors' numbers by these.
func (w *author) settleActors(c *format.Change) []uint32 {
	others := make([]uint32, 0, 4) // by number plus 1
	eachRef(c.Ops, func(id *format.OpID) {
		if id.Actor != 0 && !slices.Contains(others, id.Actor) {
			others = append(others, id.Actor)
		}
	})
	numbers := []uint32{w.d.me}
	if len(others) == 0 {
		return numbers
	}
	slices.SortFunc(others, func(a, b uint32) int {
		return cmp.Compare(w.d.actors.Name(a-1), w.d.actors.Name(b-1))
	})
	for _, n := range others {
		c.OtherActors = append(c.OtherActors, []byte(w.d.actors.Name(n-1)))
		numbers = append(numbers, n-1)
	}
	eachRef(c.Ops, func(id *format.OpID) {
		if id.Actor != 0 {
			id.Actor = uint32(slices.Index(others, id.Actor)) + 1
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
