package editor

import (
	"runtime"
	"strings"

	"starling/app/buffer"
)

// Command names something that a person can ask of the editor, by a key, from a
// menu or from another part of the window. [Commands] lists them, keys.txt says
// which keys they have.
type Command string

// Commands that the editor passes on, see [Config.OnCommand].
const (
	ShowFind    Command = "find"
	ShowReplace Command = "replace"
	ShowLine    Command = "go.line"
	// AddWord is to learn the word at the caret.
	AddWord Command = "spell.add"
	// Cancel is the Escape key when there is nothing in the text to end by it.
	Cancel Command = "cancel"
)

// selecting, before the name of a command that goes somewhere, makes it select
// all up to there.
const selecting = "select."

// CommandInfo tells of a command what a menu shows.
type CommandInfo struct {
	Name  Command
	Title string
	// Keys is how this system writes the first of its keys, or empty.
	Keys string
	// Writes says that the command changes the text.
	Writes bool
}

// hands is what the editor knows of the keyboard.
type hands struct {
	// system is whose keys these are, as runtime.GOOS says it.
	system string
	keys   keymap
	// line is what was taken without a selection, and lies on the clipboard: it
	// is put in as a whole line.
	line string
	// killed is what was deleted up to a line's end last.
	killed string
	search search
}

// useKeysOf makes the keys those of a system, as runtime.GOOS says it, and words
// and paragraphs go as they do there.
func (e *Editor) useKeysOf(system string) {
	e.hands.system, e.hands.keys = system, keysOf(system)
	style := buffer.ToEnds
	if system == "windows" {
		style = buffer.ToStarts
	}
	e.buf.SetStyle(style)
}

// action is what a command does.
type action struct {
	name  Command
	title string
	// effect tells how the editor may do it.
	effect effect
	// do does it, and reports whether there was anything to do here.
	do func(e *Editor) bool
}

type effect int

const (
	looks  effect = iota // leaves the text as it is
	writes               // changes the text, and is refused where nobody may
	passed               // is for [Config.OnCommand]
)

// actions are all commands, as a list that menus can follow, and by name.
var (
	actions  []action
	actionOf = make(map[Command]*action)
)

func init() {
	for _, list := range [][]action{moves(), editing(), markdowns(), findings(), viewing()} {
		actions = append(actions, list...)
	}
	for i := range actions {
		actionOf[actions[i].name] = &actions[i]
	}
}

// Commands lists what [Editor.Do] knows, with the keys of this system.
func Commands() []CommandInfo { return commandsOn(runtime.GOOS) }

func commandsOn(system string) []CommandInfo {
	keys := keysOf(system)
	out := make([]CommandInfo, 0, len(actions))
	for _, a := range actions {
		info := CommandInfo{Name: a.name, Title: a.title, Writes: a.effect == writes}
		if c, ok := keys.first[a.name]; ok {
			info.Keys = c.write(system)
		}
		out = append(out, info)
	}
	return out
}

// Do carries a command out, as if its key had been pressed.
func (e *Editor) Do(c Command) { e.run(c) }

// run carries a command out and reports whether it meant anything.
func (e *Editor) run(c Command) bool {
	a, ok := actionOf[c]
	switch {
	case !ok:
		return e.passCommand(c)
	case a.effect == passed:
		return e.passCommand(c)
	case a.effect == writes && e.refuse():
		return true
	}
	return a.do(e)
}

func (e *Editor) passCommand(c Command) bool {
	return e.config.OnCommand != nil && e.config.OnCommand(c)
}

// refuse reports whether nobody may write here, and says so to the person.
func (e *Editor) refuse() bool {
	if e.config.ReadOnly == "" {
		return false
	}
	if e.config.OnRefused != nil {
		e.config.OnRefused(e.config.ReadOnly)
	}
	return true
}

// always is an action's do that always has something to do.
func always(do func(e *Editor)) func(e *Editor) bool {
	return func(e *Editor) bool {
		do(e)
		return true
	}
}

// edits is an action that changes the text.
func edits(name Command, title string, do func(e *Editor)) action {
	return action{name, title, writes, always(do)}
}

// looking is an action that leaves the text as it is.
func looking(name Command, title string, do func(e *Editor)) action {
	return action{name, title, looks, always(do)}
}

// goes is an action that goes somewhere, and the one that selects up to there.
func goes(name Command, title string, to func(e *Editor, extend bool)) []action {
	return []action{
		looking(name, title, func(e *Editor) { to(e, false) }),
		looking(selecting+name, "Select "+strings.ToLower(title[:1])+title[1:], func(e *Editor) { to(e, true) }),
	}
}
