package editor

import (
	"image/color"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"starling/app/buffer"
	"starling/crdt"
)

var (
	ada   = Writer{ID: "a", Name: "Ada", Initial: "A", Colour: hex(0xB4436C), Line: hex(0xB4436C)}
	grace = Writer{ID: "g", Name: "Grace", Initial: "G", Colour: hex(0x2E7D5B), Line: hex(0x2E7D5B), Pattern: 1}
	me    = Writer{ID: "m", Name: "Me", Initial: "M", Self: true}
)

func writers(actor string) Writer {
	return map[string]Writer{"a": ada, "g": grace, "m": me}[actor]
}

// boxesOf counts the rectangles drawn in the colour of somebody, however pale.
func (s *stage) boxesOf(w Writer) int {
	n := 0
	for _, b := range s.page.boxes[:s.page.nBoxes] {
		fill, want := b.FillColor.(color.NRGBA), w.Line
		if fill.A > 0 && fill.R == want.R && fill.G == want.G && fill.B == want.B {
			n++
		}
	}
	return n
}

// by lets somebody write, and the editor hear of it.
func (s *stage) by(actor string, at, del int, text string) {
	p := s.doc.put(at, del, text)
	p.Actor = crdt.ActorID(actor)
	s.doc.patches[len(s.doc.patches)-1] = p
	s.Apply([]buffer.Patch{p})
}

func TestWhatArrivesGlowsAndFades(t *testing.T) {
	s := newStage(t, "some text\n")
	s.config.Writer = writers
	s.by("m", 0, 0, "own ")
	if s.boxesOf(me) != 0 || len(s.glows.all) != 0 {
		t.Fatal("what the person here wrote elsewhere glows")
	}
	s.by("a", 4, 0, "new ")
	if s.boxesOf(ada) != 1 {
		t.Fatalf("%d boxes of what has just come, want 1", s.boxesOf(ada))
	}
	// More of the same is one stretch, and what is written before it moves it.
	s.by("a", 8, 0, "words ")
	s.by("g", 0, 0, "x")
	if len(s.glows.all) != 2 || s.glows.all[0].from != 5 || s.glows.all[0].to != 15 {
		t.Fatalf("the glows are %+v", s.glows.all)
	}
	for step := range 2 * glowSteps {
		s.clock = s.clock.Add(glowTime / glowSteps)
		if s.fire(glowTime/glowSteps) == 0 && step < glowSteps-1 {
			t.Fatalf("nothing fades at step %d", step)
		}
	}
	if len(s.glows.all) != 0 || s.boxesOf(ada) != 0 || len(s.timers) != 0 {
		t.Errorf("after its time %+v still glows, with %d timers", s.glows.all, len(s.timers))
	}
}

func TestNamesFadeAndComeBack(t *testing.T) {
	s := newStage(t, "some text\nmore of it\n")
	others := []Remote{{Writer: Writer{ID: "a", Name: "Ada", Colour: ada.Colour}, Caret: 4, Anchor: 4}}
	named := func() bool { return slices.Contains(strings.Split(s.drawn(), "|"), "Ada") }
	s.SetRemotes(others)
	if !named() {
		t.Fatal("no name at a caret that has come")
	}
	s.clock = s.clock.Add(flagTime)
	s.fire(flagTime - flagFade)
	if named() {
		t.Error("the name is still there")
	}
	s.SetRemotes(others)
	if named() {
		t.Error("a caret that did not move has its name again")
	}
	at, _ := s.spotOf(4)
	s.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(at.x+3, at.y+5)}})
	if !named() {
		t.Error("the mouse does not bring the name back")
	}
	s.MouseOut()
	if named() {
		t.Error("the name stays when the mouse has left")
	}
	others[0].Caret, others[0].Anchor = 6, 6
	s.SetRemotes(others)
	if !named() {
		t.Error("a caret that moved has no name")
	}
}

// wrote answers [Config.Pieces] from a list.
func wrote(pieces ...Piece) func(at, n int, seen uint64, deleted bool) ([]Piece, bool) {
	return func(at, n int, _ uint64, deleted bool) (out []Piece, ok bool) {
		place := 0
		for _, p := range pieces {
			if p.Gone {
				if deleted && at <= place && place <= at+n {
					out = append(out, p)
				}
				continue
			}
			from, to := max(place, at), min(place+p.N, at+n)
			place += p.N
			if from < to {
				p.N = to - from
				out = append(out, p)
			}
		}
		return out, true
	}
}

