package desktop

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"starling/crdt"
	"starling/sync/peer"
)

func TestFirstStart(t *testing.T) {
	s := raise(t, "")
	s.until("the first page", func() bool { return s.first != nil })
	proposed := colourText(s.first.colour.chosen)
	if !s.first.colour.all[s.first.colour.chosen].chosen {
		t.Error("the colour that is proposed is not marked")
	}
	test.Type(s.first.name, "Ada")
	test.Tap(s.first.start)
	s.opened("Welcome, Ada")
	if s.first != nil || s.Title() != "Welcome, Ada - Starling" || s.places.switcher.name.words != "Ada’s notes" {
		t.Errorf("title %q, space %q", s.Title(), s.places.switcher.name.words)
	}
	if got := s.editor.Text(); got != welcome("Ada") {
		t.Errorf("the first document says %q", got)
	}
	if me := s.peer.Me(); me.Name != "Ada" || me.Colour != proposed {
		t.Errorf("the peer is called %+v", me)
	}
}

func TestWriteSearchAndOpen(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	test.Tap(s.places.create)
	s.opened("Untitled")
	s.write("# Tides\nHigh water at ten.")
	s.opened("Tides")
	s.until("the chip says saved", func() bool { return s.header.pill.view.Words == "Saved" })
	s.until("five words", func() bool { return s.status.words.words == "5 words" })
	if rows := s.places.list.rows; len(rows) != 2 || !rows[0].Selected || rows[0].Title != "Tides" {
		t.Errorf("the list has %+v", rows)
	}
	text, err := s.peer.Text(context.Background(), s.desk.Doc)
	if err != nil || text != "# Tides\nHigh water at ten." {
		t.Errorf("the peer has %q, %v", text, err)
	}

	test.Type(s.places.search, "welc")
	s.until("a title is found", func() bool { return len(s.places.found.rows) == 1 })
	if !s.places.found.Visible() || s.places.list.Visible() {
		t.Error("what was found is not shown alone")
	}
	s.places.search.TypedKey(key(fyne.KeyReturn))
	s.opened("Welcome, Ada")
	if s.query != "" || s.places.search.Text() != "" || !s.places.list.Visible() {
		t.Error("the search did not end")
	}
	s.places.search.SetText("nowhere at all")
	if s.places.section.words != "Nothing found" {
		t.Errorf("says %q", s.places.section.words)
	}
	s.places.search.TypedKey(key(fyne.KeyEscape))
	if s.places.section.words != "Documents" {
		t.Errorf("after Escape says %q", s.places.section.words)
	}
}

// One begins at the end, and finds the caret where it was left.
func TestCaretIsKept(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	welcome := s.desk.Doc
	if at, _ := s.editor.Caret(); at != len([]rune(s.editor.Text())) {
		t.Errorf("begins at %d", at)
	}
	s.editor.GoTo(3)
	test.Tap(s.places.create)
	s.opened("Untitled")
	s.openDocument(welcome)
	s.opened("Welcome, Ada")
	if at, _ := s.editor.Caret(); at != 3 {
		t.Errorf("comes back to %d", at)
	}
}

// The page is plain paper until it is known that there is nothing to show.
func TestNothingFlashesAtTheStart(t *testing.T) {
	s := raise(t, "Ada")
	s.until("the window is filled", func() bool {
		if s.page.body == s.page.empty {
			t.Fatal("says that there is nothing")
		}
		if s.entered && s.places.switcher.name.words == "" {
			t.Fatal("the columns are empty")
		}
		return s.entered && s.editor != nil
	})
	space, err := s.peer.NewSpace(t.Context(), "Bare")
	if err != nil {
		t.Fatal(err)
	}
	s.until("there are two spaces", func() bool { return len(s.world.Spaces) == 2 })
	s.openSpace(space)
	if s.page.body != s.page.empty || s.editor != nil {
		t.Error("does not say that there is nothing")
	}
}

// Another view of the document, as the control socket has, shows at once.
func TestOtherViewsShow(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	doc, err := s.peer.OpenDocument(context.Background(), s.desk.Doc)
	if err != nil {
		t.Fatal(err)
	}
	defer doc.Close()
	if err := doc.Write(context.Background(), "# Other\n"); err != nil {
		t.Fatal(err)
	}
	s.until("the text is there", func() bool { return s.editor.Text() == "# Other\n" })
	s.opened("Other")
	s.write("Mine. ")
	if got, _ := doc.Snapshot(); !strings.Contains(got, "Mine. ") {
		t.Errorf("the other view has %q", got)
	}
}

