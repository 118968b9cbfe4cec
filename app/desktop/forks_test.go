package desktop

import (
	"strings"
	"testing"

	"starling/sync/peer"
)

func TestForkLines(t *testing.T) {
	w, _ := sample()
	const kept = ". Nothing is lost: what the other one wrote is a document of its own beside it."
	for _, c := range []struct {
		device peer.DeviceID
		more   int
		want   string
	}{
		{grace.ID, 0, "A device of Grace’s was copied, and both copies wrote in “Tide tables”" + kept},
		{grace.ID, 1, "A device of Grace’s was copied, and both copies wrote in “Tide tables” and in another document" + kept},
		{edith.ID, 2, "A device of somebody’s was copied, and both copies wrote in “Tide tables” and in 2 other documents" + kept},
		{me.ID, 0, "This device was copied, or put back from a backup, and both copies wrote in “Tide tables”" + kept},
	} {
		if got := forkLine(w, peer.ForkInfo{Doc: doc1, Branch: doc2, Device: c.device}, c.more); got != c.want {
			t.Errorf("says %q, want %q", got, c.want)
		}
	}
}

// A fork is told once the other text is there, though it was found in an earlier run
// or news of it was missed; and never again. It leads to the other text.
func TestForksAreToldOnce(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	other, err := s.peer.NewDocument(t.Context(), s.desk.Space, "# Welcome, Ada\nAnother text.\n")
	if err != nil {
		t.Fatal(err)
	}
	s.board.mu.Lock()
	s.board.forks = []peer.ForkInfo{{Doc: s.desk.Doc, Branch: other, Device: s.peer.ID()}, {Doc: s.desk.Doc, Branch: doc2}}
	s.board.mu.Unlock()
	s.bridge.wake() // reads all, as at the start and after [peer.Missed]
	s.until("it is told once it is there", func() bool {
		if s.world.document(other).ID != other && s.page.notice != nil {
			t.Fatal("it is told too early")
		}
		return s.says("This device was copied")
	})
	s.page.notice.action.Tapped(nil)
	s.until("the other text is open", func() bool { return s.desk.Doc == other })
	world := s.world
	s.page.showNotice(nil)
	s.show(news{world: &world})
	if s.says("This device was copied") {
		t.Error("it is told again")
	}
	s.until("that is kept", func() bool { return !s.keeping })
	if again, err := readSettings(s.home); err != nil || len(again.Told) != 1 || !strings.EqualFold(again.Told[0], other.String()) {
		t.Errorf("kept %+v, %v", again, err)
	}
}

// News that were missed are made up for, those of forks too.
func TestMissedNews(t *testing.T) {
	for _, event := range []peer.Event{peer.Missed{}, peer.ForkFound{}} {
		g := gatherer{bridge: &bridge{}}
		g.note(event)
		if !g.forked || !g.lists {
			t.Errorf("after %T the forks are not read", event)
		}
	}
}
