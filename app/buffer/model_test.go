package buffer

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// letter is a character that stays in the model after it is deleted.
type letter struct {
	r     rune
	alive bool
	// by is the action that typed it, back the one whose undoing put it back
	// last, taker the one that took it out (minus the action if by undoing it).
	by, back, taker int
}

// model is undo told the slow way: nothing is ever forgotten or moved.
type model struct {
	all          []*letter
	done, undone []int
	actions      int
}

func newModel(text string) *model {
	m := &model{}
	m.insert(0, text, 0)
	return m
}

func (m *model) text() string {
	var out strings.Builder
	for _, c := range m.all {
		if c.alive {
			out.WriteRune(c.r)
		}
	}
	return out.String()
}

// index is where the at-th character that is alive lies, or the place right
// behind the one before it.
func (m *model) index(at int) int {
	for i, c := range m.all {
		if at == 0 {
			return i
		}
		if c.alive {
			at--
		}
	}
	return len(m.all)
}

func (m *model) insert(at int, text string, by int) {
	var fresh []*letter
	for _, r := range text {
		fresh = append(fresh, &letter{r: r, alive: true, by: by})
	}
	m.all = slices.Insert(m.all, m.index(at), fresh...)
}

func (m *model) remove(at, n, taker int) {
	for _, c := range m.all[m.index(at):] {
		if n > 0 && c.alive {
			c.alive, c.taker = false, taker
			n--
		}
	}
}

// act is an action of one's own.
func (m *model) act(at, n int, text string) {
	m.actions++
	m.remove(at, n, m.actions)
	m.insert(at, text, m.actions)
	m.done, m.undone = append(m.done, m.actions), nil
}

// actAll is an action at several places.
func (m *model) actAll(splices []Splice) {
	m.actions++
	for _, s := range slices.Backward(splices) {
		m.remove(s.At, s.Delete, m.actions)
		m.insert(s.At, s.Insert, m.actions)
	}
	m.done, m.undone = append(m.done, m.actions), nil
}

func (m *model) undo() bool {
	for len(m.done) > 0 {
		a := m.done[len(m.done)-1]
		m.done, m.undone = m.done[:len(m.done)-1], append(m.undone, a)
		changed := false
		for _, c := range m.all {
			switch {
			case c.alive && c.by == a:
				c.alive, c.taker, changed = false, -a, true
			case !c.alive && c.taker == a:
				c.alive, c.back, changed = true, a, true
			}
		}
		if changed {
			return true
		}
	}
	return false
}

func (m *model) redo() bool {
	for len(m.undone) > 0 {
		a := m.undone[len(m.undone)-1]
		m.undone, m.done = m.undone[:len(m.undone)-1], append(m.done, a)
		changed := false
		for _, c := range m.all {
			switch {
			case c.alive && c.back == a:
				c.alive, c.taker, changed = false, a, true
			case !c.alive && c.taker == -a:
				c.alive, changed = true, true
			}
		}
		if changed {
			return true
		}
	}
	return false
}

// script drives a buffer and the model with the same random steps. It is the
// property, for the tests and for the fuzz target alike.
type script struct {
	t     *testing.T
	rand  *rand.Rand
	doc   *document
	buf   *Buffer
	model *model
}

func newScript(t *testing.T, r *rand.Rand, text string) *script {
	d, b := view(text)
	return &script{t: t, rand: r, doc: d, buf: b, model: newModel(text)}
}

