package crdt_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"starling/crdt"
	"starling/crdt/format"
)

// pieceAt is the character at a place; false if there is none.
func (p *person) pieceAt(at int) (crdt.Piece, bool) {
	pieces, ok := p.Pieces(at, 1, p.seen, false)
	if !ok || len(pieces) != 1 {
		return crdt.Piece{}, false
	}
	return pieces[0], true
}

// op names an operation.
type op struct {
	actor   string
	counter uint64
}

// touch is the number of the change in which an actor did something.
type touch struct {
	actor string
	seq   uint64
}

// fact is all that is known of one character, by its operations.
type fact struct {
	wrote  touch
	values map[op]*fate // the insertion's and those that brought it back
}

type fate struct {
	set     touch
	deleted []touch
}

// facts reads from the changes what was done to each character, of which no two
// are alike.
func facts(t *testing.T, changes []crdt.Change) map[rune]*fact {
	t.Helper()
	elems, out := map[op]*fact{}, map[rune]*fact{}
	for _, c := range changes {
		ops, err := format.ParseChange(c.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		id := func(o format.OpID) op { return op{string(ops.ActorAt(o.Actor)), uint64(o.Counter)} }
		by := touch{string(c.Actor), c.Seq}
		for i, o := range ops.Ops {
			self := op{by.actor, ops.StartOp + uint64(i)}
			switch {
			case o.Key.Map:
				continue
			case o.Insert:
				r, _ := utf8.DecodeRune(o.Value.Raw)
				elems[self] = &fact{by, map[op]*fate{}}
				out[r] = elems[self]
				elems[self].values[self] = &fate{set: by}
				continue
			}
			e := elems[id(o.Key.Elem)]
			for _, pred := range o.Pred {
				e.values[id(pred)].deleted = append(e.values[id(pred)].deleted, by)
			}
			if o.Action == format.Set {
				e.values[self] = &fate{set: by}
			}
		}
	}
	return out
}

// told is who brought a character back, if it shows through them alone, and who deleted it at any time.
func (f *fact) told() (broughtBack, deleted []touch) {
	asWritten := false
	for _, v := range f.values {
		deleted = append(deleted, v.deleted...)
		switch {
		case len(v.deleted) > 0:
		case v.set == f.wrote:
			asWritten = true
		default:
			broughtBack = append(broughtBack, v.set)
		}
	}
	if asWritten {
		broughtBack = nil
	}
	return broughtBack, deleted
}

// deeds are some touches as a piece tells them: by actor, from the first change to
// the last.
func deeds(all []touch) string {
	first, last := map[string]uint64{}, map[string]uint64{}
	for _, x := range all {
		if was, ok := first[x.actor]; !ok || x.seq < was {
			first[x.actor] = x.seq
		}
		last[x.actor] = max(last[x.actor], x.seq)
	}
	out := ""
	for _, actor := range slices.Sorted(maps.Keys(first)) {
		out += fmt.Sprintf("%s %d-%d ", actor, first[actor], last[actor])
	}
	return out
}

func deedsOf(all ...crdt.Deed) string {
	out := ""
	for _, d := range all {
		out += fmt.Sprintf("%s %d-%d ", string(d.Actor), d.First, d.Last)
	}
	return out
}

// checkPiece compares what a piece says with what is known of its characters.
func checkPiece(t *testing.T, q crdt.Piece, known map[rune]*fact) {
	t.Helper()
	var wrote, back, deleted []touch
	for _, r := range q.Text {
		b, d := known[r].told()
		wrote, back, deleted = append(wrote, known[r].wrote), append(back, b...), append(deleted, d...)
	}
	if q.Fate == crdt.Same {
		deleted = nil
	} else if back != nil {
		t.Errorf("%q is told as deleted, and shows", q.Text)
	}
	if q.N != utf8.RuneCountInString(q.Text) || q.N == 0 {
		t.Errorf("%q is told as %d characters", q.Text, q.N)
	}
	if got := deedsOf(q.Inserted); got != deeds(wrote) {
		t.Errorf("%q was written by %s, not %s", q.Text, deeds(wrote), got)
	}
	if got := deedsOf(q.BroughtBack...); got != deeds(back) {
		t.Errorf("%q was brought back by %s, not %s", q.Text, deeds(back), got)
	}
	if got := deedsOf(q.Deleted...); got != deeds(deleted) {
		t.Errorf("%q was deleted by %s, not %s", q.Text, deeds(deleted), got)
	}
}

// Whatever part is asked for, its pieces say what the operations do: after
// concurrent deletions, undo and redo too.
func TestPiecesAgainstTheOperations(t *testing.T) {
	for seed := range uint64(40) {
		people := group(t, "ann", "ben", "cleo")
		live(t, people, seed)
		p := people[0]
		known := facts(t, p.log)
		text := []rune(p.text(t))
		whole, ok := p.Pieces(0, len(text), p.seen, true)
		if !ok {
			t.Fatal("the whole text has no pieces")
		}
		var all []rune // in the order of the elements
		var place []int
		shown := 0
		for _, q := range whole {
			for _, r := range q.Text {
				all, place = append(all, r), append(place, shown)
				if q.Fate == crdt.Same {
					shown++
				}
			}
		}
		if len(all) != len(known) {
			t.Fatalf("seed %d: %d characters are told, of %d", seed, len(all), len(known))
		}
		for at := range len(text) + 1 {
			n := (at*7 + int(seed)) % 12
			end := min(at+n, len(text))
			for _, deleted := range []bool{false, true} {
				pieces, ok := p.Pieces(at, n, p.seen, deleted)
				if !ok {
					t.Fatal("no pieces")
				}
				var want []rune
				for i, r := range all {
					visible := slices.Contains(text, r)
					if visible && at <= place[i] && place[i] < end || !visible && deleted && at <= place[i] && place[i] <= end {
						want = append(want, r)
					}
				}
				var got []rune
				for _, q := range pieces {
					if got = append(got, []rune(q.Text)...); slices.Contains(text, []rune(q.Text)[0]) != (q.Fate == crdt.Same) {
						t.Errorf("seed %d: %q is told as %s", seed, q.Text, q.Fate)
					}
					checkPiece(t, q, known)
				}
				if string(got) != string(want) {
					t.Fatalf("seed %d: %d from %d on are %q, not %q", seed, n, at, string(got), string(want))
				}
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// Pieces are of the text that the view has, or none.
func TestPiecesOfAnotherText(t *testing.T) {
	p := group(t, "ann")[0]
	p.keys(t, "abc")
	before := p.seen
	p.keys(t, "d")
	for _, seen := range []uint64{0, before, p.seen + 1} {
		if pieces, ok := p.Pieces(0, 4, seen, false); ok || pieces != nil {
			t.Errorf("after patch %d: %v", seen, pieces)
		}
	}
	for _, out := range [][2]int{{4, 1}, {5, 2}, {0, 0}, {0, -1}, {9, 1 << 62}} {
		if pieces, ok := p.Pieces(out[0], out[1], p.seen, false); !ok || len(pieces) > 0 {
			t.Errorf("%d from %d on: %v, %v", out[1], out[0], pieces, ok)
		}
	}
	if pieces, ok := p.Pieces(-1, 1<<62, p.seen, false); !ok || len(pieces) != 1 || pieces[0].Text != "abcd" {
		t.Errorf("all of it: %v, %v", pieces, ok)
	}
	if pieces, ok := open(t, "late").Pieces(0, 1, 0, true); !ok || len(pieces) > 0 {
		t.Errorf("before the text arrived: %v, %v", pieces, ok)
	}
}

// benchPieces asks for stretches of 4,000 code points all over a text.
func benchPieces(b *testing.B, d *crdt.Document) {
	text, seen := d.Text()
	for _, deleted := range []bool{false, true} {
		name := map[bool]string{false: "shown", true: "deleted"}[deleted]
		b.Run(name, func(b *testing.B) {
			at, pieces := 0, 0
			var times []time.Duration
			for b.Loop() {
				start := time.Now()
				got, ok := d.Pieces(at, 4000, seen, deleted)
				times = append(times, time.Since(start))
				if !ok || len(got) == 0 {
					b.Fatal("no pieces")
				}
				pieces += len(got)
				at = (at + 9973) % (len(text) - 4500)
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2])/float64(time.Microsecond), "p50-µs")
			b.ReportMetric(float64(times[len(times)*99/100])/float64(time.Microsecond), "p99-µs")
			b.ReportMetric(float64(pieces)/float64(b.N), "pieces")
		})
	}
}

func BenchmarkPieces1MB(b *testing.B) {
	d, _ := megabyte(b)
	benchPieces(b, d)
}

func BenchmarkPiecesPaper(b *testing.B) {
	thePaper(b)
	benchPieces(b, openPaper(b, "reader"))
}
