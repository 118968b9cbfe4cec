package crdt_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/format"
)

// keys is what a person does: each part is typed key by key a tenth of a second
// apart, "<" erases to the left, ">" to the right, "|" is a pause, "^" goes to
// the start of the text, and what is in brackets is inserted at once.
func (p *person) keys(t testing.TB, keys string) {
	t.Helper()
	at := len(p.view)
	for rest := keys; rest != ""; {
		p.clock = p.clock.Add(100 * time.Millisecond)
		key := string([]rune(rest)[0])
		rest = rest[len(key):]
		switch key {
		case "<":
			at--
			p.splice(t, at, 1, "")
		case ">":
			p.splice(t, at, 1, "")
		case "|":
			p.clock = p.clock.Add(3 * time.Second)
		case "^":
			at = 0
		case "[":
			key, rest, _ = strings.Cut(rest, "]")
			p.splice(t, at, 0, key)
			at += len([]rune(key))
		default:
			p.splice(t, at, 0, key)
			at++
		}
	}
}

// What is undone at once is what people take for one thing.
func TestUndoGroups(t *testing.T) {
	tests := []struct{ name, keys, states string }{
		{"a word at a time", "one two three", "one two three/one two /one /"},
		{"a pause", "on|e", "one/on/"},
		{"a line break is apart", "one\ntwo", "one\ntwo/one\n/one/"},
		{"spaces go with the word before", "a  b", "a  b/a  /"},
		{"erasing is apart from typing", "house<<<", "ho/house/"},
		{"typing after erasing", "house<<<me", "home/ho/house/"},
		{"erasing to the right", "abcdef^>>>", "def/abcdef/"},
		{"erasing both ways at one place", "abc|defg|^>>", "cdefg/abcdefg/abc/"},
		{"typing elsewhere", "world^hello", "helloworld/world/"},
		{"a paste is alone", "ab[cd]e", "abcde/abcd/ab/"},
		{"so are two", "[ab][cd]", "abcd/ab/"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := group(t, "ann")[0]
			p.clock = time.Unix(1_700_000_000, 0)
			p.keys(t, tt.keys)
			again := newPerson(t, "next", p.log, "ann")
			for _, who := range []*person{p, again} {
				states := []string{who.text(t)}
				for who.undo(t) {
					states = append(states, who.text(t))
				}
				if got := strings.Join(states, "/"); got != tt.states {
					t.Errorf("the states are %q, not %q", got, tt.states)
				}
				for who.redo(t) {
					states = states[:len(states)-1]
					if who.text(t) != states[len(states)-1] {
						t.Errorf("redo leads to %q, not %q", who.text(t), states[len(states)-1])
					}
				}
				if len(states) != 1 {
					t.Errorf("redo ends %d steps early", len(states)-1)
				}
			}
		})
	}
}

// An edit of one's own ends what can be redone; one of another's does not, and
// neither does a setting.
func TestRedoEnds(t *testing.T) {
	people := group(t, "ann", "ben")
	ann, ben := people[0], people[1]
	if ann.CanUndo() || ann.CanRedo() {
		t.Error("there is something to undo in an empty document")
	}
	ann.keys(t, "one |two")
	ann.undo(t)
	ben.takeFrom(t, ann)
	ben.keys(t, "ben")
	ann.takeFrom(t, ben)
	out, err := ann.Change(ann.clock, func(tx *crdt.Tx) error { return tx.Put(crdt.ObjID{}, "folder", "letters") })
	ann.did(t, out, err)
	if !ann.CanRedo() || !ann.redo(t) || !strings.Contains(ann.text(t), "two") {
		t.Fatalf("another's edit or a setting ends the redo: %q", ann.text(t))
	}
	ann.undo(t)
	ann.keys(t, "|three")
	if ann.CanRedo() || ann.redo(t) {
		t.Error("there is something to redo after an edit")
	}
	if !ann.CanUndo() || ben.CanRedo() || !ben.CanUndo() {
		t.Error("Ann or Ben can't undo, or Ben can redo")
	}
}

// The text that a document begins with stays, however large.
func TestUndoLeavesTheBeginning(t *testing.T) {
	p := group(t, "ann")[0]
	begin := strings.Repeat("word ", 30_000)
	out, err := p.Edit(crdt.Edit{Insert: begin, Begins: true}, p.clock)
	if p.did(t, out, err); p.CanUndo() {
		t.Error("the beginning can be undone")
	}
	p.keys(t, "more")
	for _, who := range []*person{p, newPerson(t, "next", p.log, "ann")} {
		if !who.undo(t) || who.undo(t) || who.text(t) != begin {
			t.Errorf("of %d characters %d remain", len(begin), len(who.text(t)))
		}
	}
}

