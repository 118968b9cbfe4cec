package peer

import (
	"context"
	"fmt"
	"sync"

	"starling/crdt"
)

// maxWatched is how many events wait for a slow watcher.
const maxWatched = 100_000

// watcher gathers events for one Watch.
type watcher struct {
	mu     sync.Mutex
	events []WatchEvent
	over   bool
	wake   chan struct{}
	after  uint64 // the last patch that was held when the watch began
}

func (w *watcher) add(events []WatchEvent) {
	if len(events) == 0 {
		return
	}
	w.mu.Lock()
	w.events = append(w.events, events...)
	w.over = w.over || len(w.events) > maxWatched
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *watcher) take() ([]WatchEvent, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	events := w.events
	w.events = nil
	return events, w.over
}

// Watch yields each committed change of a document's text from now on, in
// order, until ctx ends or yield fails. ready is called once, when the watch is
// in force. What was held when Watch was called is never yielded, although it may
// still be on its way to the disk, and all that comes after it is: so the text
// held then leads on by what is yielded. Both are called on the caller's
// goroutine.
func (p *Peer) Watch(ctx context.Context, id crdt.DocID, ready func() error, yield func(WatchEvent) error) error {
	d, err := p.OpenDocument(ctx, id)
	if err != nil {
		return err
	}
	defer d.Close()
	w := &watcher{wake: make(chan struct{}, 1)}
	d.mu.Lock()
	_, w.after = d.text().Text() // under mu: no commit of what comes later is missed
	d.watchers[w] = struct{}{}
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		delete(d.watchers, w)
		d.mu.Unlock()
	}()
	if err := ready(); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-w.wake:
		}
		events, over := w.take()
		if over {
			return fmt.Errorf("watch document %v: %w", id, ErrBehind)
		}
		for _, e := range events {
			if err := yield(e); err != nil {
				return err
			}
		}
	}
}

// watchEvents tells of patches; under mu.
func (d *openDoc) watchEvents(patches []entered) []WatchEvent {
	events := make([]WatchEvent, 0, len(patches))
	for _, p := range patches {
		events = append(events, WatchEvent{
			Time: p.at, Author: d.authors[p.Actor], At: p.At, Delete: p.Delete, Insert: p.Insert,
		})
	}
	return events
}
