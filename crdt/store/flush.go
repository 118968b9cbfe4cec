package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// flushEvery is how long a commit may wait for its flush, well inside the
	// promised second.
	flushEvery = 500 * time.Millisecond
	// checkpointAt is how many bytes of log, roughly, start a checkpoint.
	checkpointAt = 4 << 20
	// checkpointHard is the size of the log at which the writer itself
	// finishes a checkpoint, so that the log starts over.
	checkpointHard = 32 << 20
	pageSize       = 4096
	// commitPages is how many pages a commit writes for each document at
	// least: leaves of the changes, their index, heads and actors.
	commitPages = 4
)

// flusher brings the log to the disk, and then into the database, beside the
// writer.
type flusher struct {
	wal   *os.File     // a descriptor of our own; never one of the database
	sync  func() error // of wal
	conn  *writeConn
	log   *slog.Logger
	dirty chan struct{} // holds one token while something is not flushed
	grown atomic.Int64  // bytes of log since the last checkpoint, roughly
	long  atomic.Bool   // the log is too long: the writer must help

	cancel context.CancelFunc
	done   sync.WaitGroup
	err    error // the first failed flush; read after done
}

// newFlusher opens the log, which exists once a connection has written.
func newFlusher(path string, log *slog.Logger) (*flusher, error) {
	wal, err := os.OpenFile(path+"-wal", os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	conn, err := openWriter(context.Background(), path)
	if err != nil {
		wal.Close()
		return nil, err
	}
	return &flusher{wal: wal, sync: wal.Sync, conn: conn, log: log, dirty: make(chan struct{}, 1)}, nil
}

func (f *flusher) start() {
	ctx, cancel := context.WithCancel(context.Background())
	f.cancel = cancel
	f.done.Go(func() { f.run(ctx) })
}

// wrote tells of a commit that added about n bytes to the log.
func (f *flusher) wrote(n int64) {
	f.grown.Add(n)
	select {
	case f.dirty <- struct{}{}:
	default:
	}
}

// run flushes until ctx ends, and once more then.
func (f *flusher) run(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-f.dirty:
			wait := time.NewTimer(flushEvery)
			select {
			case <-ctx.Done():
			case <-wait.C:
			}
			wait.Stop()
			// What is committed from here on leaves a new token.
			select {
			case <-f.dirty:
			default:
			}
			f.flush()
			f.checkpoint()
		}
	}
	f.flush()
}

func (f *flusher) flush() {
	if err := f.sync(); err != nil {
		f.log.Error("flush the log", "error", err)
		if f.err == nil {
			f.err = fmt.Errorf("flush the log: %w", err)
		}
	}
}

// checkpoint copies the log into the database once it has grown. Passive: it
// waits for nobody and nobody waits for it.
func (f *flusher) checkpoint() {
	if f.grown.Load() < checkpointAt {
		return
	}
	f.grown.Store(0)
	frames, _, err := passive(f.conn)
	if err != nil {
		f.log.Warn("copy the log into the database", "error", err)
		return
	}
	f.long.Store(frames*pageSize > checkpointHard)
}

// relieve finishes a checkpoint on the writer's goroutine, where no new commit
// can come in between; the next commit then starts the log over. Most of the
// log has been copied by then, so little is left to do.
func (f *flusher) relieve(c *writeConn) error {
	if !f.long.CompareAndSwap(true, false) {
		return nil
	}
	_, _, err := passive(c)
	return err
}

// passive runs a checkpoint (sqlite.org/pragma.html#pragma_wal_checkpoint) and
// returns how many frames the log has and how many of them are copied.
func passive(c *writeConn) (frames, copied int64, err error) {
	var busy int64
	err = c.row("PRAGMA wal_checkpoint(PASSIVE)", nil, &busy, &frames, &copied)
	return frames, copied, err
}

// stop ends the goroutine and returns the first error of a flush.
func (f *flusher) stop() error {
	f.cancel()
	f.done.Wait()
	return f.err
}

func (f *flusher) close() error { return errors.Join(f.wal.Close(), f.conn.close()) }
