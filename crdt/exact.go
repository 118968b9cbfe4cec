package crdt

import (
	"errors"
	"fmt"

	"starling/crdt/sequence"
)

// What a received change did to the text is known in one of two ways. As long
// as package crdt/sequence understands all that is in the text, it says so, to
// the very place; it has been told of every change since the document was
// opened, those of the store first. (A history of 260,000 edits takes 3 s to
// open, and no measurable part of that for the order, nor more than 1 MB.) This
// costs little more than the change. Else,
// and where a batch is spread over many places, the text is read from the engine
// and compared, at 3 ms for 100,000 characters.
//
// The engine alone says what the text is. So its length is held against ours
// after each run of changes, and [Document.Audit] compares the letters from time
// to time. If they ever differ, our order steps aside until the document is
// opened again.

// ErrDrifted says that the text which views showed was not the document's, and
// has been corrected. Nothing stored or sent was wrong.
var ErrDrifted = errors.New("the text shown was not the document's")

// exact returns what a run of changes, which the engine has and the text has not
// yet, does to the text, if our own order knows.
func (d *Document) exact(run []arrival) ([]splice, bool) {
	if !d.order.Exact() {
		return nil, false
	}
	var did sequence.Splices
	for i := range run {
		did.Add(&run[i].did)
	}
	list, ok := did.All()
	if !ok {
		return nil, false
	}
	splices := make([]splice, 0, len(list))
	length := d.runes
	for _, s := range list {
		if s.At < 0 || s.At+s.Delete > length {
			d.distrust(fmt.Errorf("a splice of %d at %d in %d code points", s.Delete, s.At, length))
			return nil, false
		}
		length += len(s.Insert) - s.Delete
		if s.Delete > 0 || len(s.Insert) > 0 {
			splices = append(splices, splice{s.At, s.Delete, string(s.Insert)})
		}
	}
	if n := d.engine.length(); n != length {
		d.distrust(fmt.Errorf("%d code points where the engine has %d", length, n))
		return nil, false
	}
	return splices, true
}

// checkOrder has our order step aside if it and the text differ in length.
func (d *Document) checkOrder() {
	if n := d.order.Len(); d.order.Exact() && n != d.runes {
		d.distrust(fmt.Errorf("%d elements for %d code points", n, d.runes))
	}
}

// distrust has our order step aside, for the next audit to tell.
func (d *Document) distrust(cause error) {
	d.order.StepAside()
	d.drift = fmt.Errorf("%w: %w", ErrDrifted, cause)
}

// Audit compares the whole text with the engine's, unless that was done since
// the last received change, and returns the patches that correct it, for views.
// It is to be called while a document rests: it holds the lock for as long as
// the text takes to read, 3 ms for 100,000 characters.
//
// An error that wraps [ErrDrifted] is to be logged; the document goes on, by
// comparing texts. One that wraps [ErrBroken] means what it always does.
func (d *Document) Audit() ([]Patch, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken || !d.unread && d.drift == nil {
		return nil, nil
	}
	patches, err := d.compare("", 0)
	if err != nil {
		return nil, d.fail("audit", err)
	}
	if len(patches) > 0 {
		d.distrust(fmt.Errorf("%d patches correct it", len(patches)))
	}
	if err = d.drift; err != nil {
		d.drift = nil
		return patches, fmt.Errorf("audit document %v: %w", d.id, err)
	}
	return nil, nil
}
