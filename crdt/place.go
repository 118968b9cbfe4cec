package crdt

import "slices"

// Seqs says for each actor the highest seq in some state of a document: a
// vector without hashes, as presence carries it.
type Seqs map[ActorID]uint64

// Seqs is v without its hashes.
func (v Vector) Seqs() Seqs {
	s := make(Seqs, len(v))
	for actor, tip := range v {
		s[actor] = tip.Seq
	}
	return s
}

// Here carries a place in the text after patch number seen to the text as it is
// now, and says by which changes the text is what it is.
func (d *Document) Here(places []int, seen uint64) ([]int, Seqs, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	newer, err := d.log.since(seen)
	if err != nil {
		return nil, nil, err
	}
	return Carry(places, newer), d.vector().Seqs(), nil
}

// Resolve carries places that another device named, true in its text with the
// changes in at, to the text as it is now after patch number seen. It reports
// false while this document lacks some of those changes: a cursor is never
// ahead of the edits that it refers to.
//
// Until anchors come this is a best effort: patches of changes that the other
// had not seen shift the places in the order in which they came here.
func (d *Document) Resolve(places []int, at Seqs) (resolved []int, seen uint64, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	have := d.vector().Seqs()
	for actor, seq := range at {
		if have[actor] < seq {
			return nil, 0, false
		}
	}
	length := 0
	if d.text != nil {
		length = d.text.Len()
	}
	out := Carry(places, d.log.unseen(have, at))
	for i := range out {
		out[i] = min(max(out[i], 0), length) // another device named them
	}
	return out, d.log.last(), true
}

// unseen gathers the kept patches of changes that are not in at. It walks from
// the newest back until each actor's patches reach into at, which is a step or
// two for someone who follows.
func (l *patchLog) unseen(have, at Seqs) []Patch {
	ahead := make(map[ActorID]struct{})
	for actor, seq := range have {
		if at[actor] < seq {
			ahead[actor] = struct{}{}
		}
	}
	var unseen []Patch
	for i := len(l.patches) - 1; i >= 0 && len(ahead) > 0; i-- {
		p := l.patches[i]
		if _, ok := ahead[p.Actor]; !ok {
			continue
		}
		if p.Seq <= at[p.Actor] {
			delete(ahead, p.Actor)
			continue
		}
		unseen = append(unseen, p)
	}
	slices.Reverse(unseen)
	return unseen
}

// Carry moves places past patches. At the very place of an insertion they stay
// before it.
func Carry(places []int, patches []Patch) []int {
	out := make([]int, len(places))
	for i, at := range places {
		for _, p := range patches {
			at = p.Shift(at, true)
		}
		out[i] = at
	}
	return out
}
