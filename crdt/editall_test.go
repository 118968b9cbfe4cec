package crdt_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/format"
)

// everywhere makes splices at the person's view.
func (p *person) everywhere(t testing.TB, splices ...crdt.Splice) crdt.Edited {
	t.Helper()
	out, err := p.EditAll(p.seen, splices, p.clock)
	p.did(t, out, err)
	return out
}

// randomSplices are some in a text of n code points, which may touch and be empty.
func randomSplices(rng *rand.Rand, w *inkwell, n int) []crdt.Splice {
	var all []crdt.Splice
	for at := 0; at <= n; {
		at += rng.IntN(1 + rng.IntN(6))
		if at > n {
			break
		}
		s := crdt.Splice{At: at, Delete: min(rng.IntN(4), n-at), Insert: w.text(rng.IntN(3))}
		all = append(all, s)
		if at += s.Delete; rng.IntN(4) == 0 || len(all) > 20 {
			break
		}
	}
	return all
}

// spliced is what splices of the text view make of the text to which it came by
// newer patches: each character of the view goes with the splice that deletes it.
func spliced(view []rune, newer []crdt.Patch, splices []crdt.Splice) string {
	type char struct {
		rune
		gone bool
	}
	var now []char
	for _, r := range view {
		now = append(now, char{r, false})
	}
	at := map[int]string{}
	for _, s := range splices {
		for i := range s.Delete {
			now[s.At+i].gone = true
		}
		at[crdt.Carry([]int{s.At}, newer)[0]] += s.Insert
	}
	for _, p := range newer {
		var in []char
		for _, r := range p.Insert {
			in = append(in, char{r, false})
		}
		now = slices.Replace(now, p.At, p.At+p.Delete, in...)
	}
	var b strings.Builder
	for i := range len(now) + 1 {
		b.WriteString(at[i])
		if i < len(now) && !now[i].gone {
			b.WriteRune(now[i].rune)
		}
	}
	return b.String()
}

// Many places are edited from a view that lags behind, as the splices say; undo
// and redo do all of it.
func TestEditAllAgainstAModel(t *testing.T) {
	for seed := range seeds(150) {
		rng := rand.New(rand.NewPCG(seed, 11))
		w := &inkwell{next: 0x4e00}
		people := group(t, "ann", "ben")
		ann, ben := people[0], people[1]
		for range 20 {
			ann.scribble(t, rng, w)
			ann.takeFrom(t, ben)
			ben.takeFrom(t, ann)
			for range rng.IntN(4) {
				ben.scribble(t, rng, w)
			}
			if rng.IntN(4) == 0 {
				ben.undo(t)
			}
			// Ann's document hears of that, and her view does not.
			view, seen := slices.Clone(ann.view), ann.seen
			ann.takeFrom(t, ben)
			before := ann.text(t)
			newer, err := ann.Since(seen)
			if err != nil {
				t.Fatal(err)
			}
			splices := randomSplices(rng, w, len(view))
			want := spliced(view, newer, splices)
			out, err := ann.EditAll(seen, splices, ann.clock)
			if err == nil && len(out.Patches) < len(newer) {
				t.Fatal("newer patches are missing")
			}
			if own := len(newer) + 1 + int(seen); len(out.Changes) > 0 && out.Own != uint64(own) {
				t.Fatalf("the first own patch is %d, not %d", out.Own, own)
			}
			if did := ann.did(t, out, err); ann.text(t) != want {
				t.Fatalf("seed %d: %v in %q\nmake  %q\nto be %q", seed, splices, before, ann.text(t), want)
			} else if !did || before == want {
				continue
			}
			if ben.takeFrom(t, ann); ben.text(t) != want {
				t.Fatalf("seed %d: ben reads %q, not %q", seed, ben.text(t), want)
			}
			if !ann.undo(t) || ann.text(t) != before {
				t.Fatalf("seed %d: undo makes %q, not %q", seed, ann.text(t), before)
			}
			if !ann.redo(t) || ann.text(t) != want {
				t.Fatalf("seed %d: redo makes %q, not %q", seed, ann.text(t), want)
			}
		}
	}
}

