package desktop

import (
	"context"
	"testing"

	"starling/sync/peer"
)

// Where not all is here the person is asked, and then it is done at once.
func TestDrawingALine(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	now := make(chan bool, 2)
	s.draw("Grace is no longer in this space.", func(_ context.Context, o peer.LineOptions) (peer.LineReport, error) {
		if now <- o.Now; o.Now {
			return peer.LineReport{Alone: true}, nil
		}
		return peer.LineReport{}, &peer.NotAllHereError{Documents: 2}
	})
	s.until("it is asked", func() bool {
		return s.dialog != nil && s.shows("2 documents are still coming from others; what is not here yet would not count any more.")
	})
	s.press("Do it now")
	s.until("it is told", func() bool {
		return s.says("Grace is no longer in this space. You are connected to nobody of this space")
	})
	if <-now || !<-now {
		t.Error("the first time was not to be waited for, or the second")
	}
}
