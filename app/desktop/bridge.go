package desktop

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"starling/crdt"
	"starling/sync/peer"
)

// eventBuffer is how many events may wait; more are merged into one.
const eventBuffer = 256

// pace is how often the bridge reads again what may change with every key that
// somebody presses.
type pace struct {
	lists    rhythm // titles and times, of all documents
	reach    rhythm // who has the open text, which is asked of the store
	words    rhythm // the open text, for its words and headings
	versions rhythm // of the open document
}

// rhythm is the least time between two readings, and how many times as long as a
// reading it is at least, so that much to read doesn't keep a core busy; but never
// longer than most, 0 for any time: a reading may have taken so long only because
// the disk was busy, and until the next one the window shows what was.
type rhythm struct{ pause, share, most time.Duration }

// after is how long to wait after a reading that took so long.
func (r rhythm) after(took time.Duration) time.Duration {
	wait := max(r.pause, r.share*took)
	if r.most > 0 {
		wait = min(wait, r.most)
	}
	return wait
}

// usualPace is a window's.
func usualPace() pace {
	return pace{
		lists: rhythm{250 * time.Millisecond, 20, 0}, reach: rhythm{250 * time.Millisecond, 20, 2 * time.Second},
		words: rhythm{300 * time.Millisecond, 10, 0}, versions: rhythm{time.Second, 20, 0},
	}
}

// news is what has changed since the window last looked.
type news struct {
	world *world // nil: as before
	// doc is the document at the desk, of which the next six speak.
	doc     crdt.DocID
	text    bool // it has new patches
	others  *[]peer.Cursor
	state   *peer.DocState
	reach   *peer.Reached
	waiting *[]peer.Waiting
	reading *reading
	err     error // what could not be read
}

// add makes later news part of these.
func (n *news) add(later news) {
	if later.doc != n.doc {
		n.doc, n.text, n.others, n.state, n.reach, n.waiting, n.reading = later.doc, false, nil, nil, nil, nil, nil
	}
	n.text = n.text || later.text
	n.world = cmp.Or(later.world, n.world)
	n.others = cmp.Or(later.others, n.others)
	n.state = cmp.Or(later.state, n.state)
	n.reach = cmp.Or(later.reach, n.reach)
	n.waiting = cmp.Or(later.waiting, n.waiting)
	n.reading = cmp.Or(later.reading, n.reading)
	if later.err != nil {
		n.err = later.err
	}
}

// source is what the bridge reads of its peer that a peer alone in its home does not
// have. Its methods are called on any goroutine.
type source interface {
	Arriving(crdt.DocID) (peer.Arriving, bool)
	AllArriving(peer.SpaceID) []peer.Arriving
	Forks(context.Context) ([]peer.ForkInfo, error)
}

// bridge stands between the peer and the window. Events are gathered on one
// goroutine and brought to the window in one call at a time; what the window
// asks for runs on goroutines that the bridge owns.
type bridge struct {
	peer   *peer.Peer
	source source
	pace   pace
	// post runs a function on the window's goroutine, soon.
	post func(func())
	// show takes the news; it runs on the window's goroutine.
	show func(news)
	// alarm calls a function once, on any goroutine, after a time.
	alarm func(time.Duration, func())

	ctx    context.Context
	work   sync.WaitGroup
	closed atomic.Bool
	// posting says that something is being posted, under mu.
	posting atomic.Bool
	open    atomic.Pointer[peer.Doc] // the document at the desk
	outline atomic.Bool              // its headings are wanted
	woken   chan struct{}            // of capacity 1

	mu      sync.Mutex
	pending news
	flying  bool // a call to the window is under way
}

// newBridge returns a bridge whose work ends with ctx. The caller runs it, and
// after that waits for its work.
func newBridge(ctx context.Context, p *peer.Peer, post func(func()), show func(news)) *bridge {
	return &bridge{
		peer: p, source: p, pace: usualPace(), post: post, show: show, alarm: func(d time.Duration, f func()) { time.AfterFunc(d, f) },
		ctx: ctx, woken: make(chan struct{}, 1),
	}
}

// run follows the peer until the context ends.
func (b *bridge) run() {
	sub := b.peer.Subscribe(eventBuffer)
	defer sub.Close()
	g := gatherer{bridge: b}
	g.all()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		g.read()
		if wait, any := g.wait(); any {
			timer.Reset(wait)
		}
		select {
		case <-b.ctx.Done():
			return
		case event := <-sub.C():
			g.note(event)
			g.drain(sub.C())
		case <-b.woken:
			g.all()
		case <-timer.C:
		}
	}
}

// tell brings news to the window. While one call is under way, further news
// gather and go with the next.
func (b *bridge) tell(n news) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pending.add(n)
	if !b.flying && !b.closed.Load() {
		b.flying = true
		b.postLocked(b.deliver)
	}
}

// call has f run on the window's goroutine, unless the window is closed by
// then. The lock keeps it from closing between the question and the post.
func (b *bridge) call(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.postLocked(f)
}

// postLocked is call under the lock. Just as Fyne (v2.8.1) ends, as after a
// signal, it runs what is posted at once on the goroutine that posts it, which
// holds the lock and is not the window's. So what runs while a post goes on is
// posted anew, until the window is closed or takes it.
func (b *bridge) postLocked(f func()) {
	if b.closed.Load() {
		return
	}
	b.posting.Store(true)
	defer b.posting.Store(false)
	b.post(func() {
		switch {
		case b.closed.Load():
		case b.posting.Load():
			b.work.Go(func() { b.call(f) })
		default:
			f()
		}
	})
}

// later has f run on the window's goroutine after d, unless the window is
// closed by then.
func (b *bridge) later(d time.Duration, f func()) {
	b.alarm(d, func() { b.call(f) })
}

// deliver runs on the window's goroutine.
func (b *bridge) deliver() {
	b.mu.Lock()
	n := b.pending
	b.pending = news{doc: n.doc}
	b.flying = false
	b.mu.Unlock()
	b.show(n)
}

// wake has everything read again: another document lies on the desk.
func (b *bridge) wake() {
	select {
	case b.woken <- struct{}{}:
	default:
	}
}

// close stops all calls to the window: when it returns, none is posted any
// more. Called on the window's goroutine.
func (b *bridge) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed.Store(true)
}

// wait returns when all work has ended.
func (b *bridge) wait() { b.work.Wait() }

// do runs work off the window's goroutine and then done on it. done is not
// called once the window is closed. Called on the window's goroutine.
func (b *bridge) do(work func(ctx context.Context) error, done func(error)) {
	if b.closed.Load() {
		return
	}
	b.work.Go(func() {
		err := work(b.ctx)
		if errors.Is(err, context.Canceled) && b.ctx.Err() != nil {
			return
		}
		b.call(func() { done(err) })
	})
}
