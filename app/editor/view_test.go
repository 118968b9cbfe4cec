package editor

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"starling/app/buffer"
	"starling/app/typeset"
)

func numbered(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "line %d of a text that is long enough for a test\n", i)
	}
	return out.String()
}

// TestDrawsWhatIsInView holds that what is drawn depends on the window.
func TestDrawsWhatIsInView(t *testing.T) {
	s := newStage(t, numbered(10_000))
	s.focus()
	for _, y := range []float64{0, 100, 5_000, 100_000, 1e9} {
		s.scrollTo(y)
		s.paint()
		if n := len(s.page.Objects()); n < 15 || n > 30 {
			t.Errorf("scrolled to %v, %d objects", y, n)
		}
		if len(s.page.texts) > 40 || s.view.layouts.Len() > 200 {
			t.Errorf("scrolled to %v, %d texts and %d layouts kept", y, len(s.page.texts), s.view.layouts.Len())
		}
	}
}

// screen tells what is where, without the rows that are half out of view.
func (s *stage) screen() map[string]float32 {
	at := make(map[string]float32)
	for i := range s.view.lines {
		l := &s.view.lines[i]
		for j := range l.Rows {
			if y := l.y + l.Rows[j].Y; y >= 0 && y+l.Rows[j].H < stageHeight {
				at[l.text[l.Rows[j].From:l.Rows[j].To]] = y
			}
		}
	}
	return at
}

// TestOthersAboveMoveNothing lets others write above the view: what is read
// stays where it is.
func TestOthersAboveMoveNothing(t *testing.T) {
	s := newStage(t, numbered(400))
	s.scrollTo(4_000)
	s.paint()
	before := s.screen()
	for i, put := range []func() buffer.Patch{
		func() buffer.Patch { return s.doc.put(0, 0, "new\n") },
		func() buffer.Patch { return s.doc.put(20, 0, strings.Repeat("many\nlines\n", 400)) },
		func() buffer.Patch { return s.doc.put(5, 60, "") },
		func() buffer.Patch { return s.doc.put(0, 0, "```\n") },
		func() buffer.Patch { return s.doc.put(0, 4, "") },
	} {
		s.Apply([]buffer.Patch{put()})
		after := s.screen()
		if i == 3 {
			continue // all of it is code now, and another height
		}
		for text, y := range before {
			if after[text] != y {
				t.Fatalf("%d: %q moved from %v to %v", i, text, y, after[text])
			}
		}
	}
}

// TestOthersAtTop lets others write at the start, which is in view.
func TestOthersAtTop(t *testing.T) {
	s := newStage(t, "")
	s.focus()
	for _, text := range []string{"first\n", strings.Repeat("x\n", 50)} {
		s.Apply([]buffer.Patch{s.doc.put(0, 0, text)})
		if s.offset() != 0 {
			t.Errorf("scrolled %v", s.offset())
		}
	}
}

// TestDeletedUnderView lets others delete what is in view, and all after it.
func TestDeletedUnderView(t *testing.T) {
	s := newStage(t, numbered(400))
	s.scrollTo(1e9)
	s.Apply([]buffer.Patch{s.doc.put(5_000, len(s.doc.text)-5_000, "")})
	if !s.atEnd() || len(s.view.lines) < 15 {
		t.Errorf("%d lines in view, at the end %v", len(s.view.lines), s.atEnd())
	}
	s.Apply([]buffer.Patch{s.doc.put(0, len(s.doc.text), "")})
	if s.offset() != 0 || len(s.view.lines) != 1 {
		t.Errorf("emptied: scrolled %v, %d lines", s.offset(), len(s.view.lines))
	}
}

func TestWheel(t *testing.T) {
	s := newStage(t, numbered(100))
	for _, c := range []struct{ by, want float32 }{{-100, 100}, {-50.5, 150.5}, {60, 90.5}, {1000, 0}} {
		test.Scroll(s.window.Canvas(), fyne.NewPos(300, 300), 0, c.by)
		if got := float32(s.offset()); abs(got-c.want) > 0.01 {
			t.Errorf("by %v: scrolled %v, want %v", c.by, got, c.want)
		}
	}
	s.scrollBy(1e9)
	if last := s.view.lines[len(s.view.lines)-1]; last.y+last.Height != stageHeight-endRoom {
		t.Errorf("the last line ends at %v", last.y+last.Height)
	}
}

