package main

import (
	"errors"
	"io/fs"
	"slices"

	"starling/app/control"
	"starling/sync/peer"
)

// explain is the message for an error: what happened and what to do next.
func explain(err error, home string) string { return failureOf(err, home).String() }

// explained reports whether explain knows what to do about err.
func explained(err error) bool {
	return slices.ContainsFunc(hints, func(h hint) bool { return errors.Is(err, h.err) })
}

// hint is what to do after an error; HOME stands for the home.
type hint struct {
	err  error
	next string
}

// hints is what we know to advise. The first that fits counts.
var hints = []hint{
	{peer.ErrNoHome, `make HOME with "starlingd serve" or "starlingd space new NAME", or name another with --home`},
	{peer.ErrInUse, `another Starling runs on HOME; stop it, or use another --home`},
	{peer.ErrFileInUse, `close the program that has opened the file in HOME, for example one that shows databases, and try again`},
	{control.ErrNotRunning, `start one on HOME with "starlingd serve" or open the window`},
	{control.ErrSaving, `wait, and try again: it is done within minutes`},
	{control.ErrNoAnswer, `stop what runs on HOME and try again, or use another --home`},
	{control.ErrVersion, `stop the one on HOME and start this version`},
	{control.ErrStopped, `start it again on HOME and look at what was done`},
	{control.ErrOutside, `see the text with "starlingd cat"; places count code points from 0`},
	{control.ErrNotUTF8, `convert it first, for example with iconv`},
	{control.ErrNoContent, `wait until a device that has it is connected; see "starlingd peers"`},
	{control.ErrTooLong, `stop the one that runs on HOME and do it without`},
	{control.ErrNoVersion, `see "starlingd history DOC"`},
	{control.ErrAmbiguousVersion, `give more digits`},
	{control.ErrVersionName, `choose another`},
	{control.ErrNameTaken, `choose another, or move it with --move`},
	{peer.ErrNotText, `convert it to UTF-8 first, for example with iconv`},
	{peer.ErrBeyond, `save it anew with the program that wrote it, as one document and in smaller changes, or import its text alone`},
	{peer.ErrBadFile, `use another copy of it`},
	{peer.ErrTooLarge, `split it`},
	{peer.ErrNoText, `save its text as a file of its own and import that`},
	{peer.ErrDamaged, `see "starlingd verify"; what is readable comes with "starlingd cat", the rest from others who have it`},
	{peer.ErrBadName, `give one that has letters`},
	{peer.ErrNoSpace, `see "starlingd space list"`},
	{peer.ErrNoDocument, `see "starlingd doc list"`},
	{peer.ErrNotOwner, `ask one of its owners; see "starlingd space members SPACE"`},
	{peer.ErrUnstored, `make room on the disk of HOME and do it again`},
	{peer.ErrNotWritten, `make room on the disk of HOME and do it again; what was written before is kept and stored as soon as there is room`},
	{peer.ErrStopped, `make room on the disk of HOME, and don't do it again: it is kept as long as Starling runs, and stored as soon as there is room`},
	{peer.ErrDiskFull, `make room on the disk of HOME and try again`},
	{peer.ErrUnreachable, `check the address and that "starlingd serve" runs there`},
	{peer.ErrNotLocal, `see "starlingd allow"`},
	{peer.ErrNoClaim, `see "starlingd device new"`},
	{fs.ErrExist, `choose another name, nothing is overwritten`},
	{peer.ErrNoDevice, `see "starlingd device list"`},
	{peer.ErrInviterAway, `see "starlingd doctor"; a link that has expired or was taken back lets nobody in either, and an owner of the space makes a new one with "starlingd space invite"`},
	{control.ErrAlone, `a space can't be deleted yet; as long as you invite nobody, only your own devices get what is written in it`},
	{peer.ErrLastOwner, `see "starlingd space role"`},
	{peer.ErrNoInvite, `see "starlingd space invite SPACE --list"`},
	{peer.ErrBehind, `watch again and read faster`},
	{peer.ErrNothingWaits, `see "starlingd doc waiting"`},
	{peer.ErrNotAllHere, `wait and try again, or do it all the same with --now: what is missing here then waits beside its document, see "starlingd doc waiting"`},
	{peer.ErrSealed, `use "restore FILE --with-key", which asks for its passphrase`},
	{peer.ErrNotSealed, `use "restore FILE": this becomes a new device`},
	{peer.ErrPassphrase, `type it as it was given with "backup --with-key"`},
	{peer.ErrNoPeer, `see "starlingd peers", and "starlingd doctor" if they should be there`},
	{control.ErrNoLink, `confirm it without --mine, or reject it and ask with "starlingd device link"`},
	{control.ErrLooksLike, `if it is their new device, confirm with --as PERSON; if it is somebody else, with --other`},
	{control.ErrLink, `if it is yours, say so with --mine; else "starlingd pair --reject CODE"`},
	{peer.ErrAnswered, `reject with "starlingd pair --reject CODE" and begin anew`},
	{peer.ErrNoPairing, `see "starlingd pair --list"`},
	{peer.ErrRejected, `agree with the other person and pair again`},
	{peer.ErrPairingTimeout, `pair again and confirm on both sides within 2 minutes`},
	{peer.ErrPairingEnded, `see whether the other device is there with "starlingd peers" and pair again`},
}
