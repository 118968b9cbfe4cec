package memory

import (
	"context"
	"fmt"
	"sync"

	"starling/crdt"
	"starling/crdt/store"
)

// Store is the open store of one [Disk]. All methods are safe for concurrent use
// and promise what those of [store.Store] do.
type Store struct {
	disk      *Disk
	expand    store.Expand
	resumable bool
	writer    *writer
	acks      acks

	mu     sync.Mutex
	image  *image // the last committed
	closed bool
	err    error // of Close
}

// Resumable reports whether the last stop was clean.
func (s *Store) Resumable() bool { return s.resumable }

// now is what is committed.
func (s *Store) now() *image {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.image
}

// view is what a reader sees.
func (s *Store) view(ctx context.Context) (*image, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, store.ErrClosed
	}
	return s.image, ctx.Err()
}

// document is what a reader of one document sees.
func (s *Store) document(ctx context.Context, id crdt.DocID) (*document, error) {
	i, err := s.view(ctx)
	if err == nil && i.docs[id] == nil {
		err = store.ErrNoDocument
	}
	if err != nil {
		return nil, fmt.Errorf("read document %v: %w", id, err)
	}
	return i.docs[id], nil
}

// Close commits everything submitted, flushes it and marks a clean stop. A full
// disk takes no mark.
func (s *Store) Close() error {
	s.stopAcks()
	s.writeAcks()
	s.writer.stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return s.err
	}
	s.closed = true
	full, _ := s.disk.state()
	if full {
		s.err = fmt.Errorf("close the store: %w", store.ErrNoSpace)
	}
	s.disk.leave(!full, false)
	return s.err
}

// Crash is the death of the process, or a power cut, which takes what is not
// flushed too. Nothing that is called later changes the disk; Done is still
// called for what was submitted, with an error.
func (s *Store) Crash(power bool) {
	s.mu.Lock()
	was := s.closed
	s.closed, s.err = true, store.ErrClosed
	s.mu.Unlock()
	s.stopAcks()
	s.writer.kill()
	if !was {
		s.disk.leave(false, power)
	}
}
