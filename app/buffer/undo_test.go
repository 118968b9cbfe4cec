package buffer

import (
	"strings"
	"testing"
	"time"
)

// TestUndoGroups types a script and undoes it all. In a script, every letter
// is typed a tenth of a second after the one before; ~ is a rest, ^ backspace,
// $ a movement of the caret to the end, @ a paste of "P".
func TestUndoGroups(t *testing.T) {
	for script, want := range map[string][]string{
		"abc":       {""},
		"ab cd":     {"ab ", ""},
		"ab  c":     {"ab  ", ""},
		"ab~cd":     {"ab", ""},
		"ab$cd":     {"ab", ""},
		"ab\ncd":    {"ab\n", "ab", ""},
		"abc^^":     {"abc", ""},
		"abc^d":     {"ab", "abc", ""},
		"ab@cd":     {"abP", "ab", ""},
		"abc^^~^de": {"", "a", "abc", ""},
	} {
		_, b := view("")
		now := time.Unix(0, 0)
		for _, r := range script {
			now = now.Add(100 * time.Millisecond)
			var err error
			switch r {
			case '~':
				now = now.Add(pause)
			case '^':
				err = b.Backspace(now, Character)
			case '$':
				b.MoveTo(b.Len(), false)
			case '@':
				err = b.Paste(now, "P")
			default:
				err = b.Insert(now, string(r))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		end := b.Text()
		var got []string
		for len(b.undo.done) > 0 {
			if ok, err := b.Undo(); err != nil || !ok {
				t.Fatalf("%q: undo %v %v", script, ok, err)
			}
			got = append(got, b.Text())
		}
		if strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%q: undone %q, want %q", script, got, want)
		}
		for len(b.undo.undone) > 0 {
			if _, err := b.Redo(); err != nil {
				t.Fatal(err)
			}
		}
		if b.Text() != end {
			t.Errorf("%q: done again %q, want %q", script, b.Text(), end)
		}
	}
}

func TestUndoAmongOthers(t *testing.T) {
	d, b := view("one two three")
	b.Select(4, 7)
	must(t, b.Insert(at(0), "TWO"))
	d.put(5, 0, "-they-")
	d.put(0, 3, "ONE")
	must(t, b.Apply(d.patches))
	if b.Text() != "ONE T-they-WO three" {
		t.Fatal(b.Text())
	}
	edits := len(d.patches)
	if _, err := b.Undo(); err != nil || b.Text() != "ONE -they-two three" || b.Caret() != 13 {
		t.Errorf("undone: %v %q, caret %d", err, b.Text(), b.Caret())
	}
	if n := len(d.patches) - edits; n != 2 {
		t.Errorf("undoing took %d edits, want 2", n)
	}
	if _, err := b.Redo(); err != nil || b.Text() != "ONE T-they-WO three" {
		t.Errorf("redone: %v %q", err, b.Text())
	}
}

// TestUndoOneEdit holds that putting back much text of many origins is one
// edit, not one for each word once typed.
func TestUndoOneEdit(t *testing.T) {
	d, b := view("")
	for second := range 50 {
		must(t, b.Insert(at(second*60), "word "))
	}
	b.SelectAll()
	must(t, b.Insert(at(9999), "x"))
	edits := len(d.patches)
	if ok, err := b.Undo(); !ok || err != nil || b.Text() != strings.Repeat("word ", 50) {
		t.Fatalf("%v %v %q", ok, err, b.Text())
	}
	if n := len(d.patches) - edits; n != 1 {
		t.Errorf("%d edits", n)
	}
}

// TestUndoBound holds that undo forgets the oldest, and only those.
func TestUndoBound(t *testing.T) {
	_, b := view("")
	for second := range maxGroups * 2 {
		must(t, b.Insert(at(second*60), "x"))
	}
	for len(b.undo.done) > 0 {
		if _, err := b.Undo(); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.Len(); n < maxGroups || n > maxGroups*11/10 {
		t.Errorf("%d of %d letters can't be undone", n, maxGroups*2)
	}

	text := strings.Repeat("x", maxGraves/2+1)
	_, b = view("")
	for second := range 4 {
		must(t, b.Paste(at(second*60), text))
		b.SelectAll()
	}
	var kept int
	for _, g := range b.undo.ledger.graves {
		kept += len(g.text)
	}
	if kept > maxGraves {
		t.Errorf("%d bytes of removed text are kept", kept)
	}
	if ok, err := b.Undo(); !ok || err != nil {
		t.Errorf("the newest: %v %v", ok, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
