// Package editor is the text widget: keys, mouse, layout and painting of one
// document with the carets of everyone in it.
//
// It edits through a [buffer.Buffer] and knows nothing of storage or network.
// What a line is, Markdown's signs and all, package markdown tells; how wide and
// where it stands, package typeset; this package puts both together and draws.
//
//	a key      keys.txt, commands*.go, edit*.go, motion.go
//	the mouse  mouse.go, drag.go
//	a line     laying.go, compose.go; codes.go, tables.go and holes.go add what
//	           its surroundings say: colours of code, columns, deleted text
//	the view   view.go, scroll.go, follow.go
//	painting   paint.go, and a file for each thing that is drawn
//
// Only the lines in view are laid out and drawn. A line's layout is kept under
// all that it depends on ([layoutKey]), so a key costs the layout of one line.
// Objects come from pools, and what has not changed is not touched: Fyne
// repaints the whole window for any change, so an idle editor must make none.
//
// The view is held by a row and not by an offset from the top, so that nothing
// that others do above moves the line that one reads.
//
// Everything here belongs to the UI goroutine. Timers come back to it through
// [fyne.Do], and what takes long goes through [Config.Background].
package editor
