package markdown

import (
	"strings"

	"github.com/yuin/goldmark/util"
)

// Destination tells where the links [text][label] of a text go. Labels are
// alike whatever their letters' case and the white space in them; the first
// definition counts. It reads the text line by line, so it finds what [Parse]
// says is a [Definition].
func Destination(text, label string) (url string, ok bool) {
	want := foldLabel(label)
	if want == "" {
		return "", false
	}
	state := State(0)
	for text != "" {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		b := scan(state, line)
		state = b.next.pack()
		if b.kind != Definition {
			continue
		}
		defined := line[b.content:]
		n := labelLength(defined)
		if foldLabel(defined[1:n-1]) != want {
			continue
		}
		from, to, _, ok := destination(line, b.marks)
		return unescape(line[from:to]), ok
	}
	return "", false
}

// foldLabel is a label as labels are compared (CommonMark 0.31, section 6.3).
func foldLabel(label string) string { return util.ToLinkReference([]byte(label)) }