// What others did since to the places that were edited stays when that is undone.
func TestUndoOfEditAllAmongOthers(t *testing.T) {
	for seed := range uint64(80) {
		rng := rand.New(rand.NewPCG(seed, 12))
		w := &inkwell{next: 0x4e00}
		people := group(t, "ann", "ben")
		ann, ben := people[0], people[1]
		ann.splice(t, 0, 0, w.text(40))
		ben.takeFrom(t, ann)
		before := []rune(ann.text(t))
		splices := randomSplices(rng, w, len(before))
		if out := ann.everywhere(t, splices...); len(out.Changes) == 0 {
			continue
		}
		if rng.IntN(2) == 0 {
			ben.takeFrom(t, ann)
		}
		had := ben.text(t)
		for range 1 + rng.IntN(6) {
			ben.scribble(t, rng, w)
		}
		byBen := map[rune]bool{}
		for r, who := range writers(t, ben.log) {
			byBen[r] = who == "ben"
		}
		kept := ben.text(t)
		ann.takeFrom(t, ben)
		ann.undo(t)
		var want []rune
		for _, r := range before {
			if strings.ContainsRune(kept, r) || !strings.ContainsRune(had, r) {
				want = append(want, r)
			}
		}
		var got []rune
		for _, r := range ann.text(t) {
			if !byBen[r] {
				got = append(got, r)
			}
		}
		if string(got) != string(want) {
			t.Fatalf("seed %d: undo leaves %q of ann's, not %q", seed, string(got), string(want))
		}
		for _, r := range kept {
			if byBen[r] && !strings.ContainsRune(ann.text(t), r) {
				t.Fatalf("seed %d: undo took %q from ben", seed, r)
			}
		}
	}
}

// Many places are one action, apart from the typing before and after and from
// the next such action, also after a restart.
func TestEditAllIsUndoneAtOnce(t *testing.T) {
	p := group(t, "ann")[0]
	states := []string{""}
	note := func() { states = append(states, p.text(t)) }
	p.splice(t, 0, 0, "aaaa")
	note()
	p.splice(t, 4, 0, "b") // typed at once
	note()
	p.everywhere(t, crdt.Splice{At: 5, Insert: "c"})
	note()
	p.splice(t, 6, 0, "d")
	note()
	p.everywhere(t, crdt.Splice{At: 0, Delete: 1, Insert: "x"}, crdt.Splice{At: 1, Delete: 1}, crdt.Splice{At: 7, Insert: "y"})
	note()
	p.everywhere(t, crdt.Splice{At: 0, Insert: "z"})
	note()
	p.everywhere(t, crdt.Splice{At: 1, Insert: "z"})
	note()
	for round := range 3 {
		for i := len(states) - 2; i >= 0; i-- {
			if !p.undo(t) || p.text(t) != states[i] {
				t.Fatalf("round %d: undo makes %q, not %q", round, p.text(t), states[i])
			}
		}
		if p.undo(t) {
			t.Fatalf("round %d: there was more to undo", round)
		}
		p = newPerson(t, fmt.Sprint("ann", round), p.log, "ann", "ann0", "ann1", "ann2")
		for i := 1; i < len(states); i++ {
			if !p.redo(t) || p.text(t) != states[i] {
				t.Fatalf("round %d: redo makes %q, not %q", round, p.text(t), states[i])
			}
		}
	}
}

// many is a text of n words, and splices that write another one over each.
func many(n int, word string) (text string, splices []crdt.Splice) {
	for i := range n {
		splices = append(splices, crdt.Splice{At: 3 * i, Delete: 2, Insert: word})
	}
	return strings.Repeat("ab ", n), splices
}

