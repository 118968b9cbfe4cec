package peer

import (
	"errors"
	"slices"

	"starling/crdt"
)

// failure is a stored change that the guard has refused.
type failure struct {
	change crdt.Change
	cause  error
}

// applier is a document as far as changes are applied to it.
type applier interface {
	Apply([]crdt.Change) (crdt.Applied, error)
}

const (
	// checkStep is how many changes are checked at once.
	checkStep = 1024
	// maxBreaks is how many changes may break a document as it is opened before
	// that is given up.
	maxBreaks = 16
)

// openRest opens a document and gives it the changes that only their rows were
// checked of, all but those that fail and what builds on them. A change that the
// guard lets pass and that breaks the document has failed too, and the document is
// opened again without it, at most breaks times: nobody may send what keeps it
// shut.
func openRest[D applier](open func() (D, error), changes []crdt.Change, breaks int) (doc D, failed []failure, err error) {
	var broke []failure
	for {
		if doc, err = open(); err != nil {
			return doc, nil, err
		}
		var bad *failure
		if failed, bad, err = checkOnce(doc, changes, broke); bad == nil || len(broke) == breaks {
			return doc, failed, err
		}
		broke = append(broke, *bad)
	}
}

// checkRest gives a document the changes that only their rows were checked of, all
// but those that fail and what builds on them.
func checkRest(doc applier, changes []crdt.Change) ([]failure, error) {
	failed, _, err := checkOnce(doc, changes, nil)
	return failed, err
}

// checkOnce is checkRest without the changes that broke the document before. With
// [crdt.ErrBroken] it names the next one.
func checkOnce(doc applier, changes []crdt.Change, broke []failure) (failed []failure, next *failure, err error) {
	failed = slices.Clone(broke)
	bad := make(map[crdt.Hash]struct{})
	for _, f := range broke {
		bad[f.change.Hash] = struct{}{}
	}
	for len(changes) > 0 {
		n := 0
		for n < len(changes) && n < checkStep && !isOrBuildsOn(changes[n], bad) {
			n++
		}
		if n == 0 {
			bad[changes[0].Hash] = struct{}{}
			changes = changes[1:]
			continue
		}
		applied, cause := doc.Apply(changes[:n])
		n = len(applied.Changes)
		switch {
		case cause == nil:
		case errors.Is(cause, errHistory):
			return failed, nil, cause
		case errors.Is(cause, crdt.ErrBroken):
			return failed, &failure{changes[n], cause}, cause
		default:
			failed = append(failed, failure{changes[n], cause})
			bad[changes[n].Hash] = struct{}{}
			n++
		}
		changes = changes[n:]
	}
	return failed, nil, nil
}

func isOrBuildsOn(c crdt.Change, any map[crdt.Hash]struct{}) bool {
	if _, is := any[c.Hash]; is {
		return true
	}
	return slices.ContainsFunc(c.Deps, func(dep crdt.Hash) bool {
		_, ok := any[dep]
		return ok
	})
}
