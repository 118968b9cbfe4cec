package guard

import (
	"fmt"
	"slices"

	"starling/crdt/format"
)

// Index is what must be known of a document's applied changes to judge a
// further one. The zero Index is that of an empty document. It is not safe for
// concurrent use: the document's owner keeps it beside the document.
type Index struct {
	changes []change
	byHash  table
	actors  map[string]uint32
	logs    []actorLog
	names   []string // map keys by number
	nameNum map[string]uint32
}

// change is what is kept of a change.
type change struct {
	hash       [32]byte
	actor, seq uint32
	// first and last are the counters of its operations; last is first-1 if
	// it has none. No ancestor has an operation above last.
	first, last uint32
}

// Len returns the number of changes.
func (x *Index) Len() int { return len(x.changes) }

// Has reports whether a change is held.
func (x *Index) Has(hash [32]byte) bool {
	_, ok := x.byHash.find(x.changes, &hash)
	return ok
}

// MaxOp returns the greatest operation counter of a change and its ancestors.
func (x *Index) MaxOp(hash [32]byte) (uint64, bool) {
	at, ok := x.byHash.find(x.changes, &hash)
	if !ok {
		return 0, false
	}
	return uint64(x.changes[at].last), true
}

// Seq returns the number of an actor's last change, and 0 if it has none.
func (x *Index) Seq(actor string) uint64 {
	if at, ok := x.actors[actor]; ok {
		return uint64(len(x.logs[at].changes))
	}
	return 0
}

// Hash returns the hash of an actor's change by number.
func (x *Index) Hash(actor string, seq uint64) (hash [32]byte, ok bool) {
	at, ok := x.actors[actor]
	if !ok || seq == 0 || seq > uint64(len(x.logs[at].changes)) {
		return hash, false
	}
	return x.changes[x.logs[at].changes[seq-1]].hash, true
}

// Add notes a change that was applied to the document, whether [Index.Check]
// passed it or it was made here. It fails, and notes nothing, if the change
// cannot be the next of its actor or its dependencies are not held. It does
// not look at the operations again. It keeps nothing of c.
func (x *Index) Add(c *format.Change) error {
	clock, err := x.ancestors(c)
	if err != nil {
		return fmt.Errorf("add change %x: %w", c.Hash[:8], err)
	}
	if last := x.Seq(string(c.Actor)); last+1 != c.Seq {
		return fmt.Errorf("add change %x, seq %d after %d: %w", c.Hash[:8], c.Seq, last, ErrSeq)
	}
	author := x.actor(c.Actor)
	log := &x.logs[author]
	at := uint32(len(x.changes))
	x.changes = append(x.changes, change{
		hash: c.Hash, actor: author, seq: uint32(c.Seq), first: uint32(c.StartOp), last: uint32(c.MaxOp()),
	})
	x.byHash.add(x.changes, at)
	log.changes = append(log.changes, at)
	if n := len(log.clocks); n == 0 || log.clocks[n-1].clock != clock {
		log.clocks = append(log.clocks, clockRun{uint32(c.Seq), clock})
	}
	x.addOps(c)
	return nil
}

// actor returns the index of an actor, giving it one if need be.
func (x *Index) actor(name []byte) uint32 {
	if at, ok := x.actors[string(name)]; ok {
		return at
	}
	if x.actors == nil {
		x.actors = map[string]uint32{}
	}
	at := uint32(len(x.logs))
	x.logs = append(x.logs, actorLog{name: string(name)})
	x.actors[x.logs[at].name] = at
	return at
}

// name returns the number of a map key, giving it one if need be.
func (x *Index) name(name string) uint32 {
	if n, ok := x.nameNum[name]; ok {
		return n
	}
	if x.nameNum == nil {
		x.nameNum = map[string]uint32{}
	}
	n := uint32(len(x.names))
	x.names = append(x.names, name)
	x.nameNum[name] = n
	return n
}

// ancestors returns the clock of everything that c builds on.
func (x *Index) ancestors(c *format.Change) (clock, error) {
	if err := x.missing(c.Deps); err != nil {
		return clock{}, err
	}
	var all clock
	for i := range c.Deps {
		at, _ := x.byHash.find(x.changes, &c.Deps[i])
		dep := &x.changes[at]
		log := &x.logs[dep.actor]
		own := log.clockAt(dep.seq)
		if len(c.Deps) == 1 && log.name == string(c.Actor) && uint64(dep.seq)+1 == c.Seq {
			return own, nil // one after the other: they share a clock
		}
		all = merge(all, own.with(dep.actor, dep.seq))
	}
	return all, nil
}

// missing returns a [*MissingDepsError] if some of deps are not held.
func (x *Index) missing(deps [][32]byte) error {
	var hashes [][32]byte
	for i := range deps {
		if _, ok := x.byHash.find(x.changes, &deps[i]); !ok {
			hashes = append(hashes, deps[i])
		}
	}
	if hashes == nil {
		return nil
	}
	return &MissingDepsError{Hashes: slices.Clip(hashes)}
}

// addOps notes the classes of a change's operations.
func (x *Index) addOps(c *format.Change) {
	actors := make([]uint32, 1+len(c.OtherActors))
	for i := range actors {
		actors[i] = x.actor(c.ActorAt(uint32(i)))
	}
	log := &x.logs[actors[0]]
	key := func(id format.OpID) opKey {
		if id.IsZero() {
			return opKey{}
		}
		return opKey{actors[id.Actor], id.Counter}
	}
	for i := range c.Ops {
		op := &c.Ops[i]
		cl := class{kind: kindOf(op)}
		if cl.kind != 0 {
			cl.obj = key(op.Obj)
		}
		switch {
		case cl.kind&kindNamed != 0:
			cl.elem = opKey{ctr: x.name(op.Key.Name)}
		case cl.kind != 0 && !op.Insert:
			cl.elem = key(op.Key.Elem)
		}
		log.note(uint32(c.StartOp)+uint32(i), cl)
	}
}

// kindOf says what later operations may do with op.
func kindOf(op *format.Op) kind {
	var k kind
	switch op.Action {
	case format.Set:
		k = kindValue
		if op.Value.Type == format.Counter {
			k |= kindCounter
		}
	case format.MakeMap, format.MakeTable:
		k = kindValue | kindMap
	case format.MakeList:
		k = kindValue | kindList
	case format.MakeText:
		k = kindValue | kindText
	case format.Delete, format.Increment, format.Mark:
		// Nothing may overwrite one; a mark is an element, though.
	}
	if op.Insert {
		k |= kindElem
	} else if op.Key.Map && k != 0 {
		k |= kindNamed
	}
	return k
}
