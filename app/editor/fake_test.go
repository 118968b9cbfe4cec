package editor

import (
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"starling/app/buffer"
	"starling/app/highlight"
	"starling/app/typeset"
)

// fakeDocument keeps the contract of [buffer.Document] over runes in a slice. It
// undoes and redoes action by action, and only while nobody else writes.
type fakeDocument struct {
	text         []rune
	patches      []buffer.Patch
	done, undone [][]buffer.Edit // what takes back what was done and undone
	err          error
}

func (d *fakeDocument) Edit(e buffer.Edit) ([]buffer.Patch, uint64, error) {
	return d.EditAll(e.Seen, []buffer.Splice{{At: e.At, Delete: e.Delete, Insert: e.Insert}})
}

func (d *fakeDocument) EditAll(seen uint64, splices []buffer.Splice) ([]buffer.Patch, uint64, error) {
	if d.err != nil {
		return nil, 0, d.err
	}
	var edits []buffer.Edit
	for _, s := range slices.Backward(splices) {
		at, spans := s.At, [][2]int{{s.At, s.At + s.Delete}}
		for _, p := range d.patches[seen:] {
			at, spans = p.Shift(at, true), carrySpans(spans, p)
		}
		// What others wrote amid the characters to delete stays.
		for _, span := range slices.Backward(spans) {
			edits = append(edits, buffer.Edit{At: span[0], Delete: span[1] - span[0]})
		}
		edits = append(edits, buffer.Edit{At: min(at, spans[0][0]), Insert: s.Insert})
	}
	d.undone = nil
	return d.carryOut(seen, edits, &d.done)
}

// carrySpans moves spans of characters past a patch, around what it inserts.
func carrySpans(spans [][2]int, p buffer.Patch) (out [][2]int) {
	for _, s := range spans {
		if s[0] < p.At && p.At < s[1] && p.Inserted > 0 {
			out = append(out, [2]int{s[0], p.At}, [2]int{p.At + p.Inserted, p.Shift(max(s[1], p.At+p.Delete), true)})
			continue
		}
		out = append(out, [2]int{p.Shift(s[0], false), p.Shift(s[1], true)})
		if last := &out[len(out)-1]; last[1] < last[0] {
			last[1] = last[0]
		}
	}
	return out
}

// carryOut makes edits, each in the text that the one before it leaves.
func (d *fakeDocument) carryOut(seen uint64, edits []buffer.Edit, back *[][]buffer.Edit) ([]buffer.Patch, uint64, error) {
	own := uint64(len(d.patches)) + 1
	var undo []buffer.Edit
	for _, e := range edits {
		was := string(d.text[e.At : e.At+e.Delete])
		if was == e.Insert {
			continue
		}
		p := d.splice(e.At, e.Delete, e.Insert)
		undo = append(undo, buffer.Edit{At: e.At, Delete: p.Inserted, Insert: was})
	}
	slices.Reverse(undo)
	*back = append(*back, undo)
	return d.patches[seen:], own, nil
}

func (d *fakeDocument) Undo(seen uint64) ([]buffer.Patch, uint64, error) {
	return d.takeBack(seen, &d.done, &d.undone)
}

func (d *fakeDocument) Redo(seen uint64) ([]buffer.Patch, uint64, error) {
	return d.takeBack(seen, &d.undone, &d.done)
}

func (d *fakeDocument) takeBack(seen uint64, from, to *[][]buffer.Edit) ([]buffer.Patch, uint64, error) {
	last := len(*from) - 1
	if d.err != nil || last < 0 {
		return d.patches[seen:], uint64(len(d.patches)) + 1, d.err
	}
	edits := (*from)[last]
	*from = (*from)[:last]
	return d.carryOut(seen, edits, to)
}

// put is an edit by someone else. What was done before it can't be undone.
func (d *fakeDocument) put(at, n int, text string) buffer.Patch {
	d.done, d.undone = nil, nil
	return d.splice(at, n, text)
}

func (d *fakeDocument) splice(at, n int, text string) buffer.Patch {
	in := []rune(text)
	p := buffer.Patch{Num: uint64(len(d.patches)) + 1, At: at, Delete: n, Insert: text, Inserted: len(in)}
	d.patches = append(d.patches, p)
	d.text = append(d.text[:at:at], append(in, d.text[at+n:]...)...)
	return p
}

// stage is an editor in a window, with a clock that the test sets and timers
// that it fires.
type stage struct {
	*Editor
	doc    *fakeDocument
	window fyne.Window
	clock  time.Time
	timers map[int]timer
	made   int // timers so far
	errs   []error
	moves  int
}

type timer struct {
	after time.Duration
	f     func()
}

const (
	stageWidth  = 752
	stageHeight = 500
)