func TestSpaces(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	first := s.desk.Space
	test.Tap(s.places.switcher)
	if s.dialog == nil {
		t.Fatal("no menu of spaces")
	}
	s.askSpace()
	s.createSpace("Kitchen")
	s.opened("Kitchen")
	if s.dialog != nil || s.desk.Space == first || len(s.places.list.rows) != 1 {
		t.Errorf("the new space shows %+v", s.places.list.rows)
	}
	s.openSpace(first)
	s.opened("Welcome, Ada")
}

func TestEscapeClosesADialog(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	for name, open := range map[string]func(){"invite": s.showInvite, "find": s.showMissing, "me": s.showMe, "space": s.askSpace, "spaces": s.showSpaces} {
		open()
		if s.Canvas().Overlays().Top() == nil {
			t.Errorf("%s: nothing opened", name)
		}
		s.Canvas().OnTypedKey()(key(fyne.KeyEscape))
		if s.Canvas().Overlays().Top() != nil || s.dialog != nil {
			t.Errorf("%s: Escape did not close it", name)
		}
	}
}

func TestPeopleColumnGivesWay(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	s.togglePeople()
	if s.aside.root.Visible() {
		t.Error("it is not hidden")
	}
	s.togglePeople()
	if !s.aside.root.Visible() {
		t.Error("it does not come back")
	}
	s.Resize(fyne.NewSize(760, 600))
	if s.aside.root.Visible() {
		t.Error("it leaves no room for the text")
	}
}

func TestErrorsAreShownAboveTheText(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	s.complain(peer.ErrOffline)
	if s.page.notice == nil || !strings.Contains(s.page.notice.words.words, "not on the network") {
		t.Fatal("nothing is said")
	}
	test.Tap(s.page.notice.close)
	if s.page.notice != nil {
		t.Error("it does not go")
	}
	s.openDocument(crdt.DocID{9})
	s.until("a document that is not there is told of", func() bool { return s.page.notice != nil })
	if s.editor == nil {
		t.Error("the text is gone")
	}
}

func TestNoticesLeaveByThemselves(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	ring := make(chan func(), 8)
	s.bridge.alarm = func(_ time.Duration, f func()) { ring <- f }
	s.mention("Quiet.")
	(<-ring)()
	s.until("it has left", func() bool { return s.page.notice == nil })
	s.mention("Quiet.")
	s.complain(peer.ErrOffline) // not of the disk, which goes when that is well again
	(<-ring)()
	s.bridge.call(func() { s.query = "done" })
	s.until("the alarm has been heard", func() bool { return s.query == "done" })
	if s.page.notice == nil {
		t.Error("an error has left")
	}
}

// connect has two peers know each other on the loopback network.
func connect(t *testing.T) (ada, grace *stage) {
	t.Helper()
	return connectNamed(t, "Ada", "Grace")
}

// connectNamed is connect for others.
func connectNamed(t *testing.T, one, two string) (ada, grace *stage) {
	t.Helper()
	ada, grace = raise(t, one), raise(t, two)
	ada.opened("Welcome, " + one)
	grace.opened("Welcome, " + two)
	ada.until("grace listens", func() bool { return len(grace.world.Status.Listen) > 0 })
	if _, err := ada.peer.Connect(t.Context(), grace.world.Status.Listen[0]); err != nil {
		t.Fatal(err)
	}
	ada.until("both are nearby", func() bool { return len(ada.people.view.Nearby) == 1 && len(grace.people.view.Nearby) == 1 })
	return ada, grace
}

// codes has ada ask grace, up to the codes on both screens.
func codes(t *testing.T, ada, grace *stage) {
	t.Helper()
	ada.addPerson(ada.people.view.Nearby[0])
	ada.until("both know of it", func() bool { return ada.pair.answers.Visible() && len(grace.people.view.Requests) == 1 })
	if strings.Contains(test.RenderToMarkup(grace.Canvas()), ada.pair.code.words) {
		t.Error("the code shows without a click")
	}
	grace.showRequest(grace.people.view.Requests[0])
	grace.until("the code shows", func() bool { return grace.pair.answers.Visible() })
	if got, want := grace.pair.code.words, ada.pair.code.words; got != want || len(got) != 7 {
		t.Fatalf("the codes are %q and %q", got, want)
	}
}

// meet has two windows write in one document of ada's.
func meet(t *testing.T) (ada, grace *stage) {
	t.Helper()
	ada, grace = connect(t)
	codes(t, ada, grace)
	test.Tap(ada.pair.same)
	ada.until("ada waits", func() bool { return ada.pair.title.words == "Waiting for Grace…" })
	if len(ada.world.space(ada.desk.Space).Members) != 1 {
		t.Fatal("it is shared before both have confirmed")
	}
	test.Tap(grace.pair.same)
	grace.opened("Welcome, Ada") // at once, without a click
	both := func() bool { return ada.dialog == nil && grace.dialog == nil && ada.page.notice != nil }
	ada.until("the dialogs close", both)
	for s, want := range map[*stage]string{
		ada: "You write with Grace in “Ada’s notes” now.", grace: "You write with Ada in “Ada’s notes” now.",
	} {
		if n := s.page.notice; n == nil || n.words.words != want || n.action != nil {
			t.Errorf("says %+v, want %q", n, want)
		}
	}
	return ada, grace
}

