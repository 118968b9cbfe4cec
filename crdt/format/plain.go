package format

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// maxPlain is how many operations, and how many bytes of names and values, a plain
// change has at most.
const (
	maxPlainOps   = 16
	maxPlainBytes = 64 << 10
)

// Plain reports whether [ParseChange] would read just this from the chunk that
// [Change.Encode] makes of it: so that a change that was rebuilt need not be read
// again to be held to the rules of this package. It says so only of small changes as
// people's typing makes them; of others it may be true all the same.
func (c *Change) Plain() bool {
	return len(c.Ops) <= maxPlainOps && c.Message == "" && len(c.Extra) == 0 && len(c.Unknown) == 0 &&
		c.Seq > 0 && c.Seq <= MaxCounter && c.StartOp > 0 && c.StartOp <= MaxCounter-maxPlainOps &&
		c.plainDeps() && c.plainActors() && c.plainOps()
}

func (c *Change) plainDeps() bool {
	for i := 1; i < len(c.Deps); i++ {
		if bytes.Compare(c.Deps[i-1][:], c.Deps[i][:]) >= 0 {
			return false
		}
	}
	return len(c.Deps) <= MaxDeps
}

func (c *Change) plainActors() bool {
	if len(c.Actor) == 0 || len(c.Actor) > MaxActorLen || len(c.OtherActors) >= MaxActors {
		return false
	}
	for i, a := range c.OtherActors {
		if len(a) == 0 || len(a) > MaxActorLen || bytes.Equal(a, c.Actor) ||
			i > 0 && bytes.Compare(c.OtherActors[i-1], a) >= 0 {
			return false
		}
	}
	return true
}

func (c *Change) plainOps() bool {
	size, actors := 0, uint32(len(c.OtherActors))
	for i := range c.Ops {
		op := &c.Ops[i]
		size += len(op.Key.Name) + len(op.Value.Raw) + len(op.Pred)
		if op.Action >= Mark || op.Expand || op.HasName || op.MarkName != "" || size > maxPlainBytes ||
			!op.Obj.plain(actors) || !op.Key.plain(actors) || op.Value.Type > 15 || op.Value.check() != nil || !c.plainPreds(op.Pred) {
			return false
		}
	}
	return c.checkActorsUsed() == nil
}

// plain reports whether an ID is written, and read back as it is.
func (id OpID) plain(actors uint32) bool {
	return id.Actor <= actors && (id.Counter > 0 || id.Actor == 0)
}

func (k Key) plain(actors uint32) bool {
	if k.Map {
		return k.Elem == OpID{} && len(k.Name) <= MaxKey && utf8.ValidString(k.Name)
	}
	return k.Name == "" && k.Elem.plain(actors)
}

func (c *Change) plainPreds(preds []OpID) bool {
	for i, p := range preds {
		if p.IsZero() || !p.plain(uint32(len(c.OtherActors))) || i > 0 && !c.less(preds[i-1], p) {
			return false
		}
	}
	return true
}

// Clone is a copy that shares no memory with c but that of the actors and the keys'
// names. Few operations, as a plain change has them, are copied in few pieces.
func (c *Change) Clone() *Change {
	small := &struct {
		Change
		op  [1]Op
		dep [1][32]byte
	}{Change: *c}
	out := &small.Change
	out.Ops = append(small.op[:0:1], c.Ops...)
	out.Deps = append(small.dep[:0:1], c.Deps...)
	out.OtherActors = slices.Clone(c.OtherActors)
	preds, raw := 0, 0
	for i := range c.Ops {
		preds += len(c.Ops[i].Pred)
		raw += len(c.Ops[i].Value.Raw)
	}
	allPreds, allRaw := make([]OpID, 0, preds), make([]byte, 0, raw)
	for i := range out.Ops {
		op := &out.Ops[i]
		first, at := len(allPreds), len(allRaw)
		allPreds, allRaw = append(allPreds, op.Pred...), append(allRaw, op.Value.Raw...)
		op.Pred = allPreds[first:len(allPreds):len(allPreds)]
		op.Value.Raw = allRaw[at:len(allRaw):len(allRaw)]
	}
	return out
}