func TestAuthorsAreColouredPatternedAndNamed(t *testing.T) {
	s := newStage(t, "Ada's. Grace's.\n")
	s.config.Pieces = wrote(Piece{N: 7, Who: ada}, Piece{N: 9, Who: grace})
	if s.boxesOf(ada) != 0 {
		t.Fatal("authors are coloured without being asked for")
	}
	s.SetSettings(Settings{Authors: true})
	// A tint, a whole line, the chip.
	if n := s.boxesOf(ada); n != 3 {
		t.Errorf("Ada has %d boxes, want 3", n)
	}
	if n := s.boxesOf(grace); n < 10 {
		t.Errorf("Grace's line is not dotted: %d boxes", n)
	}
	if !strings.Contains(s.drawn(), "A") {
		t.Errorf("no initial in %q", s.drawn())
	}
	s.SetSettings(Settings{})
	if s.boxesOf(ada) != 0 {
		t.Error("authors stay coloured")
	}
}

func TestDeletedTextIsStruckWhereItWas(t *testing.T) {
	when := time.Date(2026, 3, 1, 10, 30, 0, 0, time.UTC)
	s := newStage(t, "one three\nfour")
	s.config.Pieces = wrote(
		Piece{N: 4, Who: ada}, Piece{Gone: true, Text: "two ", Who: ada, By: grace, When: when, Went: when.Add(time.Hour)},
		Piece{N: 6, Who: ada}, Piece{Gone: true, Text: "a\nb", Who: ada, By: grace}, Piece{N: 4, Who: ada},
	)
	s.SetSettings(Settings{Deleted: true})
	if got, want := s.drawn(), "one |-two -|three|-a¶ b-|four"; got != want {
		t.Fatalf("drawn %q, want %q", got, want)
	}
	// The caret steps over what is not in the text.
	s.GoTo(4)
	before, _ := s.spotOf(4)
	s.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	after, _ := s.spotOf(5)
	if s.Text() != "one three\nfour" || after.x <= before.x {
		t.Errorf("the caret goes from %v to %v in %q", before, after, s.Text())
	}
	at, _ := s.spotOf(4)
	s.hoverAt(fyne.NewPos(at.x+10, at.y+10))
	s.fire(hoverTime)
	if want := "Ada, 1 March 2026, 10:30 · deleted by Grace, 1 March 2026, 11:30"; s.hover.said != want {
		t.Errorf("the mouse is told %q, want %q", s.hover.said, want)
	}
	s.SetSettings(Settings{})
	if got := s.drawn(); got != "one three|four" {
		t.Errorf("afterwards %q is drawn", got)
	}
}

func TestMarksHideOnLinesWithoutTheCaret(t *testing.T) {
	s := newStage(t, "# Title\nsome **bold** text\n- [ ] task")
	s.focus()
	s.SetSettings(Settings{HideMarks: true})
	s.GoTo(0)
	if got, want := s.drawn(), "# |Title|some |bold| text|\u2003| task"; got != want && !strings.HasPrefix(got, "# |Title|some |bold| text|") {
		t.Errorf("drawn %q, want %q", got, want)
	}
	s.GoTo(12)
	if got := s.drawn(); !strings.HasPrefix(got, "Title|some |**|bold|**| text|") {
		t.Errorf("with the caret in the second line %q", got)
	}
}

func TestTablesStandInColumns(t *testing.T) {
	s := newStage(t, "| a | bbbbbb |\n|---|---:|\n| cccccccc | d |\n\nafter | that\n")
	edges := func(line string) (x []float32) {
		for i := range s.view.lines {
			l := &s.view.lines[i]
			if l.text != line {
				continue
			}
			for _, f := range l.Fragments(0) {
				if f.Text == "|" {
					x = append(x, f.X)
				}
			}
		}
		return x
	}
	first, last := edges("| a | bbbbbb |"), edges("| cccccccc | d |")
	for i := range first {
		if abs(first[i]-last[i]) > 1.5 {
			t.Errorf("the pipes stand at %v and %v", first, last)
		}
	}
	if len(first) != 3 {
		t.Errorf("%d pipes", len(first))
	}
	s.GoTo(3)
	s.TypedRune('x')
	if wide := edges("| ax | bbbbbb |"); abs(wide[1]-first[1]) > 1.5 {
		t.Errorf("a letter in the narrow cell moves the pipe from %v to %v", first[1], wide[1])
	}
}

func TestCodeIsColouredAfterAMoment(t *testing.T) {
	s := newStage(t, "```go\nfunc main() {\n\treturn \"x\"\n} // */\n```\n")
	keyword := func() (n int) {
		for _, o := range s.page.texts[:s.page.nTexts] {
			if o.Color == s.config.Theme.Keyword {
				n++
			}
		}
		return n
	}
	s.fire(colourTime)
	if keyword() != 2 {
		t.Fatalf("%d keywords in %q", keyword(), s.drawn())
	}
	// The line that is typed in keeps its colours.
	s.GoTo(20)
	s.TypedRune('x')
	if keyword() != 2 {
		t.Errorf("while typing %d keywords in %q", keyword(), s.drawn())
	}
	// What is opened above colours what is below.
	s.GoTo(6)
	s.by("a", 6, 0, "/* ")
	s.fire(colourTime)
	if keyword() != 0 {
		t.Errorf("within a comment %d keywords in %q", keyword(), s.drawn())
	}
}

