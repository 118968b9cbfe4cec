package desktop

import (
	"unicode/utf8"

	"starling/crdt"
)

// localText lets a buffer edit a text that nobody shares: the name in a field,
// what is searched for.
type localText struct{ seen uint64 }

// Edit says yes to all: the buffer holds the text itself.
func (l *localText) Edit(e crdt.Edit) ([]crdt.Patch, uint64, error) {
	l.seen++
	return []crdt.Patch{{
		Num: l.seen, At: e.At, Delete: e.Delete,
		Insert: e.Insert, Inserted: utf8.RuneCountInString(e.Insert),
	}}, l.seen, nil
}
