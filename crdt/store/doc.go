// Package store keeps documents, spaces and people in one SQLite file.
//
// A home folder belongs to one process at a time, which holds the lock file
// in it. Nor can another program, such as one that shows databases, read the file
// meanwhile, or Starling start while one does ([ErrFileInUse]): the index of the log
// is in memory alone, by the VFS "unix-excl", but on Windows. All writes go through one goroutine with one connection: [Store.Submit]
// queues changes without waiting, and the writer commits as many as are queued
// in one transaction, asks for their signed heads just before the commit, and
// reports to each entry after it. Readers have connections of their own and
// wait for nobody.
//
// What is committed survives the death of the process at once, and a power cut
// after at most a second: a goroutine flushes the write-ahead log without
// holding the writer. A clean stop leaves a mark in the file that names this
// machine and this very file; [Store.Resumable] says whether it was found, and
// only then may an actor of an earlier run number new changes.
//
// A document opens from its compact form ([Store.LoadForm]) and the few changes
// after it. [Store.Compact] puts one snapshot in the place of many changes: in one
// transaction it becomes the truth, and what it replaced is then deleted in
// slices, between which the writer goes on. Free pages are reused, and given back
// to the system after a compaction.
//
// A change to a document that is not open is judged from rows: [Store.Ancestry]
// tells what it builds on, from a clock that each row has or inherits from the
// row before. It is stored with [Entry].Unchecked, and the document is then
// behind until somebody has opened it, checked the rest and said
// [Store.CaughtUp], or [Store.Refuse] for what has failed.
//
// What does not count for now is kept beside its document ([Store.Retreat]): the
// changes of somebody who was removed meanwhile, or the losing one of two with one
// number. It comes back as soon as it is submitted again.
//
// The signature of a head lies in the row of the change that it signs, until
// that row goes; so a keystroke writes to three pages.
//
// A clean stop leaves a checksum of each page beside the file. At the next start a
// flipped bit is found by it, and flipped back; of more than that, [Open] returns
// [ErrCorrupt], and [Salvage] saves the readable rest into a new file, beside which
// the damaged one stays. What is found later is told by [Store.Damaged] and
// [Options].Corrupt.
//
// Rows are checked against their hashes when they are read. What fails is
// moved to the table of things set aside, never deleted, and the rest of the
// document can be used; the vector falls back so that peers send again what
// is missing.
package store
