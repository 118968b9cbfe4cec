package store

import "starling/crdt"

// Head is a signed head: a device's word that the changes of Actor up to Seq,
// which ends in Hash, are its own. The store keeps it and verifies nothing but
// that the change is held.
type Head struct {
	Actor crdt.ActorID
	Seq   uint64
	Hash  crdt.Hash
	// Device and Nonce tie the actor to its maker.
	Device [32]byte
	Nonce  [16]byte
	// Roster names the statements of the space's roster that the head was signed
	// under; it may be empty. Who gets a head from the store must not write to it.
	Roster [][32]byte
	Sig    []byte
	// Import says that Device vouches for an actor of a file that it brought
	// in, which is no device's. Nonce is then the document's founding one.
	Import bool
}

// Entry is what belongs together in one commit for one document.
type Entry struct {
	Doc crdt.DocID
	// Space is the document's. The first entry of a document makes it; later
	// ones must name the same space.
	Space [32]byte
	// Changes stand each after those it builds on. One that is held already is
	// passed over; with another hash than the one held it is [ErrConflict].
	Changes []crdt.Change
	// Heads are signed heads received with the changes. Each signs a change
	// that is held or stands in Changes.
	Heads []Head
	// Seal signs one's own changes. The writer calls it on its goroutine, just
	// before the commit, for the last change of each actor of the
	// document in the transaction, one after another. If the commit fails it may be called again with an
	// earlier change; nobody has seen the first head then. It is nil for
	// received changes.
	Seal func(crdt.Change) Head
	// Title is the document's first line, when it changed.
	Title *string
	// Text, if it is known, is what the document reads with Changes: so it need not
	// be told with [Store.SetText] afterwards.
	Text *Text
	// Unchecked says that not all about Changes has been checked and that the
	// document's text lacks them: it is noted as behind in the same
	// transaction, until [Store.CaughtUp].
	Unchecked bool
	// Done, if not nil, is called once, on the writer's goroutine, in the order
	// of submission, after the commit or its failure. heads are those committed
	// for this entry: Heads, those that stood beside the document with its Changes
	// ([Store.Retreat]), and the sealed one if this entry is the last of its
	// actor in the transaction. Done must not wait for the store; it may Submit.
	Done func(heads []Head, err error)
}

// Text is a document's title and its text, for lists and the search.
type Text struct {
	// Holds is what the text has. With less than all that is held by then, the
	// document is still one that the search lacks changes of.
	Holds       crdt.Vector
	Title, Body string
}

// size is roughly how many bytes the entry adds to the log.
func (e *Entry) size() int64 {
	n := int64(len(e.Heads)+1) * 256
	for i := range e.Changes {
		n += int64(len(e.Changes[i].Bytes)) + 128
	}
	if e.Text != nil {
		n += 2 * int64(len(e.Text.Body))
	}
	return n
}

// Submit queues an entry and returns at once. Entries are committed in the
// order of submission, many in one transaction. If the commit of an entry
// fails (not: if the entry itself is refused), later entries of its document
// fail with [ErrBroken] until [Store.Reset], while other documents go on.
//
// After Close it calls Done itself, with [ErrClosed]. The caller must not write
// to anything that e refers to until Done is called.
func (s *Store) Submit(e Entry) {
	j := job{entry: &e, size: e.size()}
	if !s.writer.add(j) && e.Done != nil {
		e.Done(nil, ErrClosed)
	}
}
