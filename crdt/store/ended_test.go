package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// Nothing is written for somebody who had given up before.
func TestEndedContextWritesNothing(t *testing.T) {
	s := open(t, t.TempDir())
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for i := range 50 {
		key := fmt.Sprint("key ", i)
		if err := s.Set(ended, key, []byte("value")); !errors.Is(err, context.Canceled) {
			t.Errorf("set: %v, want %v", err, context.Canceled)
		}
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		if value, err := s.Get(t.Context(), fmt.Sprint("key ", i)); err != nil || value != nil {
			t.Errorf("%q, %v, want nothing", value, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
