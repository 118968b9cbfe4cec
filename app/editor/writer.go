package editor

import (
	"image/color"
	"time"
)

// Writer is somebody who wrote something, as the editor shows them.
type Writer struct {
	ID, Name string
	// Initial stands beside the colour where that is too small to tell.
	Initial string
	// Colour is behind white letters; Line is readable as text on the page.
	Colour, Line color.NRGBA
	// Pattern tells people apart whose colours look alike to the reader: 0, 1 …
	Pattern int
	// Self says that it is the person here.
	Self bool
}

// Piece is a stretch of the text, or of what was deleted from it, by one person
// at about one time.
type Piece struct {
	N    int // code points
	Who  Writer
	When time.Time
	// Gone says that the piece was deleted, by By, and is not in the text any
	// more. It was where it stands among the other pieces, and said Text.
	Gone bool
	Text string
	By   Writer
	Went time.Time
}
