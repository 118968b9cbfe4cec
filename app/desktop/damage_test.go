package desktop

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"starling/sync/peer"
)

// Damage is told of once, with what happened and that nothing was deleted.
func TestDamageIsTold(t *testing.T) {
	if got := damageLine(peer.Damage{}); got != "" {
		t.Errorf("a sound home: %q", got)
	}
	if got := damageLine(peer.Damage{Saved: "3 documents were saved; the damaged file is kept as x"}); !strings.Contains(got, "3 documents were saved. The damaged file is kept as x. The others") {
		t.Errorf("says %q", got)
	}
	if got := damageLine(peer.Damage{Emptied: true}); !strings.Contains(got, "missing or empty") || !strings.Contains(got, "restore a backup") {
		t.Errorf("of an emptied file: %q", got)
	}
	if got := damageLine(peer.Damage{Found: fmt.Errorf("page 7: %w", peer.ErrFileMended)}); !strings.Contains(got, "Nothing is lost") || strings.Contains(got, "can’t be read") {
		t.Errorf("of what was mended: %q", got)
	}
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	w := s.world
	w.Damage.Found = errors.New("page 7")
	s.show(news{world: &w})
	if !s.says("Nothing was deleted.") {
		t.Fatal("it is not told")
	}
	s.mention("Something else.")
	s.page.showNotice(nil)
	if !s.says("Nothing was deleted.") {
		t.Error("it goes with what was said meanwhile")
	}
	test.Tap(s.page.notice.close)
	s.show(news{world: &w})
	if s.page.notice != nil {
		t.Error("it is told twice")
	}
	w.Damage.Found = nil
	for _, problem := range []string{"A copy of it runs.", "Its clock is wrong.", ""} {
		w.Status.Problem = problem
		s.show(news{world: &w})
		if problem == "" && s.page.notice != nil || problem != "" && (!s.says(problem) || len(s.page.standing) != 1) {
			t.Errorf("of %q: %d notices stand", problem, len(s.page.standing))
		}
	}
}

// What is written into a damaged file is not saved: that is told, and not that the
// disk is full, whichever is known first.
func TestWritingIntoADamagedFileIsTold(t *testing.T) {
	for _, damageFirst := range []bool{true, false} {
		s := raise(t, "Ada")
		s.opened("Welcome, Ada")
		w := s.world
		w.Damage.Found = errors.New("page 7")
		told := []news{{world: &w}, {doc: s.desk.Doc, state: &peer.DocState{Err: fmt.Errorf("store: %w", peer.ErrFileDamaged)}}}
		if !damageFirst {
			told[0], told[1] = told[1], told[0]
		}
		for _, n := range told {
			s.show(n)
		}
		if !s.says(damagedLine+unsavedLine) || len(s.page.standing) != 1 {
			t.Errorf("damage told first %v: %d notices stand, the last is %+v", damageFirst, len(s.page.standing), s.page.notice)
		}
		doc := s.desk.Doc
		s.createDocument()
		s.until("another document is open", func() bool { return s.desk.Doc != doc && s.editor != nil })
		if s.says(unsavedLine) {
			t.Errorf("of another document it says %q", s.damage)
		}
	}
}

// That a copy of the home runs is told; what ails an interface is not.
func TestTroubleIsTold(t *testing.T) {
	ill := errors.New("no multicast")
	for want, st := range map[string]peer.Status{
		"":                                      {Problem: ill.Error(), Interfaces: []peer.Interface{{}, {Err: ill}}},
		"A copy runs. Use one of the two only.": {Problem: "a copy runs; use one of the two only", Interfaces: []peer.Interface{{Err: ill}}},
	} {
		if got := troubleLine(st); got != want {
			t.Errorf("says %q, want %q", got, want)
		}
	}
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	w := s.world
	w.Status.Problem = "a copy runs"
	s.show(news{world: &w})
	if !s.says("A copy runs.") {
		t.Error("it is not told")
	}
}

// A device that somebody says is a known person's is asked about.
func TestNewDeviceIsAskedAbout(t *testing.T) {
	w, d := sample()
	w.NewDevices = []peer.NewDevice{
		{Device: edith, Of: grace, By: alan, Mine: []peer.SpaceID{field1}},
		{Device: edith, Of: grace, By: alan}, // for others to answer
	}
	got := peopleOf(w, d, noon).Requests
	if len(got) != 1 || got[0].Title != "Grace’s new device?" || !strings.HasPrefix(got[0].Below, "Alan says so") {
		t.Errorf("got %+v", got)
	}
	card := newRequestCard(peopleEvents{})
	card.set(got[0])
	if card.show.words != "It is" || card.decline.words != "It is not" {
		t.Errorf("one can say %q and %q", card.show.words, card.decline.words)
	}
}

// A document that can't be read for damage is spoken of in words with a way out, and
// one that is not whole says so while it is on the page.
func TestDamagedDocuments(t *testing.T) {
	err := fmt.Errorf("open document 17: %w: database disk image is malformed (11)", peer.ErrFileDamaged)
	if got := sentence(err, ""); strings.Contains(got, "malformed") || !strings.Contains(got, "Close Starling and open it again") {
		t.Errorf("says %q", got)
	}
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	if s.page.notice != nil {
		t.Error("something is said of a sound document")
	}
	s.tellLacking()
	if !s.says("Not all of this document is here") {
		t.Error("it is not told")
	}
	s.forgive()
	if s.says("Not all of this document is here") {
		t.Error("it stays when the text has gone")
	}
}
