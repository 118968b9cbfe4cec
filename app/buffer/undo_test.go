package buffer

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestUndoGroups types a script and undoes it all. In a script, every letter
// is typed a tenth of a second after the one before; ~ is a rest, ^ backspace,
// < a movement of the caret to the start, @ a paste of "PP".
func TestUndoGroups(t *testing.T) {
	for script, want := range map[string][]string{
		"abc":       {""},
		"ab cd":     {"ab ", ""},
		"ab  c":     {"ab  ", ""},
		"ab~cd":     {"ab", ""},
		"ab<cd":     {"ab", ""},
		"ab\ncd":    {"ab\n", "ab", ""},
		"abc^^":     {"abc", ""},
		"abc^d":     {"ab", "abc", ""},
		"ab@cd":     {"abPP", "ab", ""},
		"abc^^~^de": {"", "a", "abc", ""},
	} {
		d, b := view("")
		d.rest = 100 * time.Millisecond
		for _, r := range script {
			var err error
			switch r {
			case '~':
				d.now = d.now.Add(3 * time.Second)
			case '^':
				err = b.Backspace(Character)
			case '<':
				b.MoveTo(0, false)
			case '@':
				err = b.Paste("PP")
			default:
				err = b.Insert(string(r))
			}
			must(t, err)
		}
		end := b.Text()
		var got []string
		for again(t, b.Undo) {
			got = append(got, b.Text())
		}
		if strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%q: undone %q, want %q", script, got, want)
		}
		for again(t, b.Redo) {
			got = got[1:]
		}
		if b.Text() != end || len(got) > 0 {
			t.Errorf("%q: done again %q, want %q", script, b.Text(), end)
		}
	}
}

// again undoes or redoes, and reports whether there was anything.
func again(t *testing.T, do func() (bool, error)) bool {
	t.Helper()
	ok, err := do()
	must(t, err)
	return ok
}

// TestUndoAmongOthers tells the caret with |.
func TestUndoAmongOthers(t *testing.T) {
	d, b := view("one two three")
	b.Select(4, 7)
	must(t, b.Insert("TWO"))
	d.put(5, 0, "-they-")
	d.put(0, 3, "ONE")
	b.MoveTo(0, false)
	for i, step := range []struct {
		do   func() (bool, error)
		ok   bool
		want string
	}{
		{b.Redo, false, "|ONE T-they-WO three"},
		{b.Undo, true, "ONE -they-two| three"},
		{b.Undo, false, "ONE -they-two| three"},
		{b.Redo, true, "ONE T-they-WO| three"},
	} {
		ok, err := step.do()
		text := []rune(b.Text())
		at := b.Caret()
		if got := string(text[:at]) + "|" + string(text[at:]); got != step.want || ok != step.ok || err != nil || b.Anchor() != at {
			t.Errorf("step %d: %v %v %q, want %v %q", i, ok, err, got, step.ok, step.want)
		}
	}
}

// TestUndoBehind edits and undoes while the view lags behind the document. Own
// letters are X, those there from the start i, those of others o.
func TestUndoBehind(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 2))
		d, b := view(strings.Repeat("ii\n", 6))
		lost := 0 // i that others took
		for range 80 {
			var err error
			switch r.IntN(8) {
			case 0, 1:
				b.Select(r.IntN(b.Len()+1), r.IntN(b.Len()+1))
				err = b.Insert("XX")
			case 2:
				err = b.Backspace(Character)
			case 3, 4, 5:
				text := d.text()
				from := r.IntN(len(text) + 1)
				n := r.IntN(min(3, len(text)-from) + 1)
				lost += strings.Count(text[from:from+n], "i")
				d.put(from, n, "o")
			case 6:
				_, err = b.Undo()
			case 7:
				_, err = b.Redo()
			}
			must(t, err)
			if r.IntN(3) == 0 {
				must(t, b.Apply(d.since(b.Seen())))
				if b.Text() != d.text() {
					t.Fatalf("seed %d: text %q, document %q", seed, b.Text(), d.text())
				}
			}
		}
		for again(t, b.Undo) {
		}
		must(t, b.Apply(d.since(b.Seen())))
		if b.Text() != d.text() {
			t.Fatalf("seed %d: text %q, document %q", seed, b.Text(), d.text())
		}
		if got := b.Text(); strings.Contains(got, "X") || strings.Count(got, "i") != 12-lost {
			t.Errorf("seed %d: after undoing all: %q, others took %d i", seed, got, lost)
		}
	}
}

// TestUndoNear undoes an action in three places, after what others wrote.
func TestUndoNear(t *testing.T) {
	for _, c := range []struct {
		from, to int
		want     string
	}{
		{0, 0, "+ax| bx cx"},
		{0, 1, "+ax| bx cx"},
		{3, 3, "+ax bx| cx"},
		{2, 3, "+ax bx| cx"},
		{2, 5, "+ax bx cx|"},
		{5, 5, "+ax bx cx|"},
	} {
		d, b := view("ax bx cx")
		must(t, b.Replace([]Splice{{At: 1, Delete: 1}, {At: 4, Delete: 1}, {At: 7, Delete: 1}}, 0, 0))
		d.put(0, 0, "+")
		if ok, err := b.UndoNear(c.from, c.to); !ok || err != nil {
			t.Fatal(ok, err)
		}
		if got := b.Text()[:b.Caret()] + "|" + b.Text()[b.Caret():]; got != c.want {
			t.Errorf("from %d to %d: %q, want %q", c.from, c.to, got, c.want)
		}
	}
}
