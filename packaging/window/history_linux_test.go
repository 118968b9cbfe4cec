package window

import (
	"image"
	"testing"

	"starling/assets"
	"starling/packaging/lab"
)

// In the column of versions: the one that is chosen; the slider's track right of
// its knob, which is long once the oldest of two versions is chosen; and then what
// brings that back, which has this colour once it can.
var (
	chosenVersion = thing{"a chosen version", people, tokens.Selected, 150, 10}
	oldest        = thing{"the oldest version", people, tokens.Line, 200, 0}
	bringBack     = thing{"Bring back", image.Rect(people.Min.X, 210, people.Max.X, 250), tokens.Accent, 50, 10}
	historyTab    = image.Pt(people.Min.X+180, assets.BarHeight/2)
)

// A version gets a name, more is written, and the version is brought back, by
// keys and by mouse; undo takes that back.
func TestHistory(t *testing.T) {
	p := newPerson(t, "Ada")
	const first = "# Tide tables\n\nHigh water at ten.\n"
	_, doc := p.settleIn(first)
	p.open()
	p.awaitTitle("Tide tables - Starling")
	p.into()
	p.keys("ctrl+shift+h")
	p.await(chosenVersion)
	p.shot("history-1-first")
	p.keys("Tab", "Tab", "Tab", "Return") // past the slider and Copy
	p.await(thing{"Name it", middle, tokens.Panel, 200, 0})
	p.write("First draft")
	p.keys("Return")
	lab.Eventually(t, "the version has a name", func() bool {
		r := p.Try("cat", doc, "--at", "First draft")
		return r.Code == 0 && r.Out == first
	})
	p.keys("Escape")
	p.awaitGone(chosenVersion)
	p.into()
	p.write("Low water at four.\n")
	const second = first + "Low water at four.\n"
	p.awaitText(doc, second)

	p.keys("ctrl+shift+h")
	p.await(chosenVersion)
	p.keys("End")
	p.await(oldest)
	p.await(bringBack)
	p.shot("history-2-draft")
	p.keys("Return")
	p.awaitText(doc, first)
	p.awaitGone(chosenVersion)
	p.shot("history-3-back")
	p.keys("ctrl+z")
	p.awaitText(doc, second)

	p.click(historyTab)
	p.await(chosenVersion)
	p.keys("End")
	p.await(oldest)
	p.press(bringBack)
	p.awaitText(doc, first)
	p.close()
	p.awaitText(doc, first) // read from the store itself
}

// await waits until a thing is there.
func (s *screen) await(w thing) {
	s.t.Helper()
	s.eventually(w.name+" is shown", func() bool { return s.sees(w) })
}

// awaitGone waits until it is not.
func (s *screen) awaitGone(w thing) {
	s.t.Helper()
	s.eventually(w.name+" is gone", func() bool { return !s.sees(w) })
}
