package markdown

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// What goldmark does for some texts grows with the square of their length. None
// that a person writes comes near these limits; a text beyond them loses some
// of its looks and no word.
const (
	maxNested = 100     // quotes, lists and footnotes in one another
	maxSigns  = 1 << 12 // signs of inlines in one block
	// maxReach is how many bytes all signs of one block may look at, if each
	// looks at all of it.
	maxReach = 1 << 24
	maxCells = 1 << 19 // of all tables, with those that rows leave out
)

// shallow parses containers unless they are nested too deep.
type shallow struct{ parser.BlockParser }

func (s shallow) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	depth := 0
	for n := parent; n != nil; n = n.Parent() {
		depth++
	}
	if depth > 2*maxNested { // a list and its item are two
		return nil, parser.NoChildren
	}
	return s.BlockParser.Open(parent, reader, pc)
}

// signLimit makes text of the signs of a block beyond the limit.
type signLimit struct{}

// counted is how many signs a block has had, and how many it may.
type counted struct {
	block     ast.Node
	n, atMost int
}

var countedKey = parser.NewContextKey()

func (signLimit) Trigger() []byte { return []byte("*_~`[]!<") }

func (signLimit) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	c, _ := pc.Get(countedKey).(*counted)
	if c == nil {
		c = new(counted)
		pc.Set(countedKey, c)
	}
	if c.block != parent {
		*c = counted{block: parent, atMost: maxSigns}
		if lines := parent.Lines(); lines != nil && lines.Len() > 0 {
			length := lines.At(lines.Len()-1).Stop - lines.At(0).Start
			c.atMost = min(maxSigns, maxReach/max(length, 1))
		}
	}
	if c.n++; c.n <= c.atMost {
		return nil
	}
	_, segment := block.PeekLine()
	block.Advance(1)
	return ast.NewTextSegment(segment.WithStop(segment.Start + 1))
}

// tableLimit makes tables while there are not too many cells.
type tableLimit struct{ parser.ParagraphTransformer }

var cellsKey = parser.NewContextKey()

func (l tableLimit) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	lines, widest := node.Lines(), 0
	for i := range lines.Len() {
		line := lines.At(i)
		widest = max(widest, bytes.Count(line.Value(reader.Source()), []byte("|")))
	}
	if widest == 0 { // a single column would have one, too
		return
	}
	used, _ := pc.Get(cellsKey).(int)
	if used += (widest + 1) * lines.Len(); used > maxCells {
		return
	}
	l.ParagraphTransformer.Transform(node, reader, pc)
	if _, ok := node.NextSibling().(*east.Table); ok || node.Parent() == nil {
		pc.Set(cellsKey, used)
	}
}
