package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"unicode/utf8"

	"starling/crdt"
	"starling/sync/peer"
)

// ear notes when keys arrive in a document, each in both ways in which a peer
// tells of them.
type ear struct {
	doc    *peer.Doc
	cancel context.CancelFunc
	done   sync.WaitGroup

	mu        sync.Mutex
	committed []int64 // when Watch yielded it
	shown     []int64 // when a window, woken by TextChanged, had the patch
	err       error
}

// ListenArgs name a document, by ID, and its length in bytes.
type ListenArgs struct {
	Doc    string
	Length int
}

// Listen waits until the document is here and begins to note what comes.
func (w *Worker) Listen(a ListenArgs, _ *bool) error {
	id, err := crdt.ParseDocID(a.Doc)
	if err != nil {
		return err
	}
	e := &ear{}
	if err := await("the document is opened", func() (bool, error) {
		e.doc, err = w.peer.OpenDocument(context.Background(), id)
		return err == nil, err
	}); err != nil {
		return err
	}
	if err := await("the document arrives and is committed", func() (bool, error) {
		text, _ := e.doc.Snapshot()
		return len(text) == a.Length && e.doc.State().Saved, nil
	}); err != nil {
		return err
	}
	w.ear = e
	ctx, cancel := context.WithCancel(context.Background())
	e.cancel = cancel
	ready := make(chan struct{})
	sub := w.peer.Subscribe(64)
	_, seen := e.doc.Snapshot()
	e.done.Go(func() {
		defer sub.Close()
		e.window(ctx, sub, seen)
	})
	e.done.Go(func() { e.watch(ctx, w.peer, ready) })
	<-ready
	return nil
}

// watch follows what is committed here.
func (e *ear) watch(ctx context.Context, p *peer.Peer, ready chan struct{}) {
	open := func() error {
		close(ready)
		return nil
	}
	err := p.Watch(ctx, e.doc.ID(), open, func(ev peer.WatchEvent) error {
		now := monotonic()
		e.mu.Lock()
		defer e.mu.Unlock()
		e.committed = appendTimes(e.committed, now, utf8.RuneCountInString(ev.Insert))
		return nil
	})
	if err != nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.err = err
	}
}

// window does what a window does: it sleeps until an event, and asks for the
// patches that it has not seen.
func (e *ear) window(ctx context.Context, sub *peer.Subscription, seen uint64) {
	for {
		var event peer.Event
		select {
		case <-ctx.Done():
			return
		case event = <-sub.C():
		}
		switch ev := event.(type) {
		case peer.TextChanged:
			if ev.Doc != e.doc.ID() {
				continue
			}
		case peer.Missed:
		default:
			continue
		}
		patches, err := e.doc.Since(seen)
		now := monotonic()
		e.mu.Lock()
		for _, p := range patches {
			seen = p.Num
			e.shown = appendTimes(e.shown, now, p.Inserted)
		}
		e.err = errors.Join(e.err, err)
		e.mu.Unlock()
	}
}

func appendTimes(times []int64, at int64, n int) []int64 {
	for range n {
		times = append(times, at)
	}
	return times
}

// Heard are the times at which keys arrived.
type Heard struct{ Committed, Shown []int64 }

// Heard waits for a number of keys, returns when they came, and listens no
// more.
func (w *Worker) Heard(n int, out *Heard) error {
	e := w.ear
	err := await(fmt.Sprintf("%d keys arrive", n), func() (bool, error) {
		e.mu.Lock()
		defer e.mu.Unlock()
		return len(e.committed) >= n && len(e.shown) >= n, e.err
	})
	e.cancel()
	e.done.Wait()
	e.doc.Close()
	if err == nil && (len(e.committed) != n || len(e.shown) != n) {
		err = fmt.Errorf("%d keys committed and %d shown instead of %d", len(e.committed), len(e.shown), n)
	}
	*out = Heard{e.committed, e.shown}
	return err
}
