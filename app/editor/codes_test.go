package editor

import (
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"starling/app/highlight"
	"starling/app/markdown"
)

func TestTokensAreCarried(t *testing.T) {
	// if x { "s" }
	tokens := []highlight.Token{{From: 0, To: 2, Kind: highlight.Keyword}, {From: 7, To: 10, Kind: highlight.String}}
	for _, c := range []struct {
		after string
		want  [][2]int
	}{
		{"if x { \"s\" }", [][2]int{{0, 2}, {7, 10}}},
		{"if xy { \"s\" }", [][2]int{{0, 2}, {8, 11}}},
		{"if x { \"st\" }", [][2]int{{0, 2}, {7, 11}}},
		{"iff x { \"s\" }", [][2]int{{0, 3}, {8, 11}}},
		{"x { \"s\" }", [][2]int{{4, 7}}},
		{"if x", [][2]int{{0, 2}}},
		{"", nil},
	} {
		var got [][2]int
		for _, token := range carryTokens(tokens, "if x { \"s\" }", c.after) {
			got = append(got, [2]int{token.From, token.To})
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("to %q they are carried to %v, want %v", c.after, got, c.want)
		}
	}
}

// Carried tokens are ascending, apart, and inside of the line.
func TestCarriedTokensAreSound(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := func() string {
		b := make([]byte, r.IntN(12))
		for i := range b {
			b[i] = "ab"[r.IntN(2)]
		}
		return string(b)
	}
	for range 20_000 {
		before, after := text(), text()
		var tokens []highlight.Token
		for at := 0; at < len(before); {
			end := min(at+1+r.IntN(4), len(before))
			tokens = append(tokens, highlight.Token{From: at, To: end})
			at = end + r.IntN(3)
		}
		last := 0
		for _, token := range carryTokens(tokens, before, after) {
			if token.From < last || token.To <= token.From || token.To > len(after) {
				t.Fatalf("from %q to %q %v are carried to %v", before, after, tokens, carryTokens(tokens, before, after))
			}
			last = token.To
		}
	}
}

// fireColours lets the waits for colours end, however long they are.
func (s *stage) fireColours() {
	for range 3 {
		for n, t := range s.timers {
			delete(s.timers, n)
			t.f()
		}
	}
}

// plainCode is how many lines of code in view have not been coloured.
func (s *stage) plainCode() (plain, all int) {
	for i := range s.view.lines {
		if l := &s.view.lines[i]; l.md.Kind == markdown.Code {
			all++
			if !s.keepsColours(l) {
				plain++
			}
		}
	}
	return plain, all
}

func codeOf(lines int, line string) string {
	return "```go\n" + strings.Repeat(line+"\n", lines) + "```\n\n"
}

// TestAllCodeInViewIsColoured holds that code gets its colours though the same
// was coloured before: elsewhere, in the text before it was read again, or so
// long ago that its colours are forgotten.
func TestAllCodeInViewIsColoured(t *testing.T) {
	twins := codeOf(3, "return 1")
	t.Run("twins", func(t *testing.T) {
		s := newStage(t, twins+twins)
		s.fireColours()
		if plain, all := s.plainCode(); plain > 0 || all != 6 {
			t.Errorf("%d of %d lines are plain", plain, all)
		}
		if len(s.timers) != 0 {
			t.Errorf("%d timers go on", len(s.timers))
		}
	})
	t.Run("reset", func(t *testing.T) {
		s := newStage(t, twins)
		s.fireColours()
		s.Editor.Reset(twins, 0)
		s.fireColours()
		if plain, all := s.plainCode(); plain > 0 || all != 3 {
			t.Errorf("%d of %d lines are plain", plain, all)
		}
	})
	t.Run("forgotten", func(t *testing.T) {
		const blocks, lines = 18, 1000
		var text strings.Builder
		for n := range blocks {
			text.WriteString(codeOf(lines, "x := "+strconv.Itoa(n)))
		}
		s := newStage(t, text.String())
		s.fireColours()
		for n := range blocks {
			s.GoToLine(n*(lines+3) + 10)
			s.fireColours()
		}
		s.GoToLine(1)
		if plain, _ := s.plainCode(); plain == 0 {
			t.Fatal("nothing is forgotten")
		}
		s.fireColours()
		if plain, all := s.plainCode(); plain > 0 {
			t.Errorf("%d of %d lines are plain", plain, all)
		}
	})
}

// TestLongCodeIsColoured holds that the part of a block in view has its colours,
// however long it is, and that scrolling a little does not read it again.
func TestLongCodeIsColoured(t *testing.T) {
	line := "return \"" + strings.Repeat("x", 40) + "\" // the end"
	s := newStage(t, "```go\n"+strings.Repeat(strings.Repeat(line+"\n", 19)+"\n", 200)+"```\n")
	s.tokens = patientTokens
	coloured := func() (plain, all int) {
		for i := range s.view.lines {
			l := &s.view.lines[i]
			if l.text != line {
				continue
			}
			all++
			if c, _ := s.codes.lines.Get(l.source.Version); len(c.tokens) != 3 {
				plain++
			}
		}
		return plain, all
	}
	for _, n := range []int{1, 500, 1990, 2500, 3990} {
		s.GoToLine(n)
		s.fireColours()
		if plain, all := coloured(); plain > 0 || all == 0 {
			t.Errorf("in line %d %d of %d lines are plain", n, plain, all)
		}
	}
	s.GoToLine(2500)
	s.fireColours()
	done := len(s.codes.done)
	for range 20 {
		s.scrollBy(20)
		s.fireColours()
	}
	if more := len(s.codes.done) - done; more > 1 {
		t.Errorf("read %d times while scrolling 20 lines", more)
	}
}
