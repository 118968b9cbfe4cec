package crdt

// maxLog bounds how many patches a document keeps for views that lag behind; a
// view further back reads the whole text.
const maxLog = 8192

// patchLog keeps the newest patches; the patch numbered n lies at n-first.
type patchLog struct {
	first   uint64 // number of the oldest patch kept
	patches []Patch
}

// newPatchLog makes a log whose patches are numbered from 1, or with a gap
// behind what views of an earlier opening may have seen.
func newPatchLog(seen uint64) patchLog {
	if seen == 0 {
		return patchLog{first: 1}
	}
	return patchLog{first: seen + 2}
}

// last is the number of the newest patch, or the one before the first.
func (l *patchLog) last() uint64 { return l.first + uint64(len(l.patches)) - 1 }

// add numbers the patch, keeps it and returns it.
func (l *patchLog) add(p Patch) Patch {
	p.Num = l.last() + 1
	l.patches = append(l.patches, p)
	if len(l.patches) > 2*maxLog { // trimmed by half, so that it costs little
		drop := len(l.patches) - maxLog
		l.patches = append([]Patch(nil), l.patches[drop:]...)
		l.first += uint64(drop)
	}
	return p
}

// since returns the patches after the one numbered seen, which must not be
// written to.
func (l *patchLog) since(seen uint64) ([]Patch, error) {
	if seen > l.last() || seen+1 < l.first {
		return nil, ErrStale
	}
	return l.patches[seen+1-l.first:], nil
}

// span is a half-open range of places.
type span struct{ from, to int }

// shiftSpan moves a range past newer patches. Text that others put inside it
// stays out of it, so the range may come apart; what they removed is gone from
// it.
func shiftSpan(s span, patches []Patch) []span {
	spans := []span{s}
	for _, p := range patches {
		var moved []span
		end, by := p.At+p.Delete, p.Inserted-p.Delete
		for _, s := range spans {
			before := span{s.from, min(s.to, p.At)}
			after := span{max(s.from, end) + by, max(s.to, end) + by}
			switch {
			case s.to <= p.At:
				moved = append(moved, s)
			case s.from >= end:
				moved = append(moved, span{s.from + by, s.to + by})
			case p.Inserted == 0:
				moved = append(moved, span{min(s.from, p.At), after.to})
			default:
				if before.from < before.to {
					moved = append(moved, before)
				}
				if after.from < after.to {
					moved = append(moved, after)
				}
			}
		}
		spans = moved
	}
	return spans
}
