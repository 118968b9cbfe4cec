package memory

import (
	"fmt"
	"sync"
	"time"

	"starling/crdt"
	"starling/crdt/store"
)

// flushAfter is how long a commit may wait for its flush.
const flushAfter = 500 * time.Millisecond

// Disk is a simulated disk with one home on it. The zero Disk is empty.
type Disk struct {
	mu        sync.Mutex
	committed *image // what a process that dies leaves
	flushed   *image // what a power cut leaves
	open      bool
	// clean is the mark of a clean stop, which is flushed whenever it changes.
	clean bool
	full  bool
	slow  time.Duration
}

// Open opens the store on the disk. expand gives the changes of a snapshot. It
// fails with [store.ErrInUse] while another store is open.
func (d *Disk) Open(expand store.Expand) (*Store, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open {
		return nil, fmt.Errorf("open store: %w", store.ErrInUse)
	}
	d.open = true
	if d.committed == nil {
		d.committed = &image{}
		d.flushed = d.committed
	}
	d.committed = d.committed.apart()
	d.flushed = d.committed
	s := &Store{disk: d, expand: expand, resumable: d.clean, image: d.committed}
	d.clean = false
	s.writer = newWriter(s)
	s.writer.done.Go(s.writer.run)
	return s, nil
}

// SetFull says whether the disk takes anything more.
func (d *Disk) SetFull(full bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.full = full
}

// SetSlow says how long each commit takes.
func (d *Disk) SetSlow(slow time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.slow = slow
}

// state is what a commit asks about the disk.
func (d *Disk) state() (full bool, slow time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.full, d.slow
}

// Copy is a disk with what this one holds, as a machine's image that is put back
// later: nothing tells its home from the first one.
func (d *Disk) Copy() *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.committed == nil {
		return &Disk{}
	}
	kept := d.committed.apart()
	return &Disk{committed: kept, flushed: kept, clean: d.clean}
}

// commit puts the next image in place; it is flushed later or, if told to, now.
func (d *Disk) commit(next *image, flush bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.committed = next
	if flush {
		d.flushed = next
	}
}

// flush flushes what is committed.
func (d *Disk) flush() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.flushed = d.committed
}

// leave closes the disk. After a power cut it holds what was flushed.
func (d *Disk) leave(clean, power bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open = false
	d.clean = clean
	if power {
		d.committed = d.flushed
	} else {
		d.flushed = d.committed
	}
}

// Home is what a simulation may know of a home without opening it.
type Home struct{ image *image }

// Committed is what a process that dies now would leave.
func (d *Disk) Committed() Home {
	d.mu.Lock()
	defer d.mu.Unlock()
	return Home{d.committed}
}

// Flushed is what a power cut would leave now.
func (d *Disk) Flushed() Home {
	d.mu.Lock()
	defer d.mu.Unlock()
	return Home{d.flushed}
}

// Documents lists the documents that are held.
func (h Home) Documents() []crdt.DocID {
	return idsOf(h.image.list(func(*document) bool { return true }, byNum))
}

// Vector is what is held of a document.
func (h Home) Vector(doc crdt.DocID) crdt.Vector {
	if d := h.image.docs[doc]; d != nil {
		return d.vector()
	}
	return crdt.Vector{}
}

// Changes are those of a document, in the order of commits. They must not be
// written to.
func (h Home) Changes(doc crdt.DocID) []crdt.Change {
	if d := h.image.docs[doc]; d != nil {
		return d.changes
	}
	return nil
}

// Beside are the changes that are held beside a document. They must not be written
// to.
func (h Home) Beside(doc crdt.DocID) []crdt.Change {
	if d := h.image.docs[doc]; d != nil {
		return d.beside
	}
	return nil
}

// Devices says whose the actors of a document are.
func (h Home) Devices(doc crdt.DocID) map[crdt.ActorID][32]byte {
	devices := map[crdt.ActorID][32]byte{}
	if d := h.image.docs[doc]; d != nil {
		for id, a := range d.actors {
			if a.owned {
				devices[id] = a.device
			}
		}
	}
	return devices
}

// Statements are those of a space's roster, in the order in which they came.
func (h Home) Statements(space [32]byte) []store.Statement { return h.image.records.statements[space] }

// Asides is what was set aside.
func (h Home) Asides() []store.Aside { return h.image.records.asides }
