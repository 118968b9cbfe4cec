package store

import (
	"errors"
	"reflect"
	"testing"
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
