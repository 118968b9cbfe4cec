// Package editor is the text widget: keys, mouse, layout and painting of one
// document with the carets of everyone in it.
//
// It edits through a [buffer.Buffer] and knows nothing of storage or network.
// Only the lines in view are laid out and drawn. A line's layout is kept by
// the line's version and the state that flows into it from above, so a key
// costs the layout of one line. Objects come from pools, and what has not
// changed is not touched: Fyne repaints the whole window for any change, so an
// idle editor must make none.
//
// Everything here belongs to the UI goroutine. Timers come back to it through
// [fyne.Do].
package editor
