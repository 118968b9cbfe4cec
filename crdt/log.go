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
