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
	at    time.Time
	wait  time.Duration
}

// Between two looks there is from the least of these to the most.
const (
	forkWait    = 100 * time.Millisecond
	maxForkWait = time.Minute
)

// lookAtForks has upkeep look at the forks of a document now.
func (p *Peer) lookAtForks(space SpaceID, doc crdt.DocID) {
	p.forkWork.mu.Lock()
	if p.forkWork.docs == nil {
		p.forkWork.docs = make(map[crdt.DocID]*forkTask)
	}
	p.forkWork.docs[doc] = &forkTask{space: space, at: time.Now()}
	p.forkWork.mu.Unlock()
	p.upkeep.nudge()
}

// proveLater has a split be proved as soon as that can be.
func (p *Peer) proveLater(space SpaceID, f trust.ForkInfo) {
	p.forkWork.mu.Lock()
	defer p.forkWork.mu.Unlock()
	if p.forkWork.proofs == nil {
		p.forkWork.proofs = make(map[trust.ForkInfo]*forkTask)
	}
	p.forkWork.proofs[f] = &forkTask{space: space, at: time.Now()}
}

// later puts a task off, longer each time, and reports whether it is due at all.
func (t *forkTask) due(now time.Time) bool {
	if t.at.After(now) {
		return false
	}
	t.wait = min(max(2*t.wait, forkWait), maxForkWait)
	t.at = now.Add(t.wait)
	return true
}

// dueTasks are those that are due, each put off to its next time.
func dueTasks[K comparable](tasks map[K]*forkTask) map[K]*forkTask {
	now, due := time.Now(), make(map[K]*forkTask)
	for k, t := range tasks {
		if t.due(now) {
			due[k] = t
		}
	}
	return due
}

// dropTask forgets a task that is done, unless it was given anew meanwhile.
func dropTask[K comparable](w *forkWork, tasks map[K]*forkTask, k K, t *forkTask) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if tasks[k] == t {
		delete(tasks, k)
	}
}

// tendForks does what is due.
func (p *Peer) tendForks(ctx context.Context) {
	w := &p.forkWork
	w.mu.Lock()
	docs := dueTasks(w.docs)
	w.mu.Unlock()
	for doc, t := range docs {
		done, err := p.keepBranches(ctx, t.space, doc)
		if err != nil && ctx.Err() == nil {
			p.log.Error("a branch of a document could not be kept as one of its own; trying again", "doc", doc, "err", err)
		}
		if done && err == nil {
			dropTask(w, w.docs, doc, t)
		}
	}
	w.mu.Lock()
	proofs := dueTasks(w.proofs)
	w.mu.Unlock()
	for f, t := range proofs {
		done, err := p.prove(ctx, t.space, f)
		if err != nil && ctx.Err() == nil {
			p.log.Error("a fork cannot be stated; trying again", "doc", crdt.DocID(f.Doc), "err", err)
		}
		if done && err == nil {
			dropTask(w, w.proofs, f, t)
		}
	}
}
