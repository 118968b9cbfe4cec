// Package opset holds the state of a document: its maps, lists, texts, counters
// and conflicts, as all its operations together leave it.
//
// It follows Automerge. A place, which is a key of a map or an element of a
// list or text, keeps every value that was ever written there and what
// overwrote or deleted it, its successors. A value stands while it has none;
// a counter's increments do not count. Of several that stand, written by people
// who did not know of each other, the greatest is shown and the others are its
// conflicts. Nothing is ever forgotten, so that any version can be read.
//
// Texts are sequences of package crdt/sequence, where a run of typed, deleted
// or revived characters costs as much as a single one. An element that is more
// than that becomes an item of the sequence: one that was written over, holds
// no or several code points or no string at all, begins or ends a mark.
package opset
