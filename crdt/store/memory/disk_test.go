package memory_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt"
	"starling/crdt/store"
	"starling/crdt/store/memory"
	"starling/crdt/store/storetest"
)

func open(t *testing.T, d *memory.Disk) *memory.Store {
	t.Helper()
	s, err := d.Open(storetest.Expand)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// put commits changes and returns what Done was told.
func put(s *memory.Store, changes []crdt.Change) error {
	done := make(chan error, 1)
	s.Submit(store.Entry{
		Doc: storetest.ID(1), Changes: changes, Seal: storetest.Seal(1),
		Done: func(_ []store.Head, err error) { done <- err },
	})
	return <-done
}

func TestCrash(t *testing.T) {
	for _, test := range []struct {
		name  string
		power bool
		want  uint64
	}{
		{"of the process", false, 5},
		{"of the power", true, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &memory.Disk{}
				s := open(t, d)
				a := storetest.NewAuthor("a", 1)
				for _, n := range []int{1, 2} {
					if err := put(s, a.Take(n)); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(time.Second) // it is flushed by then
				if err := put(s, a.Take(2)); err != nil {
					t.Fatal(err)
				}
				s.Crash(test.power)
				if err := put(s, a.Take(1)); !errors.Is(err, store.ErrClosed) {
					t.Errorf("a dead process writes: %v", err)
				}
				if err := s.Close(); !errors.Is(err, store.ErrClosed) {
					t.Errorf("a dead process stops in order: %v", err)
				}
				s = open(t, d)
				if got := s.Committed(storetest.ID(1))["a"].Seq; got != test.want || s.Resumable() {
					t.Errorf("%d changes are left, want %d; resumable %t", got, test.want, s.Resumable())
				}
				again := storetest.NewAuthor("a", 1).Take(int(test.want) + 1)
				if err := put(s, again[test.want:]); err != nil {
					t.Errorf("the next one: %v", err)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
				s = open(t, d)
				if !s.Resumable() {
					t.Error("not resumable after a clean stop")
				}
				s.Close()
			})
		})
	}
}

// What others are told of at once survives any crash.
func TestRostersAreFlushed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &memory.Disk{}
		s := open(t, d)
		ok := errors.Join(
			s.Set(t.Context(), "k", []byte("v")),
			s.PutSpace(t.Context(), store.Space{ID: storetest.Key(1)}),
			s.PutStatements(t.Context(), storetest.Key(1), []store.Statement{{Hash: storetest.Key(2)}}),
		)
		if ok != nil {
			t.Fatal(ok)
		}
		s.Crash(true)
		s = open(t, d)
		defer s.Close()
		spaces, err := s.Spaces(t.Context())
		if len(spaces) != 1 || err != nil {
			t.Errorf("spaces %v, %v", spaces, err)
		}
		if all, err := s.Statements(t.Context(), storetest.Key(1)); len(all) != 1 || err != nil {
			t.Errorf("statements %v, %v", all, err)
		}
	})
}

func TestFullAndSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &memory.Disk{}
		s := open(t, d)
		all := storetest.NewAuthor("a", 1).Take(3)
		d.SetSlow(time.Minute)
		start := time.Now()
		if err := put(s, all[:1]); err != nil || time.Since(start) != time.Minute {
			t.Errorf("took %v, %v", time.Since(start), err)
		}
		d.SetSlow(0)
		d.SetFull(true)
		if err := put(s, all[1:2]); !errors.Is(err, store.ErrNoSpace) {
			t.Errorf("on a full disk: %v", err)
		}
		d.SetFull(false)
		if err := put(s, all[1:2]); !errors.Is(err, store.ErrBroken) {
			t.Errorf("after a failure: %v", err)
		}
		s.Reset(storetest.ID(1))
		if err := put(s, all[1:]); err != nil {
			t.Errorf("after the reset: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A machine's image that is put back goes its own way.
func TestCopy(t *testing.T) {
	d := &memory.Disk{}
	s := open(t, d)
	a := storetest.NewAuthor("a", 1)
	if err := put(s, a.Take(2)); err != nil {
		t.Fatal(err)
	}
	other := d.Copy()
	if _, err := d.Open(storetest.Expand); !errors.Is(err, store.ErrInUse) {
		t.Errorf("opened twice: %v", err)
	}
	if err := put(s, a.Take(1)); err != nil {
		t.Fatal(err)
	}
	s2 := open(t, other)
	more := storetest.NewAuthor("b", 2).Take(4)
	if err := put(s2, more); err != nil {
		t.Fatal(err)
	}
	if v, v2 := s.Committed(storetest.ID(1)), s2.Committed(storetest.ID(1)); v["a"].Seq != 3 || v["b"].Seq != 0 || v2["a"].Seq != 2 || v2["b"].Seq != 4 {
		t.Errorf("they hold %v and %v", v, v2)
	}
	if err := errors.Join(s.Close(), s2.Close()); err != nil {
		t.Error(err)
	}
}
