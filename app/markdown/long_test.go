package markdown

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestLongList holds that a list longer than what is looked at keeps its
// numbers: those below count on, and nested ones are not taken for others.
func TestLongList(t *testing.T) {
	var b strings.Builder
	b.WriteString("1. top\n")
	for i := range 1500 {
		fmt.Fprintf(&b, "   %d. nested\n", i+1)
	}
	b.WriteString("2. next\n3. last")
	l := newText(b.String())
	last := l.Lines() - 1
	r, ok := Enter(l, Pos{Line: last - 2, Offset: len("   1500. nested")})
	if want := []Change{{Line: last - 2, From: 15, To: 15, Text: "\n   1501. "}}; !ok || len(r.Changes) != 1 || r.Changes[0] != want[0] {
		t.Errorf("%+v", r.Changes)
	}
	r, _ = Enter(l, Pos{Line: last - 1, Offset: len("2. next")})
	if len(r.Changes) != 2 || r.Changes[0].Text != "\n3. " || r.Changes[1].Text != "4" {
		t.Errorf("%+v", r.Changes)
	}
	// A place in the middle of what was not looked at from its start.
	r, _ = Nest(l, Pos{Line: 1400}, Pos{Line: 1400}, true)
	for _, c := range r.Changes {
		if c.Line < 1400 {
			t.Fatalf("a line above changed: %+v", c)
		}
	}
}

// TestHostileLines holds that no line costs the square of its length: at 8 KiB
// that would be a tenth of a second and more.
func TestHostileLines(t *testing.T) {
	for _, piece := range []string{
		"*", "_", "~", "[", "]", "`", "|", "<", "\\", ">", "(", "*a ", "a**b", "*a_b**c__ ", "[a](", "[a](b)", "[a][b]",
		"[a](b 'c", "![", "`a``b```c````", "\\`a", "<a b='", "<!--", "<?", "<!a", "<![CDATA[", "_www.a_b.c_d",
		"~http://a_b", "www.", "http://", "[^a]", "*\u0301", "<a@", "&a;", "<a:", "- ", "1. ", "[](", "](a(", "**a*",
	} {
		for _, line := range []string{
			strings.Repeat(piece, MaxInline/len(piece)),
			strings.Repeat("[", MaxInline/3) + strings.Repeat(piece, MaxInline*2/3/len(piece)),
		} {
			best := time.Hour
			for range 5 {
				start := time.Now()
				Parse(begunBit, Look("|-|"), line)
				Look(line)
				best = min(best, time.Since(start))
			}
			if best > 20*time.Millisecond {
				t.Errorf("%q…: %v", line[:min(len(line), 20)], best)
			}
		}
	}
}