func TestConnectToAnAddress(t *testing.T) {
	ada, grace := raise(t, "Ada"), raise(t, "Grace")
	ada.opened("Welcome, Ada")
	ada.until("grace listens", func() bool { return len(grace.world.Status.Listen) > 0 })
	ada.showMissing()
	form := newAddressForm(formWidth)
	ada.bindForm(form)
	form.address.SetText(grace.world.Status.Listen[0])
	test.Tap(form.connect)
	ada.until("connected", func() bool { return strings.HasPrefix(form.outcome.words, "Connected to Grace") })
	ada.closeDialog()
}

// The sheet that asks for the other's address shows one's own, to be copied.
func TestOwnAddressCanBeCopied(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	s.until("it listens", func() bool { return len(s.world.Status.Listen) > 0 })
	address := s.world.Status.Listen[0]
	for name, open := range map[string]func(){"find": s.showMissing} {
		s.copy("")
		open()
		if got := test.RenderToMarkup(s.Canvas()); !strings.Contains(got, address) || !strings.Contains(got, "Your address") {
			t.Errorf("%s does not show %s", name, address)
		}
		tapped := false
		for _, o := range test.LaidOutObjects(s.dialog) {
			if b, ok := o.(*iconButton); ok {
				test.Tap(b)
				tapped = true
			}
		}
		if got := fyne.CurrentApp().Clipboard().Content(); !tapped || got != address {
			t.Errorf("%s copies %q, not %q", name, got, address)
		}
	}
}

// One adds the other, both compare, and they write in one text.
func TestTwoWindows(t *testing.T) {
	ada, grace := meet(t)
	grace.write("Hello from Grace. ")
	ada.until("the words arrive", func() bool { return strings.Contains(ada.editor.Text(), "Hello from Grace. ") })
	ada.until("grace is here", func() bool {
		return len(ada.people.view.Here) == 1 && len(ada.header.crowd.figures) == 1 && len(ada.desk.Others) == 1
	})
	ada.until("it has reached her", func() bool { return ada.header.pill.view.Words == "Saved, reached 1 of 1" })
	ada.write("And from Ada. ")
	ada.until("the words come back", func() bool { return grace.editor.Text() == ada.editor.Text() })
	behind := func() int { return strings.Index(ada.editor.Text(), "Grace. ") + len("Grace. ") }
	ada.until("her caret arrives", func() bool {
		all := ada.remotes()
		return len(all) == 1 && all[0].Caret == behind()
	})
	ada.goTo(grace.peer.ID())
	if caret, _ := ada.editor.Caret(); caret != behind() {
		t.Errorf("the eye leads to %d, not to %d", caret, behind())
	}
}

func TestDifferentCodesShareNothing(t *testing.T) {
	ada, grace := connect(t)
	codes(t, ada, grace)
	test.Tap(grace.pair.differs)
	ada.until("ada is told", func() bool { return ada.pair.title.words == "Nothing was shared" })
	grace.until("grace is told", func() bool { return grace.page.notice != nil && len(grace.people.view.Requests) == 0 })
	if n := len(ada.world.space(ada.desk.Space).Members); n != 1 {
		t.Errorf("the space has %d members", n)
	}
}

func TestNewsGather(t *testing.T) {
	w1, w2 := &world{}, &world{}
	state, read := &peer.DocState{Saved: true}, &reading{seen: 3}
	n := news{}
	n.add(news{doc: doc1, text: true, reading: read})
	n.add(news{doc: doc1, state: state, world: w1})
	if !n.text || n.state != state || n.reading != read || n.world != w1 {
		t.Errorf("lost something: %+v", n)
	}
	// What was said of another document is void; what was said of all is not.
	n.add(news{doc: doc2, err: errors.New("odd")})
	if n.text || n.state != nil || n.reading != nil || n.world != w1 || n.err == nil {
		t.Errorf("kept what is void: %+v", n)
	}
	n.add(news{doc: doc2, world: w2})
	if n.world != w2 {
		t.Error("kept an old world")
	}
}

