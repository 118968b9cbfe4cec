package store

import "maps"

// Of the signed heads of changes that go into a snapshot, the last of each actor
// in each span of the document's changes stays. So one who gets the history in
// that order has to keep no more than a span or two waiting for a head, whoever
// wrote between whom. To count each actor's own changes would not do: of someone
// who wrote first and last, the head of the last change alone would stay, and all
// that others wrote in between would have to wait for it.
const (
	spanChanges = 1024
	spanBytes   = 1 << 20
)

// signed is a change with a signed head of a device's own. Those of imports are
// few and stay.
type signed struct {
	actor int64
	seq   uint64
}

// headSpan is a part of the document's changes.
type headSpan struct {
	changes int
	bytes   int64
	last    map[int64]signed // by actor, so far
}

// pruner finds out which heads of the changes of a slice stay.
type pruner struct {
	headSpan
	// stays has the num of the row in which a head that stays lies, 0 for one
	// among heads; goes are heads that have to be deleted there.
	stays map[signed]int64
	goes  []signed
}

func newPruner(from headSpan) pruner {
	from.last = maps.Clone(from.last) // from may be needed again
	return pruner{headSpan: from, stays: map[signed]int64{}}
}

// pass goes on to the next change.
func (p *pruner) pass(size int64) {
	if p.last == nil || p.changes == spanChanges || p.bytes+size > spanBytes {
		p.headSpan = headSpan{last: map[int64]signed{}}
	}
	p.changes++
	p.bytes += size
}

// note notes that this change has a head, which lies in the row of that num or,
// if it is 0, among heads.
func (p *pruner) note(of signed, num int64) {
	if before, ok := p.last[of.actor]; ok {
		if p.stays[before] == 0 {
			p.goes = append(p.goes, before)
		}
		delete(p.stays, before)
	}
	p.last[of.actor] = of
	p.stays[of] = num
}

// prune moves the heads that stay out of their rows, and deletes others.
func (p *pruner) prune(t *txn) error {
	for _, num := range p.stays {
		if num == 0 {
			continue
		}
		_, err := t.conn.exec(`INSERT OR IGNORE INTO heads (actor, seq, hash, sig, roster)
			SELECT actor, seq, hash, sig, roster FROM changes WHERE num = ?`, num)
		if err != nil {
			return err
		}
	}
	for _, of := range p.goes {
		_, err := t.conn.exec("DELETE FROM heads WHERE actor = ? AND seq = ? AND device IS NULL", of.actor, int64(of.seq))
		if err != nil {
			return err
		}
	}
	return nil
}
