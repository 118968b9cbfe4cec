package desktop

import (
	"fmt"
	"image/color"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"starling/assets"
	"starling/sync/peer"
)

// show puts an object into a window of a size.
func show(t *testing.T, o fyne.CanvasObject, width, height float32) fyne.Window {
	t.Helper()
	w := test.NewWindow(o)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(width, height))
	t.Cleanup(w.Close)
	return w
}

func key(name fyne.KeyName) *fyne.KeyEvent { return &fyne.KeyEvent{Name: name} }

func perRune(s string) float32 { return float32(len([]rune(s))) }

func TestEllipsis(t *testing.T) {
	for _, c := range []struct {
		text  string
		limit float32
		want  string
	}{
		{"short", 5, "short"},
		{"longer", 5, "long…"},
		{"two words", 5, "two…"},
		{"ééééé", 3, "éé…"},
		{"any", 0, "…"},
		{"", 0, ""},
	} {
		if got := ellipsis(c.text, c.limit, perRune); got != c.want {
			t.Errorf("%q within %v is %q, want %q", c.text, c.limit, got, c.want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"one two three", []string{"one two", "three"}},
		{"incredible a", []string{"incredible", "a"}},
		{"  ", []string{""}},
	} {
		if got := wrap(c.text, 8, perRune); !slices.Equal(got, c.want) {
			t.Errorf("%q wraps to %q, want %q", c.text, got, c.want)
		}
	}
}

func TestButtonIsPressedByMouseAndKeys(t *testing.T) {
	n := 0
	b := newButton(primary, "Go", func() { n++ })
	w := show(t, b, 100, 50)
	test.Tap(b)
	w.Canvas().Focus(b)
	if b.ring.FillColor != assets.Light.Halo || b.ring.StrokeWidth == 0 {
		t.Error("the focus is not seen")
	}
	b.TypedKey(key(fyne.KeyReturn))
	b.TypedKey(key(fyne.KeySpace))
	b.TypedKey(key(fyne.KeyA))
	if n != 3 {
		t.Errorf("pressed %d times, want 3", n)
	}
	b.Disable()
	test.Tap(b)
	b.TypedKey(key(fyne.KeyReturn))
	if n != 3 {
		t.Error("pressed while it can't be")
	}
}

func TestKeysThatNobodyNeedsReachTheWindow(t *testing.T) {
	b, f := newButton(plain, "Go", nil), newField("", 30, faceText)
	w := show(t, newStack(4, b, f), 200, 100)
	var got []fyne.KeyName
	w.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) { got = append(got, e.Name) })
	b.TypedKey(key(fyne.KeyEscape))
	f.TypedKey(key(fyne.KeyEscape))
	if len(got) != 2 {
		t.Errorf("the window got %v", got)
	}
	called := false
	s := &desktop.CustomShortcut{KeyName: fyne.KeyN, Modifier: fyne.KeyModifierShortcutDefault}
	w.Canvas().AddShortcut(s, func(fyne.Shortcut) { called = true })
	f.TypedShortcut(s)
	if _, ok := w.Canvas().(fyne.Shortcutable); ok && !called {
		t.Error("a shortcut did not reach the window")
	}
}

func TestFieldTakesText(t *testing.T) {
	var told []string
	f := newField("Name", 40, faceText)
	f.most = 8
	f.onChange = func(s string) { told = append(told, s) }
	w := show(t, f, 200, 40)
	w.Canvas().Focus(f)
	test.Type(f, "Ada")
	f.TypedKey(key(fyne.KeyBackspace))
	if f.Text() != "Ad" || told[len(told)-1] != "Ad" {
		t.Fatalf("text is %q, told %q", f.Text(), told)
	}
	clip := test.NewClipboard()
	clip.SetContent("a\nlove\tlace and more")
	f.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clip})
	if f.Text() != "Ada love" {
		t.Errorf("pasted to %q, want one line of 8", f.Text())
	}
	f.KeyDown(key(desktop.KeyShiftLeft))
	f.TypedKey(key(fyne.KeyHome))
	f.KeyUp(key(desktop.KeyShiftLeft))
	f.TypedShortcut(&fyne.ShortcutCut{Clipboard: clip})
	if f.Text() != "" || clip.Content() != "Ada love" {
		t.Errorf("cut to %q and %q", f.Text(), clip.Content())
	}
	f.TypedShortcut(&fyne.ShortcutUndo{})
	if f.Text() != "Ada love" {
		t.Errorf("undone to %q", f.Text())
	}
	if f.text.Text != "Ada love" {
		t.Errorf("shows %q", f.text.Text)
	}
}

