package peer

import (
	"context"
	"fmt"
	"time"

	"starling/crdt"
)

// compactAfter is how many changes stand behind a snapshot before the next one
// is made: as rows they take twenty times the room.
const compactAfter = 4096

// compactions are the documents that may have so many. They are looked at one by
// one, on the catcher's goroutine; under its mu.
type compactions struct {
	weighed map[crdt.DocID]uint64 // how many changes they had when last looked at
	due     []crdt.DocID
}

// weigh notes a document that may have to be compacted: one that has many more
// changes than when that was looked at last in this run.
func (c *catcher) weigh(id crdt.DocID, holds crdt.Vector) {
	n := uint64(0)
	for _, tip := range holds {
		n += tip.Seq
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if n <= c.weighed[id]+compactAfter {
		return
	}
	if c.weighed == nil {
		c.weighed = make(map[crdt.DocID]uint64)
	}
	c.weighed[id] = n
	c.due = append(c.due, id)
	c.nudge()
}

func (c *catcher) forget(id crdt.DocID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.weighed, id)
}

func (c *catcher) nextDue() (id crdt.DocID, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.due) == 0 {
		return id, false
	}
	id, c.due = c.due[0], c.due[1:]
	return id, true
}

func (c *catcher) anyDue() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.due) > 0
}

// compactDue compacts the documents that need it, none while the person here
// writes: it takes a core for seconds. It returns when to look again, 0 for not at
// all.
func (p *Peer) compactDue(ctx context.Context) (next time.Duration) {
	for ctx.Err() == nil && p.behind.anyDue() {
		if p.docs.edited(time.Now().Add(-liveRest)) {
			return liveRest
		}
		id, ok := p.behind.nextDue()
		if !ok {
			break
		}
		if err := p.compact(ctx, id); err != nil && ctx.Err() == nil {
			p.log.Error("the history could not be compacted; it stays as it is", "doc", id, "err", err)
		}
	}
	return 0
}

// compact makes a snapshot of a document from its rows, beside the one that may
// be open, and gives it to the store with a compact form that covers as much.
func (p *Peer) compact(ctx context.Context, id crdt.DocID) error {
	box := p.docs.enterBox(id)
	defer p.docs.leaveBox(box)
	box.mu.Lock()
	s, err := p.readStored(ctx, id, false)
	box.mu.Unlock()
	if err != nil {
		return err
	}
	if s.unchecked < len(s.changes) {
		p.behind.forget(id) // it is weighed again when it has caught up
		return nil
	}
	if len(s.changes) <= compactAfter {
		return nil
	}
	doc, err := crdt.Open(crdt.Config{
		ID: id, Actor: crdt.ActorID(actorBytes(p.ID(), s)), Founder: s.founder,
		Snapshot: s.snapshot, Changes: s.changes,
	})
	if err != nil {
		return err
	}
	chunk, covers, err := doc.Snapshot()
	if err != nil {
		return err
	}
	p.store.PutForm(id, doc.Form()) // one that covers less would be of no use
	if err := p.store.Compact(ctx, id, chunk, covers); err != nil {
		return fmt.Errorf("%d changes: %w", len(s.changes), err)
	}
	return nil
}
