package history

import (
	"fmt"
	"strings"
	"testing"

	"starling/crdt/opid"
	"starling/crdt/sequence"
)

// The actors of the tests, in the order of their bytes.
const (
	ann uint32 = iota
	ben
	cleo
)

func threeActors() *opid.Actors {
	a := &opid.Actors{}
	for _, name := range []string{"ann", "ben", "cleo"} {
		a.Number([]byte(name))
	}
	return a
}

func id(actor, counter uint32) opid.ID { return opid.ID{Actor: actor, Counter: counter} }

// elem is a text of one element that Ben inserted as 1, on which things are done.
type elem struct {
	t    *testing.T
	text *sequence.Sequence
}

func newElem(t *testing.T, by opid.ID) elem {
	text := sequence.New(threeActors())
	if _, err := text.Insert(by, opid.ID{}, "x"); err != nil {
		t.Fatal(err)
	}
	return elem{t, text}
}

func (e elem) run() sequence.Run {
	var run sequence.Run
	e.text.All(func(r sequence.Run) bool { run = r; return true })
	return run
}

func (e elem) delete(value, by opid.ID) {
	if err := e.text.DeleteValue(e.run().First, value, by, nil); err != nil {
		e.t.Fatal(err)
	}
}

func (e elem) revive(by opid.ID) {
	if err := e.text.Revive(e.run().First, 1, by, false, nil); err != nil {
		e.t.Fatal(err)
	}
}

func describe(steps []Step) string {
	var out []string
	for _, s := range steps {
		if s.Revives() {
			out = append(out, fmt.Sprintf("revive %q", s.Content))
			continue
		}
		for _, v := range s.Values {
			out = append(out, fmt.Sprintf("delete %d of %d", v.Op.Counter, v.Op.Actor))
		}
	}
	return strings.Join(out, ", ")
}

// What taking operations back does to one element, in every case that the
// comment on Inverse names.
func TestInverse(t *testing.T) {
	x := id(ben, 1)
	of := func(ops ...opid.ID) (o Ops) {
		for _, op := range ops {
			o.Add(op.Actor, op.Counter, op.Counter)
		}
		return o
	}
	tests := []struct {
		name          string
		by            opid.ID
		do            func(elem)
		what, repairs Ops
		want          string
	}{
		{"what one wrote goes", x, func(elem) {}, of(x), Ops{}, "delete 1 of 1"},
		{"what another wrote stays", x, func(elem) {}, of(id(ann, 2)), Ops{}, ""},
		{"what another deleted stays so", x, func(e elem) { e.delete(x, id(ann, 2)) }, of(x), Ops{}, ""},
		{"what one deleted comes back", x, func(e elem) { e.delete(x, id(ann, 2)) }, of(id(ann, 2)), Ops{}, `revive "x"`},
		{"unless another deleted it too", x, func(e elem) {
			e.delete(x, id(ann, 2))
			e.delete(x, id(cleo, 2))
		}, of(id(ann, 2)), Ops{}, ""},
		{"or it is back already", x, func(e elem) {
			e.delete(x, id(ann, 2))
			e.revive(id(ben, 3))
		}, of(id(ann, 2)), Ops{}, ""},
		{"or it was back and was deleted by another", x, func(e elem) {
			e.delete(x, id(ann, 2))
			e.revive(id(ben, 3))
			e.delete(id(ben, 3), id(cleo, 4))
		}, of(id(ann, 2)), Ops{}, ""},
		{"what one brought back goes", x, func(e elem) {
			e.delete(x, id(cleo, 2))
			e.revive(id(ann, 3))
		}, of(id(ann, 3)), Ops{}, "delete 3 of 0"},
		{"but shows while another brings it back too", x, func(e elem) {
			e.delete(x, id(cleo, 2))
			e.revive(id(ann, 3))
			e.revive(id(cleo, 3))
		}, of(id(ann, 3)), Ops{}, "delete 3 of 0"},
		{"typed and erased at once stays away", id(ann, 1), func(e elem) { e.delete(id(ann, 1), id(ann, 2)) }, of(id(ann, 1), id(ann, 2)), Ops{}, ""},
		{"typed, erased, brought back by an undo: what one typed goes", id(ann, 1), func(e elem) {
			e.delete(id(ann, 1), id(ann, 2))
			e.revive(id(ann, 3))
		}, of(id(ann, 1)), of(id(ann, 3)), "delete 3 of 0"},
		{"an undo that brought back another's is not what one typed", id(ann, 1), func(e elem) {
			e.delete(id(ann, 1), id(ben, 2))
			e.revive(id(ben, 3))
			e.delete(id(ben, 3), id(ann, 4))
			e.revive(id(ann, 5))
		}, of(id(ann, 1)), of(id(ann, 5)), ""},
		{"the inverse of an undo", id(ann, 1), func(e elem) { e.delete(id(ann, 1), id(ann, 2)) }, of(id(ann, 2)), of(id(ann, 2)), `revive "x"`},
		{"deleted and brought back at once stays", x, func(e elem) {
			e.delete(x, id(ann, 2))
			e.revive(id(ann, 3))
		}, of(id(ann, 2), id(ann, 3)), Ops{}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := newElem(t, tt.by)
			tt.do(e)
			steps, left := Inverse(e.text, threeActors(), tt.what, tt.repairs)
			if got := describe(steps); got != tt.want || left != 0 {
				t.Errorf("the steps are %q, not %q", got, tt.want)
			}
		})
	}
}

