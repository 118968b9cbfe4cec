package desktop

import (
	"time"

	"starling/crdt"
	"starling/sync/peer"
)

// typingLasts is how long somebody counts as typing after a key.
const typingLasts = 3 * time.Second

// typists remembers who typed when, in one document. A caret that is elsewhere
// in newer text than where that text alone would have carried it was moved by
// typing; one that moved through the same text was only moved.
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
// itself; zero if it doesn't. since gives the patches after the one of a number.
func (t *typists) mark(
	doc crdt.DocID, others []peer.Cursor, now time.Time, since func(uint64) ([]crdt.Patch, error),
) (next time.Time) {
	if t.doc != doc {
		*t = typists{doc: doc}
	}
	last := t.last
	t.last = make(map[peer.DeviceID]typist, len(others))
	for i := range others {
		c := &others[i]
		before, known := last[c.ID]
		until := before.until
		if known && c.Typing && c.Seen > before.seen && c.Caret != before.carried(c.Seen, since) {
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

// carried is where the caret would be after patch number seen, had its owner
// done nothing.
func (t typist) carried(seen uint64, since func(uint64) ([]crdt.Patch, error)) int {
	patches, err := since(t.seen)
	if err != nil {
		return t.caret // it is long ago: any move counts
	}
	at := []int{t.caret}
	for _, p := range patches {
		if p.Num <= seen {
			at = crdt.Carry(at, []crdt.Patch{p})
		}
	}
	return at[0]
}
