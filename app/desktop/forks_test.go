package desktop

import (
	"strings"
	"testing"

	"starling/crdt"
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
		if got := forkLine(w, peer.ForkFound{Doc: doc1, Branch: doc2, Device: c.device}, c.more); got != c.want {
			t.Errorf("says %q, want %q", got, c.want)
		}
	}
}

// A fork is told once the other text is there, and never again, and leads to it.
func TestForksAreToldOnce(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	other, err := s.peer.NewDocument(t.Context(), s.desk.Space, "# Welcome, Ada\nAnother text.\n")
	if err != nil {
		t.Fatal(err)
	}
	found := []peer.ForkFound{{Doc: s.desk.Doc, Branch: other, Device: s.peer.ID()}}
	world := s.world
	s.show(news{world: &world, forks: &found})
	s.until("it is told once it is there", func() bool {
		if s.world.document(other).ID != other && s.page.notice != nil {
			t.Fatal("it is told too early")
		}
		return s.says("This device was copied")
	})
	s.page.notice.action.Tapped(nil)
	s.until("the other text is open", func() bool { return s.desk.Doc == other })
	world = s.world
	s.show(news{world: &world, forks: &found})
	if s.page.notice != nil {
		t.Error("it is told again")
	}
	s.until("that is kept", func() bool { return !s.keeping })
	if again, err := readSettings(s.home); err != nil || len(again.Told) != 1 || !strings.EqualFold(again.Told[0], other.String()) {
		t.Errorf("kept %+v, %v", again, err)
	}
}

func TestForksGather(t *testing.T) {
	one, two := []peer.ForkFound{{Branch: crdt.DocID{1}}}, []peer.ForkFound{{Branch: crdt.DocID{2}}}
	var n news
	n.add(news{forks: &one})
	n.add(news{})
	n.add(news{doc: doc1, forks: &two})
	if n.forks == nil || len(*n.forks) != 2 {
		t.Errorf("got %+v", n.forks)
	}
}
