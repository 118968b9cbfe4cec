package peer

import (
	"context"
	"maps"
	"sync"
	"time"

	"starling/crdt"
	"starling/sync/trust"
)

// forkWork is what is left to do about forks, by the one goroutine of upkeep. The zero
// value is nothing.
type forkWork struct {
	// docs are the documents whose forks are to be looked at, until all that does not
	// count in them is in documents of its own.
	docs forkTasks[crdt.DocID]
	// proofs are splits that could not be proved yet.
	proofs forkTasks[trust.ForkInfo]
}

// forkTasks are tried until they are done. It is safe for concurrent use; the zero
// value has none.
type forkTasks[K comparable] struct {
	mu    sync.Mutex
	tasks map[K]*forkTask
}

// forkTask is when to try, and how long to wait before the next time.
type forkTask struct {
	space SpaceID
	at    time.Time // zero if nothing is left to do
	wait  time.Duration
	// rest is until when there is no try, whatever comes: one looks at all that a
	// document holds.
	rest time.Time
	anew bool // whether it was given again since the last try began
}

// Between two tries there is from the least of these to the most.
const (
	forkWait    = 100 * time.Millisecond
	maxForkWait = time.Minute
	// lookShare is the part of the time that one task may take.
	lookShare = 10
)

// lookAtForks has upkeep look at the forks of a document, now unless it has just
// done so.
func (p *Peer) lookAtForks(space SpaceID, doc crdt.DocID) {
	if p.forkWork.docs.give(space, doc) {
		p.upkeep.nudge()
	}
}

// proveLater has a split be proved as soon as that can be.
func (p *Peer) proveLater(space SpaceID, f trust.ForkInfo) {
	p.forkWork.proofs.give(space, f)
}

// give has something be done now, or after its rest, and reports whether that is
// over. How long it waits after that is not forgotten until it is done.
func (l *forkTasks[K]) give(space SpaceID, k K) (due bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.tasks[k]
	if t == nil {
		if l.tasks == nil {
			l.tasks = make(map[K]*forkTask)
		}
		t = new(forkTask)
		l.tasks[k] = t
	}
	t.space, t.at, t.anew = space, time.Now(), true
	return !t.rest.After(t.at)
}

// due are the tasks that are due and their spaces, each put off to its next time. It
// forgets those that are done and have rested.
func (l *forkTasks[K]) due() map[K]SpaceID {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, due := time.Now(), make(map[K]SpaceID)
	maps.DeleteFunc(l.tasks, func(k K, t *forkTask) bool {
		if t.putOff(now) {
			due[k] = t.space
			return false
		}
		return t.at.IsZero() && !t.rest.After(now)
	})
	return due
}

// putOff puts a task off, longer each time, and reports whether it is due at all.
func (t *forkTask) putOff(now time.Time) (due bool) {
	if t.at.IsZero() || t.at.After(now) || t.rest.After(now) {
		return false
	}
	t.wait = min(max(2*t.wait, forkWait), maxForkWait)
	t.at, t.anew = now.Add(t.wait), false
	return true
}

// tried notes that a task was tried, from when on, and whether it is done, unless it
// was given anew meanwhile.
func (l *forkTasks[K]) tried(k K, since time.Time, done bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t, now := l.tasks[k], time.Now()
	t.rest = now.Add(max(forkWait, (lookShare-1)*now.Sub(since)))
	if done && !t.anew {
		t.at, t.wait = time.Time{}, 0
	}
}

// tend tries those that are due, and tells what failed.
func (l *forkTasks[K]) tend(
	ctx context.Context, do func(context.Context, SpaceID, K) (done bool, err error), failed func(K, error),
) {
	for k, space := range l.due() {
		since := time.Now()
		done, err := do(ctx, space, k)
		if err != nil && ctx.Err() == nil {
			failed(k, err)
		}
		l.tried(k, since, done && err == nil)
	}
}

// tendForks does what is due.
func (p *Peer) tendForks(ctx context.Context) {
	p.forkWork.docs.tend(ctx, p.keepBranches, func(doc crdt.DocID, err error) {
		p.log.Error("a branch of a document could not be kept as one of its own; trying again", "doc", doc, "err", err)
	})
	p.forkWork.proofs.tend(ctx, p.prove, func(f trust.ForkInfo, err error) {
		p.log.Error("a fork cannot be stated; trying again", "doc", crdt.DocID(f.Doc), "err", err)
	})
}
