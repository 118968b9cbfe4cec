package crdt

import (
	"testing"
	"time"
)

// A broken document takes nothing any more and says so.
func TestABrokenDocumentTakesNothing(t *testing.T) {
	d, err := Open(Config{ID: DocID{1}, Actor: "actor-a"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := d.Found(time.Unix(0, 0))
	if err != nil || d.Broken() {
		t.Fatal(err, d.Broken())
	}
	d.broken = true
	if _, err := d.Edit(Edit{Insert: "x"}, time.Unix(0, 0)); err == nil {
		t.Error("an edit was taken")
	}
	if _, err := d.Apply([]Change{c}); err == nil {
		t.Error("a change was taken")
	}
	if _, err := d.Found(time.Unix(0, 0)); err == nil {
		t.Error("it was founded again")
	}
	if !d.Broken() {
		t.Error("it does not say so")
	}
}
