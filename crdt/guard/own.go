package guard

import (
	"fmt"
	"strings"

	"starling/crdt/format"
	"starling/crdt/opid"
)

// Keys of the root with these prefixes hold one comment or suggestion each.
const (
	CommentPrefix    = "comment/"
	SuggestionPrefix = "suggestion/"
)

// isRemark reports whether a key of the root is one under which commenters write.
func isRemark(key string) bool {
	for _, prefix := range [...]string{CommentPrefix, SuggestionPrefix} {
		if rest, ok := strings.CutPrefix(key, prefix); ok && rest != "" {
			return true
		}
	}
	return false
}

// checkOwn holds an operation of a commenter, which has passed all other rules, to
// what their person made.
//
// Nobody can forbid that two people make the same key apart from each other, or
// that one acts so. Then each goes on with what is theirs: to write over a value
// takes one that made it, and what lies in an object is whose that object is.
func (k *checker) checkOwn(op *format.Op) error {
	if !op.Obj.IsZero() {
		return k.checkOwnObject(op.Obj)
	}
	if !isRemark(op.Key.Name) {
		return fmt.Errorf("key %q: %w", op.Key.Name, ErrNotOwn)
	}
	for _, pred := range op.Pred {
		if _, mine, _ := k.own(pred); !mine && !k.isOwn(k.id(pred)) {
			return fmt.Errorf("key %q: %w", op.Key.Name, ErrNotOwn)
		}
	}
	if len(op.Pred) > 0 {
		return nil
	}
	free := true
	k.s.Wrote(op.Key.Name, func(id opid.ID) bool {
		free = !k.past.Has(id) || k.isOwn(id)
		return free
	})
	if !free {
		return fmt.Errorf("key %q: %w", op.Key.Name, ErrNotOwn)
	}
	return nil
}

// checkOwnObject checks that an object lies in one that the person made under a
// key for it. Of one that the change makes itself that is known by then.
func (k *checker) checkOwnObject(obj format.OpID) error {
	if k.hasOwnObj && obj == k.ownObj {
		return nil
	}
	if _, mine, _ := k.own(obj); !mine {
		at := k.s.Branch(k.id(obj))
		if !isRemark(at.Key) || !k.isOwn(at.Top) {
			return fmt.Errorf("under key %q: %w", at.Key, ErrNotOwn)
		}
	}
	k.ownObj, k.hasOwnObj = obj, true
	return nil
}

// isOwn reports whether an operation is the person's.
func (k *checker) isOwn(op opid.ID) bool {
	return k.rules.Own(k.g.Actors().Name(op.Actor))
}
