package window

import (
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"starling/assets"
	"starling/packaging/lab"
)

// everyMark is a page with all that Markdown has and the page shows.
const everyMark = `# Day at the river
The class walks to the **weir** and *looks*, ***both***, ~~never~~ mind ` + "`code`" + `, at [the map](https://example.org/map).

## Who brings what
- [x] nets and buckets
- [ ] two stopwatches that work
  1. one for the start
  2. one for the end
> Measure twice, and
> cut once.[^1]

| bird   | count | seen |
|--------|------:|:----:|
| dunlin |   340 | yes  |
| tern   |     7 | no   |

` + "```go\nfunc main() {\n\tfmt.Println(\"High water\", 10) // at ten\n}\n```" + `

---
A wrod that is mispelt, https://example.org, and	a tab.

[^1]: They say.
`

// column is the page without the caret's status, the bars and what is beside it.
var column = image.Rect(assets.PlacesWidth+1, assets.BarHeight+1, people.Min.X-12, full.Max.Y-assets.StatusHeight-1)

// view is how the person likes to read, as the home keeps it.
const viewFile = "view.json"

// reads opens the window with a way to read.
func (p *person) reads(view string) {
	p.T.Helper()
	if err := os.WriteFile(filepath.Join(p.Dir, viewFile), []byte(view), 0o600); err != nil {
		p.T.Fatal(err)
	}
	p.open()
	p.awaitTitle("Day at the river - Starling")
	p.keys("ctrl+Home")
}

// changed waits until the page looks different from before, keeps a picture, and
// returns how the page looks.
func (p *person) changed(name string, before *image.RGBA) *image.RGBA {
	p.T.Helper()
	p.eventually(name+" shows", func() bool { return !alike(before, p.page()) })
	p.shot(name)
	return p.page()
}

// page is the text as it is drawn.
func (s *screen) page() *image.RGBA { return s.picture().SubImage(column).(*image.RGBA) }

// What a page can look like, each a picture to be looked at. Each must differ
// from the one before it.
func TestPages(t *testing.T) {
	t.Parallel()
	p := newPerson(t, "Ada")
	p.settleIn(everyMark)
	blank := image.NewRGBA(column)
	for _, view := range []struct{ name, settings string }{
		{"pages-1-serif", `{}`},
		{"pages-2-sans-no-marks", `{"Face": "sans", "HideMarks": true}`},
		{"pages-3-mono-wide-invisibles", `{"Face": "mono", "Width": "wide", "Invisibles": true}`},
		{"pages-4-large-focus", `{"Zoom": 125, "Typewriter": true, "Focus": true}`},
		{"pages-5-authors-deleted", `{"Authors": true, "Deleted": true}`},
	} {
		p.reads(view.settings)
		if strings.Contains(view.name, "deleted") {
			p.keys("ctrl+shift+Right", "ctrl+shift+Right", "Delete")
		}
		blank = p.changed(view.name, blank)
		p.close()
	}
}

// What opens over a page and beside it, by keys, and closes without a trace.
func TestBarsAndMenus(t *testing.T) {
	t.Parallel()
	p := newPerson(t, "Ada")
	p.settleIn(everyMark)
	p.reads(`{}`)
	p.await(thing{"a coloured word of the code", column, tokens.Keyword, 1, 0}) // it comes last
	for _, c := range []struct {
		name        string
		open, close []string
	}{
		{"bars-1-find", []string{"ctrl+f", typed + "the", waited, "Return"}, []string{"Escape"}},
		{"bars-2-replace", []string{"ctrl+h", typed + "at"}, []string{"Escape"}},
		{"bars-3-line", []string{"ctrl+l"}, []string{"Escape"}},
		{"bars-4-zoom", []string{"ctrl+plus", "ctrl+plus", "ctrl+plus"}, []string{"ctrl+0"}},
		{"bars-5-selection", []string{"ctrl+a"}, []string{"Right"}},
		{"bars-6-menu", []string{"shift+F10"}, []string{"Escape"}},
		{"bars-7-view", []string{"ctrl+comma"}, []string{"Escape"}},
		{"bars-8-help", []string{"F1"}, []string{"F1"}},
		{"bars-9-text-end", []string{"ctrl+End"}, []string{"ctrl+Home"}},
	} {
		p.keys("ctrl+Home", "Down", "Down", "Home")
		before := p.still().SubImage(column).(*image.RGBA)
		p.follow(c.open)
		p.changed(c.name, before)
		p.follow(c.close)
		p.keys("ctrl+Home", "Down", "Down", "Home")
		if !lab.Until(lab.Soon, func() bool { return alike(before, p.page()) }) {
			p.shot(c.name + "-stays")
			t.Errorf("%s stays, or leaves something behind", c.name)
		}
	}
	p.keys("ctrl+shift+o")
	p.shot("bars-10-outline")
	p.close()
}

// Text of many scripts, in the picture to be looked at. What is typed into a line
// that goes from the right comes to the end that its letters go to.
func TestScripts(t *testing.T) {
	t.Parallel()
	samples, err := os.ReadFile(filepath.Join("..", "..", "app", "typeset", "testdata", "scripts.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(samples)) {
		if !strings.HasPrefix(line, "# ") {
			lines = append(lines, line)
		}
	}
	text := "# Many scripts\n" + strings.Join(lines, "")
	p := newPerson(t, "Ada")
	_, doc := p.settleIn(text)
	p.open()
	p.awaitTitle("Many scripts - Starling")
	p.keys("ctrl+Home")
	p.shot("scripts-1")
	p.keys("ctrl+Next")
	p.shot("scripts-2")
	p.keys("ctrl+Home", "Down", "End")
	p.write("end")
	p.awaitText(doc, strings.Replace(text, lines[0], strings.TrimSuffix(lines[0], "\n")+"end\n", 1))
	p.shot("scripts-3-typed")
	p.close()
}
