package window

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"starling/packaging/lab"
)

// In a list of keys: what comes before text to type, and what waits until the
// screen has come to rest, as a person does who waits for what is found.
const (
	typed  = "'"
	waited = "wait"
)

// editing are what keys do to a text. The caret begins at the start of the text's
// second line; the first one is a title.
var editing = []struct {
	name, text string
	keys       []string
	want       string
}{
	{"bold", "terns and gulls", []string{"ctrl+b"}, "**terns** and gulls"},
	{"bold, a selection", "terns and gulls", []string{"shift+End", "ctrl+b"}, "**terns and gulls**"},
	{"bold, off again", "terns and gulls", []string{"shift+End", "ctrl+b", "ctrl+b"}, "terns and gulls"},
	{"italic", "terns and gulls", []string{"ctrl+i"}, "*terns* and gulls"},
	{"code", "terns and gulls", []string{"ctrl+e"}, "`terns` and gulls"},
	{"strike", "terns and gulls", []string{"ctrl+shift+x"}, "~~terns~~ and gulls"},
	{"link", "terns and gulls", []string{"ctrl+k", typed + "x.example"}, "[terns](x.example) and gulls"},
	{"heading", "terns", []string{"ctrl+2"}, "## terns"},
	{"heading, another", "terns", []string{"ctrl+2", "ctrl+3"}, "### terns"},
	{"heading, off", "terns", []string{"ctrl+2", "ctrl+2"}, "terns"},
	{"list", "terns", []string{"ctrl+shift+8"}, "- terns"},
	{"list, off", "terns", []string{"ctrl+shift+8", "ctrl+shift+8"}, "terns"},
	{"list with numbers", "terns\ngulls", []string{"shift+Down", "shift+End", "ctrl+shift+7"}, "1. terns\n2. gulls"},
	{"list to tick", "terns", []string{"ctrl+shift+9"}, "- [ ] terns"},
	{"quote", "terns", []string{"ctrl+shift+period"}, "> terns"},
	{"tick", "- [ ] rope", []string{"ctrl+Return"}, "- [x] rope"},
	{"tick, and off", "- [ ] rope", []string{"ctrl+Return", "ctrl+Return"}, "- [ ] rope"},
	{"go on with a list", "- milk", []string{"End", "Return", typed + "eggs"}, "- milk\n- eggs"},
	{"end a list", "- milk", []string{"End", "Return", "Return", typed + "done"}, "- milk\ndone"},
	{"go on with boxes", "- [x] rope", []string{"End", "Return", typed + "tape"}, "- [x] rope\n- [ ] tape"},
	{"numbers count", "1. one\n2. two", []string{"End", "Return", typed + "new"}, "1. one\n2. new\n3. two"},
	{"nest", "- one\n- two", []string{"Down", "Tab"}, "- one\n  - two"},
	{"nest, and back", "- one\n- two", []string{"Down", "Tab", "shift+Tab"}, "- one\n- two"},
	{"quote goes on", "> said", []string{"End", "Return", typed + "more"}, "> said\n> more"},
	{"paste a link", "terns https://x.example", []string{
		"ctrl+Right", "Right", "shift+End", "ctrl+x", "Home", "ctrl+shift+Right", "ctrl+v",
	}, "[terns](https://x.example) "},
	{"paste plain", "terns https://x.example", []string{
		"ctrl+Right", "Right", "shift+End", "ctrl+x", "Home", "ctrl+shift+Right", "ctrl+shift+v",
	}, "https://x.example "},
	{"cut a line, and paste it above", "one\ntwo", []string{"Down", "ctrl+x", "Home", "ctrl+v"}, "two\none"},
	{"move a line", "one\ntwo", []string{"alt+Down"}, "two\none"},
	{"move it back", "one\ntwo", []string{"alt+Down", "alt+Up"}, "one\ntwo"},
	{"duplicate", "one", []string{"shift+alt+Down"}, "one\none"},
	{"join", "one\ntwo", []string{"ctrl+j"}, "one two"},
	{"delete a line", "one\ntwo", []string{"ctrl+shift+k"}, "two"},
	{"delete a word", "one two", []string{"ctrl+Delete"}, " two"},
	{"delete the word before", "one two", []string{"End", "ctrl+BackSpace"}, "one "},
	{"indent", "one\ntwo", []string{"shift+Down", "shift+End", "ctrl+bracketright"}, "\tone\n\ttwo"},
	{"a family is one", "👩‍👩‍👧x", []string{"Delete"}, "x"},
	{"a flag is one", "🇫🇷x", []string{"Right", "BackSpace"}, "x"},
	{"an accent goes with its letter", "e\u0301x", []string{"Right", typed + "-"}, "e\u0301-x"},
	{"undo", "terns", []string{"ctrl+b", "ctrl+z"}, "terns"},
	{"redo", "terns", []string{"ctrl+b", "ctrl+z", "ctrl+y"}, "**terns**"},
	{"undo a list", "1. one\n2. two", []string{"End", "Return", "ctrl+z"}, "1. one\n2. two"},
	{"replace all", "tern tern\ntern", []string{
		"ctrl+h", typed + "tern", "Tab", typed + "gull", waited, "alt+a", "Escape",
	}, "gull gull\ngull"},
	{"replace all is one step", "tern tern\ntern", []string{
		"ctrl+h", typed + "tern", "Tab", typed + "gull", waited, "alt+a", "Escape", "ctrl+z",
	}, "tern tern\ntern"},
	{"find, and write over it", "a tern and a gull", []string{"ctrl+f", typed + "gull", waited, "Escape", typed + "crab"}, "a tern and a crab"},
	{"find next", "tern tern tern", []string{
		"ctrl+f", typed + "tern", waited, "Return", "Return", "Escape", typed + "x",
	}, "tern tern x"},
	{"go to a line", "one\ntwo\nthree", []string{"ctrl+l", typed + "4", "Return", typed + "x"}, "one\ntwo\nxthree"},
	{"larger letters change nothing", "one", []string{"ctrl+plus", "ctrl+plus", "ctrl+minus", "ctrl+0", typed + "x"}, "xone"},
	{"help, and back", "one", []string{"F1", waited, typed + "no", "F1", typed + "x"}, "xone"},
}

