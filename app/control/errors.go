package control

import (
	"errors"
	"io/fs"

	"starling/crdt"
	"starling/sync/peer"
)

var (
	// ErrNotRunning says that the command needs a running peer and none runs.
	ErrNotRunning = errors.New("no peer runs on this home")
	// ErrLink says that a pairing would make the other device one of the person
	// here, and that this was not asked for.
	ErrLink = errors.New("it asks to become your own device, with all that is yours, and not to be paired with")
	// ErrNoLink says that a pairing was to make the other device one of the person here,
	// and that nobody asked for that.
	ErrNoLink = errors.New("it asks to be paired with, and not to become your own device")
	// ErrLooksLike says that somebody who is to be paired with could be taken for a
	// known person, and that it was not told which of the two it is.
	ErrLooksLike = errors.New("it has the name of somebody you know, or nearly, and is not a device of theirs")
	// ErrNoAnswer says that another process holds the home's lock and did not
	// answer on its socket in time.
	ErrNoAnswer = errors.New("another process holds this home and does not answer")
	// ErrSaving says that the other process saves what can be read of the home's file,
	// which is damaged. It is not [ErrNoAnswer].
	ErrSaving = errors.New("the file of this home is damaged, and another process is saving what can be read of it")
	// ErrStopped says that the peer stopped before the command was done.
	ErrStopped = errors.New("the peer stopped")
	// ErrVersion says that the running peer speaks another version of the
	// control protocol or does not know the command.
	ErrVersion = errors.New("the running peer is of another version")
	// ErrNothingToUndo and ErrNothingToRedo say that nothing of what was done on
	// this device can be taken back, or done again.
	ErrNothingToUndo = errors.New("there is nothing of this device's to undo")
	ErrNothingToRedo = errors.New("there is nothing to redo")
	// ErrAlone says that nobody but the person here is in the space that they leave.
	ErrAlone = errors.New("nobody else is in it, so there is nobody to leave it to")
	// ErrBadCode says that a pairing code is not six digits.
	ErrBadCode = errors.New("a code has six digits")

	// ErrOutside, ErrNotUTF8 and ErrNoContent are those of package crdt, for
	// programs that know only this package.
	ErrOutside   = crdt.ErrOutside
	ErrNotUTF8   = crdt.ErrNotUTF8
	ErrNoContent = crdt.ErrNoContent

	// ErrTooLong says that something does not fit through the control socket.
	ErrTooLong = errTooLong

	// ErrNoVersion, ErrAmbiguousVersion and ErrVersionName are what can be wrong
	// with a version, or its new name.
	ErrNoVersion        = crdt.ErrNoVersion
	ErrAmbiguousVersion = crdt.ErrAmbiguous
	ErrVersionName      = crdt.ErrBadName

	// ErrNameTaken says that another version has the name that one is to have.
	ErrNameTaken = errors.New("another version has this name")

	// errEnding says that the peer was ending and did not begin the command.
	errEnding    = errors.New("the peer is ending")
	errOtherUser = errors.New("the other end of the control socket is another user")
)

