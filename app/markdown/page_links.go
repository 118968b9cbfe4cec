package markdown

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// safeLinks leaves the text of links that lead elsewhere than they may, and
// makes links of pictures that would have to be fetched.
type safeLinks struct{}

// maxLinks is how many bytes the addresses of references may have together, for
// each byte of the text: a long one may be referred to from many places.
const maxLinks = 16

func (safeLinks) Transform(doc *ast.Document, reader text.Reader, _ parser.Context) {
	left := maxLinks * (len(reader.Source()) + 1<<10)
	var found []ast.Node
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // none of our steps fails
		switch n.(type) {
		case *ast.Link, *ast.Image, *ast.AutoLink:
			if !entering { // those within first
				found = append(found, n)
			}
		}
		return ast.WalkContinue, nil
	})
	for _, n := range found {
		switch n := n.(type) {
		case *ast.Link:
			if left -= len(n.Destination) + len(n.Title); left < 0 || !mayLead(n.Destination) {
				unwrap(n)
			}
		case *ast.Image:
			left -= len(n.Destination) + len(n.Title)
			safeImage(n, left >= 0)
		case *ast.AutoLink:
			if !mayLead(n.URL(reader.Source())) {
				label := ast.NewString(util.EscapeHTML(n.Label(reader.Source())))
				label.SetCode(true)
				n.Parent().ReplaceChild(n.Parent(), n, label)
			}
		}
	}
}

// unwrap puts what a node holds in its place.
func unwrap(n ast.Node) {
	parent := n.Parent()
	for c := n.FirstChild(); c != nil; c = n.FirstChild() {
		parent.InsertBefore(parent, n, c)
	}
	parent.RemoveChild(parent, n)
}

// safeImage keeps a picture that the text holds, and makes a link of another.
func safeImage(n *ast.Image, may bool) {
	url := util.URLEscape(n.Destination, true)
	switch {
	case may && bytes.HasPrefix(url, []byte("data:image/")) && !html.IsDangerousURL(url):
	case may && mayLead(n.Destination) && !withinLink(n):
		link := ast.NewLink()
		link.Destination, link.Title = n.Destination, n.Title
		n.Parent().ReplaceChild(n.Parent(), n, link)
		for c := n.FirstChild(); c != nil; c = n.FirstChild() {
			link.AppendChild(link, c)
		}
		if !link.HasChildren() {
			name := ast.NewString(util.EscapeHTML(url))
			name.SetCode(true)
			link.AppendChild(link, name)
		}
	default:
		unwrap(n)
	}
}

func withinLink(n ast.Node) bool {
	for p := n.Parent(); p != nil; p = p.Parent() {
		if _, ok := p.(*ast.Link); ok {
			return true
		}
	}
	return false
}

// mayLead reports whether a link may go to a destination: to the web, to an
// address, or to something beside the page. What begins with two slashes would
// be another machine's file.
func mayLead(destination []byte) bool {
	url := util.URLEscape(destination, true)
	if bytes.HasPrefix(url, []byte("//")) {
		return false
	}
	end := bytes.IndexAny(url, ":/?#")
	if end < 0 || url[end] != ':' {
		return true
	}
	switch strings.ToLower(string(url[:end])) {
	case "http", "https", "ftp", "mailto", "tel", "xmpp":
		return true
	}
	return false
}

// shownHTML shows HTML as it was written, but for line breaks and comments.
type shownHTML struct{}

func (h shownHTML) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindHTMLBlock, h.block)
	reg.Register(ast.KindRawHTML, h.inline)
}

func (shownHTML) block(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	b := n.(*ast.HTMLBlock)
	code := b.Lines().Value(source)
	if b.HasClosure() {
		code = append(code, b.ClosureLine.Value(source)...)
	}
	if code = bytes.TrimSpace(code); isComment(code) {
		return ast.WalkSkipChildren, nil
	}
	_, _ = w.WriteString("<pre><code>") // a buffer's errors are told when it is flushed
	_, _ = w.Write(util.EscapeHTML(code))
	_, _ = w.WriteString("\n</code></pre>\n")
	return ast.WalkSkipChildren, nil
}

func (shownHTML) inline(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkSkipChildren, nil
	}
	code := n.(*ast.RawHTML).Segments.Value(source)
	switch strings.ToLower(string(code)) {
	case "<br>", "<br/>", "<br />":
		_, _ = w.WriteString("<br>")
	default:
		if !isComment(code) {
			_, _ = w.Write(util.EscapeHTML(code))
		}
	}
	return ast.WalkSkipChildren, nil
}

// isComment reports whether HTML is one comment and nothing else.
func isComment(code []byte) bool {
	rest, ok := bytes.CutPrefix(code, []byte("<!--"))
	return ok && bytes.Index(rest, []byte("-->")) == len(rest)-len("-->") && len(rest) >= len("-->")
}

// anchors names headings as GitHub does, so that links to #a-heading work.
type anchors map[string]int // how many had the name

func newAnchors() anchors { return make(anchors) }

// Generate implements [parser.IDs].
func (a anchors) Generate(value []byte, _ ast.NodeKind) []byte {
	base := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '-' || r == '_':
			return unicode.ToLower(r)
		case unicode.IsSpace(r):
			return '-'
		}
		return -1
	}, strings.ToValidUTF8(strings.TrimSpace(string(value)), ""))
	if base == "" {
		base = "section"
	}
	name := base
	for a[name] > 0 {
		name = base + "-" + strconv.Itoa(a[base])
		a[base]++
	}
	a[name]++
	return []byte(name)
}

// Put implements [parser.IDs].
func (a anchors) Put(value []byte) { a[string(value)]++ }
