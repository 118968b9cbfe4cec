package markdown

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// truth is what a byte of text is.
type truth struct {
	known   bool
	style   Style
	heading int
	quotes  int
	block   Kind // Code, TableRow or Paragraph for all else
}

var oracle = goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote))

// goldmarkTruth says what goldmark makes of the bytes of text.
func goldmarkTruth(source string) []truth {
	src := []byte(source)
	out := make([]truth, len(src))
	doc := oracle.Parser().Parse(text.NewReader(src))
	mark := func(at truth, s text.Segment) {
		at.known = true
		for i := s.Start; i < s.Stop; i++ {
			out[i] = at
		}
	}
	var walk func(n ast.Node, at truth)
	walk = func(n ast.Node, at truth) {
		switch n := n.(type) {
		case *ast.Emphasis:
			at.style |= [...]Style{1: Italic, 2: Bold}[n.Level]
		case *east.Strikethrough:
			at.style |= Strike
		case *ast.CodeSpan:
			at.style |= CodeSpan
		case *ast.Link, *ast.Image:
			at.style |= Link
		case *ast.Heading:
			at.heading = n.Level
		case *ast.Blockquote:
			at.quotes++
		case *east.TableCell:
			at.block = TableRow
		case *ast.CodeBlock, *ast.FencedCodeBlock:
			at.block = Code
			for i := range n.Lines().Len() {
				mark(at, n.Lines().At(i))
			}
		case *ast.Text:
			mark(at, n.Segment)
		}
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			walk(c, at)
		}
	}
	walk(doc, truth{})
	return out
}

// compare says where Parse differs from goldmark, or nothing. Of a run of * _ ~
// that is partly used, goldmark does not tell which of its bytes are left, so
// such bytes are only counted.
func compare(source string) string {
	want := goldmarkTruth(source)
	start, diff := 0, ""
	left, leftWant := 0, 0
	parseAll(source, func(i int, line string, l Line) {
		for _, s := range l.Spans {
			for at := s.From; at < s.To && diff == ""; at++ {
				w := want[start+at]
				if strings.IndexByte("*_~", line[at]) >= 0 && s.Style&(CodeSpan|URL|Comment) == 0 && l.Kind != Code && l.Kind != TableRule && l.Kind != Underline && l.Kind != Rule && l.Kind != Fence {
					if w.known {
						leftWant++
					}
					if s.Style&Mark == 0 {
						left++
					}
					continue
				}
				if !w.known || line[at] == '\\' || strings.TrimSpace(line[at:at+1]) == "" {
					continue
				}
				got := truth{known: true, style: s.Style & (Bold | Italic | Strike | CodeSpan | Link), quotes: l.Quotes}
				switch l.Kind {
				case Heading:
					got.heading = l.Level
				case Code:
					got.block, got.style = Code, 0
				case TableRow:
					got.block = TableRow
				}
				if s.Style&Mark != 0 {
					got.style |= Mark
				}
				if got != w {
					diff = fmt.Sprintf("line %d byte %d (%q): %+v, goldmark %+v\n%s", i+1, at, line[at], got, w, show(line, l))
				}
			}
		}
		start += len(line) + 1
	})
	if diff == "" && left != leftWant {
		diff = fmt.Sprintf("%d signs are text, for goldmark %d:\n%s", left, leftWant, source)
	}
	return diff
}

// writer makes Markdown up.
type writer struct {
	*rand.Rand
	out strings.Builder
}

func (w *writer) pick(from string) string {
	all := strings.Split(from, "|")
	return all[w.IntN(len(all))]
}

func (w *writer) word() string { return w.pick("one|two|three|naïve|слово|字|a1|x_y|it's") }

// inline makes a piece of a line; within says what it must not hold.
func (w *writer) inline(depth int, link bool) string {
	if depth == 0 {
		return w.word()
	}
	in := func() string { return w.inlines(depth-1, link) }
	switch w.IntN(10) {
	case 0:
		return "**" + in() + "**"
	case 1:
		return "*" + in() + "*"
	case 2:
		return "_" + in() + "_"
	case 3:
		return "***" + in() + "***"
	case 4:
		return "~~" + w.word() + " " + in() + "~~"
	case 5:
		return w.pick("`c*d*`|``a`b``|` `|`[x](y)`")
	case 6:
		if !link {
			return "[" + w.inlines(depth-1, true) + w.pick("](u)|](<a b>)|](/x_y_z \"*t*\")")
		}
	case 7:
		return w.pick(`\*|\_|\[|\\|\~`) + w.word()
	case 8:
		return w.pick("![") + w.word() + "](p)"
	}
	return w.word()
}

