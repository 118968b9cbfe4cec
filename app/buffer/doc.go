// Package buffer is the text of one view of one document, with its caret and its
// selection. It knows nothing of a screen or of a network.
//
// The text is kept as lines in blocks of at most 512, each block with the sums
// of its lines' code points and heights, so that finding a line by place or by
// height, and changing one, costs a block and not the document.
//
// A [Buffer] never changes its text by itself. An action makes a [crdt.Edit]
// against the text on the screen and gives it to the [Document], which answers
// with patches: first those of others that this view had not seen, then its
// own. The buffer applies them in order, so that its text is always one that
// the document had. Caret, selection, carets of others and marks are all shifted
// by the same patches. Undo and redo are the document's: it knows whose work is
// whose, and still does after a restart.
//
// Places are code points, as in package crdt. A Buffer belongs to one
// goroutine.
package buffer
