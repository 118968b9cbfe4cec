package store

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"starling/crdt"
)

const (
	// batchJobs and batchBytes bound one transaction.
	batchJobs  = 2048
	batchBytes = 8 << 20
)

// job is one thing for the writer to do: an entry; or run, which writes through
// the transaction and is undone alone if it fails; or plain; or look, which writes
// nothing; or reset.
type job struct {
	entry *Entry
	run   func(*txn) error
	// plain is run without a savepoint of its own, for what comes often: it is
	// refused before it has written anything, or fails with the whole transaction.
	// At both ends of a savepoint FTS5 writes out all that it has gathered, as
	// segments to be merged later, and what is gathered in memory is saved.
	plain func(*txn) (refused, failed error)
	look  func(*txn) error
	reset *crdt.DocID // a document that may be written to again
	done  func(error)
	size  int64
}

// writer owns the writing connection. Its goroutine lives from start to stop.
type writer struct {
	s      *Store
	conn   *writeConn
	docs   map[crdt.DocID]*docState // as in the database, or in the transaction
	broken map[crdt.DocID]bool
	inside insideSnapshot
	roster lastRoster
	recent recent
	// courtesy is of run.
	courtesy courtesy

	mu     sync.Mutex
	queue  []job
	closed bool
	wake   chan struct{} // holds a token while there may be something to do
	done   sync.WaitGroup
}

func newWriter(s *Store) *writer {
	return &writer{
		s: s, conn: s.write,
		docs: map[crdt.DocID]*docState{}, broken: map[crdt.DocID]bool{},
		wake: make(chan struct{}, 1),
	}
}

func (w *writer) start() { w.done.Go(w.run) }

// stop takes no more jobs, does those that are queued and ends the goroutine.
func (w *writer) stop() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.signal()
	w.done.Wait()
}

// add queues a job; it reports false once the writer stops.
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
			// Whoever else has something to submit by now comes first, as it costs
			// far less in the same transaction than in the next one.
			w.courtesy.yield(runtime.Gosched)
			continue
		}
		for len(jobs) > 0 {
			n := batchLen(jobs)
			w.commit(jobs[:n])
			jobs = jobs[n:]
		}
	}
}

// batchLen is how many of the jobs fit into one transaction, at least one.
func batchLen(jobs []job) int {
	var size int64
	for i := range jobs {
		size += jobs[i].size
		if i > 0 && (i == batchJobs || size > batchBytes) {
			return i
		}
	}
	return len(jobs)
}

// commit does the jobs in one transaction. If that fails, each gets one of its
// own, so that a failure hits only those that cause it.
func (w *writer) commit(jobs []job) {
	t, err := w.attempt(jobs)
	if err != nil && len(jobs) > 1 {
		for i := range jobs {
			w.commit(jobs[i : i+1])
		}
		return
	}
	if err == nil {
		w.s.vectors.publish(t.docs)
		if t.wrote > 0 {
			w.s.flusher.wrote(t.wrote + int64(len(t.docs)+1)*commitPages*pageSize)
		}
	}
	for i := range jobs {
		w.finish(&jobs[i], t.results[i], err)
	}
	if err := w.s.flusher.relieve(w.conn); err != nil {
		w.s.log.Warn("copy the log into the database", "error", err)
	}
}

