package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"sync"
	"time"

	"starling/crdt"
)

const (
	// acksEvery is how long what was acknowledged may wait to be written. A crash
	// loses it, and then a peer says it again.
	acksEvery = 2 * time.Second
	// acksAtOnce is how many vectors one piece of work for the writer has, so that
	// no keystroke waits long for it.
	acksAtOnce = 64
)

// acks holds what was acknowledged and is not written yet.
type acks struct {
	mu      sync.Mutex
	pending map[ackKey]crdt.Vector
	timer   *time.Timer // nil while nothing waits
	closed  bool
}

type ackKey struct {
	doc    crdt.DocID
	device [32]byte
}

// PutAcks notes up to where a device has said that it holds documents, in place of
// what it said before of each of them. It returns at once and writes nothing
// itself: some seconds later, and at Close, the newest vectors are written in small
// pieces; a failure is logged. A document that is not here is passed over. The
// caller must not write to the vectors any more.
func (s *Store) PutAcks(device [32]byte, acked map[crdt.DocID]crdt.Vector) {
	s.acks.mu.Lock()
	defer s.acks.mu.Unlock()
	if s.acks.closed || len(acked) == 0 {
		return
	}
	if s.acks.pending == nil {
		s.acks.pending = map[ackKey]crdt.Vector{}
	}
	for doc, v := range acked {
		s.acks.pending[ackKey{doc, device}] = v
	}
	if s.acks.timer == nil {
		s.acks.timer = time.AfterFunc(acksEvery, s.writeAcks)
	}
}

// stopAcks has the writer write what waits; later ones are dropped.
func (s *Store) stopAcks() {
	s.acks.mu.Lock()
	s.acks.closed = true
	if s.acks.timer != nil {
		s.acks.timer.Stop()
	}
	s.acks.mu.Unlock()
	s.writeAcks()
}

// writeAcks queues what waits. What is queued stays among what waits until it is
// committed, so that readers find it.
func (s *Store) writeAcks() {
	s.acks.mu.Lock()
	s.acks.timer = nil
	todo := maps.Clone(s.acks.pending)
	s.acks.mu.Unlock()
	piece := map[ackKey]crdt.Vector{}
	for key, v := range todo {
		piece[key] = v
		if len(piece) == acksAtOnce {
			s.queueAcks(piece)
			piece = map[ackKey]crdt.Vector{}
		}
	}
	if len(piece) > 0 {
		s.queueAcks(piece)
	}
}

func (s *Store) queueAcks(piece map[ackKey]crdt.Vector) {
	s.writer.add(job{
		size: int64(len(piece)) * 1024,
		plain: func(t *txn) (refused, failed error) {
			for key, v := range piece {
				_, err := t.conn.exec(`INSERT OR REPLACE INTO acks (doc, device, covers)
					SELECT num, ?, ? FROM documents WHERE id = ?`, key.device[:], encodeVector(v), key.doc[:])
				if err != nil {
					return nil, err
				}
			}
			return nil, nil
		},
		done: func(err error) {
			if err != nil {
				s.log.Error("store what peers have acknowledged", "error", err)
			}
			s.acksWritten(piece)
		},
	})
}

// acksWritten forgets vectors that no newer ones have replaced.
func (s *Store) acksWritten(piece map[ackKey]crdt.Vector) {
	s.acks.mu.Lock()
	defer s.acks.mu.Unlock()
	for key, v := range piece {
		if s.acks.pending[key].Equal(v) {
			delete(s.acks.pending, key)
		}
	}
}

// Acks returns up to where each device has said that it holds a document, as last
// given to [Store.PutAcks]. The caller may keep it.
func (s *Store) Acks(ctx context.Context, doc crdt.DocID) (map[[32]byte]crdt.Vector, error) {
	acked := map[[32]byte]crdt.Vector{}
	// Those that wait come first: one that is written meanwhile is then in either.
	s.acks.mu.Lock()
	for key, v := range s.acks.pending {
		if key.doc == doc {
			acked[key.device] = v.Clone()
		}
	}
	s.acks.mu.Unlock()
	known := false
	err := s.view(ctx, func(tx *sql.Tx) error {
		const document = "SELECT EXISTS (SELECT 1 FROM documents WHERE id = ?)"
		if err := tx.QueryRowContext(ctx, document, doc[:]).Scan(&known); err != nil {
			return explain(err)
		}
		const query = "SELECT a.device, a.covers FROM acks a JOIN documents d ON d.num = a.doc WHERE d.id = ?"
		return readEach(ctx, tx, query, []any{doc[:]}, func(rows *sql.Rows) error {
			var stored, covers sql.RawBytes
			if err := rows.Scan(&stored, &covers); err != nil {
				return err
			}
			var device [32]byte
			v, err := decodeVector(covers)
			if err != nil || fixed(device[:], stored) != nil {
				return nil // damaged: as if the device had not said anything yet
			}
			if _, newer := acked[device]; !newer {
				acked[device] = v
			}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read what peers have acknowledged of document %v: %w", doc, err)
	}
	if !known {
		clear(acked)
	}
	return acked, nil
}
