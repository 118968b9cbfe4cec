package store

import (
	"errors"
	"fmt"
	"strings"

	"modernc.org/sqlite"

	"starling/crdt"
)

var (
	// ErrInUse says that another process holds the home.
	ErrInUse = errors.New("the home is in use by another process")
	// ErrFileInUse says that a program which isn't Starling has the file open, so that
	// [Open] can't have it for itself.
	ErrFileInUse = errors.New("another program has opened " + File)
	// ErrTooNew says that a newer version has written the store.
	ErrTooNew = errors.New("the store was written by a newer version of Starling")
	// ErrForeign says that the file is an SQLite database, but not ours.
	ErrForeign = errors.New("the file is not a Starling store")
	// ErrNoDocument says that no document has this ID here.
	ErrNoDocument = errors.New("no such document")
	// ErrHeld says that something of the document is held already.
	ErrHeld = errors.New("something of the document is held already")
	// ErrNoSpace says that the disk is full.
	ErrNoSpace = errors.New("no space left for the store")
	// ErrBroken says that an earlier commit for the same document failed, so
	// that this one would leave a gap. [Store.Reset] ends it.
	ErrBroken = errors.New("an earlier change of the document was not stored")
	// ErrClosed says that the store is closed.
	ErrClosed = errors.New("the store is closed")
	// ErrConflict says that an actor already has another change with that
	// number, or a head names another device or change than the one held.
	ErrConflict = errors.New("another change is held under this actor and number")
	// ErrGap says that a change, or the change that a head signs, comes before
	// the actor's changes that precede it.
	ErrGap = errors.New("earlier changes of the actor are missing")
	// ErrBadChange says that a change contradicts itself: its hash is not that
	// of its bytes, or a number is out of range.
	ErrBadChange = errors.New("the change is malformed")
	// ErrOtherSpace says that the document belongs to another space.
	ErrOtherSpace = errors.New("the document belongs to another space")
	// ErrNotSame says that a snapshot does not give back exactly the changes
	// that it is to replace.
	ErrNotSame = errors.New("the snapshot does not give back the same changes")
	// ErrNeedDocument says that the rows cannot tell; the opened document can.
	ErrNeedDocument = errors.New("only the opened document can tell")
	// ErrRefused says that a change was refused before ([Store.Refuse]).
	ErrRefused = errors.New("the change was refused before")
	// ErrJudged says that [Options].Judge rejected a snapshot.
	ErrJudged = errors.New("the snapshot was judged wrong")
	// ErrCorrupt says that the file itself is damaged, so that part of it cannot be
	// read. [Salvage] saves the rest.
	ErrCorrupt = errors.New("the store's file is damaged")
	// ErrMended is the [ErrCorrupt] of a file that is whole again: nothing is lost.
	ErrMended = fmt.Errorf("%w, and was mended", ErrCorrupt)
	// ErrEmptied says that nothing at all is left of the file ([Options].Began). It is
	// [ErrCorrupt], and what was beside the file is kept by [Salvage].
	ErrEmptied = fmt.Errorf("%w: it is missing or empty", ErrCorrupt)
	// ErrReadOnly says that the home or the file in it may not be written to.
	ErrReadOnly = errors.New("the store may not be written to")
	// ErrDamaged says that a row could not be read and was set aside.
	ErrDamaged = errors.New("stored data is damaged and was set aside")
)

// DamageError names a document of which some rows could not be read. They were
// set aside, and what came with the error can be used. It is [ErrDamaged].
type DamageError struct {
	Doc crdt.DocID
	// Lost is the number of changes whose bytes are gone, and Waiting of those
	// that build on them and can be used when they have come again.
	Lost, Waiting int
	// Snapshot says that the snapshot could not be read.
	Snapshot bool
}

func (e *DamageError) Error() string {
	what := fmt.Sprintf("%d changes lost, %d waiting for them", e.Lost, e.Waiting)
	if e.Snapshot {
		what = "the snapshot is lost, " + what
	}
	return fmt.Sprintf("document %v: %v: %s", e.Doc, ErrDamaged, what)
}

func (e *DamageError) Unwrap() error { return ErrDamaged }

// SQLite's result codes (sqlite.org/rescode.html): of all but the last three the
// primary one, in the lowest byte.
const (
	codeError     = 1
	codeBusy      = 5
	codeReadOnly  = 8
	codeCorrupt   = 11
	codeFull      = 13
	codeNotADB    = 26
	codeShortRead = 10 | 2<<8
	codeCorruptFS = 10 | 33<<8
	codeShmSize   = 10 | 19<<8 // the index of the log has no room
)

// explain adds the typed error that fits a failure of SQLite.
func explain(err error) error {
	if err == nil || errors.Is(err, ErrCorrupt) {
		return err
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		if strings.Contains(err.Error(), "sql: Scan error") { // a value that no column of ours may have
			return fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		return err
	}
	typed := typedError(e.Code())
	if e.Code() == codeError && strings.Contains(e.Error(), "no such ") {
		typed = ErrCorrupt // our statements fit our tables, so the text of these is damaged
	}
	if typed != nil && !errors.Is(err, typed) {
		return fmt.Errorf("%w: %w", typed, err)
	}
	return err
}

// inUse adds [ErrFileInUse] to a failure to get a lock on the file.
func inUse(err error) error {
	if e := (*sqlite.Error)(nil); errors.As(err, &e) && e.Code()&0xff == codeBusy {
		return fmt.Errorf("%w: %w", ErrFileInUse, err)
	}
	return err
}

// typedError is our name for a failure of SQLite, nil if there is none.
func typedError(code int) error {
	switch code {
	case codeShortRead, codeCorruptFS:
		return ErrCorrupt
	case codeShmSize:
		return ErrNoSpace
	}
	switch code & 0xff {
	case codeFull:
		return ErrNoSpace
	case codeReadOnly:
		return ErrReadOnly
	case codeCorrupt, codeNotADB:
		return ErrCorrupt
	}
	return nil
}
