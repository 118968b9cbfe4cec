package editor

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"starling/app/buffer"
)

var (
	numbering   = regexp.MustCompile(`[0-9]+[.)]`)
	indentation = regexp.MustCompile(`(?m)^[ 	]+`)
)

// plainOf is a text without numbers and indentation.
func plainOf(text string) string {
	return indentation.ReplaceAllString(numbering.ReplaceAllString(text, ""), "")
}

// Moving, duplicating and deleting lines of lists does what it does to any
// lines, but for the numbers and how far what they hold is indented.
func TestLinesOfListsMoveAsOthers(t *testing.T) {
	lines := []string{"1. a", "2. b", "9. c", "10. d", "- x", "", "   1. n", "   2. m", "text", "3) p", "> 1. q", "é"}
	ops := map[Command]func(b *buffer.Buffer) error{
		"line.up":        func(b *buffer.Buffer) error { return b.MoveLines(true) },
		"line.down":      func(b *buffer.Buffer) error { return b.MoveLines(false) },
		"duplicate.up":   func(b *buffer.Buffer) error { return b.DuplicateLines(true) },
		"duplicate.down": func(b *buffer.Buffer) error { return b.DuplicateLines(false) },
		"delete.line":    func(b *buffer.Buffer) error { return b.DeleteLines() },
	}
	s := newStage(t, "")
	renumbered := 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 4))
		var all []string
		for range 1 + r.IntN(7) {
			all = append(all, lines[r.IntN(len(lines))])
		}
		text := strings.Join(all, "\n")
		n := len([]rune(text)) + 1
		caret, anchor := r.IntN(n), r.IntN(n)
		for name, op := range ops {
			*s.doc = fakeDocument{text: []rune(text)}
			s.Reset(text, 0)
			s.buf.Select(anchor, caret)
			s.Do(name)
			s.agree(t)
			plain := buffer.New(&fakeDocument{text: []rune(text)}, text, 0)
			plain.Select(anchor, caret)
			if err := op(plain); err != nil {
				t.Fatal(err)
			}
			if got, want := plainOf(s.Text()), plainOf(plain.Text()); got != want {
				t.Fatalf("%s in %q, selected %d to %d: %q, not like %q", name, text, anchor, caret, s.Text(), plain.Text())
			}
			line, _ := s.buf.LineAt(s.buf.Caret())
			if want, _ := plain.LineAt(plain.Caret()); line != want {
				t.Fatalf("%s in %q, selected %d to %d: caret in line %d, not %d", name, text, anchor, caret, line, want)
			}
			if s.Text() != plain.Text() {
				renumbered++
			}
		}
	}
	if renumbered < 100 {
		t.Errorf("only %d lists were numbered anew", renumbered)
	}
}
