package guard_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"starling/crdt/format"
	"starling/crdt/format/formattest"
	"starling/crdt/guard"
)

// longest is how long the guard may keep a processor with one small change.
const longest = time.Second

// FuzzGuard gives the content of a chunk to a document that has some of
// everything: no panic, no long thoughts, and what passes can be added and then
// is held. automerge-go takes it too, says the same of the text, and loads what
// it saves.
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
	bases := [][]*format.Change{nil, {first}, changes[:len(changes)/2]}
	baseChunks := [][]byte{nil, firstChange.Encode(), bytes.Join(chunks[:len(changes)/2], nil)}
	victim := newVictim(f)
	f.Fuzz(func(t *testing.T, content []byte) {
		chunk := formattest.Seal(1, content)
		c, err := format.ParseChange(chunk)
		if err != nil {
			return
		}
		for i, base := range bases {
			x := newDoc()
			accept(t, x, base...)
			var refused error
			if took := formattest.Busy(func() { refused = x.check(c) }); took > longest {
				t.Fatalf("judged for %v", took)
			}
			if refused != nil {
				continue
			}
			tr := newTrial(t, x, baseChunks[i], c, chunk)
			if err := x.check(c); !errors.Is(err, guard.ErrHeld) {
				t.Fatalf("after it was added: %v", err)
			}
			askVictim(t, victim, tr)
		}
	})
}

// FuzzMutated spoils changes of honest sessions by their meaning, where FuzzGuard
// spoils bytes. What passes is tried on automerge-go.
func FuzzMutated(f *testing.F) {
	type work struct {
		changes []*format.Change
		chunks  [][]byte
	}
	var sessions [8]work
	for i := range sessions {
		changes, chunks := session(f, uint64(200+i), 1+i%4, 20)
		sessions[i] = work{changes, chunks}
		f.Add(uint64(i))
	}
	victim := newVictim(f)
	f.Fuzz(func(t *testing.T, seed uint64) {
		rng := rand.New(rand.NewPCG(seed, 4))
		w := sessions[rng.IntN(len(sessions))]
		for range 10 {
			if tr, ok := spoil(t, rng, w.changes, w.chunks); ok {
				askVictim(t, victim, tr)
			}
		}
	})
}

func newVictim(f *testing.F) *formattest.Companion {
	v := &formattest.Companion{Env: victimEnv}
	f.Cleanup(v.Stop)
	return v
}

// askVictim fails unless automerge-go takes a change that the guard passes.
func askVictim(t *testing.T, v *formattest.Companion, tr trial) {
	t.Helper()
	said, err := v.Ask(tr.base, tr.chunk, tr.text)
	if err != nil {
		t.Fatal(err)
	}
	if said != "" {
		t.Fatalf("automerge-go, of a change that the guard passes: %s\nbase %x\nchange %x", said, tr.base, tr.chunk)
	}
}

// A victim that died is told from one that answers, and the next one answers.
func TestVictimIsReplaced(t *testing.T) {
	v := &formattest.Companion{Env: victimEnv}
	t.Cleanup(v.Stop)
	first := parse(t, firstChange.Encode())
	for _, tt := range []struct{ rule, want string }{{"map key in a text", formattest.Killed}, {"insertion", ""}} {
		tc := ruleCases[tt.rule]
		said, err := v.Ask(firstChange.Encode(), tc.chunk(first), nil)
		if said != tt.want || err != nil {
			t.Errorf("%s: %q, %v; want %q", tt.rule, said, err, tt.want)
		}
	}
}