// An action so large that it takes several changes is one for undo, and two such
// actions in the same second are two.
func TestEditAllInSeveralChanges(t *testing.T) {
	p := group(t, "ann")[0]
	text, splices := many(9_000, "cd")
	p.splice(t, 0, 0, text)
	out := p.everywhere(t, splices...)
	if len(out.Changes) < 2 || len(out.Patches) != 9_000 {
		t.Fatalf("%d changes, %d patches", len(out.Changes), len(out.Patches))
	}
	once := p.text(t)
	if want := strings.ReplaceAll(text, "ab", "cd"); once != want {
		t.Fatal("not all is replaced")
	}
	for i := range splices {
		splices[i].Insert = "ef"
	}
	p.everywhere(t, splices...)
	twice := p.text(t)
	for _, name := range []string{"second", "third"} {
		if !p.undo(t) || p.text(t) != once || !p.undo(t) || p.text(t) != text {
			t.Fatal("undo does not take back each action as a whole")
		}
		p = newPerson(t, name, p.log, "ann", "second")
		if !p.redo(t) || p.text(t) != once || !p.redo(t) || p.text(t) != twice {
			t.Fatal("redo does not do each action as a whole again")
		}
	}
}

// More places than the log keeps: the one who edits hears of all, a view that is
// behind is told that it is stale, and nothing is edited at wrong places.
func TestEditAllBeyondTheLog(t *testing.T) {
	p := group(t, "ann")[0]
	text, splices := many(17_000, "x")
	p.splice(t, 0, 0, text)
	behind := p.seen
	if out := p.everywhere(t, splices...); len(out.Patches) != 17_000 {
		t.Fatalf("%d patches", len(out.Patches))
	}
	after := p.text(t)
	if _, err := p.EditAll(behind, splices[:1], p.clock); !errors.Is(err, crdt.ErrStale) {
		t.Errorf("splices from behind the log: %v", err)
	}
	if _, err := p.Since(behind); !errors.Is(err, crdt.ErrStale) {
		t.Errorf("a view behind the log: %v", err)
	}
	if p.text(t) != after {
		t.Error("the text changed")
	}
	if p.undo(t); p.text(t) != text {
		t.Error("undo does not bring back the text")
	}
}

func TestEditAllRefuses(t *testing.T) {
	type splices = []crdt.Splice
	tests := map[string]struct {
		of   splices
		seen int // beside what the view has seen
		want error
	}{
		"before the text":  {splices{{At: -1, Insert: "x"}}, 0, crdt.ErrOutside},
		"behind the text":  {splices{{At: 0, Insert: "x"}, {At: 11, Insert: "x"}}, 0, crdt.ErrOutside},
		"more than all":    {splices{{At: 0, Insert: "x"}, {At: 9, Delete: 2}}, 0, crdt.ErrOutside},
		"huge":             {splices{{At: 1, Delete: 1<<63 - 1}}, 0, crdt.ErrOutside},
		"less than none":   {splices{{At: 3, Delete: -1}}, 0, crdt.ErrOutside},
		"overlap":          {splices{{At: 1, Delete: 3}, {At: 3, Insert: "x"}}, 0, crdt.ErrOverlap},
		"out of order":     {splices{{At: 5, Insert: "x"}, {At: 2, Insert: "x"}}, 0, crdt.ErrOverlap},
		"broken text":      {splices{{At: 1, Insert: "x"}, {At: 3, Insert: "\xff"}}, 0, crdt.ErrNotUTF8},
		"from the future":  {splices{{At: 1, Insert: "x"}}, 1, crdt.ErrStale},
		"before the start": {splices{{At: 1, Insert: "x"}}, -2, crdt.ErrStale},
		"nothing":          {nil, 0, nil},
		"nothing anywhere": {splices{{At: 1}, {At: 10}}, 0, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := group(t, "ann")[0]
			p.splice(t, 0, 0, "0123456789")
			out, err := p.EditAll(p.seen+uint64(tt.seen), tt.of, noon)
			if !errors.Is(err, tt.want) || len(out.Changes)+len(out.Patches) > 0 || p.text(t) != "0123456789" {
				t.Errorf("%v, %d changes, the text is %q", err, len(out.Changes), p.text(t))
			}
			if p.Broken() {
				t.Error("the document is broken")
			}
			if p.undo(t); p.text(t) != "" {
				t.Error("what was refused is an action")
			}
		})
	}
	if _, err := open(t, "late").EditAll(0, nil, noon); !errors.Is(err, crdt.ErrNoContent) {
		t.Errorf("before the document arrived: %v", err)
	}
}

