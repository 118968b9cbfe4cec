package memory

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"starling/crdt"
)

// acksAfter is how long what was acknowledged may wait to be written.
const acksAfter = 2 * time.Second

// acks holds what was acknowledged and is not written yet; a crash loses it.
type acks struct {
	mu      sync.Mutex
	pending map[crdt.DocID]map[[32]byte]crdt.Vector
	timer   *time.Timer // nil while nothing waits
	closed  bool
}

// PutAcks notes up to where a device has said that it holds documents.
func (s *Store) PutAcks(device [32]byte, acked map[crdt.DocID]crdt.Vector) {
	s.acks.mu.Lock()
	defer s.acks.mu.Unlock()
	if s.acks.closed || len(acked) == 0 {
		return
	}
	for doc, v := range acked {
		s.acks.pending = with(s.acks.pending, doc, with(s.acks.pending[doc], device, v))
	}
	if s.acks.timer == nil {
		s.acks.timer = time.AfterFunc(acksAfter, s.writeAcks)
	}
}

// stopAcks takes no more.
func (s *Store) stopAcks() {
	s.acks.mu.Lock()
	defer s.acks.mu.Unlock()
	s.acks.closed = true
	if s.acks.timer != nil {
		s.acks.timer.Stop()
	}
}

// writeAcks queues what waits, where readers find it until it is committed.
func (s *Store) writeAcks() {
	s.acks.mu.Lock()
	defer s.acks.mu.Unlock()
	s.acks.timer = nil
	todo := s.acks.pending
	s.writer.add(job{
		run: func(t *txn) error {
			for doc, of := range todo {
				d := t.own(doc)
				for device, v := range of {
					if d != nil {
						d.acks = with(d.acks, device, v)
					}
				}
			}
			return nil
		},
		done: func(error) { s.acksWritten(todo) },
	})
}

// acksWritten forgets vectors that no newer ones have replaced.
func (s *Store) acksWritten(done map[crdt.DocID]map[[32]byte]crdt.Vector) {
	s.acks.mu.Lock()
	defer s.acks.mu.Unlock()
	for doc, of := range done {
		left := maps.Clone(s.acks.pending[doc])
		maps.DeleteFunc(left, func(device [32]byte, v crdt.Vector) bool { return v.Equal(of[device]) })
		s.acks.pending = with(s.acks.pending, doc, left)
		if len(left) == 0 {
			delete(s.acks.pending, doc)
		}
	}
}

// Acks returns up to where each device has said that it holds a document.
func (s *Store) Acks(ctx context.Context, doc crdt.DocID) (map[[32]byte]crdt.Vector, error) {
	s.acks.mu.Lock()
	waiting := s.acks.pending[doc]
	s.acks.mu.Unlock()
	i, err := s.view(ctx)
	if err != nil {
		return nil, fmt.Errorf("read what peers have acknowledged of document %v: %w", doc, err)
	}
	acked := map[[32]byte]crdt.Vector{}
	if d := i.docs[doc]; d != nil {
		maps.Copy(acked, d.acks)
		maps.Copy(acked, waiting)
	}
	for device, v := range acked {
		acked[device] = v.Clone()
	}
	return acked, nil
}
