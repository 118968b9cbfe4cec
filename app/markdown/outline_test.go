package markdown

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

func TestOutline(t *testing.T) {
	got := Outline("---\ntitle: x\n---\n# The **first** [one](u)\ntext\n\nUnder\nlined `code`\n---\n```\n# not\n```\n- ## in \\*item\n> ### in quote ###\n#\ntext\n---")
	want := []HeadingAt{{1, "The first one", 3}, {2, "lined code", 7}, {2, "in *item", 12}, {3, "in quote", 13}, {1, "", 14}, {2, "text", 15}}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if got := Outline(""); got != nil {
		t.Error("an empty text has headings: ", got)
	}
}

// manual is 1 MB like a manual's.
var manual = func() string {
	var b strings.Builder
	for i := 0; b.Len() < 1<<20; i++ {
		fmt.Fprintf(&b, "## Part %d of *it*\n\nSome text with **signs** and a [link](https://a.example) that goes on.\nMore of it, and more.\n\n- an item\n- [x] a task\n\n```go\nfunc f() {}\n```\n\n| a | b |\n|---|---|\n| c | d |\n\n", i)
	}
	return b.String()
}()

func BenchmarkOutline(b *testing.B) {
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			Outline(manual)
		}
	})
	b.Run("goldmark", func(b *testing.B) {
		for b.Loop() {
			doc := oracle.Parser().Parse(text.NewReader([]byte(manual)))
			n := 0
			_ = ast.Walk(doc, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
				if node.Kind() == ast.KindHeading && entering {
					n++
				}
				return ast.WalkContinue, nil
			})
		}
	})
}

func TestBoxAt(t *testing.T) {
	for _, c := range []struct {
		line string
		hits string // a bit of each offset
	}{
		{"- [ ] a", "1111110"},
		{"  1. [x] a", "0000011110"},
		{"- a [ ] b", "000000000"},
		{"> - [ ] a", "001111110"},
	} {
		for i := range len(c.line) {
			if got := BoxAt(begunBit, c.line, i); got != (c.hits[i] == '1') {
				t.Errorf("%q at %d: %v", c.line, i, got)
			}
		}
	}
}

// TestSmallAhead holds that few lines mean anything for the one above, since
// layouts are kept by it.
func TestSmallAhead(t *testing.T) {
	for _, line := range []string{"", "text", "- item", "# head", "-", "| a | b |", "```", "> quote", "1. one", "a --- b"} {
		if a := Look(line); a != 0 {
			t.Errorf("%q: %x", line, a)
		}
	}
	for _, line := range []string{"===", "---", "-- ", "|-|", "> ---", "  ==", ":-: | -", "title: x"} {
		if Look(line) == 0 {
			t.Errorf("%q means nothing", line)
		}
	}
}