func newStage(t testing.TB, text string) *stage {
	test.NewTempApp(t)
	s := &stage{doc: &fakeDocument{text: []rune(text)}, clock: time.Unix(1, 0), timers: make(map[int]timer)}
	s.Editor = New(Config{
		Document: s.doc, Text: text, Theme: testTheme(t), Placeholder: "Write something",
		OnError: func(err error) { s.errs = append(s.errs, err) },
		OnCaret: func(int, int) { s.moves++ },
		Reload:  func() (string, uint64) { return string(s.doc.text), uint64(len(s.doc.patches)) },
	})
	s.now = func() time.Time { return s.clock }
	s.after = func(d time.Duration, f func()) func() {
		s.made++
		n := s.made
		s.timers[n] = timer{d, f}
		return func() { delete(s.timers, n) }
	}
	s.window = test.NewTempWindow(t, s.Editor)
	s.window.SetPadded(false)
	s.window.Resize(fyne.NewSize(stageWidth, stageHeight))
	return s
}

// patientTokens is [highlight.Tokens] on a machine that may be busy: what that gives
// up, which it does after 250 ms, it is asked again.
func patientTokens(language, code string) []highlight.Token {
	for end := time.Now().Add(30 * time.Second); ; {
		begin := time.Now()
		got := highlight.Tokens(language, code)
		if now := time.Now(); got != nil || now.Sub(begin) < 250*time.Millisecond || now.After(end) {
			return got
		}
	}
}

// fire runs the timers of one kind, told by their time, and reports how many
// there were.
func (s *stage) fire(after time.Duration) int {
	var due []func()
	for n, t := range s.timers {
		if t.after == after {
			due = append(due, t.f)
			delete(s.timers, n)
		}
	}
	for _, f := range due {
		f()
	}
	return len(due)
}

func (s *stage) focus() { s.window.Canvas().Focus(s.Editor) }

// testTheme is the look by day, with the fonts of the assets.
func testTheme(t testing.TB) Theme {
	return Theme{
		Page: hex(0xFCFBF8), Text: hex(0x22262C), Dim: hex(0x646970), Faint: hex(0xA9A79F),
		Accent: hex(0x1F6F78), Code: hex(0xF1EFE9), Line: hex(0xE5E1D8), Selection: fade(hex(0x1F6F78), 0x33),
		Found: fade(hex(0xB2621B), 0x40), Wrong: hex(0xB4436C), Arrived: hex(0xFBE9C8),
		Keyword: hex(0x7A4FB5), String: hex(0x2E7D5B), Comment: hex(0x646970), Number: hex(0xB2621B),
		Function: hex(0x3867B7), Type: hex(0x1F6F78),
		Serif: typeset.Fonts{
			typeset.Regular: fontFile(t, "SourceSerif4-Regular"), typeset.SemiBold: fontFile(t, "SourceSerif4-SemiBold"),
			typeset.Bold: fontFile(t, "SourceSerif4-Bold"), typeset.Italic: fontFile(t, "SourceSerif4-Italic"),
			typeset.BoldItalic: fontFile(t, "SourceSerif4-BoldItalic"), typeset.Mono: fontFile(t, "JetBrainsMono-Regular"),
			typeset.MonoBold: fontFile(t, "JetBrainsMono-Bold"), typeset.UI: fontFile(t, "Inter-SemiBold"),
		},
	}
}

// darkTheme is the look by night.
func darkTheme(t testing.TB) Theme {
	k := testTheme(t)
	k.Page, k.Text, k.Dim, k.Faint = hex(0x16191D), hex(0xE7E3DA), hex(0x9BA1A9), hex(0x5F656D)
	k.Accent, k.Code, k.Line = hex(0x6CC3C6), hex(0x20242A), hex(0x2A2F36)
	k.Selection, k.Found = fade(hex(0x6CC3C6), 0x33), fade(hex(0xD9A441), 0x55)
	k.Keyword, k.String, k.Comment, k.Number = hex(0xB999E8), hex(0x8CCB9A), hex(0x9BA1A9), hex(0xE2A568)
	k.Function, k.Type = hex(0x8AAFEB), hex(0x6CC3C6)
	return k
}

var fonts = make(map[string]fyne.Resource)

func fontFile(t testing.TB, name string) fyne.Resource {
	t.Helper()
	if f, ok := fonts[name]; ok {
		return f
	}
	data, err := os.ReadFile(filepath.Join("..", "..", "assets", "fonts", name+".ttf"))
	if err != nil {
		t.Fatal(err)
	}
	fonts[name] = fyne.NewStaticResource(name+".ttf", data)
	return fonts[name]
}

func hex(rgb uint32) color.NRGBA {
	return color.NRGBA{uint8(rgb >> 16), uint8(rgb >> 8), uint8(rgb), 0xff}
}
