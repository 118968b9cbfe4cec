package main

import (
	"context"
	"flag"
	"math"
	"strings"

	"starling/app/control"
)

// command is one command of the command line.
type command struct {
	// name is its one or two words.
	name string
	// forms are the ways to use it, without the name.
	forms []string
	about string
	// min and max bound the number of arguments that are not flags.
	min, max int
	// flags defines its flags, except --json; nil if it has none.
	flags func(*flag.FlagSet)
	// run does it. A [usageError] is wrong usage.
	run func(context.Context, *job) error
}

// many is the greatest number of arguments of a command that takes a list.
const many = math.MaxInt

// commands returns all commands in the order of the help. The flags of each
// belong to one call.
func commands() []*command {
	return []*command{
		serveCommand(),
		{name: "id", forms: []string{""}, about: "print this device's ID", run: id},
		{
			name: "status", forms: []string{"[DOC]"}, max: 1, run: status,
			about: "say what the peer on this home is doing, or whom a document's text has reached",
		},
		{name: "peers", forms: []string{""}, about: "list other devices: nearby, known, connected, address, last seen", run: peers},
		{
			name: "connect", forms: []string{"ADDR"}, min: 1, max: 1, run: connect,
			about: "connect to a peer at host:port, for networks that hide neighbours",
		},
		{
			name: "doctor", forms: []string{"[PERSON]"}, max: 1, run: findings,
			about: "say why you can't see someone, or anyone, and what to do about it",
		},
		allowCommand(),
		{
			name: "invisible", forms: []string{"on|off"}, min: 1, max: 1, run: invisible,
			about: "announce nothing on the network; people you know are still found",
		},
		pairCommand(),
		{name: "space new", forms: []string{"NAME"}, about: "make a space and print its ID", min: 1, max: 1, run: newSpace},
		{name: "space list", forms: []string{""}, about: "list spaces", run: listSpaces},
		{name: "space members", forms: []string{"SPACE"}, about: "list who belongs to a space: ID, name, role, devices", min: 1, max: 1, run: membersOf},
		addMemberCommand(),
		inviteCommand(),
		{name: "space join", forms: []string{"LINK"}, about: "join a space by an invitation's link", min: 1, max: 1, run: joinSpace},
		setRoleCommand(),
		removeMemberCommand(),
		leaveSpaceCommand(),
		{
			name: "device link", forms: []string{"PEER"}, min: 1, max: 1, run: linkDevice,
			about: "make another device yours too: compare the six digits and confirm them: here with\n\"pair --confirm CODE\", there with \"pair --confirm CODE --mine\"",
		},
		{name: "device list", forms: []string{""}, about: "list your devices", run: listDevices},
		{
			name: "device add", forms: []string{"DEVICE PERSON"}, min: 2, max: 2, run: addDevice,
			about: "say that a device you have paired with is a new one of someone you know",
		},
		{
			name: "device new", forms: []string{""}, run: listNewDevices,
			about: "list devices that wait to be taken for someone's new one: ID, name, whose, who says so",
		},
		{
			name: "device accept", forms: []string{"DEVICE"}, min: 1, max: 1, run: answerDevice(control.AcceptDevice),
			about: "it is that person's, or yours",
		},
		{name: "device refuse", forms: []string{"DEVICE"}, about: "it is not", min: 1, max: 1, run: answerDevice(control.RefuseDevice)},
		revokeDeviceCommand(),
		newDocumentCommand(),
		{name: "doc list", forms: []string{"[SPACE]"}, about: "list documents", max: 1, run: listDocuments},
		{
			name: "doc choose", forms: []string{"BRANCH"}, min: 1, max: 1, run: chooseBranch,
			about: "of a document that went on in two copies of a home, have the text in the document\nBRANCH count; see \"status\". The other text goes there",
		},
		{
			name: "doc waiting", forms: []string{"[DOC]"}, max: 1, run: listWaiting,
			about: "list what is not shown in documents since its author was removed or may write no\nmore: document, who, changes, from, to, title; with DOC also the text with it",
		},
		{
			name: "doc take-in", forms: []string{"DOC…"}, min: 1, max: many, run: takeIn,
			about: "take what waits so into documents again, for everybody; an editor or owner may",
		},
		importCommand(),
		exportCommand(),
		catCommand(),
		editCommand(),
		{
			name: "write", forms: []string{"DOC"}, min: 1, max: 1, run: write,
			about: "replace the text by standard input, as a minimal diff",
		},
		{
			name: "watch", forms: []string{"DOC"}, min: 1, max: 1, run: watch,
			about: "print each change of the text as a line of JSON, until stopped",
		},
		{
			name: "history", forms: []string{"DOC"}, min: 1, max: 1, run: history,
			about: "list versions: ID, time, author, number of changes, names. Clocks only label",
		},
		{
			name: "diff", forms: []string{"DOC A B"}, min: 3, max: 3, run: diff,
			about: "print what went (-) and came (+) from version A to B, by whom and when",
		},
		blameCommand(),
		{
			name: "restore-version", forms: []string{"DOC VERSION"}, min: 2, max: 2, run: restoreVersion,
			about: "make the text that of a version again; the history stays",
		},
		nameVersionCommand(),
		{
			name: "undo", forms: []string{"DOC"}, min: 1, max: 1, run: undo,
			about: "take back the last that was done on this device; the work of others stays",
		},
		{name: "redo", forms: []string{"DOC"}, about: "do again what undo took back last", min: 1, max: 1, run: redo},
		{
			name: "verify", forms: []string{"[DOC…]"}, max: many, run: verify,
			about: "check documents, or all of them: texts, history, hashes, signatures, search",
		},
		backupCommand(),
		restoreCommand(),
	}
}

// commandNamed returns the command of that name or nil.
func commandNamed(name string) *command {
	for _, c := range commands() {
		if c.name == name {
			return c
		}
	}
	return nil
}

// isGroup reports whether word is the first of a command's two.
func isGroup(word string) bool {
	for _, c := range commands() {
		if strings.HasPrefix(c.name, word+" ") {
			return true
		}
	}
	return false
}

// count says how many arguments the command takes.
func (c *command) count() string {
	switch {
	case c.max == 0:
		return "no arguments"
	case c.max == many:
		return "at least one argument"
	case c.min == c.max:
		args, _, _ := strings.Cut(c.forms[0], " [--")
		return args + " and nothing more"
	default:
		return "at most one argument"
	}
}
