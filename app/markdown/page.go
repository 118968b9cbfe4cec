package markdown

import (
	"bytes"
	_ "embed"
	"html"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

//go:embed page.css
var pageStyle string

// pagePolicy lets a page neither run anything nor fetch anything.
const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

// Page makes a whole HTML page of a text, in UTF-8, that stands on its own: it holds
// its style, fetches nothing and runs nothing, whoever wrote the text. It is
// goldmark's, and so differs from what [Parse] says where doc.go tells.
//
// Front matter is left out, other HTML than <br> is shown as it was written,
// and links lead only to the web, to an address for mail or a telephone, or to
// what lies beside the page. A picture is a link to it, unless the text holds
// it itself. The title is the first heading, or else the first line.
//
// A text of 1 MB takes less than a second; see page_limits.go for what becomes
// of texts that are made to take longer.
func Page(text string) string {
	text = withoutFront(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text))
	var body bytes.Buffer
	context := parser.NewContext(parser.WithIDs(newAnchors()))
	if err := pages().Convert([]byte(text), &body, parser.WithContext(context)); err != nil {
		panic("markdown: a buffer failed: " + err.Error()) // which none does
	}
	var out strings.Builder
	out.Grow(body.Len() + len(pageStyle) + 1<<10)
	out.WriteString("<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n")
	out.WriteString("<meta http-equiv=\"Content-Security-Policy\" content=\"" + pagePolicy + "\">\n")
	out.WriteString("<meta name=\"viewport\" content=\"width=device-width\">\n")
	out.WriteString("<title>" + html.EscapeString(strings.ToValidUTF8(pageTitle(text), "\ufffd")) + "</title>\n")
	out.WriteString("<style>\n" + pageStyle + "</style>\n</head>\n<body>\n<main>\n")
	out.WriteString(strings.ToValidUTF8(body.String(), "\ufffd"))
	out.WriteString("</main>\n</body>\n</html>\n")
	return out.String()
}

// pages makes HTML of GitHub's flavour.
var pages = sync.OnceValue(func() goldmark.Markdown {
	blocks := []parser.BlockParser{
		parser.NewSetextHeadingParser(parser.WithAutoHeadingID()), parser.NewThematicBreakParser(),
		shallow{parser.NewListParser()},
		parser.NewListItemParser(), parser.NewCodeBlockParser(),
		parser.NewATXHeadingParser(parser.WithAutoHeadingID()), parser.NewFencedCodeBlockParser(),
		shallow{parser.NewBlockquoteParser()},
		parser.NewHTMLBlockParser(),
		shallow{extension.NewFootnoteBlockParser()},
		parser.NewParagraphParser(),
	}
	var ordered []util.PrioritizedValue
	for i, b := range blocks {
		ordered = append(ordered, util.Prioritized(b, i))
	}
	return goldmark.New(
		goldmark.WithParser(parser.NewParser(
			parser.WithBlockParsers(ordered...),
			parser.WithInlineParsers(parser.DefaultInlineParsers()...),
			parser.WithInlineParsers(
				util.Prioritized(signLimit{}, -1),
				util.Prioritized(extension.NewFootnoteParser(), 101),
			),
			parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
			parser.WithParagraphTransformers(util.Prioritized(tableLimit{extension.NewTableParagraphTransformer()}, 200)),
			parser.WithASTTransformers(
				util.Prioritized(extension.NewTableASTTransformer(), 0),
				util.Prioritized(extension.NewFootnoteASTTransformer(), 999),
				util.Prioritized(safeLinks{}, 1000),
			),
		)),
		goldmark.WithExtensions(extension.Strikethrough, extension.TaskList, extension.Linkify),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(
			util.Prioritized(extension.NewTableHTMLRenderer(), 500),
			util.Prioritized(extension.NewFootnoteHTMLRenderer(), 500),
			util.Prioritized(shownHTML{}, 500),
		)),
	)
})

// withoutFront is a text without its front matter, if that ends.
func withoutFront(text string) string {
	first, rest, _ := strings.Cut(text, "\n")
	second, _, _ := strings.Cut(rest, "\n")
	if b := scan(0, first); b.kind != FrontMatter || Parse(0, Look(second), first).Kind != FrontMatter {
		return text
	}
	for state := Next(0, first); rest != ""; {
		line, below, _ := strings.Cut(rest, "\n")
		if b := scan(state, line); b.kind != FrontMatter {
			return text
		}
		state, rest = Next(state, line), below
		if mode(state&7) != modeFront {
			return rest
		}
	}
	return text
}

// maxTitle is in bytes.
const maxTitle = 200

// pageTitle is the first heading that says something, or else the first line.
func pageTitle(text string) string {
	title := ""
	for _, h := range Outline(text) {
		if title = h.Text; title != "" {
			break
		}
	}
	if title == "" {
		title, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	}
	if len(title) > maxTitle {
		end := maxTitle
		for !boundary(title, end) {
			end--
		}
		title = title[:end] + "…"
	}
	if title == "" {
		return "Untitled"
	}
	return title
}