func (w *writer) inlines(depth int, link bool) string {
	out := w.inline(depth, link)
	for range w.IntN(4) {
		out += w.pick(" | |, |") + w.inline(depth, link)
	}
	return out
}

func (w *writer) line() string { return w.word() + " " + w.inlines(3, false) }

// block writes a block behind a prefix: what its first line begins with, and its
// further lines.
func (w *writer) block(first, rest string, depth int) {
	put := func(lines ...string) {
		for _, line := range lines {
			w.out.WriteString(first + line + "\n")
			first = rest
		}
	}
	kind := w.IntN(10)
	if depth == 0 {
		kind = w.IntN(6)
	}
	switch kind {
	case 0:
		put(strings.Repeat("#", 1+w.IntN(6)) + " " + w.line())
	case 1:
		put(w.line(), w.pick("===|---"))
	case 2:
		put(w.pick("```go|```|~~~"))
		put(w.word(), "  *"+w.word()+"*", "")
		put(w.pick("```|~~~"))
		put("", "```", "~~~", "", "~~~", "```")
	case 3:
		n := 2 + w.IntN(3)
		put("| "+strings.Repeat(w.word()+" | ", n), "|"+strings.Repeat("--|", n))
		put("| "+w.inlines(1, false)+" | "+w.word()+" |", w.word()+"|"+w.word())
	case 4:
		put(w.line(), w.word()) // emphasis that goes on would differ
	case 5:
		put("***")
	case 6, 7:
		marker := w.pick("- |+ |* |1. |7) |10. |-   ")
		for range 1 + w.IntN(3) {
			w.blocks(first+marker, rest+strings.Repeat(" ", len(marker)), depth-1)
			first = rest
		}
	default:
		w.blocks(first+"> ", rest+"> ", depth-1)
	}
}

func (w *writer) blocks(first, rest string, depth int) {
	for i := range 1 + w.IntN(3) {
		if i > 0 {
			w.out.WriteString(strings.TrimRight(rest, " ") + "\n")
		}
		w.block(first, rest, depth)
		first = rest
	}
}

// TestLikeGoldmark compares well-formed texts of all kinds of blocks: the styles
// of their texts, headings, quotes and code. A quote inside an item is left out:
// it holds no block of several lines.
func TestLikeGoldmark(t *testing.T) {
	for seed := range uint64(4000) {
		w := writer{Rand: rand.New(rand.NewPCG(seed, 7))}
		w.blocks("", "", 2)
		if source := w.out.String(); !quoteInItem(source) {
			if diff := compare(source); diff != "" {
				t.Fatalf("seed %d: %s\n%s", seed, diff, source)
			}
		}
	}
}

func quoteInItem(source string) bool {
	for line := range strings.Lines(source) {
		if before, _, ok := strings.Cut(line, ">"); ok && strings.Trim(before, " ") != "" {
			return true
		}
		rest := strings.TrimLeft(line, "> ")
		if quotes := line[:len(line)-len(rest)]; strings.Contains(quotes, "  >") || strings.HasPrefix(quotes, " ") {
			return true
		}
	}
	return false
}

// TestRunsLikeGoldmark compares lines of signs thrown together.
func TestRunsLikeGoldmark(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	pieces := strings.Split("*|**|***|_|__|a|b|é| |  |.|`|``|~~|[a|](b)|]|\\|(|)|!|“|”|<http://x.y>|&|<b>| https://a.bc/d_e | www.x.yz |'", "|")
	for range 60000 {
		line := "x"
		for range 1 + r.IntN(12) {
			line += pieces[r.IntN(len(pieces))]
		}
		if known(line) {
			continue
		}
		if diff := compare(line); diff != "" {
			t.Fatal(diff)
		}
	}
}

// known reports whether a line has one of the differences that doc.go names, or
// a bare link behind an open bracket, which goldmark takes for a link's text
// even behind a link.
func known(line string) bool {
	return strings.Contains(line, "][") || strings.Contains(line, `\~~`) || // goldmark wants no ~ before ~
		strings.Contains(line, "[") && (strings.Contains(line, "www.") || strings.Contains(line, "https:"))
}
