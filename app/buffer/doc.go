// Package buffer is the text of one view of one document, with its caret and its
// selection. It knows nothing of a screen or of a network.
//
// The text is kept as lines in blocks of at most 512, each block with the sums
// of its lines' code points and heights, so that finding a line by place or by
// height, and changing one, costs a block and not the document. What flows down
// the lines is kept with each and mended where a line has changed. A long line has
// an index of its code points, so that a key in a line of a megabyte costs one copy
// of it and no reading of it.
//
// A [Buffer] never changes its text by itself. An action makes a [crdt.Edit]
// against the text on the screen and gives it to the [Document], which answers
// with patches: first those of others that this view had not seen, then its own.
// The buffer applies them in order, so that its text is always one that the
// document had. Patches that come together and in the order of their places,
// either way, are applied as one. Caret, selection, carets of others and marks are
// all shifted by the same patches: what is selected stays so while others write in
// it, and what they write at its ends stays outside. Undo and redo are the
// document's: it knows whose work is whose, and still does after a restart.
//
// Places are code points, as in package crdt; [Buffer.Pos] and [Buffer.At] turn
// them into bytes of a line and back. Characters are grapheme clusters and words
// those of UAX 29, without dictionaries: in Chinese and Thai each letter, with its
// marks, is a word. Both are looked for within a few kilobytes only, so that no text
// makes a key slow. A Buffer belongs to one goroutine.
package buffer
