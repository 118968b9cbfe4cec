// Package crdt is a document that several people edit at once.
//
// A [Document] is an Automerge document: a text under `content`, beside which
// there may be maps, lists, counters and other texts. It reads and writes
// Automerge's format, which other programs share, and is kept by packages of our
// own, so that a document opens at once and knows who wrote each character:
//
//	crdt/format    change and document chunks
//	crdt/graph     the changes: what each builds on, when it was made
//	crdt/guard     whether a received change fits those that it builds on
//	crdt/opset     the objects that all operations together make
//	crdt/sequence  the order and content of a text
//	crdt/history   versions, differences, authors
//
// An edit names the last [Patch] that its view has seen, so its place is never
// stale, and returns the [Change]s that say it to others. Received changes return
// the patches that they made. A [Vector] says which changes a document holds; two
// equal vectors mean two equal documents, and "the changes since a vector" is
// all that a peer needs to catch up. An [Anchor] is a place that stays put.
//
// Positions and lengths are Unicode code points everywhere in this package.
package crdt
