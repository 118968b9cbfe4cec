package peer

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"starling/crdt"
)

// One who waits for another's opening does not fail because the other's time
// has run out.
func TestACancelledOpeningHarmsNobodyElse(t *testing.T) {
	var r registry
	r.init(nil)
	id := crdt.DocID{1}
	ctx, cancel := context.WithCancel(t.Context())
	loading := make(chan struct{})
	first := make(chan error, 1)
	go func() {
		_, err := r.use(ctx, id, func(ctx context.Context) (*openDoc, error) {
			close(loading)
			<-ctx.Done()
			return nil, ctx.Err()
		})
		first <- err
	}()
	<-loading
	second := make(chan error, 1)
	want := &openDoc{}
	go func() {
		d, err := r.use(t.Context(), id, func(context.Context) (*openDoc, error) { return want, nil })
		if err == nil && d != want {
			err = errors.New("another document")
		}
		second <- err
	}()
	soon(t, "the second waits", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.open[id] != nil && r.open[id].users == 2
	})
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the first: %v", err)
	}
	if err := <-second; err != nil {
		t.Errorf("the second: %v", err)
	}
	if s := r.open[id]; s == nil || s.users != 1 {
		t.Errorf("the slot is %+v", s)
	}
}

// One who gives up waiting for an opening that fails is not taken off the next
// one's users.
func TestUsersOfAFailedOpening(t *testing.T) {
	var r registry
	r.init(nil)
	id := crdt.DocID{1}
	s, mine := r.enter(id)
	if !mine {
		t.Fatal("someone opens it already")
	}
	r.fill(t.Context(), s, func(context.Context) (*openDoc, error) { return nil, errors.New("no") })
	d, err := r.use(t.Context(), id, func(context.Context) (*openDoc, error) { return &openDoc{}, nil })
	if err != nil {
		t.Fatal(err)
	}
	r.leave(s)
	if d.slot.users != 1 {
		t.Errorf("%d users", d.slot.users)
	}
}

// Documents are closed when nobody uses them and they are settled, the last used
// the last, and the same actor goes on in them.
func TestIdleDocumentsAreClosed(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "x")
	actor := d.text().Actor()
	d.Close()
	soon(t, "it is indexed", func() bool { d.index(); return d.settled() })
	p.docs.closeIdle(time.Now())
	if !p.docs.isOpen(d.id) {
		t.Fatal("it was closed at once")
	}
	d.slot.inbox.mu.Lock() // someone is at work
	p.docs.closeIdle(time.Now().Add(2 * idleTime))
	d.slot.inbox.mu.Unlock()
	if !p.docs.isOpen(d.id) {
		t.Fatal("it was closed at work")
	}
	p.docs.closeIdle(time.Now().Add(2 * idleTime))
	if p.docs.isOpen(d.id) {
		t.Fatal("it stays open")
	}
	again, err := p.OpenDocument(t.Context(), d.id)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if again.text().Actor() != actor {
		t.Error("another actor goes on in the same run")
	}
}

// What was settled once need not be so after somebody has come and gone.
func TestADocumentThatWasUsedMeanwhileStaysOpen(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "x")
	d.Close()
	left := p.docs.leftAt(d.slot)
	if _, err := p.Text(t.Context(), d.id); err != nil {
		t.Fatal(err)
	}
	if p.docs.closeSince(d.slot, left) {
		t.Error("it was closed")
	}
	if !p.docs.closeSince(d.slot, p.docs.leftAt(d.slot)) || p.docs.isOpen(d.id) {
		t.Error("it stays open")
	}
}

// Documents are closed and opened again under the hands of those who write and
// of those who send, and all that they wrote is stored: no number was given
// twice.
func TestDocumentsAreClosedWhileOthersWrite(t *testing.T) {
	p, space := alone(t)
	id, err := p.NewDocument(t.Context(), space, "")
	if err != nil {
		t.Fatal(err)
	}
	closing, stop := context.WithCancel(t.Context())
	var work, closer sync.WaitGroup
	closer.Go(func() {
		for closing.Err() == nil {
			for _, d := range p.docs.all() {
				d.index()
				d.retry()
			}
			p.docs.closeIdle(time.Now().Add(time.Hour))
		}
	})
	const writers, edits = 4, 50
	for range writers {
		work.Go(func() {
			for range edits {
				d, err := p.OpenDocument(t.Context(), id)
				if err != nil {
					t.Error(err)
					return
				}
				_, seen := d.Snapshot()
				if _, _, err := d.Edit(crdt.Edit{Seen: seen, Insert: "x"}); err != nil {
					t.Error(err)
				}
				d.Close()
			}
		})
	}
	work.Wait()
	stop()
	closer.Wait()
	if err := p.store.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := p.docs.open[id]; s != nil { // the closer may have been the last
		p.docs.drop(s)
	}
	d, err := p.OpenDocument(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	text, _ := d.Snapshot()
	v := d.text().Vector()
	if len(text) != writers*edits || len(v) != 1 || v[d.text().Actor()].Seq != writers*edits+1 {
		t.Errorf("%d letters and the vector %v", len(text), v)
	}
}
