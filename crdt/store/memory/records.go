package memory

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"starling/crdt/store"
)

// records are what is stored besides documents. Maps and slices are copied
// before they are written to.
type records struct {
	spaces     map[[32]byte]store.Space
	statements map[[32]byte][]store.Statement
	people     map[[32]byte]store.Person
	settings   map[string][]byte
	asides     []store.Aside
}

// with is a copy of a map with one more entry.
func with[K comparable, V any](m map[K]V, key K, value V) map[K]V {
	m = maps.Clone(m)
	if m == nil {
		m = map[K]V{}
	}
	m[key] = value
	return m
}

// change has the writer change the records.
func (s *Store) change(ctx context.Context, what string, flush bool, f func(*records)) error {
	err := s.await(ctx, job{flush: flush, run: func(t *txn) error {
		f(&t.image.records)
		return nil
	}})
	if err != nil {
		return fmt.Errorf("store %s: %w", what, err)
	}
	return nil
}

// records is what a reader sees of them.
func (s *Store) records(ctx context.Context) (records, error) {
	i, err := s.view(ctx)
	if err != nil {
		return records{}, fmt.Errorf("read records: %w", err)
	}
	return i.records, nil
}

// PutSpace writes a space anew or over the one with its ID, and flushes it.
func (s *Store) PutSpace(ctx context.Context, sp store.Space) error {
	return s.change(ctx, "a space", true, func(r *records) { r.spaces = with(r.spaces, sp.ID, sp) })
}

// Spaces lists the spaces in the order in which they were joined.
func (s *Store) Spaces(ctx context.Context) ([]store.Space, error) {
	r, err := s.records(ctx)
	return slices.SortedFunc(maps.Values(r.spaces), func(a, b store.Space) int {
		return cmp.Or(a.Joined.Compare(b.Joined), bytes.Compare(a.ID[:], b.ID[:]))
	}), err
}

// PutStatements adds statements to a space, and flushes them.
func (s *Store) PutStatements(ctx context.Context, space [32]byte, statements []store.Statement) error {
	return s.change(ctx, "statements", true, func(r *records) {
		all := slices.Clone(r.statements[space])
		for _, st := range statements {
			if !slices.ContainsFunc(all, func(held store.Statement) bool { return held.Hash == st.Hash }) {
				all = append(all, st)
			}
		}
		r.statements = with(r.statements, space, all)
	})
}

// Statements lists the statements of a space in the order in which they came.
func (s *Store) Statements(ctx context.Context, space [32]byte) ([]store.Statement, error) {
	r, err := s.records(ctx)
	return slices.Clone(r.statements[space]), err
}

// PutPerson writes a person anew or over the one with that device.
func (s *Store) PutPerson(ctx context.Context, p store.Person) error {
	return s.change(ctx, "a person", false, func(r *records) { r.people = with(r.people, p.Device, p) })
}

// People lists everyone, by device.
func (s *Store) People(ctx context.Context) ([]store.Person, error) {
	r, err := s.records(ctx)
	return slices.SortedFunc(maps.Values(r.people), func(a, b store.Person) int {
		return bytes.Compare(a.Device[:], b.Device[:])
	}), err
}

// Set keeps a value under a key; nil removes the key.
func (s *Store) Set(ctx context.Context, key string, value []byte) error {
	return s.change(ctx, "a setting", false, func(r *records) {
		r.settings = with(r.settings, key, slices.Clone(value))
		if value == nil {
			delete(r.settings, key)
		}
	})
}

// Get returns the value of a key, or nil.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	r, err := s.records(ctx)
	return slices.Clone(r.settings[key]), err
}

// SetAside keeps a; the same bytes of the same kind and document once.
func (s *Store) SetAside(ctx context.Context, a store.Aside) error {
	return s.change(ctx, "a thing set aside", false, func(r *records) { r.setAside(a) })
}

func (r *records) setAside(a store.Aside) {
	if !slices.ContainsFunc(r.asides, func(held store.Aside) bool {
		return held.Kind == a.Kind && held.Doc == a.Doc && bytes.Equal(held.Bytes, a.Bytes)
	}) {
		r.asides = append(slices.Clip(r.asides), a)
	}
}

// Asides lists what was set aside in the order in which it was.
func (s *Store) Asides(ctx context.Context) ([]store.Aside, error) {
	r, err := s.records(ctx)
	return slices.Clone(r.asides), err
}
