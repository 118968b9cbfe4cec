package desktop

import (
	"slices"
	"strings"
	"testing"

	"starling/crdt"
	"starling/sync/peer"
)

func TestWaitingLines(t *testing.T) {
	of := func(name string, mine bool) peer.Waiting {
		return peer.Waiting{Person: peer.Person{Name: name}, Mine: mine, Changes: 1, Since: peer.SinceRemoval}
	}
	again := of("Ada", true)
	again.Since = peer.SinceRole // as of one who was removed for a time
	for want, all := range map[string][]peer.Waiting{
		"Some of what you wrote here is not shown: it came when you could not write here. It is kept.": {again},
		"Some of what you wrote here is not shown: it came after you were removed":                     {of("Grace", false), of("Ada", true)},
		"Some of what Grace wrote here is not shown":                                                   {of("Grace", false), of("Grace", false)},
		"Some of what Grace and someone wrote here is not shown":                                       {of("Grace", false), of("", false)},
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

// That one is no longer in a space is said until it is closed, whatever waits beside
// the text, and a key does not take away what can be done; then the other is said.
func TestRemovalIsToldBeforeWhatWaits(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	s.world.Spaces = slices.Clone(s.world.Spaces) // the bridge has them too
	s.world.Spaces[0].Role, s.world.Spaces[0].RemovedBy = "", grace
	s.readOnly = readOnlyLine(s.world.Spaces[0])
	s.tellGone()
	s.desk.Waiting = []peer.Waiting{{Person: me, Mine: true, Changes: 1, Since: peer.SinceRemoval, Tips: []crdt.Hash{{1}}}}
	s.tellWaiting()
	s.refuse(s.readOnly)
	if n := s.page.notice; !s.says("Grace has removed you") || n.action == nil || n.action.words != "Save…" {
		t.Fatalf("it says %q", n.words.words)
	}
	s.mention("Quiet.")
	s.page.showNotice(nil) // it has left
	if !s.says("Grace has removed you") {
		t.Error("a word in between takes it away")
	}
	s.page.notice.close.do()
	if !s.says("Some of what you wrote here") {
		t.Error("what waits is not said after it")
	}
	s.page.end(s.page.notice)
	s.tellGone()
	s.clearText()
	if s.page.notice != nil {
		t.Errorf("without the text it says %q", s.page.notice.words.words)
	}
}

// No word of a notice stands alone on its last line.
func TestNoWordOfANoticeStandsAlone(t *testing.T) {
	for _, words := range []string{waitingLine([]peer.Waiting{{Person: grace}}), damagedLine, emptiedLine, lackingLine} {
		for width := float32(500); width < 1100; width += 29 {
			n := newNotice(false, words, "See…", func() {}, func() {})
			show(t, n.root, width, n.fit(width))
			lines := wrap(n.words.words, n.words.width, n.words.face.width)
			if last := lines[len(lines)-1]; !strings.Contains(last, " ") {
				t.Errorf("at %v %q ends in %q", width, words, last)
			}
			if n.root.Size().Height < n.words.MinSize().Height {
				t.Errorf("at %v %d lines have %v", width, len(lines), n.root.Size().Height)
			}
		}
	}
}
