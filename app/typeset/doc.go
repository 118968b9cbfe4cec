// Package typeset lays out one line of text for the page: it breaks it into
// rows, cuts rows into fragments that Fyne draws rightly as one text each, puts
// them in visual order, and tells where each place in the text is drawn.
//
// A [Setter] measures; [Setter.Lay] makes a [Layout] from a [Line]. Offsets are
// bytes of the line's text. Lengths are in Fyne's units. Nothing here is safe
// for use by several goroutines at once.
//
// # From text to what is shown
//
// Spans may hide bytes, draw something else in their place or insert what is
// not in the text. So each line first becomes the string that is shown, made of
// pieces (shown.go). Graphemes, line breaks (UAX 14) and directions (UAX 9) are
// found in that string; the results are told in bytes of the text.
//
// Each row is broken from its own start, and knows how far it looked. So after
// an edit the rows before it stay, and the rows after it too as soon as one
// begins where one began before: a line of a million letters costs no more
// than its changed rows and one copy of the list of rows.
//
// # What Fyne can draw as one text
//
// A canvas.Text with a font of its own falls back to no other font; with none
// it falls back rune by rune to Fyne's and the system's. Within one text Fyne
// sets runs of different direction, script or font side by side in logical
// order. So a fragment has one direction, is drawn either by the page's font or
// wholly by Fyne's, and from right to left it has one script.
package typeset
