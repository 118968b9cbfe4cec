// Package format reads and writes the Automerge binary format: change chunks,
// each an atom of editing, and document chunks, which hold all changes and
// operations of a document sorted and compressed.
//
// The format is specified at automerge.org/automerge-binary-format-spec; where
// that page is silent, what automerge-go writes decides. [ParseChange] is
// strict, because its input comes from other devices and goes on to others:
//
//   - every size is checked against a limit before memory is taken for it, and
//     the work is linear in the bytes given plus the operations admitted;
//   - the parsed change is encoded again and must give the same bytes. This is
//     not pedantry: Automerge keeps the meaning of a change in its document
//     file, not its bytes, and a file that restores other bytes has another
//     hash and cannot be loaded.
//
// [ParseDocument] is lenient, because its input is a file that some program
// wrote: it takes what automerge-go loads. Its rows are read one after another,
// [Document.EachChange] and [Document.EachOp], so that a history of 260,000
// changes costs no memory; [Document.Expand] turns it back into the changes,
// whose hashes prove that they are the ones that were written. [EncodeDocument]
// writes a document chunk, row by row too. What a small chunk may claim is
// limited by its size.
//
// Whether a change fits the document that it is meant for is not asked here;
// package crdt/guard does that.
package format