// finish reports on a job: failed is the transaction's failure, if any.
func (w *writer) finish(j *job, r result, failed error) {
	err := r.err
	if failed != nil {
		err = failed
	}
	err = w.s.noteDamage(explain(err))
	if j.entry != nil {
		if failed != nil {
			w.broken[j.entry.Doc] = true
		}
		if err != nil {
			r.heads = nil
			err = fmt.Errorf("store changes of document %v: %w", j.entry.Doc, err)
		}
		if j.entry.Done != nil {
			j.entry.Done(r.heads, err)
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

// attempt runs the jobs in one transaction. On an error nothing has changed,
// in the database or in memory.
func (w *writer) attempt(jobs []job) (*txn, error) {
	t := &txn{w: w, conn: w.conn, results: make([]result, len(jobs))}
	err := w.s.stop.clear(w.conn)
	if err == nil {
		err = w.conn.begin()
	}
	if err != nil {
		return t, err
	}
	if err = t.do(jobs); err == nil {
		err = w.conn.commit()
	}
	if err != nil {
		w.conn.rollback()
		t.forget()
		for _, doc := range t.reset {
			w.broken[doc] = true // those before the reset are tried again
		}
	}
	return t, err
}

// result is what one job came to within a transaction that is committed.
type result struct {
	heads []Head
	err   error
}

// txn is one transaction on the writer's goroutine.
type txn struct {
	w       *writer
	conn    *writeConn
	docs    []*docState  // those written to
	reset   []crdt.DocID // no longer broken
	seals   []*seal
	held    heldRow
	results []result
	wrote   int64
	// searches counts the searches for a hash.
	searches int
}

// do runs the jobs. An error is one of the whole transaction.
func (t *txn) do(jobs []job) error {
	for i := range jobs {
		var refused, failed error
		if e := jobs[i].entry; e != nil {
			refused, failed = t.apply(i, e)
		} else {
			refused, failed = t.guarded(&jobs[i])
		}
		if failed != nil {
			return failed
		}
		t.results[i].err = refused
	}
	if err := t.seal(); err != nil {
		return err
	}
	return t.save()
}

// guarded runs a job that may fail half-way without harm to others.
func (t *txn) guarded(j *job) (refused, failed error) {
	if j.reset != nil && t.w.broken[*j.reset] {
		delete(t.w.broken, *j.reset)
		t.reset = append(t.reset, *j.reset)
	}
	if err := t.insertHeld(); err != nil {
		return nil, err
	}
	switch {
	case j.look != nil:
		return j.look(t), nil
	case j.plain != nil:
		t.wrote += j.size
		return j.plain(t)
	}
	if j.run == nil {
		return nil, nil
	}
	// What is gathered so far must not be undone with the job.
	if err := t.save(); err != nil {
		return nil, err
	}
	if _, err := t.conn.exec("SAVEPOINT job"); err != nil {
		return nil, err
	}
	t.wrote += j.size
	before := len(t.docs)
	if refused = j.run(t); refused == nil {
		if failed = t.save(); failed == nil {
			_, failed = t.conn.exec("RELEASE job")
		}
		return nil, failed
	}
	// A full disk may have ended the whole transaction, savepoint and all.
	if _, err := t.conn.exec("ROLLBACK TO job"); err != nil {
		return nil, refused
	}
	t.forget()
	t.docs = t.docs[:before]
	_, failed = t.conn.exec("RELEASE job")
	return refused, failed
}

// forget has what the transaction has written to read anew.
func (t *txn) forget() {
	t.w.inside, t.w.roster = insideSnapshot{}, lastRoster{}
	for _, d := range t.docs {
		delete(t.w.docs, d.id)
	}
}

// do has the writer run f and waits for its commit. If ctx ends first, f may
// still run.
func (s *Store) do(ctx context.Context, f func(*txn) error) error {
	return s.await(ctx, job{run: f, size: pageSize})
}

// doFlushed is do, and the commit is on the disk when it returns.
func (s *Store) doFlushed(ctx context.Context, f func(*txn) error) error {
	if err := s.do(ctx, f); err != nil {
		return err
	}
	s.views.RLock() // Close waits
	defer s.views.RUnlock()
	if s.closed {
		return ErrClosed
	}
	if err := s.flusher.sync(); err != nil {
		return fmt.Errorf("flush the log: %w", err)
	}
	return nil
}

// await queues a job and waits until it is done. What ctx ended before, is not
// queued at all.
func (s *Store) await(ctx context.Context, j job) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	done := make(chan error, 1)
	j.done = func(err error) { done <- err }
	if !s.writer.add(j) {
		return ErrClosed
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Flush waits until everything submitted before it is committed or has failed.
func (s *Store) Flush(ctx context.Context) error {
	if err := s.await(ctx, job{}); err != nil {
		return fmt.Errorf("flush the store: %w", err)
	}
	return nil
}

// Reset lets a document be written to again after a failed commit. Entries
// submitted before it still fail; the caller has read the document anew.
func (s *Store) Reset(doc crdt.DocID) {
	s.writer.add(job{reset: &doc})
}
