package typeset

import "testing"

// TestRecent holds that what is used stays, that the rest goes, and that what
// weighs much makes room sooner.
func TestRecent(t *testing.T) {
	r := recent[int, int]{limit: 10}
	for i := range 1000 {
		r.put(i, 2*i, 1)
		if v, ok := r.get(0); !ok || v != 0 {
			t.Fatalf("after %d values the one in use gives %d, %t", i, v, ok)
		}
		if n := len(r.newer) + len(r.older); n > 20 {
			t.Fatalf("%d values are kept", n)
		}
	}
	if _, ok := r.get(500); ok {
		t.Error("a value of long ago is kept")
	}
	if v, ok := r.get(999); !ok || v != 1998 {
		t.Errorf("the newest value is %d, %t", v, ok)
	}
	r.put(2000, 1, 100)
	r.put(2001, 1, 100)
	r.put(2002, 1, 100)
	if _, ok := r.get(2000); ok || len(r.newer)+len(r.older) != 2 {
		t.Errorf("of heavy values %d are kept", len(r.newer)+len(r.older))
	}
	r.clear()
	if _, ok := r.get(2002); ok || r.limit != 10 {
		t.Errorf("after clear: %+v", r)
	}
}
