package protocol

import (
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt"
	"starling/sync/trust"
)

// What a peer has told is known, also of documents that are not here at all, and only
// once it has told all.
func TestWhatAPeerHasTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newFakeHost(t, 1), newFakeHost(t, 2)
		space := found(1, a, b)
		a.edit(space, docs[0], 10)
		told := func(s *Session, space trust.SpaceID) (map[crdt.DocID]bool, bool) {
			all := make(map[crdt.DocID]bool)
			ok := s.EachTold(space, func(doc crdt.DocID, v crdt.Vector) { all[doc] = len(v) > 0 })
			return all, ok
		}
		x, y := dial(a, b, func(w *wire) { w.delay = time.Millisecond })
		if all, ok := told(y.session, space); ok || len(all) > 0 {
			t.Errorf("before a word was said: %v, %v", all, ok)
		}
		pass(time.Second)
		if all, ok := told(y.session, space); !ok || !all[docs[0]] {
			t.Errorf("it has told %v, %v", all, ok)
		}
		if all, ok := told(y.session, trust.SpaceID{9}); ok || len(all) > 0 {
			t.Errorf("of a space that nobody has: %v, %v", all, ok)
		}
		a.edit(space, docs[1], 10)
		pass(2 * time.Second)
		all, _ := told(x.session, space)
		if !maps.Equal(all, map[crdt.DocID]bool{docs[0]: true, docs[1]: true}) {
			t.Errorf("what it was sent and has acknowledged: %v", all)
		}
	})
}
