// Package queue holds changes that came before the changes they depend on.
//
// Each change waits for those of its dependencies that are not yet applied,
// whether these wait too or have not come. A step costs a constant amount for
// each dependency, whatever the order of arrival, and memory is bounded: the
// queue is for what strangers send.
package queue

import (
	"bytes"
	"errors"
	"slices"
)

var (
	// ErrFull says that a limit would be exceeded.
	ErrFull = errors.New("too much waits for other changes already")
	// ErrWaiting says that the change waits already.
	ErrWaiting = errors.New("the change waits already")
	// ErrReady says that the change has nothing to wait for.
	ErrReady = errors.New("the change has nothing to wait for")
)

// What the queue itself takes, in bytes, at most: this counts towards
// [Limits.Bytes].
const (
	ItemOverhead = 256
	DepOverhead  = 256
)

// Limits bound a queue.
type Limits struct {
	Items int // changes that wait
	Bytes int // sum of their sizes, and of what the queue takes for them
}

// Item is a change that waits. Size is in bytes, as it was given.
type Item[T any] struct {
	Hash  [32]byte
	Size  int
	Value T
}

// Queue is a set of waiting changes with what belongs to each. It is for one
// goroutine at a time.
type Queue[T any] struct {
	limits Limits
	bytes  int
	items  map[[32]byte]*item[T]
	// waits has, for each change that others wait for, those others in the
	// order in which they came.
	waits map[[32]byte]*edge[T]
}

type item[T any] struct {
	Item[T]
	left  int // edges that are still in a list
	edges []edge[T]
}

// edge is one dependency of one item, in the ring of all who wait for the same
// change; the map has the first of them.
type edge[T any] struct {
	of         *item[T]
	dep        [32]byte
	prev, next *edge[T] // nil when it is in no list
}

// New returns an empty queue.
func New[T any](limits Limits) *Queue[T] {
	return &Queue[T]{limits: limits, items: map[[32]byte]*item[T]{}, waits: map[[32]byte]*edge[T]{}}
}

// Len returns how many changes wait.
func (q *Queue[T]) Len() int { return len(q.items) }

// Bytes returns what counts towards the limit of bytes.
func (q *Queue[T]) Bytes() int { return q.bytes }

// Has reports whether a change waits.
func (q *Queue[T]) Has(hash [32]byte) bool { return q.items[hash] != nil }

// Add lets a change wait for those that are missing of its dependencies, which
// are without doubles. It answers [ErrFull], [ErrWaiting] or [ErrReady] if it
// cannot, and then nothing has changed. missing may be changed afterwards.
func (q *Queue[T]) Add(hash [32]byte, missing [][32]byte, size int, value T) error {
	cost := size + ItemOverhead + len(missing)*DepOverhead
	switch {
	case q.Has(hash):
		return ErrWaiting
	case len(missing) == 0:
		return ErrReady
	case len(q.items) >= q.limits.Items || cost > q.limits.Bytes-q.bytes:
		return ErrFull
	}
	it := &item[T]{Item: Item[T]{hash, size, value}, left: len(missing), edges: make([]edge[T], len(missing))}
	q.items[hash] = it
	q.bytes += cost
	for i := range missing {
		e := &it.edges[i]
		e.of, e.dep = it, missing[i]
		q.link(e)
	}
	return nil
}

// Resolve notes that a change has been applied, and takes those out of the
// queue that waited for it alone, in the order in which they came. Of each of
// these the caller must say what became of it, by Resolve or [Queue.Refuse].
func (q *Queue[T]) Resolve(hash [32]byte) []Item[T] {
	var ready []Item[T]
	for e := q.waits[hash]; e != nil; e = q.waits[hash] {
		q.unlink(e)
		if e.of.left == 0 {
			q.remove(e.of)
			ready = append(ready, e.of.Item)
		}
	}
	return ready
}

// Refuse notes that a change will never be applied. It takes the change, if it
// waits, and all that build on it, directly or not, out of the queue, and
// returns them: the change first, then those that name it, and so on.
func (q *Queue[T]) Refuse(hash [32]byte) []Item[T] {
	var out []Item[T]
	if it := q.items[hash]; it != nil {
		q.remove(it)
		out = append(out, it.Item)
	}
	from := hash
	for next := len(out); ; next++ {
		for e := q.waits[from]; e != nil; e = q.waits[from] {
			q.remove(e.of)
			out = append(out, e.of.Item)
		}
		if next == len(out) {
			return out
		}
		from = out[next].Hash
	}
}

// Wanted returns the changes that others wait for and that have not come to
// wait here, sorted. It takes time in proportion to the queue.
func (q *Queue[T]) Wanted() [][32]byte {
	var out [][32]byte
	for hash := range q.waits {
		if !q.Has(hash) {
			out = append(out, hash)
		}
	}
	slices.SortFunc(out, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	return out
}

// remove takes an item out of everything.
func (q *Queue[T]) remove(it *item[T]) {
	for i := range it.edges {
		if e := &it.edges[i]; e.next != nil {
			q.unlink(e)
		}
	}
	q.bytes -= it.Size + ItemOverhead + len(it.edges)*DepOverhead
	delete(q.items, it.Hash)
}

// link puts an edge at the end of its ring.
func (q *Queue[T]) link(e *edge[T]) {
	first := q.waits[e.dep]
	if first == nil {
		e.prev, e.next = e, e
		q.waits[e.dep] = e
		return
	}
	e.prev, e.next = first.prev, first
	e.prev.next, first.prev = e, e
}

// unlink takes an edge out of its ring.
func (q *Queue[T]) unlink(e *edge[T]) {
	switch {
	case e.next == e:
		delete(q.waits, e.dep)
	case q.waits[e.dep] == e:
		q.waits[e.dep] = e.next
	}
	e.prev.next, e.next.prev = e.next, e.prev
	e.prev, e.next = nil, nil
	e.of.left--
}
