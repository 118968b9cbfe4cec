package simulation

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"starling/crdt"
)

// lookForLosses finds what was saved and is gone, once all hold the same.
func (w *world) lookForLosses() {
	w.t.Helper()
	home := w.members()[0].holds()
	held := map[crdt.DocID]map[crdt.Hash]bool{}
	for _, doc := range home.Documents() {
		held[doc] = hashes(home.Changes(doc))
	}
	for doc, must := range w.model.must {
		all := slices.SortedFunc(maps.Values(must), func(a, b made) int {
			return cmp.Or(cmp.Compare(a.StartOp, b.StartOp), bytes.Compare(a.Hash[:], b.Hash[:]))
		})
		w.lookIn(doc, all, held)
	}
	for _, p := range w.people {
		for _, a := range p.holds().Asides() {
			w.wrong("%s has set aside a %s of %v: %s", p.name, a.Kind, a.Doc, a.Reason)
		}
	}
}

// lookIn looks for what must not be lost of one document: all is ordered so that
// each change comes after those that it builds on. What an actor has numbered like
// a change that is held, and all that builds on such, lives on in another document.
func (w *world) lookIn(doc crdt.DocID, all []made, held map[crdt.DocID]map[crdt.Hash]bool) {
	w.t.Helper()
	f := findForks(all, held[doc])
	for _, c := range all {
		switch {
		case held[doc][c.Hash]:
		case f.astray[c.Hash] && isElsewhere(c.Hash, held):
			w.count.add("changes that live on in a branch")
		case w.model.excused(c):
			w.count.add("changes that do not count")
		case f.astray[c.Hash]:
			w.wrong("change %d of %v, of the other branch of %v, was saved and is in no document", c.Seq, c.Actor, doc)
		default:
			w.wrong("change %d of %v in %v was saved and is gone", c.Seq, c.Actor, doc)
		}
	}
	w.count.more("forks", len(f.forks))
	for _, same := range f.forks {
		w.lookAtFork(doc, same, held[doc])
	}
}

// lookAtFork holds that the one with the smallest hash counts of several changes
// with one number, if all that they build on is there.
func (w *world) lookAtFork(doc crdt.DocID, same []made, held map[crdt.Hash]bool) {
	w.t.Helper()
	could := slices.DeleteFunc(slices.Clone(same), func(c made) bool {
		return w.model.excused(c) || slices.ContainsFunc(c.Deps, func(dep crdt.Hash) bool { return !held[dep] })
	})
	if len(could) < 2 {
		return
	}
	least := slices.MinFunc(could, func(a, b made) int { return bytes.Compare(a.Hash[:], b.Hash[:]) })
	if !held[least.Hash] {
		w.wrong("of %d changes with the number %d of %v in %v it is not the one with the smallest hash that counts",
			len(same), least.Seq, least.Actor, doc)
	}
}

func isElsewhere(hash crdt.Hash, held map[crdt.DocID]map[crdt.Hash]bool) bool {
	for _, in := range held {
		if in[hash] {
			return true
		}
	}
	return false
}

// forks are the numbers that actors of a document have given to several changes.
type forks struct {
	forks  [][]made
	astray map[crdt.Hash]bool // what is not held because of them
}

func findForks(all []made, held map[crdt.Hash]bool) forks {
	type number struct {
		actor crdt.ActorID
		seq   uint64
	}
	f := forks{astray: map[crdt.Hash]bool{}}
	byNumber := map[number][]made{}
	for _, c := range all {
		n := number{c.Actor, c.Seq}
		byNumber[n] = append(byNumber[n], c)
	}
	for _, c := range all {
		same := byNumber[number{c.Actor, c.Seq}]
		if len(same) > 1 && same[0].Hash == c.Hash {
			f.forks = append(f.forks, same)
		}
		if held[c.Hash] {
			continue
		}
		f.astray[c.Hash] = len(same) > 1 && slices.ContainsFunc(same, func(other made) bool { return held[other.Hash] }) ||
			slices.ContainsFunc(c.Deps, func(dep crdt.Hash) bool { return f.astray[dep] })
	}
	return f
}
