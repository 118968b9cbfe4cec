package markdown

import (
	"bytes"
	"testing"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

func TestDestination(t *testing.T) {
	const where = "[a]: /first 'title'\n[A]: /second\n\n[Two  Words]: <b c>\n> [in]: /quote\n- [item]: x\\_y&amp;z\n\n" +
		"```\n[code]: /no\n```\n[ẞ]: /sharp\ntext\n[late]: /no\n\n[^note]: /no\n[bad]: /a b c\n\n[\\]]: /bracket\r\n"
	for label, want := range map[string]string{
		"a": "/first", "A": "/first", " a ": "/first", "two words": "b c", "TWO\tWORDS": "b c", "in": "/quote", "item": "x_y&z",
		"SS": "/sharp", "\\]": "/bracket",
		"": "", " ": "", "code": "", "late": "", "^note": "", "bad": "", "b": "",
	} {
		if url, ok := Destination(where, label); url != want || ok != (want != "") {
			t.Errorf("[%s] goes to %q, %v; want %q", label, url, ok, want)
		}
	}
}

// TestDestinationLikeGoldmark asks goldmark where a link goes.
func TestDestinationLikeGoldmark(t *testing.T) {
	for _, defined := range []string{
		"[x y]: /a", "[X  Y]: <a b> 'c'", "[x y]: /a\n[x y]: /b", "   [x y]: a\\(b", "    [x y]: /code", "[x y]:/a", "[x y]: /a 'b' c",
		"[x y]:  (a)", "[x y]: <>", "[z]: /z\n[x y]: /a", "# h\n[x y]: /a", "> [x y]: /a", "1. [x y]: /a", "[x y] : /a", "<!-- a\n[x y]: /a\n-->",
	} {
		source := []byte("[t][X Y]\n\n" + defined + "\n")
		want, found := "", false
		_ = ast.Walk(oracle.Parser().Parse(text.NewReader(source)), func(n ast.Node, _ bool) (ast.WalkStatus, error) {
			if l, ok := n.(*ast.Link); ok {
				want, found = string(bytes.ReplaceAll(l.Destination, []byte(`\`), nil)), true
			}
			return ast.WalkContinue, nil
		})
		if url, ok := Destination(string(source), "X Y"); url != want || ok != found {
			t.Errorf("%q: %q, %v; goldmark %q, %v", defined, url, ok, want, found)
		}
	}
}
