package markdown

import "strings"

// PasteLink makes the selection a link to what is pasted. It returns false if
// what is pasted is no address, or the selection is empty, of several lines, an
// address itself, in code, or crosses another link.
func PasteLink(t Text, caret, anchor Pos, pasted string) (Result, bool) {
	url := strings.TrimSpace(pasted)
	from, to := order(caret, anchor)
	line := t.Line(from.Line)
	if from.Line != to.Line || from == to || !isURL(url) || isURL(strings.TrimSpace(line[from.Offset:to.Offset])) {
		return Result{}, false
	}
	b := blockAt(t, from.Line)
	if !hasInlines(b.kind) || from.Offset < max(b.content, b.marks) {
		return Result{}, false
	}
	for _, p := range pairsOf(&b, line) {
		if (p.style == CodeSpan || p.style == Link) && p.open < to.Offset && from.Offset < p.closeEnd {
			return Result{}, false
		}
	}
	if strings.ContainsAny(url, "()") {
		url = "<" + url + ">"
	} else if strings.HasPrefix(url, "www.") {
		url = "http://" + url
	}
	end := "](" + url + ")"
	after := Pos{Line: to.Line, Offset: to.Offset + 1 + len(end)}
	return Result{
		Changes: []Change{
			{Line: from.Line, From: from.Offset, To: from.Offset, Text: "["},
			{Line: to.Line, From: to.Offset, To: to.Offset, Text: end},
		},
		Caret: after, Anchor: after,
	}, true
}
