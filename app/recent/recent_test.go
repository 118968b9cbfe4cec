package recent

import "testing"

// TestRecent holds that what is used stays, that the rest goes, and that what
// weighs much makes room sooner.
func TestRecent(t *testing.T) {
	r := New[int, int](10)
	for i := range 1000 {
		r.Put(i, 2*i, 1)
		if v, ok := r.Get(0); !ok || v != 0 {
			t.Fatalf("after %d values the one in use gives %d, %t", i, v, ok)
		}
		if n := r.Len(); n > 20 {
			t.Fatalf("%d values are kept", n)
		}
	}
	if _, ok := r.Get(500); ok {
		t.Error("a value of long ago is kept")
	}
	if v, ok := r.Get(999); !ok || v != 1998 {
		t.Errorf("the newest value is %d, %t", v, ok)
	}
	r.Put(2000, 1, 100)
	r.Put(2001, 1, 100)
	r.Put(2002, 1, 100)
	if _, ok := r.Get(2000); ok || r.Len() != 2 {
		t.Errorf("of heavy values %d are kept", r.Len())
	}
	r.Clear()
	if _, ok := r.Get(2002); ok || r.limit != 10 {
		t.Errorf("after clear: %+v", r)
	}
}
