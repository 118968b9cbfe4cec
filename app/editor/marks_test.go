package editor

import (
	"slices"
	"strings"
	"testing"
)

// drawn is what the page draws of a text: its pieces in order, those that are
// struck between dashes.
func (s *stage) drawn() string {
	var all []string
	for _, t := range s.page.texts[:s.page.nTexts] {
		if t.TextStyle.Strikethrough {
			all = append(all, "-"+t.Text+"-")
		} else {
			all = append(all, t.Text)
		}
	}
	return strings.Join(all, "|")
}

func TestMarksStrikeWhatWasDeleted(t *testing.T) {
	red := hex(0xB4436C)
	for _, c := range []struct {
		from, to int
		want     string
	}{
		{0, 3, "-one-| two|three|"},
		{2, 5, "on|-e t-|wo|three|"},
		{4, 7, "one |-two-|three|"},
		{4, 10, "one |-two-|-th-|ree|"},
		{0, 14, "-one two-|-three-|"},
		{7, 8, "one two|three|"}, // a newline alone
	} {
		s := newStage(t, "one two\nthree\n")
		s.SetMarks([]Mark{{From: c.from, To: c.to, Colour: red, Struck: true}})
		if got := s.drawn(); got != strings.TrimSuffix(c.want, "|") {
			t.Errorf("%d to %d draws %q, want %q", c.from, c.to, got, c.want)
		}
	}
}

// The pieces of a struck line stand where the whole would.
func TestMarksMoveNothing(t *testing.T) {
	const text = "The quick brown fox jumps over it"
	s := newStage(t, text)
	whole := s.page.texts[0].Position().X + s.page.texts[0].Size().Width
	s.SetMarks([]Mark{{From: 4, To: 9, Colour: hex(1), Struck: true}, {From: 16, To: 19, Colour: hex(2), Struck: true}})
	last := s.page.texts[s.page.nTexts-1]
	if end := last.Position().X + last.Size().Width; end < whole-2 || end > whole+2 {
		t.Errorf("the line ends at %v, not %v", end, whole)
	}
}

func TestMarksUnderlineWhatWasInserted(t *testing.T) {
	green, blue := hex(0x2E7D5B), hex(0x3867B7)
	long := strings.Repeat("many words go on ", 12)
	s := newStage(t, long+"\n"+long)
	count := func() (tints, lines int) {
		for _, b := range s.page.boxes[:s.page.nBoxes] {
			switch {
			case b.FillColor == green && b.Size().Height == markUnderline:
				lines++
			case b.FillColor == fade(green, markTint):
				tints++
			}
		}
		return tints, lines
	}
	s.SetMarks([]Mark{{From: 5, To: 9, Colour: green}, {From: 9, To: 12, Colour: blue}})
	if tints, lines := count(); tints != 1 || lines != 1 {
		t.Errorf("a word has %d tints and %d lines", tints, lines)
	}
	s.SetMarks([]Mark{{From: 0, To: 2 * len(long), Colour: green}})
	rows := 0
	for _, l := range s.view.lines {
		rows += len(l.Rows)
	}
	if tints, lines := count(); tints != rows || lines != rows {
		t.Errorf("%d rows have %d tints and %d lines", rows, tints, lines)
	}
	s.SetMarks(nil)
	if tints, lines := count(); tints+lines != 0 {
		t.Errorf("%d tints and %d lines stay", tints, lines)
	}
}

// Marks in their thousands cost what is in view.
func TestMarksInView(t *testing.T) {
	var marks []Mark
	text := strings.Repeat("word \n", 20_000)
	for i := range 20_000 {
		marks = append(marks, Mark{From: i * 6, To: i*6 + 4, Colour: hex(0x2E7D5B), Struck: i%2 == 0})
	}
	s := newStage(t, text)
	s.SetMarks(marks)
	if n := s.page.nBoxes; n > 100+maxBarMarks {
		t.Errorf("%d boxes are drawn", n)
	}
	s.GoTo(60_000)
	if !slices.Contains(strings.Split(s.drawn(), "|"), "-word-") {
		t.Errorf("in the middle draws %q", s.drawn())
	}
}
