package crdt

import (
	"slices"

	"starling/crdt/format"
)

// The limits of our own changes, far below what peers take: what is larger
// travels in several.
const (
	maxOpsPerChange   = 1 << 15
	maxPredsPerOp     = 256
	maxPredsPerChange = format.MaxPreds / 4
	maxBytesPerChange = format.MaxChunk / 2
	// opBytes and predBytes are more than an operation and a predecessor take in
	// a chunk, apart from key, value and name.
	opBytes   = 32
	predBytes = 16
)

// load is what the open change has of everything of which there are limits.
type load struct {
	ops, preds, bytes int
	actors            actorSet // but ours
}

// take adds an operation, if the change is not full.
func (l *load) take(op *format.Op) bool {
	bytes := opBytes + len(op.Key.Name) + len(op.Value.Raw) + predBytes*len(op.Pred)
	if l.ops > 0 && (l.ops == maxOpsPerChange || l.preds+len(op.Pred) > maxPredsPerChange ||
		l.bytes+bytes > maxBytesPerChange || len(l.actors)+2+len(op.Pred) > format.MaxActors-1) {
		return false
	}
	l.ops++
	l.preds += len(op.Pred)
	l.bytes += bytes
	l.actors.add(op.Obj.Actor)
	l.actors.add(op.Key.Elem.Actor)
	for _, p := range op.Pred {
		l.actors.add(p.Actor)
	}
	return true
}

// actorSet is actors as an author's operations name them, in ascending order and
// without ourselves.
type actorSet []uint32

func (s *actorSet) add(actor uint32) {
	if actor == 0 {
		return
	}
	if i, ok := slices.BinarySearch(*s, actor); !ok {
		*s = slices.Insert(*s, i, actor)
	}
}
