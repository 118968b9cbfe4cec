package store

import (
	"errors"
	"maps"
	"math/rand/v2"
	"reflect"
	"testing"

	"starling/crdt"
)

// FuzzClock: a stored clock either reads back as what was written, or is
// reported as damaged; so do bases.
func FuzzClock(f *testing.F) {
	f.Add([]byte{})
	f.Add(clock{}.encode())
	f.Add(clock{{1, 1}, {7, 1 << 40}, {8, 3}}.encode())
	f.Add(encodeBases([]base{{actor: 3, maxOp: 9}, {actor: 1, maxOp: 2, clock: clock{{3, 4}}}}))
	f.Add([]byte{255, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := decodeClock(b); err != nil {
			if !errors.Is(err, ErrDamaged) || c != nil {
				t.Errorf("%v with %v", err, c)
			}
		} else if again, err := decodeClock(c.encode()); err != nil || !reflect.DeepEqual(again, c) {
			t.Errorf("%v reads back as %v, %v", c, again, err)
		}
		bases, err := decodeBases(b)
		if err != nil {
			if !errors.Is(err, ErrDamaged) || bases != nil {
				t.Errorf("%v with %v", err, bases)
			}
			return
		}
		var list []base
		for _, one := range bases {
			list = append(list, one)
		}
		if again, err := decodeBases(encodeBases(list)); err != nil || !reflect.DeepEqual(again, bases) {
			t.Errorf("%v read back as %v, %v", bases, again, err)
		}
	})
}

// A huge document's clocks are left out beyond the bound, its operations not.
func TestManyBases(t *testing.T) {
	var bases []base
	for i := range int64(500) {
		b := base{actor: i + 1, maxOp: uint64(1000 - i), clock: clock{}}
		for k := range int64(500) {
			b.clock = b.clock.advance(k+1, 1<<20)
		}
		bases = append(bases, b)
	}
	stored := encodeBases(bases)
	if len(stored) > maxBases+500*8 {
		t.Errorf("%d bytes", len(stored))
	}
	back, err := decodeBases(stored)
	if err != nil || len(back) != 500 || back[1].clock == nil || back[500].clock != nil || back[500].maxOp != 501 {
		t.Errorf("%d bases, %v", len(back), err)
	}
}

// What a change builds on is the same in whatever order it is asked for, while changes
// go on to come.
func TestClockOfAny(t *testing.T) {
	s, a, b := openHere(t, t.TempDir()), author("a"), author("b")
	defer s.Close()
	r := rand.New(rand.NewPCG(2, 6))
	var all []crdt.Change
	var want []map[crdt.ActorID]uint64 // of each
	merged := map[crdt.ActorID]uint64{}
	ask := func(i int) {
		t.Helper()
		err := s.do(t.Context(), func(tx *txn) error {
			d, err := tx.doc(crdt.DocID{1})
			if err != nil {
				return err
			}
			tx.w.recent = recent{} // which knows better
			c, err := tx.clockAt(d, d.actors["a"], all[i].Seq)
			if got := c.named(map[int64]crdt.ActorID{numOf(d, "b"): "b"}); c == nil || !maps.Equal(got, want[i]) {
				t.Errorf("change %d of %d builds on %v, want %v", i+1, len(all), got, want[i])
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 60 {
		var deps []crdt.Hash
		e := Entry{Doc: crdt.DocID{1}}
		if r.IntN(8) == 0 {
			c := b(50)
			deps, merged["b"] = append(deps, c.Hash), c.Seq
			e.Changes = append(e.Changes, c)
		}
		c := a(50, deps...)
		all, want = append(all, c), append(want, maps.Clone(merged))
		e.Changes = append(e.Changes, c)
		s.Submit(e)
		flushHere(t, s)
		for range 4 {
			ask(r.IntN(len(all)))
		}
	}
}

// numOf is the number of an actor, 0 before there is one.
func numOf(d *docState, id crdt.ActorID) int64 {
	if a := d.actors[id]; a != nil {
		return a.num
	}
	return 0
}

// The rows of one who writes alone are passed once, and not for each question.
func TestClockIsRemembered(t *testing.T) {
	s, a := openHere(t, t.TempDir()), author("a")
	defer s.Close()
	first := author("b")(50)
	all := []crdt.Change{first, a(50, first.Hash)}
	for range 40 {
		all = append(all, a(50))
	}
	s.Submit(Entry{Doc: crdt.DocID{1}, Changes: all})
	flushHere(t, s)
	err := s.do(t.Context(), func(tx *txn) error {
		d, err := tx.doc(crdt.DocID{1})
		if err != nil {
			return err
		}
		tx.w.recent = recent{}
		for _, seq := range []uint64{20, 12, 20, 30} {
			c, err := tx.clockAt(d, d.actors["a"], seq)
			if err != nil || len(c) != 1 {
				t.Errorf("change %d builds on %v: %v", seq, c, err)
			}
			if _, err := tx.conn.exec("UPDATE changes SET clock = NULL"); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
