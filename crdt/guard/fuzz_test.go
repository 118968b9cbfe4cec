package guard_test

import (
	"errors"
	"testing"

	"starling/crdt/format"
	"starling/crdt/format/formattest"
	"starling/crdt/guard"
)

// FuzzGuard gives the content of a chunk to a document that has some of
// everything: no panic, and what passes can be added and then is held.
func FuzzGuard(f *testing.F) {
	changes, chunks := session(f, 1, 3, 60)
	for i, chunk := range chunks {
		if i%4 == 0 {
			f.Add(formattest.Content(chunk))
		}
	}
	first := parse(f, firstChange.Encode())
	for _, tc := range ruleCases {
		f.Add(formattest.Content(tc.chunk(first)))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		c, err := format.ParseChange(formattest.Seal(1, content))
		if err != nil {
			return
		}
		for _, base := range [][]*format.Change{nil, {first}, changes[:len(changes)/2]} {
			x := newDoc()
			accept(t, x, base...)
			if x.check(c) != nil {
				continue
			}
			accept(t, x, c)
			if err := x.check(c); !errors.Is(err, guard.ErrHeld) {
				t.Fatalf("after it was added: %v", err)
			}
		}
	})
}
