package store

import (
	"fmt"

	"starling/crdt"
)

// numbered names a change of a document by its actor and number.
type numbered struct {
	actor crdt.ActorID
	seq   uint64
}

// insideSnapshot is what the writer last read out of a snapshot: peers that
// send old changes again would have it read for each of them.
type insideSnapshot struct {
	num    int64
	hashes map[numbered]crdt.Hash
}

// snapshotHashes returns the hashes of the changes in a document's snapshot.
// It is slow, for a rare case: a change that is held comes again after it was
// compacted, past those who should have seen that the vector has it.
func (w *writer) snapshotHashes(d *docState) (map[numbered]crdt.Hash, error) {
	var num int64
	var chunk []byte
	err := w.conn.row("SELECT num, bytes FROM snapshots WHERE doc = ?", []any{d.num}, &num, &chunk)
	if err != nil {
		return nil, err
	}
	if w.inside.num == num {
		return w.inside.hashes, nil
	}
	hashes := map[numbered]crdt.Hash{}
	err = w.s.expand(chunk, func(c crdt.Change) error {
		hashes[numbered{c.Actor, c.Seq}] = c.Hash
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the snapshot: %w", err)
	}
	w.inside = insideSnapshot{num: num, hashes: hashes}
	return hashes, nil
}
