// Command empty shows a Fyne window with nothing in it, to hold the memory of
// ours against.
package main

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
)

func main() {
	w := app.NewWithID("app.starling.Empty").NewWindow("Empty")
	w.Resize(fyne.NewSize(1100, 760))
	w.ShowAndRun()
}
