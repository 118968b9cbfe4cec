package peer

import "testing"

// Whoever reads too slowly learns that it missed something, although nothing
// happens afterwards, and hears of what happens after it has read on.
func TestASlowSubscriberLearnsThatItMissed(t *testing.T) {
	for _, n := range []int{0, 1, 2, 7, 8, 9, 100} {
		p := &Peer{}
		s := p.Subscribe(8)
		for range n {
			p.hub.emit(PeersChanged{})
		}
		var got []Event
		for len(s.C()) > 0 {
			got = append(got, <-s.C())
		}
		missed := len(got) > 0 && got[len(got)-1] == Event(Missed{})
		if missed != (n > 7) || !missed && len(got) != n {
			t.Errorf("of %d events: %v", n, got)
		}
		p.hub.emit(SpacesChanged{})
		if e := <-s.C(); e != (SpacesChanged{}) {
			t.Errorf("then %v", e)
		}
		s.Close()
		p.hub.emit(SpacesChanged{})
		if len(s.C()) != 0 {
			t.Error("a closed subscription gets events")
		}
	}
}
