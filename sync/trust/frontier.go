package trust

import (
	"slices"

	"starling/sync/identity"
)

// Frontier returns what a head signed now names: the kept statements that no
// other one knew, at most [MaxHeadRoster], sorted. If there are more, those go
// first from which follows what is said of the given devices, the signer's
// among them.
func (r *Roster) Frontier(about ...identity.DeviceID) []StatementHash {
	return r.frontier(MaxHeadRoster, about...)
}

// frontier is at most so many of the signed statements that no other one knew:
// first those from which follows what is said of the given devices, since a
// statement counts only if it knows what gives its author the right, and
// replaces only what it knows; then removals, then the latest. Where many who
// are no owners have said a lot, that is left out: not everyone may keep it.
func (r *Roster) frontier(most int, about ...identity.DeviceID) []StatementHash {
	var old, first, second set
	for _, k := range r.kept {
		old = old.union(k.past)
	}
	r.concerning(about, func(i int) { first = first.with(r.above(i)) })
	r.items.each(func(i int) {
		if r.kept[i].Kind == Remove {
			second = second.with(r.above(i))
		}
	})
	var ranks [3][]StatementHash
	for i, k := range slices.Backward(r.kept) {
		switch {
		case old.has(i) || k.evidence():
		case first.has(i):
			ranks[0] = append(ranks[0], k.hash)
		case second.has(i):
			ranks[1] = append(ranks[1], k.hash)
		case k.minor && (r.minor > MaxMinor/2 || r.minorOf[k.minorKey()] > MaxMinorOf/2):
		default:
			ranks[2] = append(ranks[2], k.hash)
		}
	}
	top := slices.Concat(ranks[0], ranks[1], ranks[2])
	top = top[:min(len(top), most)]
	slices.SortFunc(top, compareHashes)
	return top
}

// concerning calls do with the newest statements about devices and the persons
// whose they are.
func (r *Roster) concerning(devices []identity.DeviceID, do func(i int)) {
	l := r.view()
	newest := func(k *record) { do(r.index[k.hash]) }
	for _, d := range devices {
		l.newest(r.links[d], newest)
		l.newest(r.revokes[d], newest)
		l.newest(r.about[d], newest)
		if p, _, ok := l.person(d); ok && p != d {
			l.newest(r.about[p], newest)
		}
	}
}

// above returns a statement that knew the given one, or is it, and that no
// other one knew: the last to be kept of those that knew it.
func (r *Roster) above(i int) int {
	for j := len(r.kept) - 1; j > i; j-- {
		if r.kept[j].past.has(i) {
			return j
		}
	}
	return i
}
