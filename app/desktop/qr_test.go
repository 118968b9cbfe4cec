package desktop

import (
	"image"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
)

// A code has its three corners, white around it, and modules of one size, each of
// one colour, at any size.
func TestCodeIsSharp(t *testing.T) {
	m, err := modulesOf("starling:" + strings.Repeat("Ab9_", 60))
	if err != nil {
		t.Fatal(err)
	}
	n := len(m)
	for _, corner := range []image.Point{{0, 0}, {n - 7, 0}, {0, n - 7}} {
		for i := range 7 {
			if !m[corner.Y][corner.X+i] || !m[corner.Y+6][corner.X+i] || !m[corner.Y+i][corner.X] {
				t.Fatalf("there is no mark at %v", corner)
			}
		}
	}
	for _, size := range []int{n + 2*quietZone, 264, 396, 529} {
		img := m.draw(size, size).(*image.NRGBA)
		side := size / (n + 2*quietZone)
		start := (size - side*n) / 2
		if start < quietZone*side {
			t.Errorf("%d: only %d pixels are white at the left", size, start)
		}
		for y := range size {
			for x := range size {
				mx, my := (x-start)/side, (y-start)/side
				dark := x >= start && y >= start && mx < n && my < n && m[my][mx]
				want := codeLight
				if dark {
					want = codeDark
				}
				if got := img.NRGBAAt(x, y); got != want {
					t.Fatalf("%d: the pixel at %d, %d is %v", size, x, y, got)
				}
			}
		}
	}
}

func TestCodeHasAWholeNumberOfUnits(t *testing.T) {
	for _, length := range []int{20, 150, 300, 490} {
		c, err := newQRCode(strings.Repeat("x", length))
		if err != nil {
			t.Fatal(err)
		}
		if side, n := c.MinSize(), len(c.modules)+2*quietZone; side.Width > codeSide || int(side.Width)%n != 0 || side != fyne.NewSquareSize(side.Width) {
			t.Errorf("%d characters: %v for %d modules", length, side, n)
		}
	}
	if _, err := newQRCode(strings.Repeat("x", 4000)); err == nil {
		t.Error("what is too long is drawn")
	}
}
