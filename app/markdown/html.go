package markdown

import "strings"

// The kinds of HTML blocks (CommonMark 0.31, section 4.6). Those below
// htmlBlock end with a sign of their own, it and later ones before a blank
// line.
const (
	htmlRaw = 1 + iota
	htmlComment
	htmlInstruction
	htmlDeclaration
	htmlCDATA
	htmlBlock
	htmlTag
)

var htmlEnds = [...][]string{
	htmlRaw:         {"</script>", "</pre>", "</style>", "</textarea>"},
	htmlComment:     {"-->"},
	htmlInstruction: {"?>"},
	htmlDeclaration: {">"},
	htmlCDATA:       {"]]>"},
}

// html deals with a line that begins a block of HTML.
func (s *scanner) html(rest string) bool {
	kind := htmlKind(rest)
	if kind == 0 || kind == htmlTag && s.lazy() {
		return false
	}
	s.kind = HTML
	s.content = s.pos
	s.end()
	if s.inner == 0 && !endsHTML(rest, kind) {
		s.next.mode, s.next.length = modeHTML, kind
	}
	return true
}

func endsHTML(rest string, kind int) bool {
	if kind >= htmlBlock {
		return false
	}
	if kind == htmlRaw {
		rest = strings.ToLower(rest)
	}
	for _, end := range htmlEnds[kind] {
		if strings.Contains(rest, end) {
			return true
		}
	}
	return false
}

func htmlKind(rest string) int {
	switch {
	case strings.HasPrefix(rest, "<!--"):
		return htmlComment
	case strings.HasPrefix(rest, "<?"):
		return htmlInstruction
	case strings.HasPrefix(rest, "<![CDATA["):
		return htmlCDATA
	case len(rest) > 2 && rest[1] == '!' && isLetter(rest[2]):
		return htmlDeclaration
	}
	name, closing := tagName(rest)
	if name == "" {
		return 0
	}
	after := 1 + len(name)
	if closing {
		after++
	}
	bound := after == len(rest) || isSpace(rest[after]) || rest[after] == '>'
	switch lower := strings.ToLower(name); {
	case !closing && bound && isRawTag(lower):
		return htmlRaw
	case (bound || strings.HasPrefix(rest[after:], "/>")) && blockTags[lower]:
		return htmlBlock
	}
	if end := tagEnd(rest, 0, len(rest)); end > 0 && strings.Trim(rest[end:], " \t\r") == "" {
		return htmlTag
	}
	return 0
}

func isRawTag(name string) bool {
	return name == "script" || name == "pre" || name == "style" || name == "textarea"
}

// tagName returns the name of the tag that s may begin with.
func tagName(s string) (name string, closing bool) {
	i := 1
	if i < len(s) && s[i] == '/' {
		closing = true
		i++
	}
	from := i
	for i < len(s) && (isLetter(s[i]) || i > from && (isDigit(s[i]) || s[i] == '-')) {
		i++
	}
	return s[from:i], closing
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

// blockTags are the elements that begin a block wherever they stand.
var blockTags = func() map[string]bool {
	names := "address article aside base basefont blockquote body caption center col colgroup dd " +
		"details dialog dir div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 " +
		"h4 h5 h6 head header hr html iframe legend li link main menu menuitem nav noframes ol " +
		"optgroup option p param search section summary table tbody td tfoot th thead title tr track ul"
	m := make(map[string]bool)
	for name := range strings.FieldsSeq(names) {
		m[name] = true
	}
	return m
}()
