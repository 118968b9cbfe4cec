package markdown

import "strings"

// HeadingAt is a heading of a text.
type HeadingAt struct {
	Level int    // 1 to 6
	Text  string // without its signs
	Line  int    // from 0
}

// Outline lists the headings of a text. It goes by the same lines that are
// drawn, so the two never disagree.
func Outline(text string) []HeadingAt {
	var out []HeadingAt
	state := State(0)
	for i := 0; text != "" || i == 0; i++ {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		b := scan(state, line)
		if b.kind != Heading && b.next.text && maybeUnderline(rest) {
			below, _, _ := strings.Cut(rest, "\n")
			a := Look(below)
			a.apply(&b, line)
		}
		if b.kind == Heading {
			out = append(out, HeadingAt{Level: b.level, Text: headingText(&b, line), Line: i})
		}
		state = b.next.pack()
	}
	return out
}

// maybeUnderline reports quickly whether a line may be a heading's underline.
func maybeUnderline(line string) bool {
	line = strings.TrimLeft(line, " \t>")
	return line != "" && (line[0] == '=' || line[0] == '-')
}

// headingText is a heading without what is hidden.
func headingText(b *block, line string) string {
	p := painters.Get().(*painter)
	defer painters.Put(p)
	p.reset(line, *b)
	p.paint()
	var out strings.Builder
	for _, s := range p.out {
		if s.From >= b.content && s.Style&(Mark|Comment|NoteRef) == 0 {
			out.WriteString(line[s.From:s.To])
		}
	}
	return strings.TrimSpace(out.String())
}