// kinds names the errors that keep their identity across the socket. A name
// is part of the protocol; it never changes its meaning.
var kinds = []struct {
	name string
	err  error
}{
	{"not running", ErrNotRunning},
	{"stopped", ErrStopped},
	{"ending", errEnding},
	{"version", ErrVersion},
	{"bad code", ErrBadCode},
	{"link", ErrLink},
	{"no link", ErrNoLink},
	{"looks like", ErrLooksLike},
	{"answered", peer.ErrAnswered},
	{"request", errBadRequest},
	{"too long", errTooLong},
	{"no space", peer.ErrNoSpace},
	{"no document", peer.ErrNoDocument},
	{"no peer", peer.ErrNoPeer},
	{"ambiguous", peer.ErrAmbiguous},
	{"no pairing", peer.ErrNoPairing},
	{"rejected", peer.ErrRejected},
	{"pairing timeout", peer.ErrPairingTimeout},
	{"pairing ended", peer.ErrPairingEnded},
	{"offline", peer.ErrOffline},
	{"unreachable", peer.ErrUnreachable},
	{"not owner", peer.ErrNotOwner},
	{"read only", peer.ErrReadOnly},
	{"no member", peer.ErrNoMember},
	{"removed", peer.ErrRemoved},
	{"has left", peer.ErrLeft},
	{"revoked", peer.ErrRevoked},
	{"alone", ErrAlone},
	{"last owner", peer.ErrLastOwner},
	{"no role", peer.ErrNoRole},
	{"no invitation", peer.ErrNoInvite},
	{"no device", peer.ErrNoDevice},
	{"no claim", peer.ErrNoClaim},
	{"no fork", peer.ErrNoFork},
	{"no consent", peer.ErrNoConsent},
	{"unproved", peer.ErrUnproved},
	{"own device", peer.ErrOwnDevice},
	{"nothing shared", peer.ErrNothingShared},
	{"bad backup", peer.ErrBadBackup},
	{"passphrase", peer.ErrPassphrase},
	{"home taken", peer.ErrHomeTaken},
	{"not local", peer.ErrNotLocal},
	{"not allowed", peer.ErrNotAllowed},
	{"self", peer.ErrSelf},
	{"same code", peer.ErrSameCode},
	{"bad name", peer.ErrBadName},
	{"not written", peer.ErrNotWritten}, // before "editing stopped", which it is too
	{"editing stopped", peer.ErrStopped},
	{"behind", peer.ErrBehind},
	{"not all here", peer.ErrNotAllHere},
	{"nothing waits", peer.ErrNothingWaits},
	{"outside", crdt.ErrOutside},
	{"not utf-8", crdt.ErrNotUTF8},
	{"stale", crdt.ErrStale},
	{"no content", crdt.ErrNoContent},
	{"not text", peer.ErrNotText},
	{"beyond", peer.ErrBeyond}, // before "bad file", which it is too
	{"bad file", peer.ErrBadFile},
	{"too large", peer.ErrTooLarge},
	{"no text", peer.ErrNoText},
	{"format", peer.ErrFormat},
	{"damaged", peer.ErrDamaged},
	{"no version", crdt.ErrNoVersion},
	{"ambiguous version", crdt.ErrAmbiguous},
	{"version name", crdt.ErrBadName},
	{"name taken", ErrNameTaken},
	{"nothing to undo", ErrNothingToUndo},
	{"nothing to redo", ErrNothingToRedo},
	{"inviter away", peer.ErrInviterAway},
	{"no home", peer.ErrNoHome},
	{"in use", peer.ErrInUse},
	{"file in use", peer.ErrFileInUse},
	{"no answer", ErrNoAnswer},
	{"saving", ErrSaving},
	{"file exists", fs.ErrExist},
	{"disk full", peer.ErrDiskFull}, // after those that say what became of an edit
}

// noAnswer is [ErrNoAnswer] with its cause, which tells a person nothing: the
// text is that of the sentinel alone.
type noAnswer struct{ cause error }

func (e noAnswer) Error() string   { return ErrNoAnswer.Error() }
func (e noAnswer) Unwrap() []error { return []error{ErrNoAnswer, e.cause} }

// Kind returns the name of the first kind that err is, which scripts may rely on, or
// "" if it has none.
func Kind(err error) string {
	for _, k := range kinds {
		if errors.Is(err, k.err) {
			return k.name
		}
	}
	return ""
}

// remoteError is an error that crossed the socket: its text, and the error
// that its kind stands for.
type remoteError struct {
	text string
	kind error
}

func (e *remoteError) Error() string { return e.text }
func (e *remoteError) Unwrap() error { return e.kind }

// errorOf turns an answer's error back into one that errors.Is knows.
func errorOf(r response) error {
	for _, k := range kinds {
		if k.name == r.Kind {
			return &remoteError{r.Error, k.err}
		}
	}
	return &remoteError{text: r.Error}
}
