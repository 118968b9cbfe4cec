package window

import (
	"image"
	"strconv"
	"testing"

	"starling/assets"
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
		title := "Mouse " + strconv.Itoa(n)
		p.rewrite(doc, "# "+title+"\n"+c.text)
		p.awaitTitle(title + " - Starling")
		p.keys("ctrl+Home")
		p.still()
		t.Log(c.name)
		c.do()
		p.awaitText(doc, "# "+title+"\n"+c.want)
		p.shot("mouse-" + strconv.Itoa(n))
	}
	p.close()
}

// clicks presses the button several times at once. The window is stopped meanwhile
// and hears of all of them together: one that draws between two, on a busy machine
// for half a second, rightly takes them for single ones.
func (p *person) clicks(at image.Point, times int) {
	p.T.Helper()
	p.run.Freeze()
	defer p.run.Thaw()
	p.tool("mousemove", strconv.Itoa(at.X), strconv.Itoa(at.Y), "click", "--repeat", strconv.Itoa(times), "--delay", "40", "1")
}