// What the keys of each group do to a text, in the real window.
func TestEditing(t *testing.T) {
	t.Parallel()
	p := newPerson(t, "Ada")
	_, doc := p.settleIn("# Nothing yet\n")
	p.open()
	p.awaitTitle("Nothing yet - Starling")
	p.into()
	for n, c := range editing {
		title := "Text " + strconv.Itoa(n)
		p.rewrite(doc, "# "+title+"\n"+c.text)
		p.awaitTitle(title + " - Starling") // it comes with the text
		p.keys("ctrl+Home", "Down", "Home")
		p.follow(c.keys)
		p.keys("ctrl+End", "period") // the keys before have done what they do when it is there
		want := "# " + title + "\n" + c.want + "."
		var got string
		if !lab.Until(lab.Soon/2, func() bool { got, _ = p.Cat(doc); return got == want }) {
			t.Errorf("%s: the text is %q, want %q", c.name, strings.TrimPrefix(got, "# "+title+"\n"), c.want+".")
			p.shot("editing-failed-" + strconv.Itoa(n))
			p.keys("Escape", "Escape")
		}
	}
	p.close()
}

// rewrite makes a document say something else, by command.
func (p *person) rewrite(doc, text string) {
	p.T.Helper()
	was, _ := p.Cat(doc)
	p.Must("edit", doc, "--at", "0", "--delete", strconv.Itoa(utf8.RuneCountInString(was)), "--insert", text)
}

// follow does what a list of keys says.
func (s *screen) follow(keys []string) {
	s.t.Helper()
	for _, key := range keys {
		switch text, ok := strings.CutPrefix(key, typed); {
		case ok:
			s.write(text)
		case key == waited:
			s.still()
		default:
			s.keys(key)
		}
	}
}
