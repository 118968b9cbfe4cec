package store_test

import (
	"testing"

	"starling/crdt/store"
	"starling/crdt/store/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t testing.TB, home string) storetest.Store { return open(t, home) })
}

// open opens a store that must open. The caller closes it.
func open(t testing.TB, home string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), home, store.Options{Expand: storetest.Expand})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