// A text that is wider than the field shows the part with the caret in it.
func TestFieldScrolls(t *testing.T) {
	f := newField("", 30, faceText)
	show(t, f, 120, 30)
	f.SetText(strings.Repeat("wide ", 30) + "end")
	if shown := f.text.Text; !strings.HasSuffix(shown, "end") || faceText.width(shown) > 120 {
		t.Errorf("shows %q", shown)
	}
	f.TypedKey(key(fyne.KeyHome))
	if shown := f.text.Text; !strings.HasPrefix(shown, "wide wide") {
		t.Errorf("after Home shows %q", shown)
	}
}

func TestFieldCaretFollowsTheMouse(t *testing.T) {
	f := newField("", 30, faceText)
	show(t, f, 300, 30)
	f.SetText("some words")
	press := func(x float32) {
		f.lastDown = time.Time{}
		e := &desktop.MouseEvent{}
		e.Position = fyne.NewPos(x, 10)
		f.MouseDown(e)
	}
	for at := range 11 {
		press(f.inset() + faceText.width("some words"[:at]))
		if got := f.content.Caret(); got != at {
			t.Errorf("a click before character %d puts the caret at %d", at, got)
		}
	}
	press(500)
	if got := f.content.Caret(); got != 10 {
		t.Errorf("a click after the text puts the caret at %d", got)
	}
}

func rowsOf(n int) []listRow {
	rows := make([]listRow, n)
	for i := range rows {
		rows[i] = listRow{Icon: assets.IconFileText, Title: fmt.Sprint("Document ", i)}
	}
	return rows
}

// A long list draws what is seen and no more.
func TestListDrawsWhatIsSeen(t *testing.T) {
	opened := -1
	l := newList(30, func(i int) { opened = i })
	show(t, l, 200, 300)
	l.set(rowsOf(10_000))
	if n := len(l.cells); n > 12 {
		t.Errorf("%d rows are drawn for 10 that are seen", n)
	}
	l.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -3000)})
	test.TapAt(l, fyne.NewPos(20, 35))
	if opened != 101 {
		t.Errorf("opened row %d, want 101", opened)
	}
	l.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -1e9)})
	test.TapAt(l, fyne.NewPos(20, 299))
	if opened != 9999 {
		t.Errorf("at the end opened row %d", opened)
	}
	l.set(rowsOf(3))
	if l.offset != 0 {
		t.Errorf("a short list is scrolled by %v", l.offset)
	}
	opened = -1
	test.TapAt(l, fyne.NewPos(20, 200))
	if opened != -1 {
		t.Errorf("a click below the rows opened %d", opened)
	}
}

func TestListByKeys(t *testing.T) {
	opened := -1
	l := newList(30, func(i int) { opened = i })
	w := show(t, l, 200, 90)
	rows := rowsOf(10)
	rows[4].Selected = true
	l.set(rows)
	w.Canvas().Focus(l)
	for _, k := range []fyne.KeyName{fyne.KeyDown, fyne.KeyDown, fyne.KeyUp, fyne.KeyReturn} {
		l.TypedKey(key(k))
	}
	if opened != 5 {
		t.Errorf("opened row %d, want 5: one below the selected", opened)
	}
	l.TypedKey(key(fyne.KeyEnd))
	l.TypedKey(key(fyne.KeyDown))
	l.TypedKey(key(fyne.KeyReturn))
	if opened != 9 || l.offset != 10*30-90 {
		t.Errorf("the end opened row %d, scrolled by %v", opened, l.offset)
	}
	l.set(nil)
	l.TypedKey(key(fyne.KeyReturn))
}

func TestDialogIsDismissed(t *testing.T) {
	w := show(t, newGap(10, 10), 400, 300)
	n := 0
	s := newDialog(newGap(100, 50), func() { n++ })
	s.show(w.Canvas())
	test.TapAt(s, fyne.NewPos(200, 140))
	if n != 0 {
		t.Error("a click on the panel dismissed it")
	}
	test.TapAt(s, fyne.NewPos(5, 5))
	if n != 1 {
		t.Error("a click outside did not dismiss it")
	}
	s.hide()
	s.hide()
	if w.Canvas().Overlays().Top() != nil || s.shown() {
		t.Error("it is still there")
	}
}

