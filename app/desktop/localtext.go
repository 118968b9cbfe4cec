package desktop

import (
	"time"

	"starling/crdt"
)

// localText lets a buffer edit a text that nobody shares and that is kept
// nowhere: the name in a field, what is searched for. The zero one is empty.
type localText struct {
	doc *crdt.Document // nil until the first edit
}

// Edit implements [buffer.Document].
func (l *localText) Edit(e crdt.Edit) ([]crdt.Patch, uint64, error) {
	return l.act(func(now time.Time) (crdt.Edited, error) { return l.doc.Edit(e, now) })
}

// EditAll implements [buffer.Document].
func (l *localText) EditAll(seen uint64, splices []crdt.Splice) ([]crdt.Patch, uint64, error) {
	return l.act(func(now time.Time) (crdt.Edited, error) { return l.doc.EditAll(seen, splices, now) })
}

// Undo implements [buffer.Document].
func (l *localText) Undo(seen uint64) ([]crdt.Patch, uint64, error) {
	return l.act(func(now time.Time) (crdt.Edited, error) { return l.doc.Undo(seen, now) })
}

// Redo implements [buffer.Document].
func (l *localText) Redo(seen uint64) ([]crdt.Patch, uint64, error) {
	return l.act(func(now time.Time) (crdt.Edited, error) { return l.doc.Redo(seen, now) })
}

func (l *localText) act(change func(now time.Time) (crdt.Edited, error)) ([]crdt.Patch, uint64, error) {
	now := time.Now()
	if l.doc == nil {
		doc, err := crdt.Open(crdt.Config{Actor: "local"})
		if err != nil {
			return nil, 0, err
		}
		if _, err := doc.Found(now); err != nil {
			return nil, 0, err
		}
		l.doc = doc
	}
	out, err := change(now)
	return out.Patches, out.Own, err
}
