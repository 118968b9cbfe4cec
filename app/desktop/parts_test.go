package desktop

import (
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"starling/crdt"
	"starling/sync/peer"
)

func TestFullDiskIsSaidUntilThereIsRoom(t *testing.T) {
	s := raise(t, "Anna")
	s.opened("Welcome, Anna")
	tell := func(err error) {
		s.show(news{doc: s.desk.Doc, state: &peer.DocState{Saved: err == nil, Err: err}})
	}
	tell(errors.New("database or disk is full"))
	if s.page.notice == nil || !strings.Contains(s.page.notice.words.words, "stored by itself") {
		t.Fatal("a full disk is not said")
	}
	tell(nil)
	if s.page.notice != nil {
		t.Error("the notice stays although there is room")
	}
	s.complain(peer.ErrStopped) // of a key that was refused
	tell(nil)
	if s.page.notice != nil {
		t.Error("the notice of a refused key stays")
	}
	s.complain(crdt.ErrNoContent)
	tell(nil)
	if s.page.notice == nil {
		t.Error("another notice leaves with it")
	}
}

func TestLongTitleLeavesRoomForTheSpace(t *testing.T) {
	long := strings.Repeat("A title that goes on ", 8)
	for _, c := range []struct {
		width float32
		space string
		shown bool
	}{
		{240, "Annabel’s long notes", false},
		{480, "Annabel’s long notes", true},
		{740, "Annabel’s long notes", true},
		{740, "Us", true},
	} {
		h := newHeader(headerEvents{})
		h.showOwned(true)
		h.show(c.space, long)
		h.showState(chipView{"Saved", "Saved", toneGood}, true, nil, "")
		test.WidgetRenderer(h.root)
		h.root.Resize(fyne.NewSize(c.width, 48))
		if h.space.Visible() != c.shown {
			t.Errorf("%v: the space is shown: %v", c.width, h.space.Visible())
		}
		if least := min(crumbLeast, h.space.natural()); c.shown && h.space.Size().Width < least {
			t.Errorf("%v: the space has %v, not %v", c.width, h.space.Size().Width, least)
		}
		if !strings.HasSuffix(h.title.text.Text, "…") {
			t.Errorf("%v: the title is cut as %q", c.width, h.title.text.Text)
		}
		if right, end := h.title.Position().X+h.title.Size().Width, h.pill.Position().X; h.pill.Visible() && right > end {
			t.Errorf("%v: the title ends at %v, behind what stands at %v", c.width, right, end)
		}
	}
}

func TestOpenPairingIsNoRow(t *testing.T) {
	edith := peer.DeviceID{0xed}
	for _, test := range []struct {
		key  uint64
		with string
		left int
	}{{0, "", 2}, {0, edith.String()[:4], 0}, {7, edith.String(), 1}, {9, "", 2}} {
		v := peopleView{Requests: []requestRow{{Key: 7, ID: edith}, {Key: 8, ID: edith, Asked: true}}}
		if v.hide(test.key, test.with); len(v.Requests) != test.left {
			t.Errorf("%d, %q: %d rows are left, want %d", test.key, test.with, len(v.Requests), test.left)
		}
	}
}
