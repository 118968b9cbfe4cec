package editor

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
)

const goldenText = `# Week at the estuary
Four of us, five tides, one boat. The count starts at **05:40** by the old jetty; whoever is late *counts the gulls*.

## Before we leave
- [x] Print the [ring numbers](rings.md)
- [ ] Ask about the north channel 🎉
` + "```" + `
species, time, n
dunlin,	05:52, 340
` + "```" + `
> It is said that ` + "`code`" + ` ~~never~~ lies.
`

// TestPicture draws a page with all marks shown, and what people selected.
func TestPicture(t *testing.T) {
	s := newStage(t, goldenText)
	s.focus()
	s.SetRemotes([]Remote{
		{Writer: Writer{ID: "a", Name: "Ada", Colour: hex(0xB4436C)}, Caret: 137, Anchor: 121},
		{Writer: Writer{ID: "g", Name: "Grace", Colour: hex(0x2E7D5B)}, Caret: 3, Anchor: 3},
	})
	s.buf.Select(26, 40)
	s.update()
	test.AssertRendersToImage(t, "page.png", s.window.Canvas())
}

const wholePage = `# The north channel

> Nobody counts alone. *Two* write, one looks.

1. Meet at **05:40** by the [old jetty](https://tides.example/jetty)
2. Bring ~~gulls~~ a ` + "`scope`" + `
   - [x] charged
   - [ ] dry

| species | seen | note |
|:--------|-----:|------|
| dunlin | 340 | *tired* |
| oystercatcher | 12 | loud |

---

` + "```go\n// Count tells how many there are.\nfunc Count(birds []Bird) int { return len(birds) + 1 }\n```" + `

See the note.[^1] Then go *on*.

[^1]: Written the day after.
`

// TestWholePages draws whole pages by day and by night, at three scales.
func TestWholePages(t *testing.T) {
	for _, look := range []string{"light", "dark"} {
		for _, scale := range []float32{1, 1.5, 2} {
			t.Run(fmt.Sprintf("%s-%v", look, scale), func(t *testing.T) {
				s := newStage(t, wholePage)
				if look == "dark" {
					s.SetTheme(darkTheme(t))
				}
				s.window.Canvas().(software.WindowlessCanvas).SetScale(scale)
				s.window.Resize(fyne.NewSize(stageWidth, 760))
				s.config.Spell, s.config.Writer = onlyLower{}, writers
				s.focus()
				s.SetSettings(Settings{HideMarks: true})
				s.fire(colourTime)
				s.GoTo(60)
				s.by("a", 200, 0, "quite ")
				s.SetRemotes([]Remote{
					{Writer: Writer{ID: "a", Name: "Ada", Colour: ada.Colour}, Caret: 206, Anchor: 206},
					{Writer: Writer{ID: "g", Name: "Grace", Colour: grace.Colour}, Caret: 30, Anchor: 22},
				})
				test.AssertRendersToImage(t, fmt.Sprintf("page-%s-%v.png", look, scale), s.window.Canvas())
			})
		}
	}
}

// TestAuthorsPicture draws who wrote what, and what was deleted.
func TestAuthorsPicture(t *testing.T) {
	s := newStage(t, "Ada wrote this line.\nGrace wrote this one, and went on writing it.\n")
	s.config.Pieces = wrote(
		Piece{N: 10, Who: ada}, Piece{Gone: true, Text: "only ", Who: ada, By: grace},
		Piece{N: 11, Who: ada}, Piece{N: 46, Who: grace},
	)
	s.SetSettings(Settings{Authors: true, Deleted: true, Invisibles: true})
	test.AssertRendersToImage(t, "authors.png", s.window.Canvas())
}

func TestMarkup(t *testing.T) {
	s := newStage(t, "# Title\nsome *text*")
	test.AssertRendersToMarkup(t, "page.xml", s.window.Canvas())
	s = newStage(t, "")
	test.AssertRendersToMarkup(t, "empty.xml", s.window.Canvas())
}
