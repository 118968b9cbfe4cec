package desktop

import (
	"fmt"
	"strings"
)

// Place is a window's size and position on the screen. A size of zero is the
// usual one; without Fixed the system chooses the position.
type Place struct {
	Width, Height int
	X, Y          int
	Fixed         bool
}

// ParsePlace reads "WxH" or "WxH+X+Y", as X11 programs take it.
func ParsePlace(text string) (Place, error) {
	var p Place
	size, at, fixed := strings.Cut(text, "+")
	var rest rune // must not be there
	if n, _ := fmt.Sscanf(size, "%dx%d%c", &p.Width, &p.Height, &rest); n != 2 || p.Width <= 0 || p.Height <= 0 {
		return Place{}, fmt.Errorf("%q is not a size such as 960x800 or 960x800+0+0", text)
	}
	if !fixed {
		return p, nil
	}
	if n, _ := fmt.Sscanf(at, "%d+%d%c", &p.X, &p.Y, &rest); n != 2 {
		return Place{}, fmt.Errorf("%q is not a position such as 960x800+0+0", text)
	}
	p.Fixed = true
	return p, nil
}
