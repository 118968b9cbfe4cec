package editor

import (
	"testing"

	"fyne.io/fyne/v2/test"

	"starling/app/buffer"
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

func TestPicture(t *testing.T) {
	s := newStage(t, goldenText)
	s.focus()
	s.SetRemotes([]buffer.Remote{
		{ID: "a", Name: "Ada", Colour: hex(0xB4436C), Caret: 137, Anchor: 121},
		{ID: "g", Name: "Grace", Colour: hex(0x2E7D5B), Caret: 3, Anchor: 3},
	})
	s.buf.Select(26, 40)
	s.update()
	test.AssertRendersToImage(t, "page.png", s.window.Canvas())
}

func TestMarkup(t *testing.T) {
	s := newStage(t, "# Title\nsome *text*")
	test.AssertRendersToMarkup(t, "page.xml", s.window.Canvas())
	s = newStage(t, "")
	test.AssertRendersToMarkup(t, "empty.xml", s.window.Canvas())
}
