package window

import (
	"image"
	"strconv"
	"testing"

	"starling/assets"
	"starling/packaging/lab"
)

// Places of the text's second line, below a title.
var (
	textLeft = (assets.PlacesWidth + full.Max.X - assets.PeopleWidth - assets.PageWidth) / 2
	inLine   = func(x int) image.Point { return image.Pt(textLeft+x, assets.BarHeight+99) }
)

// What the mouse does in the text: each step goes on with the window of the one
// before, and with a text of its own.
func TestMouse(t *testing.T) {
	t.Parallel()
	p := newPerson(t, "Ada")
	_, doc := p.settleIn("# Nothing yet\n")
	p.open()
	p.awaitTitle("Nothing yet - Starling")
	p.into()
	for n, c := range []struct {
		name, text string
		do         func()
		want       string
	}{
		{"a click ticks", "- [ ] rope", func() { p.click(inLine(20)) }, "- [x] rope"},
		{"a double click takes a word", "terns and gulls", func() {
			p.clicks(inLine(15), 2)
			p.write("x")
		}, "x and gulls"},
		{"a triple click takes the line", "terns and gulls", func() {
			p.clicks(inLine(15), 3)
			p.write("x")
		}, "x"},
		{"Shift selects up to the click", "terns and gulls", func() {
			p.click(inLine(-10))
			p.tool("keydown", "shift")
			p.click(inLine(300))
			p.tool("keyup", "shift")
			p.write("x")
		}, "x"},
		{"what is selected is dragged", "terns and gulls", func() {
			p.clicks(inLine(15), 2)
			p.still()
			p.drag(inLine(35), inLine(300)) // not where the clicks were: that may still count as a third one
		}, " and gullsterns"},
	} {
		// Clicks that a busy machine tells late are no double click: then once more.
		for try := 1; ; try++ {
			title := "Mouse " + strconv.Itoa(n) + "." + strconv.Itoa(try)
			p.rewrite(doc, "# "+title+"\n"+c.text)
			p.awaitTitle(title + " - Starling")
			p.keys("ctrl+Home")
			p.still()
			t.Log(c.name)
			c.do()
			want := "# " + title + "\n" + c.want
			if try == 3 {
				p.awaitText(doc, want)
			}
			got := ""
			if lab.Until(lab.Soon/3, func() bool { got, _ = p.Cat(doc); return got == want }) {
				break
			}
			t.Logf("once more: the text is %q", got)
		}
		p.shot("mouse-" + strconv.Itoa(n))
	}
	p.close()
}

// clicks presses the button several times at once.
func (s *screen) clicks(at image.Point, times int) {
	s.t.Helper()
	s.tool("mousemove", strconv.Itoa(at.X), strconv.Itoa(at.Y), "click", "--repeat", strconv.Itoa(times), "--delay", "40", "1")
}
