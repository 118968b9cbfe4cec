package peer

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"starling/crdt"
)

// catcher catches up with documents that got changes while they were not open:
// it opens one after the other, the one that has waited longest first, so that
// the guard checks the rest and text and search follow, and closes it again. So it
// does with documents that an earlier run was killed over before it had told the
// search what was written in them.
//
// A document is left to rest first, so that one in which somebody writes at this
// moment is not opened for each key; and while the person here writes, all are,
// as long as none has waited too long.
type catcher struct {
	cancel context.CancelFunc
	done   chan struct{}
	wake   chan struct{}

	mu    sync.Mutex
	noted map[crdt.DocID]*lag
	// left are those that the search lacks changes of since an earlier run, as of
	// this run's changes the open documents tell it themselves; and those that are
	// to be looked at again.
	left []crdt.DocID
	compactions
}

// lag is since when a document has been behind in this run.
type lag struct {
	since, last time.Time // the first and the last change
	fresh       bool      // it has no title yet
	failed      time.Time // when it could not be opened
}

const (
	// freshRest is how long a document that is new here rests.
	freshRest = 200 * time.Millisecond
	// liveRest is how long nobody here may have written.
	liveRest = 500 * time.Millisecond
	// passRest is the least between two looks at what is behind.
	passRest = 100 * time.Millisecond
	// failedRest is how long one rests that could not be opened.
	failedRest = time.Minute
)

func (c *catcher) start(p *Peer) {
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel, c.done, c.wake = cancel, make(chan struct{}), make(chan struct{}, 1)
	c.leave(ctx, p)
	go func() {
		defer close(c.done)
		c.run(ctx, p)
	}()
}

// leave finds what an earlier run has left. It is asked before anything is
// written in this one.
func (c *catcher) leave(ctx context.Context, p *Peer) {
	left, err := p.store.Unindexed(ctx)
	if err != nil {
		p.log.Error("it is not known what the search lacks; documents follow when they are opened", "err", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left = left
}

// remaining are those that are left, without the ones of these.
func (c *catcher) remaining(without []crdt.DocID) []crdt.DocID {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.left) == 0 {
		return nil
	}
	known := make(map[crdt.DocID]bool, len(without))
	for _, id := range without {
		known[id] = true
	}
	return slices.DeleteFunc(slices.Clone(c.left), func(id crdt.DocID) bool { return known[id] })
}

func (c *catcher) stop() {
	c.cancel()
	<-c.done
}

// note says that unchecked changes were stored.
func (c *catcher) note(id crdt.DocID, fresh bool, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.noted == nil {
		c.noted = make(map[crdt.DocID]*lag)
	}
	l := c.noted[id]
	if l == nil {
		l = &lag{since: at, fresh: fresh}
		c.noted[id] = l
	}
	l.last = at
	c.nudge()
}

// again has a document be opened before long, although it is not behind: to see
// whether all that it holds still counts, and to tell the search.
func (c *catcher) again(id crdt.DocID) {
	c.keep(id)
	c.note(id, false, time.Now())
}

// keep has a document be caught up with at the next pass, too.
func (c *catcher) keep(id crdt.DocID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Contains(c.left, id) {
		c.left = append(c.left, id)
	}
}

// finish has a document be left no more, unless it was noted meanwhile.
func (c *catcher) finish(id crdt.DocID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.noted[id] == nil {
		c.left = slices.DeleteFunc(c.left, func(left crdt.DocID) bool { return left == id })
	}
}

func (c *catcher) nudge() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// rest is how long a document is still left alone: one that was left behind by
// an earlier run not at all.
func (c *catcher) rest(id crdt.DocID, now time.Time, busy bool) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.noted[id]
	if l == nil {
		if busy {
			return liveRest
		}
		return 0
	}
	if wait := l.failed.Add(failedRest).Sub(now); !l.failed.IsZero() && wait > 0 {
		return wait
	}
	quiet := restTime
	if l.fresh {
		quiet = freshRest
	}
	late := l.since.Add(indexTime).Sub(now)
	wait := l.last.Add(quiet).Sub(now)
	if busy {
		wait = max(wait, liveRest)
	}
	return min(wait, late)
}

// run catches up until ctx ends.
func (c *catcher) run(ctx context.Context, p *Peer) {
	p.noticeRevoked() // an earlier run may have ended before it could
	for _, id := range p.spaceIDs() {
		if sp, err := p.space(id); err == nil {
			if err := p.settleSpace(ctx, sp); err != nil && ctx.Err() == nil {
				p.log.Error("lines may not be drawn yet; trying again", "err", err)
			}
			p.linkDevices(ctx, sp)
		}
	}
	timer := time.NewTimer(0) // what an earlier run has left
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
		case <-timer.C:
		}
		next := c.pass(ctx, p)
		if again := p.compactDue(ctx); again > 0 && (next == 0 || again < next) {
			next = again
		}
		select { // many documents may come at once
		case <-ctx.Done():
			return
		case <-time.After(passRest):
		}
		if next > 0 {
			timer.Reset(next)
		}
	}
}

// pass catches up with all that have rested, and returns when to look again, 0
// for not at all.
func (c *catcher) pass(ctx context.Context, p *Peer) (next time.Duration) {
	behind, err := p.store.Behind(ctx)
	if err != nil {
		if ctx.Err() == nil {
			p.log.Error("it is not known which documents are behind", "err", err)
		}
		return failedRest
	}
	now := time.Now()
	busy := p.docs.edited(now.Add(-liveRest))
	for _, id := range append(behind, c.remaining(behind)...) {
		if ctx.Err() != nil {
			return 0
		}
		if wait := c.rest(id, now, busy); wait > 0 {
			if next == 0 || wait < next {
				next = wait
			}
			continue
		}
		if err := c.catchUp(ctx, p, id); err != nil && ctx.Err() == nil {
			p.log.Error("a document could not be caught up with; trying again later", "doc", id, "err", err)
			c.fail(id, now)
			if next == 0 || failedRest < next {
				next = failedRest
			}
		}
		now = time.Now()
		busy = p.docs.edited(now.Add(-liveRest))
	}
	return next
}

func (c *catcher) fail(id crdt.DocID, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.noted[id]
	if l == nil {
		l = &lag{since: at, last: at}
		c.noted[id] = l
	}
	l.failed = at
}

// catchUp opens a document, which checks it, and tells the search its text. One that
// is asked for again meanwhile, or could not be caught up with, stays to be done.
func (c *catcher) catchUp(ctx context.Context, p *Peer, id crdt.DocID) error {
	c.mu.Lock()
	was := c.noted[id]
	delete(c.noted, id)
	c.mu.Unlock()
	d, err := p.openStored(ctx, id)
	if err != nil {
		if was != nil {
			c.note(id, was.fresh, was.last)
		}
		return err
	}
	err = p.settle(ctx, d.space, id)
	d.indexAgain() // though all may be checked: an earlier run may have ended right here
	if err = errors.Join(err, p.store.Flush(ctx)); err != nil {
		c.keep(id)
	} else {
		c.finish(id)
	}
	p.docs.release(d)
	p.docs.closeUnused(d)
	p.hub.emit(DocumentsChanged{d.space})
	return err
}
