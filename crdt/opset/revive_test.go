package opset

import (
	"testing"

	"starling/crdt/format"
	"starling/crdt/opid"
	"starling/crdt/sequence"
)

// elem is element i, from 0, of the text that a world of one begins with.
func (p *person) elem(i int) opid.ID {
	id, err := p.set.ElemAt(p.set.watched, i)
	if err != nil {
		panic(err)
	}
	return id
}

// delete deletes n elements from at on as they are shown, and returns them.
func (d *draft) delete(at, n int) []opid.ID {
	var elems []opid.ID
	for i := range n {
		elem := d.p.elem(at + i)
		elems = append(elems, elem)
		d.put(draftOp{
			obj: d.p.set.watched, elem: elem, action: format.Delete, pred: d.p.set.Preds(d.p.set.watched, nil, elem),
		})
	}
	return elems
}

// revive brings elements back as what text says.
func (d *draft) revive(elems []opid.ID, text string) {
	for i, r := range []rune(text) {
		d.put(draftOp{obj: d.p.set.watched, elem: elems[i], action: format.Set, value: str(string(r))})
	}
}

func (p *person) text() string { return p.set.Text(p.set.watched).Text() }

// pair is two people who write at once and then exchange it.
type pair struct {
	*world
	a, b *person
}

// write lets both write, each without knowing what the other does, and holds the
// text that they then have against want.
func (w *pair) write(want string, byA, byB func(*draft)) {
	w.t.Helper()
	for p, write := range map[*person]func(*draft){w.a: byA, w.b: byB} {
		if write != nil {
			d := w.draft(p)
			write(d)
			d.commit()
		}
	}
	w.merge(w.a, w.b)
	w.merge(w.b, w.a)
	if w.a.text() != want || w.b.text() != want {
		w.t.Fatalf("they have %q and %q, want %q", w.a.text(), w.b.text(), want)
	}
}

func TestRevival(t *testing.T) {
	w := &pair{world: newWorld(t, 1, 2)}
	w.a, w.b = w.people[0], w.people[1]
	const rest = " wörld 🙂 and all"
	var elems []opid.ID
	w.write(rest, func(d *draft) { elems = d.delete(0, 6) }, nil)

	// Both bring the same characters back: they are shown once.
	w.write("Hello,"+rest, func(d *draft) { d.revive(elems, "Hello,") }, func(d *draft) { d.revive(elems[2:], "llo,") })
	if n := len(w.a.set.Preds(w.a.set.watched, nil, elems[2])); n != 2 {
		t.Errorf("an element that two brought back has %d values", n)
	}
	if n := w.a.set.Len(w.a.set.watched); n != len([]rune("Hello,"+rest)) {
		t.Errorf("the length is %d", n)
	}
	if w.a.set.objects[w.a.set.watched].items {
		t.Error("characters that came back became items")
	}

	// Who deletes knows of all values but of one that somebody brings at once.
	w.write("Hlo,"+rest, func(d *draft) { d.delete(1, 2) }, func(d *draft) { d.delete(1, 1) })
	w.write("Hello,"+rest, func(d *draft) { d.revive(elems[1:], "el") }, nil)
	w.write("ello,"+rest, func(d *draft) { d.delete(0, 1) }, nil)
	w.write("Hello,"+rest, func(d *draft) { d.revive(elems, "H") }, nil)
	w.write("Hllo,"+rest, func(d *draft) { d.delete(0, 2) }, func(d *draft) { d.revive(elems, "H") })

	// Another character than the one that was there is a value like any other.
	w.write("Häallo,"+rest, func(d *draft) { d.revive(elems[1:], "ä") }, func(d *draft) {
		d.put(draftOp{obj: d.p.set.watched, elem: elems[1], action: format.Set, value: str("äa")})
	})
	w.write("Hllo,"+rest, func(d *draft) { d.delete(1, 1) }, nil)
	checkChunks(t, 1, w.chunks)
}

// A run of characters that comes back costs one run, there and back.
func TestRevivalKeepsRuns(t *testing.T) {
	for _, back := range []bool{false, true} {
		w := newWorld(t, 2, 1)
		p := w.people[0]
		d := w.draft(p)
		elems, text := d.delete(0, 12), []rune("Hello, wörld")
		d.commit()
		d = w.draft(p)
		for i := range text {
			if back {
				i = len(text) - 1 - i
			}
			d.revive(elems[i:i+1], string(text[i]))
		}
		d.commit()
		if p.text() != "Hello, wörld 🙂 and all" {
			t.Fatalf("the text is %q", p.text())
		}
		if run, n := runAt(p, elems[0]); n != 2 || run.N != 12 || len(run.Revived) != 1 || run.Revived[0].Step != map[bool]int8{false: 1, true: -1}[back] {
			t.Errorf("back %v: %d runs, the first %+v", back, n, run)
		}
		checkChunks(t, 1, w.chunks)
	}
}

// runAt is the run that begins with an element, and how many the text has.
func runAt(p *person, elem opid.ID) (at sequence.Run, n int) {
	p.set.Text(p.set.watched).All(func(r sequence.Run) bool {
		if r.First == elem {
			at = r
		}
		n++
		return true
	})
	return at, n
}
