package markdown

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// show writes a line's spans as text, what is styled as ⟨style:text⟩. A - behind
// the style says that the span may be hidden, + and a sign that the sign takes
// its place.
func show(text string, l Line) string {
	var out strings.Builder
	kind := l.Kind.String()
	if l.Level > 0 {
		kind += fmt.Sprint(" ", l.Level)
	}
	if l.Lang != "" {
		kind += " " + l.Lang
	}
	if l.Break {
		kind += " ↵"
	}
	fmt.Fprintf(&out, "%-13s│", kind)
	cell := 0
	for i, s := range l.Spans {
		if s.Cell > 0 && s.Cell != cell {
			fmt.Fprintf(&out, "%d", s.Cell)
			cell = s.Cell
		}
		if i > 0 && s.From == l.Content {
			out.WriteString("‸")
		}
		name := s.Style.String()
		if s.Sign != NoSign {
			name += "+" + [...]string{"", "bullet", "box", "ticked", "bar", "rule"}[s.Sign]
		} else if s.Hide {
			name += "-"
		}
		piece := strings.ReplaceAll(text[s.From:s.To], "\t", "→")
		if name != "" {
			piece = "⟨" + name + ":" + piece + "⟩"
		}
		out.WriteString(piece)
	}
	for _, k := range l.Links {
		fmt.Fprintf(&out, "\n%13s└ %s → %s%s", "", text[k.From:k.To], k.URL, k.Label)
	}
	return strings.TrimRight(out.String(), " ")
}

// parseAll parses a whole text.
func parseAll(text string, each func(i int, line string, l Line)) {
	lines := strings.Split(text, "\n")
	state := State(0)
	for i, line := range lines {
		ahead := Ahead(0)
		if i+1 < len(lines) {
			ahead = Look(lines[i+1])
		}
		each(i, line, Parse(state, ahead, line))
		state = Next(state, line)
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			t.Errorf("%s:%d:\n got %s\nwant %s", path, i+1, at(g, i), at(w, i))
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(nothing)"
}

func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/parse/*.md")
	if err != nil || len(files) == 0 {
		t.Fatal("no files: ", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		parseAll(strings.TrimSuffix(string(text), "\n"), func(_ int, line string, l Line) {
			out.WriteString(show(line, l))
			out.WriteByte('\n')
		})
		golden(t, strings.TrimSuffix(file, ".md")+".golden", out.String())
	}
}
