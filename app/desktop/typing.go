package desktop

import (
	"time"

	"starling/crdt"
	"starling/sync/peer"
)

// typingLasts is how long somebody counts as typing after a key.
const typingLasts = 3 * time.Second

// typists remembers who typed when, in one document. A caret that has moved
// through newer text than before was moved by typing; one that moved through
// the same text was only moved.
type typists struct {
	doc  crdt.DocID
	last map[peer.DeviceID]typist
}

type typist struct {
	caret int
	seen  uint64
	until time.Time
}

// mark corrects who is typing, in place, and returns when that changes by
// itself; zero if it doesn't.
func (t *typists) mark(doc crdt.DocID, others []peer.Cursor, now time.Time) (next time.Time) {
	if t.doc != doc {
		*t = typists{doc: doc}
	}
	last := t.last
	t.last = make(map[peer.DeviceID]typist, len(others))
	for i := range others {
		c := &others[i]
		before, known := last[c.ID]
		until := before.until
		if known && c.Typing && c.Seen > before.seen && c.Caret != before.caret {
			until = now.Add(typingLasts)
		}
		t.last[c.ID] = typist{c.Caret, c.Seen, until}
		c.Typing = now.Before(until)
		if c.Typing && (next.IsZero() || until.Before(next)) {
			next = until
		}
	}
	return next
}
