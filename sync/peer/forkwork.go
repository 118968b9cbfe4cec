package peer

import (
	"context"
	"sync"
	"time"

	"starling/crdt"
	"starling/sync/trust"
)

// forkWork are the documents whose forks are to be looked at, by the one goroutine of
// upkeep, until all that does not count in them is in documents of its own. It is safe
// for concurrent use; the zero value has none.
type forkWork struct {
	mu   sync.Mutex
	docs map[crdt.DocID]*forkTask
	// proofs are splits that could not be proved yet.
	proofs map[trust.ForkInfo]*forkTask
}

// forkTask is when to look, and how long to wait before the next time.
type forkTask struct {
	space SpaceID
	at    time.Time // zero if nothing is left to do
	wait  time.Duration
	// rest is until when there is no look, whatever comes: one looks at all that the
	// document holds.
	rest time.Time
	anew bool // whether it was given again since the last look began
}

// Between two looks there is from the least of these to the most.
const (
	forkWait    = 100 * time.Millisecond
	maxForkWait = time.Minute
	// lookShare is the part of the time that looks at one document may take.
	lookShare = 10
)

// lookAtForks has upkeep look at the forks of a document, now unless it has just
// done so.
func (p *Peer) lookAtForks(space SpaceID, doc crdt.DocID) {
	p.forkWork.mu.Lock()
	if p.forkWork.docs == nil {
		p.forkWork.docs = make(map[crdt.DocID]*forkTask)
	}
	due := giveTask(p.forkWork.docs, doc, space)
	p.forkWork.mu.Unlock()
	if due {
		p.upkeep.nudge()
	}
}

// proveLater has a split be proved as soon as that can be.
func (p *Peer) proveLater(space SpaceID, f trust.ForkInfo) {
	p.forkWork.mu.Lock()
	defer p.forkWork.mu.Unlock()
	if p.forkWork.proofs == nil {
		p.forkWork.proofs = make(map[trust.ForkInfo]*forkTask)
	}
	giveTask(p.forkWork.proofs, f, space)
}

// giveTask has something be done now, or after its rest, and reports whether that is
// over. How long it waits after that is not forgotten until it is done.
func giveTask[K comparable](tasks map[K]*forkTask, k K, space SpaceID) (due bool) {
	t := tasks[k]
	if t == nil {
		t = new(forkTask)
		tasks[k] = t
	}
	t.space, t.at, t.anew = space, time.Now(), true
	return !t.rest.After(t.at)
}

// due puts a task off, longer each time, and reports whether it is due at all.
func (t *forkTask) due(now time.Time) bool {
	if t.at.IsZero() || t.at.After(now) || t.rest.After(now) {
		return false
	}
	t.wait = min(max(2*t.wait, forkWait), maxForkWait)
	t.at, t.anew = now.Add(t.wait), false
	return true
}

// dueTasks are those that are due and their spaces, each put off to its next time.
// It forgets those that are done and have rested.
func dueTasks[K comparable](tasks map[K]*forkTask) map[K]SpaceID {
	now, due := time.Now(), make(map[K]SpaceID)
	for k, t := range tasks {
		if t.due(now) {
			due[k] = t.space
		} else if t.at.IsZero() && !t.rest.After(now) {
			delete(tasks, k)
		}
	}
	return due
}

// looked notes that a task was tried, from when on, and whether it is done, unless it
// was given anew meanwhile.
func looked[K comparable](w *forkWork, tasks map[K]*forkTask, k K, since time.Time, done bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t, now := tasks[k], time.Now()
	t.rest = now.Add(max(forkWait, (lookShare-1)*now.Sub(since)))
	if done && !t.anew {
		t.at, t.wait = time.Time{}, 0
	}
}

// tendForks does what is due.
func (p *Peer) tendForks(ctx context.Context) {
	w := &p.forkWork
	w.mu.Lock()
	docs := dueTasks(w.docs)
	w.mu.Unlock()
	for doc, space := range docs {
		since := time.Now()
		done, err := p.keepBranches(ctx, space, doc)
		if err != nil && ctx.Err() == nil {
			p.log.Error("a branch of a document could not be kept as one of its own; trying again", "doc", doc, "err", err)
		}
		looked(w, w.docs, doc, since, done && err == nil)
	}
	w.mu.Lock()
	proofs := dueTasks(w.proofs)
	w.mu.Unlock()
	for f, space := range proofs {
		since := time.Now()
		done, err := p.prove(ctx, space, f)
		if err != nil && ctx.Err() == nil {
			p.log.Error("a fork cannot be stated; trying again", "doc", crdt.DocID(f.Doc), "err", err)
		}
		looked(w, w.proofs, f, since, done && err == nil)
	}
}
