package markdown

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
)

// seeds are the texts of testdata, and some that are hostile.
func seeds(tb testing.TB) []string {
	files, err := filepath.Glob("testdata/*/*")
	if err != nil || len(files) == 0 {
		tb.Fatal("no files: ", err)
	}
	out := []string{
		"", "\xff*\xfe*", "*\u0301a*\u0301", "- \t\t- \t* x\n\t\t\tcode", strings.Repeat("> - ", 40) + "x",
		"🇩🇪**🇫🇷**👩‍👩‍👧", "[a](\\", "|\\|\n|-|", "||\n|-|-|\n|\n||\n> a|b\n> -|-\n", "a\r\n---\r\n- [x] b\r\n", "# \u0301#", "\u0600*a*", "[^a]:\n\n    - b",
		"1. " + strings.Repeat("1. ", 30), strings.Repeat("\t", 30) + "- x",
	}
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil && filepath.Base(filepath.Dir(file)) != "fuzz" {
			out = append(out, string(data))
		}
	}
	return out
}

// FuzzParse: spans cover each line in order, at the bounds of clusters, links
// lie within it, and a state packs what it says.
func FuzzParse(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<14 {
			return
		}
		state := State(0)
		parseAll(text, func(_ int, line string, l Line) {
			checkSpans(t, line, l)
			state = Next(state, line)
			if again := unpack(state).pack(); again != state {
				t.Fatalf("%q: state %x packs to %x", line, state, again)
			}
		})
		Outline(text)
		Count(text)
		Destination(text, "a")
	})
}

func checkSpans(t *testing.T, line string, l Line) {
	t.Helper()
	bounds := map[int]bool{0: true}
	at, state := 0, -1
	for rest := line; rest != ""; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		at += len(cluster)
		bounds[at] = true
	}
	end := 0
	for _, s := range l.Spans {
		if s.From != end || s.To <= s.From || !bounds[s.To] {
			t.Fatalf("%q: span %+v behind %d", line, s, end)
		}
		end = s.To
	}
	if end != len(line) {
		t.Fatalf("%q: spans end at %d", line, end)
	}
	if l.Content < 0 || l.Content > len(line) || l.Hang > len(line) {
		t.Fatalf("%q: content %d, hang %d", line, l.Content, l.Hang)
	}
	for _, k := range l.Links {
		if k.From < 0 || k.From >= k.To || k.To > len(line) {
			t.Fatalf("%q: link %+v", line, k)
		}
	}
}

// FuzzCommands: whatever the text, changes ascend apart within their lines and
// places lie in the new text.
func FuzzCommands(f *testing.F) {
	for i, s := range seeds(f) {
		f.Add(s, uint16(i*7), uint16(i*3))
	}
	f.Fuzz(func(t *testing.T, text string, caret, anchor uint16) {
		if len(text) > 1<<12 {
			return
		}
		l := newText(text)
		c, a := placeIn(text, int(caret)), placeIn(text, int(anchor))
		from, to := order(c, a)
		try := func(name string, r Result, ok bool) {
			if !ok {
				return
			}
			lines := strings.Split(apply(t, l, r.Changes), "\n")
			for _, p := range [...]Pos{r.Caret, r.Anchor} {
				if p.Line < 0 || p.Line >= len(lines) || p.Offset < 0 || p.Offset > len(lines[p.Line]) {
					t.Fatalf("%s: %q at %v: place %v outside %q", name, text, c, p, lines)
				}
			}
		}
		plain := func(name string, r Result) { try(name, r, true) }
		r, ok := Enter(l, c)
		try("enter", r, ok)
		r, ok = Pipe(l, c)
		try("pipe", r, ok)
		r, ok = Backspace(l, c)
		try("backspace", r, ok)
		for _, out := range [...]bool{false, true} {
			r, ok = Nest(l, from, to, out)
			try("nest", r, ok)
			r, ok = NextCell(l, c, out)
			try("cell", r, ok)
		}
		for _, s := range [...]Style{Bold, Italic, Strike, CodeSpan, Link} {
			plain(s.String(), Toggle(l, c, a, s))
		}
		plain("heading", ToggleHeading(l, c, a, 2))
		plain("quote", ToggleQuote(l, c, a))
		plain("list", ToggleList(l, c, a))
		plain("numbered", ToggleNumbered(l, c, a))
		plain("task", ToggleTask(l, c, a))
		plain("renumber", Renumber(l, from.Line, to.Line, c, a))
		r, ok = PasteLink(l, c, a, "https://x.example/(a)")
		try("paste", r, ok)
		r, ok = Tick(l, c.Line)
		try("tick", r, ok)
		r, ok = TickAll(l, from.Line, to.Line)
		try("tick all", r, ok)
		if n := TextStart(l.State(c.Line), l.Line(c.Line)); n > len(l.Line(c.Line)) {
			t.Fatalf("%q: the text begins at %d", l.Line(c.Line), n)
		}
	})
}

// placeIn is a place of a text between two characters.
func placeIn(text string, n int) Pos {
	n %= len(text) + 1
	for n > 0 && !boundary(text, n) {
		n--
	}
	before := text[:n]
	return Pos{Line: strings.Count(before, "\n"), Offset: n - strings.LastIndex(before, "\n") - 1}
}
