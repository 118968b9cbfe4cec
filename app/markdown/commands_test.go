package markdown

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// lines is a Text over a string.
type lines struct {
	text   []string
	states []State
}

func newText(s string) *lines {
	t := &lines{text: strings.Split(s, "\n")}
	state := State(0)
	for _, line := range t.text {
		t.states = append(t.states, state)
		state = Next(state, line)
	}
	return t
}

func (t *lines) Lines() int        { return len(t.text) }
func (t *lines) Line(i int) string { return t.text[i] }
func (t *lines) State(i int) State { return t.states[i] }

// apply makes changes, and fails if they do not ascend apart.
func apply(t *testing.T, text *lines, changes []Change) string {
	t.Helper()
	out := append([]string(nil), text.text...)
	for i := len(changes) - 1; i >= 0; i-- {
		c := changes[i]
		if i > 0 {
			if p := changes[i-1]; p.Line > c.Line || p.Line == c.Line && p.To > c.From {
				t.Fatalf("changes do not ascend: %+v", changes)
			}
		}
		if c.From > c.To || c.To > len(text.text[c.Line]) {
			t.Fatalf("change out of its line: %+v", c)
		}
		out[c.Line] = out[c.Line][:c.From] + c.Text + out[c.Line][c.To:]
		if c.Join {
			out[c.Line-1] += out[c.Line]
			out = append(out[:c.Line], out[c.Line+1:]...)
		}
	}
	return strings.Join(out, "\n")
}

// The signs in the tables: the caret, and a selection, with the caret at its
// end.
const (
	caretSign = "|"
	barCaret  = "¦" // the caret where there are tables
	fromSign  = "‹"
	toSign    = "›"
)

// places takes the signs out of a text.
func places(t *testing.T, s string) (text string, caret, anchor Pos) {
	t.Helper()
	find := func(sign string) (Pos, bool) {
		before, after, ok := strings.Cut(s, sign)
		if !ok {
			return Pos{}, false
		}
		s = before + after
		return Pos{Line: strings.Count(before, "\n"), Offset: len(before) - strings.LastIndex(before, "\n") - 1}, true
	}
	if from, ok := find(fromSign); ok {
		to, ok := find(toSign)
		if !ok {
			t.Fatalf("no end of the selection in %q", s)
		}
		return s, to, from
	}
	p, ok := find(barCaret)
	if !ok {
		p, ok = find(caretSign)
	}
	if !ok {
		t.Fatalf("no caret in %q", s)
	}
	return s, p, p
}

// placed puts the signs into a text.
func placed(s string, caret, anchor Pos) string { return placedBy(caretSign, s, caret, anchor) }

func placedBy(caretSign, s string, caret, anchor Pos) string {
	all := strings.Split(s, "\n")
	put := func(p Pos, sign string) {
		if p.Line < 0 || p.Line >= len(all) || p.Offset < 0 || p.Offset > len(all[p.Line]) {
			all = append(all, "(a place outside the text)")
			return
		}
		all[p.Line] = all[p.Line][:p.Offset] + sign + all[p.Line][p.Offset:]
	}
	if caret == anchor {
		put(caret, caretSign)
	} else {
		from, to := order(caret, anchor)
		put(to, toSign)
		put(from, fromSign)
	}
	return strings.Join(all, "\n")
}

// commands are the files of testdata/commands; arg is what stands before the
// colon of a case's name.
var commands = map[string]func(t Text, caret, anchor Pos, arg string) (Result, bool){
	"enter":     func(t Text, c, _ Pos, _ string) (Result, bool) { return Enter(t, c) },
	"backspace": func(t Text, c, _ Pos, _ string) (Result, bool) { return Backspace(t, c) },
	"table":     func(t Text, c, _ Pos, arg string) (Result, bool) { return NextCell(t, c, arg == "back") },
	"pipe":      func(t Text, c, _ Pos, _ string) (Result, bool) { return Pipe(t, c) },
	"nest": func(t Text, c, a Pos, arg string) (Result, bool) {
		from, to := order(c, a)
		return Nest(t, from, to, arg == "out")
	},
	"toggle": func(t Text, c, a Pos, arg string) (Result, bool) {
		return Toggle(t, c, a, map[string]Style{
			"bold": Bold, "italic": Italic, "strike": Strike, "code": CodeSpan, "link": Link,
		}[arg]), true
	},
	"block": func(t Text, c, a Pos, arg string) (Result, bool) {
		switch arg {
		case "quote":
			return ToggleQuote(t, c, a), true
		case "list":
			return ToggleList(t, c, a), true
		case "numbered":
			return ToggleNumbered(t, c, a), true
		case "task":
			return ToggleTask(t, c, a), true
		}
		return ToggleHeading(t, c, a, int(arg[0]-'0')), true
	},
	"renumber": func(t Text, c, a Pos, _ string) (Result, bool) {
		from, to := order(c, a)
		return Renumber(t, from.Line, to.Line, c, a), true
	},
	"tick":  func(t Text, c, _ Pos, _ string) (Result, bool) { return Tick(t, c.Line) },
	"paste": func(t Text, c, a Pos, arg string) (Result, bool) { return PasteLink(t, c, a, arg) },
}

const noCommand = "(plain)"

func TestCommands(t *testing.T) {
	for name, command := range commands {
		file := filepath.Join("testdata", "commands", name+".txt")
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		cases := strings.Split("\n"+strings.TrimSuffix(string(data), "\n"), "\n== ")[1:]
		if len(cases) == 0 {
			t.Fatal(file, ": no cases")
		}
		t.Run(name, func(t *testing.T) {
			for _, c := range cases {
				title, body, _ := strings.Cut(c, "\n")
				before, want, ok := strings.Cut(body, "\n-->\n")
				if !ok {
					t.Fatalf("%s: no -->", title)
				}
				text, caret, anchor := places(t, before)
				arg, _, found := strings.Cut(title, " : ")
				if !found {
					arg = ""
				}
				l := newText(text)
				r, ok := command(l, caret, anchor, arg)
				got := noCommand
				if ok {
					sign := caretSign
					if strings.Contains(body, barCaret) {
						sign = barCaret
					}
					got = placedBy(sign, apply(t, l, r.Changes), r.Caret, r.Anchor)
				}
				if got != want {
					t.Errorf("%s:\n%s\nbecame\n%s\nwant\n%s", title, before, got, want)
				}
			}
		})
	}
}
