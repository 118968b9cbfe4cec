// Package crdt is a text document that several people edit at once.
//
// A [Document] holds one Automerge document behind types of our own. An edit
// names the last [Patch] that its view has seen, so its place is never stale,
// and returns the [Change]s that say it to others. Received changes return the
// patches that they made. A [Vector] says which changes a document holds; two
// equal vectors mean two equal documents, and "the changes since a vector" is
// all that a peer needs to catch up.
//
// Positions and lengths are Unicode code points everywhere in this package.
//
// What received changes did to the text comes from package crdt/sequence, which
// follows the order of its elements, and [Document.Audit] holds it against the
// engine's text.
//
// The engine is automerge-go. It aborts the whole process on bad bytes, so
// nothing reaches it that package crdt/guard has not passed.
package crdt