// A dialog that grows keeps its top where it is while there is room below it.
func TestDialogKeepsItsTop(t *testing.T) {
	w := show(t, newGap(10, 10), 400, 400)
	rows := newStack(0, newGap(100, 50))
	s := newDialog(rows, func() {})
	s.show(w.Canvas())
	top := s.panel.Position().Y
	for _, c := range []struct {
		high  float32 // of what is added
		moves bool
	}{{60, false}, {200, true}} {
		rows.Add(newGap(100, c.high))
		s.Refresh()
		at, size := s.panel.Position(), s.panel.Size()
		if (at.Y != top) != c.moves || at.Y+size.Height > 400 {
			t.Errorf("with %v more it is at %v, and was at %v", c.high, at.Y, top)
		}
	}
	rows.Objects = rows.Objects[:1]
	w.Resize(fyne.NewSize(400, 300))
	if at := s.panel.Position().Y; at >= top {
		t.Errorf("in a lower window it is at %v", at)
	}
}

// Where there is little room, the title is cut and nothing lies over another.
func TestHeaderFits(t *testing.T) {
	h := newHeader(headerEvents{})
	h.showOwned(true)
	h.show("A space with quite a long name", strings.Repeat("A long title ", 20))
	h.showState(chipView{"Saved, reached 2 of 3", "Saved", toneGood}, true,
		[]hereNow{{Figure: figure{Initial: "A"}}, {Figure: figure{Initial: "G"}}}, "Somebody with a long name")
	for _, width := range []float32{330, 372, 500, 752, 1400} {
		h.root.Resize(fyne.NewSize(width, assets.BarHeight))
		end := float32(0)
		for _, o := range []fyne.CanvasObject{h.space, h.slash, h.title, h.chip, h.pill, h.crowd, h.invite, h.view, h.toggle} {
			if !o.Visible() {
				continue
			}
			if o.Position().X < end {
				t.Errorf("at %v a %T at %v overlaps what ends at %v", width, o, o.Position().X, end)
			}
			end = o.Position().X + o.Size().Width
		}
		if end > width {
			t.Errorf("at %v the bar ends at %v", width, end)
		}
	}
}

func TestPeopleColumnKeepsTheCardsOfThoseWhoStay(t *testing.T) {
	var added, went, followed []string
	p := newPeople(peopleEvents{
		onAdd:  func(r personRow) { added = append(added, r.Name) },
		onGoTo: func(peer.DeviceID) { went = append(went, "there") },

		onFollow: func(peer.DeviceID) { followed = append(followed, "them") },
		onFind:   func() {},
	})
	show(t, p.root, assets.PeopleWidth, 600)
	w, d := sample()
	p.show(peopleOf(w, d, noon))
	before := len(p.rows.Objects)
	card := p.rows.Objects[1].(*personCard)
	d.Others[0].Typing = false
	p.show(peopleOf(w, d, noon))
	if p.rows.Objects[1] != card || card.below.words != "up to date" || len(p.rows.Objects) != before {
		t.Errorf("the card was replaced, or says %q", card.below.words)
	}
	test.Tap(card)
	test.Tap(card.follow)
	test.Tap(p.rows.Objects[6].(*personCard).add)
	if len(went) != 1 || len(followed) != 1 || !slices.Equal(added, []string{"Marsh laptop"}) {
		t.Errorf("went %v, followed %v, added %v", went, followed, added)
	}
}

func TestPeopleColumnLooks(t *testing.T) {
	w, d := sample()
	w.Pairings = []peer.PairingInfo{{Key: 1, ID: edith.ID, Name: "Edith", Colour: edith.Colour, Code: "417293", Incoming: true}}
	p := newPeople(peopleEvents{onFind: func() {}})
	win := show(t, newAside(p.root, newGap(1, 1), newGap(1, 1), nil).root, assets.PeopleWidth, 480)
	p.show(peopleOf(w, d, noon))
	test.AssertRendersToMarkup(t, "people.xml", win.Canvas())
	if strings.Contains(test.RenderToMarkup(win.Canvas()), "417293") {
		t.Error("the code of a stranger shows without a click")
	}
}

func TestSearchSaysWhatItLacks(t *testing.T) {
	p := newPlaces(placesEvents{})
	show(t, p.root, assets.PlacesWidth, 600)
	rows := slices.Repeat([]listRow{{Icon: assets.IconFileText, Title: "Tides"}}, 40)
	p.showFound(rows, nil, true)
	bottom := p.found.Position().Y + p.found.Size().Height
	p.showBehind(behindLine(2))
	if at := p.behind.Position().Y; p.behind.text.Text != "2 documents are still being read" || p.found.Position().Y+p.found.Size().Height > at || at > bottom {
		t.Errorf("says %q at %v", p.behind.text.Text, at)
	}
	p.showBehind("")
	if got := p.found.Position().Y + p.found.Size().Height; got != bottom {
		t.Errorf("what was found then ends at %v, not %v", got, bottom)
	}
}