func TestFocusDimsTheRest(t *testing.T) {
	s := newStage(t, "one\ntwo\n\nthree\n")
	s.GoTo(0)
	s.SetSettings(Settings{Focus: true})
	full := func() (out []string) {
		for _, o := range s.page.texts[:s.page.nTexts] {
			if o.Color == s.config.Theme.Text {
				out = append(out, o.Text)
			}
		}
		return out
	}
	if got := strings.Join(full(), " "); got != "one two" {
		t.Errorf("in focus %q", got)
	}
	s.GoTo(10)
	if got := strings.Join(full(), " "); got != "three" {
		t.Errorf("in focus %q", got)
	}
}

func TestTypewriterKeepsTheRow(t *testing.T) {
	s := newStage(t, numbered(300))
	s.SetSettings(Settings{Typewriter: true})
	s.GoTo(s.buf.LineStart(100))
	want, _ := s.spotOf(s.buf.Caret())
	for range 5 {
		s.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
		if at, _ := s.spotOf(s.buf.Caret()); abs(at.y-want.y) > 1 {
			t.Fatalf("the caret's row goes from %v to %v", want.y, at.y)
		}
	}
}

func TestFollowEndsWithAKey(t *testing.T) {
	s := newStage(t, numbered(300))
	var told []string
	s.config.OnFollow = func(id string) { told = append(told, id) }
	far := s.buf.LineStart(200)
	s.SetRemotes([]Remote{{Writer: Writer{ID: "a", Name: "Ada"}, Caret: far, Anchor: far}})
	s.Follow("a")
	if _, ok := s.spotOf(far); !ok {
		t.Fatal("whom one follows is not in view")
	}
	if s.buf.Caret() != 0 {
		t.Error("to follow moves the caret")
	}
	far = s.buf.LineStart(20)
	s.SetRemotes([]Remote{{Writer: Writer{ID: "a", Name: "Ada"}, Caret: far, Anchor: far}})
	if _, ok := s.spotOf(far); !ok {
		t.Error("whom one follows leaves the view")
	}
	s.TypedRune('x')
	if got := strings.Join(told, ","); got != "a," {
		t.Errorf("told of following %q", got)
	}
}

type onlyLower struct{}

func (onlyLower) Right(word string) bool { return !strings.Contains(word, "q") }

func TestWrongWordsAreUnderlined(t *testing.T) {
	s := newStage(t, "good baqd `qcode` qux")
	s.SetSpell(onlyLower{})
	s.GoTo(0)
	s.focus()
	count := func() (n int) {
		for _, b := range s.page.boxes[:s.page.nBoxes] {
			if b.FillColor == fade(s.config.Theme.Wrong, 0xC0) {
				n++
			}
		}
		return n
	}
	if count() != 2 {
		t.Errorf("%d words are underlined, want 2", count())
	}
	s.GoTo(s.buf.Len()) // one is being typed
	if count() != 1 {
		t.Errorf("%d words are underlined while the last is typed, want 1", count())
	}
	if word, from, to := s.wrongAt(6); word != "baqd" || from != 5 || to != 9 {
		t.Errorf("at 6 stands %q from %d to %d", word, from, to)
	}
}

// What is typed where text was deleted comes before that text, and so does the
// caret, however long the deleted text is; the view does not run away.
func TestTypingBesideLongDeletedText(t *testing.T) {
	s := newStage(t, "start")
	long := strings.Repeat("what was here once is gone ", 12)
	s.config.Pieces = func(at, n int, _ uint64, deleted bool) ([]Piece, bool) {
		return []Piece{{N: n, Who: ada}, {Gone: true, Text: long, Who: ada, By: grace}}, true
	}
	s.focus()
	s.SetSettings(Settings{Deleted: true})
	s.GoTo(5)
	for _, r := range " see me" {
		s.TypedRune(r)
		at, ok := s.spotOf(s.buf.Caret())
		if !ok || at.y > 60 {
			t.Fatalf("after %q the caret is at %v, %v", r, at, ok)
		}
	}
	before, _ := s.spotOf(s.buf.Caret())
	text := s.page.texts[0]
	if end := text.Position().X + text.Size().Width; text.Text != "start see me" || abs(end-before.x) > 2 {
		t.Errorf("the caret stands at %v behind %q, which ends at %v", before.x, text.Text, end)
	}
	// Down passes the rows of deleted text, and up comes back.
	s.by("a", 12, 0, "\nnext")
	s.GoTo(3)
	s.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	if line, _ := s.buf.LineAt(s.buf.Caret()); line != 1 {
		t.Errorf("down goes to %d in line %d", s.buf.Caret(), line)
	}
}
