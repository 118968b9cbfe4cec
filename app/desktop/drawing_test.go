package desktop

import (
	"context"
	"testing"
	"time"

	"starling/sync/peer"
)

// Where not all is here the person is asked, and then it is done at once.
func TestDrawingALine(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	s.bridge.alarm = func(_ time.Duration, f func()) { go f() }
	now, told := make(chan bool, 2), make(chan struct{})
	s.draw("remove Grace", "Grace is no longer in this space.", func(ctx context.Context, o peer.LineOptions) (peer.LineReport, error) {
		if now <- o.Now; o.Now {
			return peer.LineReport{Alone: true}, nil
		}
		select {
		case <-told:
		case <-ctx.Done():
		}
		return peer.LineReport{}, &peer.NotAllHereError{Documents: 2}
	})
	s.until("it is said why it takes long", func() bool { return s.says("One moment: to remove Grace, what others have") })
	close(told)
	s.until("it is asked", func() bool {
		return s.dialog != nil && s.shows("Not everything is here yet to remove Grace") && s.shows("2 documents are still coming from others; "+
			"what is not here yet would not count any more. Cancel and try again when it has come, or remove Grace now: what comes later is kept")
	})
	if s.page.notice != nil {
		t.Errorf("it still says %q", s.page.notice.words.words)
	}
	s.press("Do it now")
	s.until("it is told", func() bool {
		return s.says("Grace is no longer in this space. You are connected to nobody of this space")
	})
	if <-now || !<-now {
		t.Error("the first time was not to be waited for, or the second")
	}
}