func TestReveal(t *testing.T) {
	s := newStage(t, numbered(5_000))
	for _, at := range []int{200_000, 3, 100_000, 100_400, 99_000, 1 << 30} {
		s.GoTo(at)
		spot, ok := s.spotOf(s.buf.Caret())
		if !ok || spot.y < 0 || spot.y+spot.h > stageHeight {
			t.Errorf("%d: %+v %v", at, spot, ok)
		}
	}
}

// TestRevealLater moves the caret before there is a window.
func TestRevealLater(t *testing.T) {
	test.NewTempApp(t)
	e := New(Config{Text: numbered(500), Theme: testTheme(t)})
	e.GoTo(9_000)
	test.NewTempWindow(t, e).Resize(fyne.NewSize(stageWidth, stageHeight))
	if spot, ok := e.spotOf(9_000); !ok || spot.y < 0 || spot.y > stageHeight {
		t.Errorf("%+v %v", spot, ok)
	}
}

// TestResize holds the row being read through another width.
func TestResize(t *testing.T) {
	s := newStage(t, strings.Repeat("a paragraph that takes several rows when the column is narrow. ", 8)+"\n"+numbered(300))
	s.scrollTo(3_000)
	s.paint()
	place := s.view.top.At
	for _, width := range []float32{400, 300, 752} {
		s.window.Resize(fyne.NewSize(width, stageHeight))
		if x, w := s.column(); x+w > width || w > NormalColumn {
			t.Errorf("width %v: column of %v at %v", width, w, x)
		}
		if spot, ok := s.spotOf(place); !ok || spot.y > textRow {
			t.Errorf("width %v: the row is at %v, %v", width, spot.y, ok)
		}
	}
}

// TestIdle holds that what changes nothing repaints nothing.
func TestIdle(t *testing.T) {
	s := newStage(t, numbered(100))
	s.focus()
	remotes := []Remote{{Writer: Writer{ID: "a", Name: "Ada"}, Caret: 9, Anchor: 3}}
	s.SetRemotes(remotes)
	for name, act := range map[string]func(){
		"update":       s.update,
		"same remotes": func() { s.SetRemotes(remotes) },
		"patch out of view": func() {
			s.Apply([]buffer.Patch{s.doc.put(len(s.doc.text)-20, 1, "x")})
		},
	} {
		before := append([]fyne.CanvasObject(nil), s.page.Objects()...)
		act()
		if s.page.changed || len(before) != len(s.page.Objects()) {
			t.Errorf("%s repaints", name)
		}
	}
}

// TestBlink holds that the caret blinks for a while after a key, then stays,
// and is not there without the keyboard.
func TestBlink(t *testing.T) {
	s := newStage(t, "text")
	if s.fire(blinkTime) != 0 {
		t.Error("blinks unfocused")
	}
	s.focus()
	hidden := 0
	n := 0
	for ; s.fire(blinkTime) > 0; n++ {
		if s.page.caret.Hidden {
			hidden++
		}
	}
	if n != blinks || hidden != blinks/2 || s.page.caret.Hidden {
		t.Errorf("%d changes, %d times hidden, hidden in the end: %v", n, hidden, s.page.caret.Hidden)
	}
	s.do("Left")
	s.fire(blinkTime)
	if s.window.Canvas().Unfocus(); s.fire(blinkTime) != 0 {
		t.Error("blinks after the focus is lost")
	}
	for _, o := range s.page.Objects() {
		if o == s.page.caret {
			t.Error("the caret is drawn unfocused")
		}
	}
}

// TestFlags holds that names stay in the window and off each other.
func TestFlags(t *testing.T) {
	s := newStage(t, strings.Repeat("words to fill a row, and ", 20)+"\n"+numbered(100))
	var remotes []Remote
	for i, name := range []string{"Ada", "Grace", "Someone with a name that is far too long", "\t\n"} {
		remotes = append(remotes, Remote{Writer: Writer{ID: fmt.Sprint(i), Name: name}, Caret: 84, Anchor: 84})
	}
	s.SetRemotes(remotes)
	for _, y := range []float64{0, 20, 38, 45} {
		s.scrollTo(y)
		s.paint()
		if len(s.page.said) != len(remotes) {
			t.Fatalf("%d names", len(s.page.said))
		}
		for i, b := range s.page.said {
			if b.x < 0 || b.y < 0 || b.x+b.w > stageWidth {
				t.Errorf("scrolled %v: name %d at %+v", y, i, b)
			}
			for _, other := range s.page.said[:i] {
				if b.touches(other) {
					t.Errorf("scrolled %v: name %d at %+v covers %+v", y, i, b, other)
				}
			}
		}
	}
}