func TestPairingDialogLooks(t *testing.T) {
	win := show(t, newGap(10, 10), 1280, 800)
	d := newPairingDialog(figureOf("Ada", me.Colour), figure{Device: true}, "Grace", pairingEvents{})
	d.show(win.Canvas())
	d.compare(peer.PairingInfo{Code: "417293", Colour: grace.Colour})
	test.AssertRendersToMarkup(t, "pairing.xml", win.Canvas())
}

func TestPairingDialogSaysWhatGoesOn(t *testing.T) {
	win := show(t, newGap(10, 10), 1280, 800)
	d := newPairingDialog(figure{}, figure{}, "Grace", pairingEvents{})
	d.show(win.Canvas())
	for _, c := range []struct {
		step    func()
		title   string
		code    bool
		answers bool
	}{
		{d.connecting, "Asking Grace…", false, false},
		{func() { d.compare(peer.PairingInfo{Code: "417293"}) }, "Does Grace show this code?", true, true},
		{func() { d.waiting("417293") }, "Waiting for Grace…", true, false},
		{func() { d.failed(peer.ErrRejected) }, "Nothing was shared", false, false},
	} {
		c.step()
		if d.title.words != c.title || d.code.Visible() != c.code || d.answers.Visible() != c.answers || d.only.Visible() == c.answers {
			t.Errorf("%s: title %q, code %v, answers %v", c.title, d.title.words, d.code.Visible(), d.answers.Visible())
		}
	}
}

// The one who has asked says so to the other, who sees no code until they press for it.
func TestWhoIsAskedIsToldToShowTheCode(t *testing.T) {
	d := newPairingDialog(figure{}, figure{}, "Grace", pairingEvents{})
	for _, link := range []bool{false, true} {
		for _, incoming := range []bool{false, true} {
			d.link = link
			d.compare(peer.PairingInfo{Code: "417293", Incoming: incoming})
			if got := d.advice.words; strings.Contains(got, "“Show code”") == incoming {
				t.Errorf("linking %v, asked by the other %v: %q", link, incoming, got)
			}
		}
	}
	d.connecting()
	if !strings.Contains(d.advice.words, "Grace then presses “Show code”") {
		t.Errorf("while asking: %q", d.advice.words)
	}
}

func TestFirstStartAsksForANameAlone(t *testing.T) {
	var name string
	colour := -1
	f := newFirst("", 5, func(n string, c int, _ string) { name, colour = n, c })
	show(t, f.root, 1280, 800)
	f.name.TypedKey(key(fyne.KeyReturn))
	test.Tap(f.start)
	if colour != -1 {
		t.Fatal("it starts without a name")
	}
	test.Type(f.name, " Ada ")
	f.colour.choose(3)
	f.name.TypedKey(key(fyne.KeyReturn))
	if name != "Ada" || colour != 3 {
		t.Errorf("started as %q in colour %d", name, colour)
	}
}

func TestThemeFollowsDayAndNight(t *testing.T) {
	for _, c := range []struct {
		variant fyne.ThemeVariant
		want    color.Color
	}{{0, assets.Dark.Page}, {1, assets.Light.Page}, {99, assets.Light.Page}} {
		if got := (Theme{}).Color("background", c.variant); got != c.want {
			t.Errorf("variant %d has the page %v, want %v", c.variant, got, c.want)
		}
	}
}

func TestAddressFormChecksTheAddress(t *testing.T) {
	var got []string
	f := newAddressForm(formWidth)
	f.onConnect = func(a string) { got = append(got, a) }
	show(t, f.root, formWidth, 200)
	for _, text := range []string{"", "192.168.1.5", "here"} {
		f.address.SetText(text)
		test.Tap(f.connect)
	}
	if len(got) != 0 || !f.outcome.Visible() {
		t.Errorf("connects to %q", got)
	}
	f.address.SetText(" 192.168.1.5:4000 ")
	test.Tap(f.connect)
	test.Tap(f.connect)
	if !slices.Equal(got, []string{"192.168.1.5:4000"}) {
		t.Errorf("connects to %q, want one address once", got)
	}
	f.done(peer.PeerInfo{Name: "Grace"}, nil)
	if !strings.Contains(f.outcome.words, "Grace") || f.connect.Disabled() {
		t.Errorf("says %q", f.outcome.words)
	}
}
