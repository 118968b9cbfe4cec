package desktop

import (
	"fmt"
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
	"github.com/boombuler/barcode/qr"

	"starling/assets"
)

const (
	// quietZone is the white around a QR code, in modules (ISO/IEC 18004, 9.1).
	quietZone = 4
	// codeSide is how large a code is shown at most, in units.
	codeSide = 264
)

// A code is dark on white in the dark, too: not all cameras read it otherwise.
var (
	codeDark  = color.NRGBA{0x16, 0x19, 0x1D, 0xFF}
	codeLight = color.NRGBA{0xFF, 0xFF, 0xFF, 0xFF}
)

// modules are the squares of a QR code, true for dark.
type modules [][]bool

// modulesOf encodes text.
func modulesOf(text string) (modules, error) {
	code, err := qr.Encode(text, qr.L, qr.Auto) // a screen has no scratches
	if err != nil {
		return nil, fmt.Errorf("draw the link as a code: %w", err)
	}
	n := code.Bounds().Dx()
	m := make(modules, n)
	for y := range m {
		m[y] = make([]bool, n)
		for x := range m[y] {
			grey := color.GrayModel.Convert(code.At(x, y)).(color.Gray)
			m[y][x] = grey.Y < 0x80
		}
	}
	return m, nil
}

// draw draws the code with its quiet zone as large as it fits into a picture with
// a whole number of pixels for each module, so that all are of one size.
func (m modules) draw(width, height int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = 0xFF
	}
	n := len(m) + 2*quietZone
	side := min(width, height) / n
	left, top := (width-side*len(m))/2, (height-side*len(m))/2
	for y, row := range m {
		for x, dark := range row {
			for p := range side * side * btoi(dark) {
				img.SetNRGBA(left+x*side+p%side, top+y*side+p/side, codeDark)
			}
		}
	}
	return img
}

// qrCode shows a link for a camera.
type qrCode struct {
	widget.BaseWidget
	modules modules
	back    *canvas.Rectangle
	raster  *canvas.Raster
}

func newQRCode(text string) (*qrCode, error) {
	m, err := modulesOf(text)
	if err != nil {
		return nil, err
	}
	c := &qrCode{modules: m, back: canvas.NewRectangle(codeLight)}
	c.raster = canvas.NewRaster(m.draw)
	c.raster.ScaleMode = canvas.ImageScalePixels
	c.ExtendBaseWidget(c)
	return c, nil
}

// side is a whole number of units for each module.
func (c *qrCode) side() float32 {
	n := len(c.modules) + 2*quietZone
	return float32(n * max(codeSide/n, 1))
}

func (c *qrCode) CreateRenderer() fyne.WidgetRenderer {
	c.back.CornerRadius = assets.FieldRadius
	return draw(piece{
		owner: c, objects: []fyne.CanvasObject{c.back, c.raster},
		min: func() fyne.Size { return fyne.NewSquareSize(c.side()) },
		layout: func(size fyne.Size) {
			place(c.back, 0, 0, size.Width, size.Height)
			// The corners of the quiet zone stay round.
			place(c.raster, 0, 0, size.Width, size.Height)
		},
	})
}
