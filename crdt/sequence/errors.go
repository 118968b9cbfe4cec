package sequence

import (
	"errors"
	"fmt"

	"starling/crdt/opid"
)

// Why an operation was refused. Nothing has changed then.
var (
	ErrNoElement = errors.New("no such element")
	ErrNoValue   = errors.New("no such value of the element")
	ErrExists    = errors.New("is there already")
	ErrOrder     = errors.New("not later than what it refers to")
	ErrContent   = errors.New("no valid UTF-8, or empty")
	ErrItem      = errors.New("the element is an item")
	ErrWorn      = errors.New("the element was touched too often for a plain one")
	ErrFull      = errors.New("too much for one text")
	ErrFormat    = errors.New("malformed sequence")
)

// refuse names the operation and the ID in an error.
func refuse(doing string, id opid.ID, why error) error {
	return fmt.Errorf("%s %d of actor %d: %w", doing, id.Counter, id.Actor, why)
}