func TestRemotesAreCarriedOrLeftOut(t *testing.T) {
	s := raise(t, "Ada")
	s.opened("Welcome, Ada")
	s.editor.GoTo(5)
	before := s.shared.seen
	s.desk.Others = []peer.Cursor{
		{Person: grace, Caret: 5, Anchor: 5, Seen: before},
		{Person: alan, Caret: 7, Anchor: 5, Seen: before},
		{Person: edith, Caret: 1, Anchor: 2, Seen: before + 10},
	}
	s.write("xy")
	got := s.remotes()
	if len(got) != 2 || got[0].Caret != 5 || got[0].Anchor != 5 || got[1].Caret != 9 || got[1].Anchor != 7 {
		t.Errorf("got %+v", got)
	}
	if want := look().Person(colourNumber(grace.Colour)); got[0].Name != "Grace" || got[0].Colour != want.Fill || got[0].Line != want.Caret {
		t.Errorf("got %+v", got[0])
	}
	s.shared.seen = before
	if got := s.remotes(); len(got) != 2 || got[1].Caret != 7 {
		t.Errorf("went past the editor's text: %+v", got)
	}
}

// Two carets stand at one place, and each side types there in turn. Where the
// other's is drawn must never be pushed on by one's own writing.
func TestTwoCaretsAtOnePlace(t *testing.T) {
	ada, grace := meet(t)
	const at = 7
	ada.editor.GoTo(at)
	grace.editor.GoTo(at)
	drawn := func(in *stage) int {
		if all := in.remotes(); len(all) == 1 {
			return all[0].Caret
		}
		return -1
	}
	caret := func(of *stage) int {
		at, _ := of.editor.Caret()
		return at
	}
	agree := func(typist *stage, wantAda, wantGrace int) {
		t.Helper()
		ada.until("both have the same text and carets", func() bool {
			if typist == ada && drawn(ada) != wantGrace || typist == grace && drawn(grace) != wantAda {
				t.Fatalf("ada draws grace at %d, grace draws ada at %d, not at %d and %d", drawn(ada), drawn(grace), wantGrace, wantAda)
			}
			return ada.editor.Text() == grace.editor.Text() && caret(ada) == wantAda && caret(grace) == wantGrace &&
				drawn(ada) == wantGrace && drawn(grace) == wantAda
		})
	}
	agree(nil, at, at)
	ada.write("a")
	agree(ada, at+1, at)
	ada.write("bc")
	agree(ada, at+3, at)
	grace.write("x")
	agree(grace, at+4, at+1)
	grace.write("yz")
	agree(grace, at+6, at+3)
	ada.editor.GoTo(at + 3)
	agree(nil, at+3, at+3)
	grace.write("!")
	agree(grace, at+3, at+4)
}

// A pairing is no row while its dialog is open, whoever asked; what one asked
// oneself can be taken back after that.
func TestOwnRequestIsARowOnceItsDialogIsClosed(t *testing.T) {
	ada, grace := connect(t)
	codes(t, ada, grace)
	ada.until("ada's peer lists it", func() bool { return len(ada.world.Pairings) == 1 })
	if rows := ada.people.view.Requests; len(rows) != 0 {
		t.Errorf("behind the dialog stands %+v", rows)
	}
	if rows := grace.people.view.Requests; len(rows) != 0 {
		t.Errorf("behind grace's dialog stands %+v", rows)
	}
	space := ada.desk.Space
	ada.dialog.dismiss()
	rows := ada.people.view.Requests
	if len(rows) != 1 || rows[0].Title != "Waiting for Grace" || rows[0].Name != "Grace" {
		t.Fatalf("after that stands %+v", rows)
	}
	card := newRequestCard(peopleEvents{onShow: ada.showRequest, onDecline: ada.decline})
	card.set(rows[0])
	if card.show.words != "Show code" || card.decline.words != "Cancel" {
		t.Errorf("one can %q and %q", card.show.words, card.decline.words)
	}
	test.Tap(card.show)
	if ada.pair == nil || ada.pair.code.words != grace.pair.code.words || ada.asked[rows[0].Key] != space {
		t.Fatal("the code does not come back")
	}
	ada.dialog.dismiss()
	test.Tap(card.decline)
	ada.until("it is over on both sides", func() bool {
		return len(ada.people.view.Requests) == 0 && len(grace.people.view.Requests) == 0
	})
}

// A person who leaves before there is a code has given up; the other side must
// not be left with a request.
func TestLeavingBeforeTheCodeGivesUp(t *testing.T) {
	ada, grace := connect(t)
	c := ada.compare(figure{}, "Grace", "", peer.SpaceID{})
	ada.dialog.dismiss()
	info, err := ada.peer.StartPairing(t.Context(), grace.peer.ID().String(), peer.SpaceID{})
	if err != nil {
		t.Fatal(err)
	}
	ada.until("grace sees a request", func() bool { return len(grace.people.view.Requests) == 1 })
	c.info = info
	c.known(nil)
	ada.until("it is over on both sides", func() bool {
		return len(ada.people.view.Requests) == 0 && len(grace.people.view.Requests) == 0
	})
}
