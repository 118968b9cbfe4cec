package store

import (
	"bytes"
	"errors"
	"testing"

	"starling/crdt"
)

// FuzzDecodeVector: a stored vector either reads back as what was written, or
// is reported as damaged.
func FuzzDecodeVector(f *testing.F) {
	f.Add([]byte{})
	f.Add(encodeVector(crdt.Vector{"a": {Seq: 1}}))
	f.Add(encodeVector(crdt.Vector{"a": {Seq: 1}, "\xff\x00": {Seq: 1 << 62, Hash: crdt.Hash{1, 2, 3}}}))
	f.Add([]byte{255})
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := decodeVector(b)
		if err != nil {
			if !errors.Is(err, ErrDamaged) || v != nil {
				t.Errorf("%v with %v", v, err)
			}
			return
		}
		again, err := decodeVector(encodeVector(v))
		if err != nil || !again.Equal(v) {
			t.Errorf("%v reads back as %v, %v", v, again, err)
		}
	})
}

// FuzzMatch: whatever a person types is an expression that FTS5 takes.
func FuzzMatch(f *testing.F) {
	s := openHere(f, f.TempDir())
	f.Cleanup(func() { s.Close() })
	for _, q := range []string{"", "one", `"one" OR*`, "e\u0301 \x00 \xff", "鳥 が"} {
		f.Add([]byte(q))
	}
	f.Fuzz(func(t *testing.T, q []byte) {
		if _, _, err := s.Search(t.Context(), string(q), 3); err != nil {
			t.Errorf("%q becomes %q: %v", q, matchOf(wordsOf(string(q))), err)
		}
		if bytes.ContainsRune([]byte(matchOf(wordsOf(string(q)))), 0) {
			t.Errorf("%q keeps a NUL", q)
		}
	})
}
