// Package formattest makes changes as automerge-go really writes them, for the
// tests of format and guard. Only tests may import it, since it links the C
// library.
package formattest

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/automerge/automerge-go"
)

// Session lets several actors write text, maps, lists and counters for some
// steps, merging now and then, and returns all their changes, each after those
// that it depends on. The first change makes the text under "content". The
// same seed gives the same changes.
func Session(seed uint64, actors, steps int) ([][]byte, error) {
	s := &session{rng: rand.New(rand.NewPCG(seed, 1))}
	if err := s.start(actors); err != nil {
		return nil, fmt.Errorf("start session: %w", err)
	}
	for i := range steps {
		s.now = int64(i)
		if err := s.step(); err != nil {
			return nil, fmt.Errorf("step %d of seed %d: %w", i, seed, err)
		}
	}
	for _, d := range s.docs[1:] {
		if _, err := s.docs[0].Merge(d); err != nil {
			return nil, fmt.Errorf("last merge: %w", err)
		}
	}
	return Chunks(s.docs[0])
}

// Chunks returns all changes of a document as chunks, each after those that it
// depends on.
func Chunks(d *automerge.Doc) ([][]byte, error) {
	changes, err := d.Changes()
	if err != nil {
		return nil, fmt.Errorf("list changes: %w", err)
	}
	out := make([][]byte, len(changes))
	for i, c := range changes {
		out[i] = append([]byte(nil), c.Save()...)
	}
	return out, nil
}

type session struct {
	rng  *rand.Rand
	docs []*automerge.Doc
	now  int64
}

func (s *session) start(actors int) error {
	first := automerge.New()
	if err := first.SetActorID(s.actor(0)); err != nil {
		return err
	}
	if err := first.Path("content").Set(automerge.NewText("Hello, 世界 🙂")); err != nil {
		return err
	}
	s.docs = append(s.docs, first)
	if err := s.commit(first); err != nil {
		return err
	}
	for i := 1; i < actors; i++ {
		d, err := first.Fork()
		if err != nil {
			return err
		}
		if err := d.SetActorID(s.actor(i)); err != nil {
			return err
		}
		s.docs = append(s.docs, d)
	}
	return nil
}

// actor makes IDs of differing lengths, in no order.
func (s *session) actor(i int) string {
	id := make([]byte, 1+s.rng.IntN(20))
	for j := range id {
		id[j] = byte(s.rng.Uint32())
	}
	return hex.EncodeToString(append(id, byte(i)))
}

func (s *session) commit(d *automerge.Doc) error {
	opts := automerge.CommitOptions{AllowEmpty: true}
	at := time.UnixMilli(1_700_000_000 + s.now)
	opts.Time = &at
	message := ""
	if s.rng.IntN(10) == 0 {
		message = "größer"
	}
	_, err := d.Commit(message, opts)
	return err
}

func (s *session) step() error {
	d := s.docs[s.rng.IntN(len(s.docs))]
	if s.rng.IntN(6) == 0 {
		other := s.docs[s.rng.IntN(len(s.docs))]
		if other == d {
			return nil
		}
		_, err := d.Merge(other)
		return err
	}
	for range 1 + s.rng.IntN(3) {
		if err := s.edit(d); err != nil {
			return err
		}
	}
	return s.commit(d)
}

func (s *session) edit(d *automerge.Doc) error {
	switch n := s.rng.IntN(12); {
	case n < 6:
		return s.editText(d)
	case n < 9:
		return s.editMap(d)
	case n < 11:
		return s.editList(d)
	default:
		return nil // perhaps an empty change
	}
}

func (s *session) editText(d *automerge.Doc) error {
	t := d.Path("content").Text()
	at := s.rng.IntN(t.Len() + 1)
	del := min(s.rng.IntN(4), t.Len()-at)
	words := []string{"", "a", "word ", "é🙂\n", strings.Repeat("longer text ", 30)}
	return t.Splice(at, del, words[s.rng.IntN(len(words))])
}

func (s *session) editMap(d *automerge.Doc) error {
	root := d.RootMap()
	key := string(rune('k' + s.rng.IntN(4)))
	if s.rng.IntN(3) == 0 {
		return root.Delete(key)
	}
	if err := s.count(root, key); err != nil {
		return err
	}
	return root.Set(key, s.value())
}

// count counts up what is a counter under key.
func (s *session) count(m *automerge.Map, key string) error {
	v, err := m.Get(key)
	if err != nil || v.Kind() != automerge.KindCounter {
		return err
	}
	return v.Counter().Inc(int64(s.rng.IntN(300)) - 150)
}

func (s *session) value() any {
	values := []any{
		"text", "", nil, true, false, int64(-300), uint64(300), 1.5,
		[]byte{0, 255},
		time.UnixMilli(-5), automerge.NewCounter(-7), automerge.NewMap(), automerge.NewList(),
		map[string]any{"deep": map[string]any{"er": "x"}, "also": []any{1, "y"}},
		automerge.NewText("other text"),
	}
	return values[s.rng.IntN(len(values))]
}

func (s *session) editList(d *automerge.Doc) error {
	v, err := d.RootMap().Get("list")
	if err != nil {
		return err
	}
	if v.Kind() != automerge.KindList {
		return d.RootMap().Set("list", automerge.NewList())
	}
	l := v.List()
	n := l.Len()
	if n == 0 || s.rng.IntN(2) == 0 {
		return l.Insert(s.rng.IntN(n+1), s.value())
	}
	at := s.rng.IntN(n)
	switch s.rng.IntN(3) {
	case 0:
		return l.Delete(at)
	case 1:
		if e, err := l.Get(at); err == nil && e.Kind() == automerge.KindCounter {
			return e.Counter().Inc(3)
		}
	}
	return l.Set(at, s.value())
}
