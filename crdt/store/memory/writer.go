package memory

import (
	"context"
	"fmt"
	"sync"
	"time"

	"starling/crdt"
	"starling/crdt/store"
)

// batch is how many jobs one transaction has at most.
const batch = 2048

// job is one thing for the writer to do: an entry; or run, which writes, and is
// flushed at once if flush says so; or look, which doesn't; or reset.
type job struct {
	entry *store.Entry
	run   func(*txn) error
	look  func(*txn) error
	reset *crdt.DocID
	flush bool
	done  func(error)
}

// writes reports whether the job needs room on the disk.
func (j *job) writes() bool { return j.entry != nil || j.run != nil }

// writer does jobs one after another, many in one transaction.
type writer struct {
	s      *Store
	broken map[crdt.DocID]bool
	wake   chan struct{}
	done   sync.WaitGroup

	mu      sync.Mutex
	queue   []job
	closed  bool
	dead    bool        // and nothing is committed any more
	flusher *time.Timer // nil while all is flushed
}

func newWriter(s *Store) *writer {
	return &writer{s: s, broken: map[crdt.DocID]bool{}, wake: make(chan struct{}, 1)}
}

func (w *writer) add(j job) bool {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return false
	}
	w.queue = append(w.queue, j)
	w.mu.Unlock()
	w.signal()
	return true
}

func (w *writer) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// stop does what is queued and ends the goroutine.
func (w *writer) stop() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.signal()
	w.done.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.flusher != nil {
		w.flusher.Stop()
	}
}

// kill has the goroutine fail all that is queued, and what is being committed. It
// does not wait for it.
func (w *writer) kill() {
	w.mu.Lock()
	w.closed, w.dead = true, true
	if w.flusher != nil {
		w.flusher.Stop()
	}
	w.mu.Unlock()
	w.signal()
}

func (w *writer) run() {
	for {
		w.mu.Lock()
		jobs, closed := w.queue, w.closed
		w.queue = nil
		w.mu.Unlock()
		if len(jobs) == 0 {
			if closed {
				return
			}
			<-w.wake
			continue
		}
		for len(jobs) > 0 {
			n := min(len(jobs), batch)
			w.commit(jobs[:n])
			jobs = jobs[n:]
		}
	}
}

// commit does the jobs in one transaction, or each in its own if that fails.
func (w *writer) commit(jobs []job) {
	t, err := w.attempt(jobs)
	if err != nil && len(jobs) > 1 {
		for i := range jobs {
			w.commit(jobs[i : i+1])
		}
		return
	}
	for i := range jobs {
		w.finish(&jobs[i], t.results[i], err)
	}
}

func (w *writer) attempt(jobs []job) (*txn, error) {
	t := &txn{w: w, image: w.s.now().copy(), owned: map[crdt.DocID]bool{}, results: make([]result, len(jobs))}
	flush, writes := false, false
	for i := range jobs {
		flush, writes = flush || jobs[i].flush, writes || jobs[i].writes()
	}
	if writes {
		full, slow := w.s.disk.state()
		if slow > 0 {
			time.Sleep(slow)
		}
		if full {
			return t, store.ErrNoSpace
		}
	}
	if err := t.do(jobs); err != nil {
		for _, doc := range t.reset {
			w.broken[doc] = true
		}
		return t, err
	}
	return t, w.put(t.image, writes, flush)
}

// put makes an image what is committed, unless the process has died.
func (w *writer) put(next *image, writes, flush bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dead {
		return store.ErrClosed
	}
	if !writes {
		return nil
	}
	w.s.disk.commit(next, flush)
	w.s.mu.Lock()
	w.s.image = next
	w.s.mu.Unlock()
	if !flush && w.flusher == nil {
		w.flusher = time.AfterFunc(flushAfter, w.flush)
	}
	return nil
}

func (w *writer) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flusher = nil
	if !w.dead {
		w.s.disk.flush()
	}
}

// finish reports on a job: failed is the transaction's failure, if any.
func (w *writer) finish(j *job, r result, failed error) {
	err := r.err
	if failed != nil {
		err = failed
	}
	if e := j.entry; e != nil {
		if failed != nil {
			w.broken[e.Doc] = true
		}
		if err != nil {
			r.heads = nil
			err = fmt.Errorf("store changes of document %v: %w", e.Doc, err)
		}
		if e.Done != nil {
			e.Done(r.heads, err)
		}
		return
	}
	if j.reset != nil {
		delete(w.broken, *j.reset)
	}
	if j.done != nil {
		j.done(err)
	}
}

// await queues a job and waits until it is done.
func (s *Store) await(ctx context.Context, j job) error {
	done := make(chan error, 1)
	j.done = func(err error) { done <- err }
	if !s.writer.add(j) {
		return store.ErrClosed
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Submit queues an entry; after Close it is told of [store.ErrClosed] at once.
func (s *Store) Submit(e store.Entry) {
	if !s.writer.add(job{entry: &e}) && e.Done != nil {
		e.Done(nil, store.ErrClosed)
	}
}

// Flush waits until everything submitted before it is committed or has failed.
func (s *Store) Flush(ctx context.Context) error { return s.await(ctx, job{}) }

// Reset lets a document be written to again after a failed commit.
func (s *Store) Reset(doc crdt.DocID) { s.writer.add(job{reset: &doc}) }
