package window

import (
	"cmp"
	"image"
	"image/color"
	"os"
	"testing"
	"time"

	"starling/assets"
)

// theme is the variant of the look under test.
var theme = cmp.Or(os.Getenv("FYNE_THEME"), "light")

// tokens are the colours to look for.
var tokens = func() *assets.Tokens {
	if theme == "dark" {
		return &assets.Dark
	}
	return &assets.Light
}()

// Before a picture is kept, nothing has changed for the time of rest, or the
// time to settle has passed.
const (
	rest   = 300 * time.Millisecond
	settle = 3 * time.Second
)

// Where things are in a window that fills its screen. The layouts are in
// package desktop.
var (
	full   = image.Rect(0, 0, assets.WindowWidth, assets.WindowHeight)
	middle = image.Rect(400, 80, 880, 720) // dialogs, and the first start
	people = image.Rect(full.Max.X-assets.PeopleWidth+1, assets.BarHeight, full.Max.X, full.Max.Y)
	notice = image.Rect(assets.PlacesWidth+40, full.Max.Y-assets.StatusHeight-84, people.Min.X-1, full.Max.Y-assets.StatusHeight)
	// page is a point in the text's column, far below a short text.
	page = image.Pt(full.Max.X/2, 600)
)

// thing is something to press, known by a run of pixels of one colour in a row
// of the screen: the upper edge of a button, or the line below a link.
type thing struct {
	name   string
	area   image.Rectangle
	colour color.NRGBA
	least  int // length of the run
	below  int // where to press, from the run
}

// Everything that is pressed.
var (
	startWriting = thing{"Start writing", middle, tokens.Accent, 300, 10}
	add          = thing{"Add", people, tokens.Panel, 28, 8}
	showCode     = thing{"Show code", people, tokens.Accent, 50, 8}
	same         = thing{"It is the same", middle, tokens.Accent, 80, 10}
	closeAlert   = thing{"Close", full, tokens.Accent, 50, 10}
	link         = thing{"the link in the notice", notice, tokens.Accent, 30, -5}
)

// swatch is the n-th colour of the first start.
func swatch(n int) thing {
	return thing{"a colour", middle, tokens.Person(n).Fill, 20, 4}
}

// find looks for the first run of pixels.
func (w thing) find(img *image.RGBA) (image.Point, bool) {
	area := w.area.Intersect(img.Rect)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		run := 0
		for x := area.Min.X; x < area.Max.X; x++ {
			if !like(img.RGBAAt(x, y), w.colour) {
				run = 0
				continue
			}
			if run++; run == w.least {
				return image.Pt(x-run/2, y+w.below), true
			}
		}
	}
	return image.Point{}, false
}

// like allows for the rounding of graphics drivers.
func like(a color.RGBA, b color.NRGBA) bool {
	near := func(a, b uint8) bool { return max(a, b)-min(a, b) <= 2 }
	return near(a.R, b.R) && near(a.G, b.G) && near(a.B, b.B)
}

// sees reports whether a thing is there now.
func (s *screen) sees(w thing) bool {
	_, ok := w.find(s.picture())
	return ok
}

// press waits for a thing that stays where it is and clicks on it.
func (s *screen) press(w thing) {
	s.t.Helper()
	var at image.Point
	s.eventually(w.name+" is shown", func() bool {
		before, ok := w.find(s.picture())
		if !ok {
			return false
		}
		s.caughtUp() // it may just move
		at, ok = w.find(s.picture())
		return ok && at == before
	})
	s.click(at)
}

// largest cuts the tallest text out of the middle: in the dialog of pairing,
// the code.
func largest(img *image.RGBA) *image.RGBA {
	var best, band image.Rectangle
	for y := middle.Min.Y; y < middle.Max.Y; y++ {
		row := image.Rectangle{}
		for x := middle.Min.X; x < middle.Max.X; x++ {
			if like(img.RGBAAt(x, y), tokens.Text) {
				row = row.Union(image.Rect(x, y, x+1, y+1))
			}
		}
		band = band.Union(row)
		if row.Empty() {
			band = image.Rectangle{}
		}
		if band.Dy() > best.Dy() {
			best = band
		}
	}
	return img.SubImage(best).(*image.RGBA)
}

// alike says whether two pictures show the same, wherever they are.
func alike(a, b *image.RGBA) bool {
	if a.Rect.Size() != b.Rect.Size() {
		return false
	}
	for y := range a.Rect.Dy() {
		for x := range a.Rect.Dx() {
			if a.RGBAAt(a.Rect.Min.X+x, a.Rect.Min.Y+y) != b.RGBAAt(b.Rect.Min.X+x, b.Rect.Min.Y+y) {
				return false
			}
		}
	}
	return true
}

func TestFind(t *testing.T) {
	img := image.NewRGBA(full)
	button := thing{"a button", middle, tokens.Accent, 30, 5}
	draw := func(from, to int) {
		for x := from; x < to; x++ {
			img.Set(x, 200, tokens.Accent)
		}
	}
	draw(410, 439) // too short
	draw(middle.Max.X-10, middle.Max.X+30)
	if at, ok := button.find(img); ok {
		t.Errorf("found at %v, which is too short or outside", at)
	}
	draw(500, 540)
	if at, ok := button.find(img); !ok || at.Y != 205 || at.X < 500 || at.X >= 540 {
		t.Errorf("found at %v, %v", at, ok)
	}
}
