package guard

import "sort"

// opKey names an operation by the index of its actor and its counter. The zero
// opKey is the root object, and the head of a list.
type opKey struct {
	actor, ctr uint32
}

// kind says what later operations may do with one.
type kind uint8

const (
	kindElem    kind = 1 << iota // an element of a list or text: insert after it, write it
	kindValue                    // a value, object or counter: overwrite or delete it
	kindCounter                  // count it up
	kindMap                      // the ID of a map
	kindList                     // the ID of a list
	kindText                     // the ID of a text
	kindNamed                    // it stands under a key of a map

	kindSeq    = kindList | kindText
	kindObject = kindMap | kindSeq
)

// class is what is kept of an operation. Nothing may refer to the zero class:
// a deletion or a step of a counter.
type class struct {
	kind kind
	obj  opKey
	// elem is the element that a value was written to, if that was not its
	// own insertion. For a map key it is the key's number, as ctr.
	elem opKey
}

// run says that an actor's operations from counter first on, up to the next
// run, are all of one class. Counters in between that the actor did not use
// are not told apart; [actorLog.holds] does that.
type run struct {
	first uint32
	class class
}

// actorLog is what is known of one actor.
type actorLog struct {
	name string
	// changes are the indexes of its changes; that of seq 1 comes first.
	changes []uint32
	// clocks are the ancestors of its changes, from one seq to the next.
	clocks []clockRun
	runs   []run
}

type clockRun struct {
	from  uint32 // seq
	clock clock
}

// note remembers the class of the actor's next operation.
func (l *actorLog) note(ctr uint32, c class) {
	if n := len(l.runs); n == 0 || l.runs[n-1].class != c {
		l.runs = append(l.runs, run{ctr, c})
	}
}

// classAt returns the class of an operation that exists.
func (l *actorLog) classAt(ctr uint32) class {
	n := len(l.runs)
	if l.runs[n-1].first <= ctr {
		return l.runs[n-1].class
	}
	i := sort.Search(n, func(i int) bool { return l.runs[i].first > ctr })
	return l.runs[i-1].class
}

// clockAt returns the clock shared by the changes around seq; what it says of
// the actor itself may be too little.
func (l *actorLog) clockAt(seq uint32) clock {
	n := len(l.clocks)
	if l.clocks[n-1].from <= seq {
		return l.clocks[n-1].clock
	}
	i := sort.Search(n, func(i int) bool { return l.clocks[i].from > seq })
	return l.clocks[i-1].clock
}

// holds reports whether an operation is in one of the actor's changes up to
// upTo.
func (l *actorLog) holds(changes []change, ctr, upTo uint32) bool {
	n := int(upTo)
	if n == 0 || changes[l.changes[n-1]].last < ctr {
		return false
	}
	if last := &changes[l.changes[n-1]]; last.first <= ctr {
		return true
	}
	i := sort.Search(n, func(i int) bool { return changes[l.changes[i]].last >= ctr })
	return changes[l.changes[i]].first <= ctr
}