// BenchmarkEditAll replaces 10,000 words in 1 MB of text, which was written in
// 100,000 places besides, takes that back and does it again.
func BenchmarkEditAll(b *testing.B) {
	d, _ := megabyte(b)
	form := d.Form().Bytes
	text, _ := d.Text()
	var splices []crdt.Splice
	for i := range 10_000 {
		splices = append(splices, crdt.Splice{At: len(text) / 10_000 * i, Delete: 5, Insert: "other"})
	}
	times := map[string][]time.Duration{}
	for b.Loop() {
		d := openAs(b, "writer", crdt.Config{Form: form})
		d.CanUndo() // as the desktop does in the background
		_, seen := d.Text()
		timed := func(what string, act func() (crdt.Edited, error)) {
			start := time.Now()
			out, err := act()
			times[what] = append(times[what], time.Since(start))
			if err != nil || len(out.Patches) < 10_000 {
				b.Fatal(what, len(out.Patches), err)
			}
			seen = out.Patches[len(out.Patches)-1].Num
		}
		timed("edit", func() (crdt.Edited, error) { return d.EditAll(seen, splices, noon) })
		timed("undo", func() (crdt.Edited, error) { return d.Undo(seen, noon) })
		timed("redo", func() (crdt.Edited, error) { return d.Redo(seen, noon) })
	}
	for what, took := range times {
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2])/float64(time.Millisecond), what+"-ms")
		b.ReportMetric(float64(took[0])/float64(time.Millisecond), what+"-least-ms")
	}
}

// An element of several characters, as other programs write them, goes as a whole
// and once, although two splices have a part of it. Its pieces are as long as what
// was asked for.
func TestEditAllWithinAnElement(t *testing.T) {
	p := group(t, "ann")[0]
	p.keys(t, "text")
	content, _, err := p.Get(crdt.ObjID{}, "content")
	if err != nil {
		t.Fatal(err)
	}
	obj, head := content.(crdt.Object).ID, p.log[len(p.log)-1]
	c := format.Change{
		Actor: []byte("zoe"), OtherActors: [][]byte{[]byte(obj.Actor)}, Seq: 1, StartOp: head.MaxOp + 1,
		Deps: [][32]byte{head.Hash},
		Ops: []format.Op{{
			Obj: format.OpID{Counter: uint32(obj.Counter), Actor: 1}, Insert: true, Action: format.Set,
			Value: format.Value{Type: format.String, Raw: []byte("xyz")},
		}},
	}
	change, err := crdt.ParseChange(c.Encode())
	if err != nil {
		t.Fatal(err)
	}
	in, err := p.Apply([]crdt.Change{change})
	if err != nil {
		t.Fatal(err)
	}
	p.follow(t, in.Patches)
	p.log = append(p.log, in.Changes...)
	if p.text(t) != "xyztext" {
		t.Fatalf("the text is %q", p.text(t))
	}
	pieces, ok := p.Pieces(1, 3, p.seen, true)
	if !ok || len(pieces) != 2 || pieces[0].Text != "yz" || pieces[0].N != 2 || pieces[1].Text != "t" || pieces[1].N != 1 {
		t.Errorf("the pieces are %+v", pieces)
	}
	p.everywhere(t, crdt.Splice{At: 0, Delete: 1, Insert: "a"}, crdt.Splice{At: 1, Delete: 1, Insert: "b"}, crdt.Splice{At: 3, Delete: 1, Insert: "c"})
	if p.text(t) != "abcext" || p.Broken() {
		t.Errorf("the text is %q", p.text(t))
	}
	newPerson(t, "ben", p.log).check(t) // what was made can be read
}

// seeds is how many stories are told: fewer where the race detector makes all slow.
func seeds(n uint64) uint64 {
	if testing.Short() {
		return n / 4
	}
	return n
}