func TestBegin(t *testing.T) {
	long := numbered(100)
	for name, c := range map[string]struct {
		text string
		want int
	}{
		"nothing":          {"", 0},
		"all in view":      {"# Tides\n\nHigh water at ten.\n", 28},
		"too long":         {long, strings.Index(long, "\n")},
		"a long paragraph": {strings.Repeat("water and wind ", 1_000), 0},
	} {
		s := newStage(t, c.text)
		s.Begin()
		if at, anchor := s.Caret(); at != c.want || anchor != c.want || s.offset() != 0 {
			t.Errorf("%s: caret at %d, scrolled to %v, want %d", name, at, s.offset(), c.want)
		}
		// Before there is a layout it waits, and gives way to the person.
		early := New(Config{Document: s.doc, Text: c.text, Theme: testTheme(t)})
		early.Begin()
		late := New(Config{Document: s.doc, Text: c.text, Theme: testTheme(t)})
		late.Begin()
		late.GoTo(0)
		for e, want := range map[*Editor]int{early: c.want, late: 0} {
			s.window.SetContent(e)
			if at, _ := e.Caret(); at != want {
				t.Errorf("%s: after the first layout at %d, want %d", name, at, want)
			}
		}
	}
}

func TestShorten(t *testing.T) {
	family := "👩‍👩‍👧"
	for name, want := range map[string]string{
		"":                                    "",
		"Ada":                                 "Ada",
		strings.Repeat("é", maxFlag):          strings.Repeat("é", maxFlag),
		strings.Repeat("Я", maxFlag+1):        strings.Repeat("Я", maxFlag) + "…",
		strings.Repeat(family, 100):           strings.Repeat(family, maxFlagBytes/len(family)) + "…",
		"a" + strings.Repeat("\u0301", 99999): "…",
	} {
		if got := shorten(name); got != want {
			t.Errorf("%.40q becomes %q, want %q", name, got, want)
		}
	}
}

// TestFollowIntoALongLine holds that the row of who is followed comes into view,
// however far below its line's top.
func TestFollowIntoALongLine(t *testing.T) {
	for _, words := range []int{10, 1_000, 30_000} {
		s := newStage(t, numbered(200)+strings.Repeat("some words here ", words)+"\nend")
		at := s.buf.LineStart(200) + words*12
		s.SetRemotes([]Remote{{Writer: Writer{ID: "a", Name: "Ada"}, Caret: at, Anchor: at}})
		s.Follow("a")
		if p, ok := s.spotOf(at); !ok || p.y < 0 || p.y+p.h > stageHeight {
			t.Errorf("in a line of %d words the caret is at %v, %v", 3*words, p, ok)
		}
	}
}

// TestPlaceholderTakesTheFaceOfThePage holds that texts of the editor's own
// change their letters with the page's.
func TestPlaceholderTakesTheFaceOfThePage(t *testing.T) {
	s := newStage(t, "")
	look := testTheme(t)
	look.Mono = look.Serif
	look.Mono[typeset.Regular] = fontFile(t, "JetBrainsMono-Regular")
	s.SetTheme(look)
	for _, face := range []PageFace{Serif, Mono, Serif} {
		s.SetSettings(Settings{Face: face})
		want := look.fonts(face)[typeset.Regular]
		if got := s.page.texts[0]; got.Text != "Write something" || got.FontSource != want {
			t.Errorf("%q is drawn in %s, want %s", got.Text, got.FontSource.Name(), want.Name())
		}
	}
}

// TestOthersInViewMoveNotTheCaret lets others write above the caret within the
// page: the row that one writes in stays.
func TestOthersInViewMoveNotTheCaret(t *testing.T) {
	s := newStage(t, numbered(60))
	s.focus()
	s.GoTo(s.buf.LineStart(7))
	want, _ := s.spotOf(s.buf.Caret())
	for i, put := range []func() buffer.Patch{
		func() buffer.Patch { return s.doc.put(s.buf.LineStart(2), 0, strings.Repeat("new\n", 6)) },
		func() buffer.Patch { return s.doc.put(s.buf.LineStart(3), 0, strings.Repeat("more of it ", 60)) },
		func() buffer.Patch { return s.doc.put(s.buf.LineStart(4), s.buf.LineStart(6)-s.buf.LineStart(4), "") },
		func() buffer.Patch { return s.doc.put(s.buf.Caret(), 0, "at the caret") },
	} {
		s.Apply([]buffer.Patch{put()})
		if at, ok := s.spotOf(s.buf.Caret()); !ok || abs(at.y-want.y) > 0.5 {
			t.Errorf("%d: the caret's row is at %v, not %v (%v)", i, at.y, want.y, ok)
		}
	}
}