// block is an element that is no character.
type block string

func (b block) Frozen() sequence.Item { return b }

func (b block) Text(at opid.Clock) string {
	if at != nil {
		return "old"
	}
	return string(b)
}

// What is more than characters is left as it is and counted, or deleted whole.
func TestItems(t *testing.T) {
	past := opid.Clock{0, 5}
	tests := []struct {
		now  string
		want string
		left int
	}{
		{"old", "", 0},
		{"", `revive "old"`, 0},
		{"new", "", 1},
	}
	for _, tt := range tests {
		text := sequence.New(threeActors())
		if _, err := text.InsertItem(id(ben, 1), opid.ID{}, block(tt.now), len(tt.now)); err != nil {
			t.Fatal(err)
		}
		steps, left := Restore(text, past)
		if got := describe(steps); got != tt.want || left != tt.left {
			t.Errorf("%q is restored by %q, %d left", tt.now, got, left)
		}
		var what Ops
		what.Add(ben, 1, 1)
		if steps, left := Inverse(text, threeActors(), what, Ops{}); len(steps) > 0 || (left == 1) != (tt.now != "") {
			t.Errorf("the inverse of %q: %v, %d left", tt.now, steps, left)
		}
	}
	text := sequence.New(threeActors())
	if _, err := text.InsertItem(id(ben, 1), opid.ID{}, fresh{}, 3); err != nil {
		t.Fatal(err)
	}
	if steps, left := Restore(text, past); len(steps) != 1 || !steps[0].All || left != 0 {
		t.Errorf("an item that was not there: %+v, %d left", steps, left)
	}
}

// fresh is an item that shows nothing in the past.
type fresh struct{}

func (f fresh) Frozen() sequence.Item { return f }

func (fresh) Text(at opid.Clock) string {
	if at != nil {
		return ""
	}
	return "new"
}

// The last work with anything left is found among any number of others.
func TestLatest(t *testing.T) {
	text := sequence.New(threeActors())
	var all []Stretch
	for k := range uint32(50) {
		first := 1 + 10*k
		if _, err := text.Insert(id(ann, first), opid.ID{}, "abcde"); err != nil {
			t.Fatal(err)
		}
		all = append(all, Stretch{ann, first, first + 4})
	}
	names := threeActors()
	for k := 49; k >= 0; k-- {
		if got := Latest(text, names, all, Ops{}); got != k {
			t.Fatalf("the last is %d, not %d", got, k)
		}
		if err := text.DeleteRun(id(ann, all[k].From), 5, id(ben, 1000+10*uint32(k)), false, nil); err != nil {
			t.Fatal(err)
		}
	}
	if got := Latest(text, names, all, Ops{}); got != -1 {
		t.Fatalf("something is left of %d", got)
	}
}

// What stretches of operations did to a text.
func TestWorks(t *testing.T) {
	text := sequence.New(threeActors())
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	insert := func(at, origin opid.ID, content string) {
		t.Helper()
		_, err := text.Insert(at, origin, content)
		do(err)
	}
	insert(id(ann, 1), opid.ID{}, "one two")                  // 1 to 7
	insert(id(ben, 8), id(ann, 7), " ü\nx")                   // 8 to 11
	do(text.DeleteRun(id(ann, 5), 3, id(ben, 12), true, nil)) // "two", backwards
	do(text.Revive(id(ann, 5), 1, id(cleo, 15), false, nil))
	got := Works(text, []Stretch{{ben, 8, 11}, {ben, 12, 14}, {cleo, 15, 15}, {ann, 1, 0}, {ann, 2, 3}})
	for i := range got {
		got[i].begin, got[i].end = 0, 0
	}
	want := []Work{
		{Inserted: 4, Origin: id(ann, 7), End: id(ben, 11), First: ' ', Last: 'x', Break: true},
		{Deleted: 3, From: 4, To: 5},
		{Revived: 1},
		{},
		{Inserted: 2, Origin: id(ann, 1), End: id(ann, 3), First: 'n', Last: 'e'},
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("stretch %d did %+v, not %+v", i, got[i], want[i])
		}
	}
	if got[3].Any() || !got[2].Any() {
		t.Error("Any")
	}
}
