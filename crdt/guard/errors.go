package guard

import (
	"errors"
	"fmt"
)

// What [Check] answers, besides graph.ErrNoHashes. Apart from the first three,
// the change is bad for ever and everywhere.
var (
	// ErrMissingDeps says that changes it depends on are not held; the error
	// is a [*MissingDepsError], which lists them.
	ErrMissingDeps = errors.New("changes that it depends on are missing")
	// ErrHeld says that the change is already held.
	ErrHeld = errors.New("the change is already held")
	// ErrForked says that another change of the same actor and number is held.
	ErrForked = errors.New("another change has this actor and number")

	ErrTooMany       = errors.New("the change has too many operations")
	ErrNumber        = errors.New("the operations are numbered so high that too few numbers are left")
	ErrUnknownColumn = errors.New("the change has an unknown column")
	ErrSeq           = errors.New("the change does not follow its actor's last one")
	ErrStartOp       = errors.New("the operations are not numbered on from the ancestors")
	ErrFounder       = errors.New("the change does not build on the document's first")
	ErrNoObject      = errors.New("the object does not exist")
	ErrNoElement     = errors.New("the element does not exist in this object")
	ErrKey           = errors.New("the key does not fit the object")
	ErrInsert        = errors.New("the operation cannot be an insertion, or must be one")
	ErrPred          = errors.New("a predecessor does not exist or does not fit")
	ErrValue         = errors.New("the value does not fit the operation")
	ErrMark          = errors.New("a mark does not begin where it must")
	ErrNotOwn        = errors.New("a commenter may write only comments and suggestions of their own")
	ErrTextReplaced  = errors.New("the root key of the document's text is not to be written again")
)

// MissingDepsError lists the dependencies that are not held, sorted.
type MissingDepsError struct {
	Hashes [][32]byte
}

func (e *MissingDepsError) Error() string {
	return fmt.Sprintf("%v: %d, the first %x", ErrMissingDeps, len(e.Hashes), e.Hashes[0][:8])
}

// Is makes the error one of [ErrMissingDeps].
func (e *MissingDepsError) Is(target error) bool { return target == ErrMissingDeps }
