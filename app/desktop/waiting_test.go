package desktop

import (
	"strings"
	"testing"

	"starling/crdt"
	"starling/sync/peer"
)

func TestWaitingLines(t *testing.T) {
	of := func(name string, mine bool) peer.Waiting {
		return peer.Waiting{Person: peer.Person{Name: name}, Mine: mine, Changes: 1, Since: peer.SinceRemoval}
	}
	for want, all := range map[string][]peer.Waiting{
		"Some of what you wrote here is not shown: it came after you were removed": {of("Grace", false), of("Ada", true)},
		"Some of what Grace wrote here is not shown":                               {of("Grace", false), of("Grace", false)},
		"Some of what Grace and someone wrote here is not shown":                   {of("Grace", false), of("", false)},
	} {
		if got := waitingLine(all); !strings.HasPrefix(got, want) {
			t.Errorf("says %q, want %q…", got, want)
		}
	}
}

// What waits beside the open text is said once, and again when it has become more;
// who may write can take it in.
func TestWaitingIsTold(t *testing.T) {
	const line = "Some of what Grace wrote here is not shown"
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	if s.says(line) {
		t.Error("it is said of a text beside which nothing waits")
	}
	waits := func(changes int) {
		s.desk.Waiting = []peer.Waiting{{Person: grace, Changes: changes, Since: peer.SinceRemoval, Tips: []crdt.Hash{{byte(changes)}}}}
		s.tellWaiting()
	}
	waits(2)
	if !s.says(line) {
		t.Fatal("it is not said")
	}
	s.page.end(s.page.notice) // as when it is closed
	if waits(2); s.says(line) {
		t.Error("it is said twice")
	}
	waits(3)
	if !s.says(line) {
		t.Error("it is not said of more")
	}
	s.askWaiting()
	if !s.shows("3 changes by Grace came after their removal and are not shown; an owner or editor can take them in.") {
		t.Error("the question does not say what waits")
	}
	s.press("Take it in")
	s.until("it is told that there is nothing", func() bool { return s.says("nothing waits beside this document") })
	s.desk.Waiting = nil
	if s.tellWaiting(); s.says(line) {
		t.Error("it is still said when all is taken in")
	}
}