// Work of which others left nothing is passed over, however much it is.
func TestUndoPassesOverWhatIsGone(t *testing.T) {
	people := group(t, "ann", "ben")
	ann, ben := people[0], people[1]
	ann.keys(t, "keep ")
	for range 100 {
		ann.keys(t, "gone ")
	}
	ben.takeFrom(t, ann)
	ben.splice(t, 5, 500, "ben")
	ann.takeFrom(t, ben)
	if !ann.undo(t) || ann.text(t) != "ben" {
		t.Fatalf("undo leaves %q", ann.text(t))
	}
	if ann.CanUndo() || !ann.redo(t) || ann.text(t) != "keep ben" {
		t.Fatalf("redo leaves %q", ann.text(t))
	}
	if ann.redo(t) || ann.CanRedo() {
		t.Error("there is more to redo")
	}
}

// A text so large that it takes several changes is undone at once, and so is
// what undoes it after a restart.
func TestUndoOfALargePaste(t *testing.T) {
	p := group(t, "ann")[0]
	p.keys(t, "before ")
	out, err := p.Edit(crdt.Edit{Seen: p.seen, At: 7, Insert: strings.Repeat("word ", 30_000)}, p.clock)
	if p.did(t, out, err); len(out.Changes) < 2 {
		t.Fatalf("%d changes", len(out.Changes))
	}
	pasted := p.text(t)
	for _, next := range []string{"second", "third"} {
		if !p.undo(t) || p.text(t) != "before " {
			t.Fatal("undo does not take back the whole paste and only that")
		}
		p = newPerson(t, next, p.log, "ann", "second")
		if !p.redo(t) || p.text(t) != pasted {
			t.Fatal("redo does not bring back the whole paste")
		}
	}
}

// A large version is restored by several changes, which are undone at once.
func TestUndoOfALargeRestore(t *testing.T) {
	p := group(t, "ann")[0]
	long := strings.Repeat("word ", 30_000)
	p.splice(t, 0, 0, long)
	then := p.Now()
	p.splice(t, 0, len(long), "new")
	out, err := p.RestoreVersion(then, p.seen, p.clock)
	if p.did(t, out.Edited, err); p.text(t) != long || len(out.Changes) < 2 {
		t.Fatalf("restored %d bytes in %d changes", len(p.text(t)), len(out.Changes))
	}
	if p.undo(t); p.text(t) != "new" {
		t.Fatalf("undo leaves %d bytes", len(p.text(t)))
	}
	if p.redo(t); p.text(t) != long {
		t.Fatalf("redo leaves %d bytes", len(p.text(t)))
	}
	again, err := p.RestoreVersion(then, p.seen, p.clock)
	if err != nil || len(again.Changes) > 0 {
		t.Fatalf("restoring what is there makes %d changes, %v", len(again.Changes), err)
	}
}

// Who brings text back is told with who wrote it at first.
func TestUndoKeepsTheAuthor(t *testing.T) {
	people := group(t, "ann", "ben")
	ann, ben := people[0], people[1]
	ann.keys(t, "from ann")
	ben.takeFrom(t, ann)
	ben.splice(t, 0, 8, "")
	ben.undo(t)
	q, ok := ben.pieceAt(2)
	if !ok || q.Inserted.Actor != "ann" || len(q.BroughtBack) != 1 || q.BroughtBack[0].Actor != "ben" {
		t.Errorf("the character is %+v", q)
	}
	if !strings.HasPrefix(q.BroughtBack[0].Message, "undo 62656e:1-1") { // "ben"
		t.Errorf("the message is %q", q.BroughtBack[0].Message)
	}
	if _, ok := ben.pieceAt(8); ok {
		t.Error("somebody wrote the character behind the last")
	}
}

// Messages that nobody wrote, or about others' changes, undo nothing.
func TestUndoMessagesOfOthers(t *testing.T) {
	p := group(t, "ann")[0]
	p.keys(t, "one |two ")
	for _, message := range []string{
		"undo", "undo 616e6e", "undo 616e6e:1-9", "redo 616e6e:1-9", "undo 616e6e:9-1", "undo 616e6e:0-0",
		"undo 62656e:1-4", "undo zz:1-2", "undo 616e6e:1-99999999999", "undo :1-1",
	} {
		p.log = slices.Clone(p.log)
		stranger := newPerson(t, "ben", p.log)
		stranger.keys(t, "x")
		c := stranger.log[len(stranger.log)-1]
		p.log = append(p.log, withMessage(t, c, message))
		again := newPerson(t, "cleo", p.log, "ann")
		n := 0
		for again.undo(t) {
			n++
		}
		if n != 2 || again.text(t) != "x" {
			t.Errorf("message %q: %d things undone, the text is %q", message, n, again.text(t))
		}
		p.log = p.log[:len(p.log)-1]
	}
}

// withMessage is a change with another message.
func withMessage(t testing.TB, c crdt.Change, message string) crdt.Change {
	t.Helper()
	ops, err := format.ParseChange(c.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	ops.Message = message
	c, err = crdt.ParseChange(ops.Encode())
	if err != nil {
		t.Fatal(err)
	}
	return c
}
