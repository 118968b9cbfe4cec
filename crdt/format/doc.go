// Package format reads and writes the Automerge binary format: here the change
// chunk, which is one atom of editing.
//
// The format is specified at automerge.org/automerge-binary-format-spec; where
// that page is silent, what automerge-go writes decides. [ParseChange] is
// strict, because its input comes from other devices and what it passes goes
// on to a C library that aborts the process on bad input:
//
//   - every size is checked against a limit before memory is taken for it, and
//     the work is linear in the bytes given plus the operations admitted;
//   - the parsed change is encoded again and must give the same bytes. This is
//     not pedantry: Automerge keeps the meaning of a change in its document
//     file, not its bytes, and a file that restores other bytes has another
//     hash and cannot be loaded.
//
// Whether a change fits the document that it is meant for is not asked here;
// package crdt/guard does that.
package format
