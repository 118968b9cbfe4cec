package editor

import (
	"strings"
	"testing"

	"starling/app/find"
)

// What is undone in many places leaves the person where they look.
func TestUndoKeepsTheView(t *testing.T) {
	f := findAt(t, strings.Repeat("one two\n", 300)+"|")
	f.Find(find.Query{Text: "two"})
	for _, n := range []int{1, 150, 290} {
		f.GoToLine(n)
		f.ReplaceAll("three")
		for _, keys := range []string{"Mod+Z", "Mod+Y", "Mod+Z"} {
			line, _ := f.buf.LineAt(f.view.top.At)
			at := f.view.dy
			f.do(keys)
			if now, _ := f.buf.LineAt(f.view.top.At); now != line || f.view.dy != at {
				t.Errorf("line %d, %s: from line %d at %v to line %d at %v", n, keys, line, at, now, f.view.dy)
			}
			if _, ok := f.spotOf(f.buf.Caret()); !ok {
				t.Errorf("line %d, %s: the caret is at %d, out of view", n, keys, f.buf.Caret())
			}
		}
	}
}

// With nothing of it in view the caret goes to the nearest.
func TestUndoOutOfView(t *testing.T) {
	text := strings.Repeat("one\n", 100) + "two\n" + strings.Repeat("one\n", 100) + "two\n" + strings.Repeat("one\n", 300)
	for _, c := range []struct{ look, want int }{{1, 100}, {500, 201}} {
		f := findAt(t, "|"+text)
		f.Find(find.Query{Text: "two"})
		f.ReplaceAll("three")
		f.GoToLine(c.look)
		f.do("Mod+Z")
		if line, _ := f.buf.LineAt(f.buf.Caret()); line != c.want {
			t.Errorf("from line %d to line %d, want %d", c.look, line, c.want)
		}
	}
}
