package editor

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"starling/app/typeset"
)

// looked is how lines look on the screen.
func looked(e *Editor) (out []string, drawn [][]typeset.Fragment) {
	for i := range e.view.lines {
		l := &e.view.lines[i]
		var all []typeset.Fragment
		for j := range l.Rows {
			for _, f := range l.Fragments(j) {
				all = append(all, typeset.Fragment{Text: f.Text, X: f.X, W: f.W, Ink: f.Ink, Tag: f.Tag, From: f.From, To: f.To})
			}
		}
		out = append(out, l.text)
		drawn = append(drawn, all)
	}
	return out, drawn
}

// TestLooksLikeAFreshEditor does at random what changes text, view and settings,
// and holds that what was laid out before makes no difference: the page is that
// of an editor that was just made.
func TestLooksLikeAFreshEditor(t *testing.T) {
	pieces := []string{
		"# ", "some words ", "**bold** ", "`code` ", "| a | b |\n|---|--:|\n| long cell | 1 |\n", "|", "\n", "\n\n", "- [ ] task\n", "> quote\n",
		"---\n", "===\n", "1. one\n", "\t", "x", "[^1]: note\n", "é漢字 ", "שלום ", "    ", "[l](u)",
	}
	lines := []string{"", "---\n", "===\n", "|--:|---|\n", "| wider than before | 2 |\n", "words\n", "| x | y |\n", "words\n\n", "```\n"}
	r := rand.New(rand.NewPCG(5, 6))
	text := ""
	for range 40 {
		text += pieces[r.IntN(len(pieces))]
	}
	s := newStage(t, text)
	s.focus()
	for step := range 600 {
		if step%50 == 0 {
			s.ReplaceRange(0, s.buf.Len(), text)
		}
		n := s.buf.Len()
		switch r.IntN(12) {
		case 0, 1:
			at := r.IntN(n + 1)
			s.ReplaceRange(at, at+r.IntN(4), "")
		case 2, 3: // the start of a line, or a whole one
			i := r.IntN(s.buf.Lines())
			s.ReplaceRange(s.buf.LineStart(i), s.buf.LineStart(i+r.IntN(2)), lines[r.IntN(len(lines))])
		case 4:
			at := r.IntN(n + 1)
			s.ReplaceRange(at, at, pieces[r.IntN(len(pieces))])
		case 5:
			s.by("a", r.IntN(n+1), 0, pieces[r.IntN(len(pieces))])
		case 6:
			s.GoTo(r.IntN(n + 1))
		case 7:
			if r.IntN(3) > 0 {
				continue
			}
			set := Settings{HideMarks: r.IntN(2) == 0, Zoom: []float32{0, 1.5}[r.IntN(2)], Column: []float32{0, 300}[r.IntN(2)]}
			set.Face = PageFace(r.IntN(3))
			s.SetSettings(set)
		default:
			s.Editor.Do([]Command{"undo", "bold", "list", "heading.2", "line.up", "newline", "quote", "duplicate.down"}[r.IntN(8)])
		}
		fresh := New(Config{Document: s.doc, Text: s.Text(), Theme: s.config.Theme, Settings: s.settings})
		fresh.after, fresh.canvas = s.after, s.canvas
		fresh.focused = true
		fresh.Resize(s.Size())
		fresh.buf.Select(s.buf.Anchor(), s.buf.Caret())
		fresh.view.top, fresh.view.dy = s.view.top, s.view.dy
		fresh.settle()
		shown, was := looked(s.Editor)
		same, now := looked(fresh)
		if strings.Join(shown, "\n") != strings.Join(same, "\n") {
			t.Fatalf("step %d: in view are %q, afresh %q", step, shown, same)
		}
		for i := range was {
			if !reflect.DeepEqual(was[i], now[i]) {
				t.Fatalf("step %d: %+v: line %q looks like\n%+v, afresh\n%+v", step, s.settings, shown[i], was[i], now[i])
			}
		}
	}
}