// step does one thing. The view always knows what others wrote, or the model
// would need to know how the document shifts; [TestUndoBehind] does not.
func (s *script) step() {
	b := s.buf
	from, to := b.Selection()
	text := randomText(s.rand, 3)
	var err error
	switch s.rand.IntN(15) {
	case 0, 1:
		s.act(from, to, text)
		err = b.Insert(text)
	case 2:
		clean := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
		s.act(from, to, clean)
		err = b.Paste(text)
	case 3:
		unit := Unit(s.rand.IntN(5))
		s.erase(unit, false)
		err = b.Backspace(unit)
	case 4:
		unit := Unit(s.rand.IntN(5))
		s.erase(unit, true)
		err = b.Delete(unit)
	case 5, 6:
		s.other()
	case 7:
		want := s.model.undo()
		var got bool
		if got, err = b.Undo(); got != want {
			s.t.Fatalf("undo did something: %v, want %v", got, want)
		}
	case 8:
		want := s.model.redo()
		var got bool
		if got, err = b.Redo(); got != want {
			s.t.Fatalf("redo did something: %v, want %v", got, want)
		}
	case 9:
		b.Move(Unit(s.rand.IntN(5)), s.rand.IntN(2) == 0, s.rand.IntN(2) == 0)
	case 10, 11:
		err = s.line(lineActions[s.rand.IntN(len(lineActions))])
	case 12:
		err = s.replace()
	default:
		b.MoveTo(s.rand.IntN(b.Len()+1), s.rand.IntN(2) == 0)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.check()
}

func (s *script) act(from, to int, text string) {
	if from != to || text != "" {
		s.model.act(from, to-from, text)
	}
}

// erase tells the model what the next deletion will take; how far a unit goes
// has tests of its own.
func (s *script) erase(unit Unit, forward bool) {
	from, to := s.buf.Selection()
	if from == to {
		to = s.buf.step(from, unit, forward)
		if unit == Character && !forward {
			to = s.buf.lastTyped(from)
		}
		from, to = min(from, to), max(from, to)
	}
	s.act(from, to, "")
}

// line does an action on lines and compares it with how a [page] does it.
func (s *script) line(a lineAction) error {
	want := page{[]rune(s.buf.Text()), s.buf.Caret(), s.buf.Anchor()}
	to, copies := s.rand.IntN(s.buf.Len()+1), s.rand.IntN(2) == 0
	a.slow(&want, to, copies)
	s.doc.splices = nil
	before := s.buf.Seen()
	if err := a.do(s.buf, to, copies); err != nil {
		return err
	}
	if s.doc.splices != nil {
		s.model.actAll(s.doc.splices)
	} else if s.buf.Seen() != before {
		p := s.doc.since(before)[0]
		s.model.act(p.At, p.Delete, p.Insert)
	}
	got := page{[]rune(s.buf.Text()), s.buf.Caret(), s.buf.Anchor()}
	if string(got.text) != string(want.text) || got.caret != want.caret || got.anchor != want.anchor {
		s.t.Fatalf("%s: %v, want %v", a.name, got, want)
	}
	return nil
}

// replace makes random splices, of which some touch.
func (s *script) replace() error {
	text, at := []rune(s.buf.Text()), 0
	var splices []Splice
	var want []rune
	for range 1 + s.rand.IntN(4) {
		skip := s.rand.IntN(min(4, len(text)-at) + 1)
		want = append(want, text[at:at+skip]...)
		at += skip
		n := s.rand.IntN(min(3, len(text)-at) + 1)
		insert := randomText(s.rand, 1)
		splices = append(splices, Splice{At: at, Delete: n, Insert: insert})
		want = append(want, []rune(insert)...)
		at += n
	}
	want = append(want, text[at:]...)
	caret, anchor := s.rand.IntN(len(want)+1), s.rand.IntN(len(want)+1)
	s.doc.splices = nil
	if err := s.buf.Replace(splices, caret, anchor); err != nil {
		return err
	}
	if s.doc.splices != nil {
		s.model.actAll(s.doc.splices)
	}
	if s.buf.Text() != string(want) || s.buf.Caret() != caret || s.buf.Anchor() != anchor {
		s.t.Fatalf("%q by %+v: %q, caret %d, anchor %d; want %q, %d, %d",
			string(text), splices, s.buf.Text(), s.buf.Caret(), s.buf.Anchor(), string(want), caret, anchor)
	}
	return nil
}

func (s *script) other() {
	at := s.rand.IntN(s.buf.Len() + 1)
	n := s.rand.IntN(min(s.buf.Len()-at, 5) + 1)
	text := randomText(s.rand, 2)
	s.doc.put(at, n, text)
	s.model.remove(at, n, 0)
	s.model.insert(at, text, 0)
	if err := s.buf.Apply(s.doc.since(s.buf.Seen())); err != nil {
		s.t.Fatal(err)
	}
}

func (s *script) check() {
	s.t.Helper()
	got := s.buf.Text()
	if want := s.model.text(); got != want {
		s.t.Fatalf("text %q, want %q", got, want)
	}
	if doc := s.doc.text(); got != doc {
		s.t.Fatalf("text %q, document %q", got, doc)
	}
	all := []rune(got)
	from, to := s.buf.Selection()
	if from < 0 || to > len(all) || s.buf.Selected() != string(all[from:to]) {
		s.t.Fatalf("selection %d to %d is %q in %q", from, to, s.buf.Selected(), got)
	}
	checkLines(s.t, s.buf)
}

// checkLines compares the blocks with the text cut anew.
func checkLines(t *testing.T, b *Buffer) {
	t.Helper()
	want := strings.Split(b.Text(), "\n")
	if b.Lines() != len(want) {
		t.Fatalf("%d lines, want %d", b.Lines(), len(want))
	}
	start, versions := 0, make(map[uint64]bool)
	for i, text := range want {
		line := b.Line(i)
		n := len([]rune(text))
		if line.Text != text || line.Runes != n || b.LineStart(i) != start {
			t.Fatalf("line %d is %q of %d at %d, want %q of %d at %d", i, line.Text, line.Runes, b.LineStart(i), text, n, start)
		}
		for offset := range line.Text + " " { // a place for each code point, and for the end
			at := start + len([]rune(line.Text[:offset]))
			if l, o := b.Pos(at); l != i || o != offset || b.At(i, offset) != at {
				t.Fatalf("place %d is at %d, %d of the lines, and back at %d; want %d, %d", at, l, o, b.At(i, offset), i, offset)
			}
		}
		for _, at := range []int{start, start + n} {
			if l, s := b.LineAt(at); l != i || s != start {
				t.Fatalf("place %d is in line %d from %d, want %d from %d", at, l, s, i, start)
			}
		}
		if versions[line.Version] {
			t.Fatalf("line %d has the version of another", i)
		}
		versions[line.Version] = true
		start += n + 1
	}
	if b.Len() != start-1 {
		t.Fatalf("%d code points, want %d", b.Len(), start-1)
	}
}
