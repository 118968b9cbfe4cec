package simulation

import (
	"slices"

	"starling/crdt"
)

// model remembers what must never be lost: every change that was committed
// somewhere, except what a power cut took before anyone else had it.
type model struct {
	w     *world
	must  map[crdt.DocID]map[crdt.Hash]crdt.Change
	taken map[crdt.Hash]bool // by power cuts, from the only disk
	// kept is who else held what a power cut took.
	kept map[crdt.Hash][]*person
	// blamed are those whose right to write was taken away at some time: what
	// they wrote beyond the line does not count.
	blamed map[*person]bool
}

// blame notes that a person may lose rights, with all their devices.
func (m *model) blame(p *person) {
	if m.blamed == nil {
		m.blamed = map[*person]bool{}
	}
	if m.blamed[p] {
		return
	}
	m.blamed[p] = true
	for _, other := range p.links {
		m.blame(other)
	}
}

// excused reports whether a change need not be there: it was made by someone who
// lost the right to, or a power cut took it and those who still had it were
// removed before they could give it back: nobody asks them any more.
func (m *model) excused(c crdt.Change, makers map[crdt.ActorID]*person) bool {
	kept, cut := m.kept[c.Hash]
	away := cut && !slices.ContainsFunc(kept, func(p *person) bool { return !m.blamed[p] })
	return away || m.taken[c.Hash] || m.blamed[makers[c.Actor]]
}

// powerCut notes what a power cut is about to take from a disk. What it alone
// held may be gone for good; the rest must come back from those who have it.
func (m *model) powerCut(p *person) {
	was, left := p.disk.Committed(), p.disk.Flushed()
	for _, doc := range was.Documents() {
		v := left.Vector(doc)
		for _, c := range was.Changes(doc) {
			if v.Has(c.Actor, c.Seq) {
				continue
			}
			m.w.count.add("changes lost to power cuts")
			if kept := m.holders(p, doc, c); len(kept) > 0 {
				m.keep(doc, c)
				m.cut(c.Hash, kept)
			} else {
				m.take(c.Hash)
				m.w.log("%s alone had change %d of %v in %v", p.name, c.Seq, c.Actor, doc)
			}
		}
	}
}

// holders are those whose disk holds a change, but for one.
func (m *model) holders(but *person, doc crdt.DocID, c crdt.Change) (all []*person) {
	for _, p := range m.w.people {
		if p != but && p.disk.Committed().Vector(doc).Has(c.Actor, c.Seq) {
			all = append(all, p)
		}
	}
	return all
}

// cut notes who still holds what a power cut took.
func (m *model) cut(h crdt.Hash, kept []*person) {
	if m.kept == nil {
		m.kept = map[crdt.Hash][]*person{}
	}
	m.kept[h] = kept
}

func (m *model) take(h crdt.Hash) {
	if m.taken == nil {
		m.taken = map[crdt.Hash]bool{}
	}
	m.taken[h] = true
}

func (m *model) keep(doc crdt.DocID, c crdt.Change) {
	if m.must == nil {
		m.must = map[crdt.DocID]map[crdt.Hash]crdt.Change{}
	}
	if m.must[doc] == nil {
		m.must[doc] = map[crdt.Hash]crdt.Change{}
	}
	m.must[doc][c.Hash] = c
}

// gather adds all that is on any disk now.
func (m *model) gather() {
	for _, p := range m.w.people {
		home := p.holds()
		for _, doc := range home.Documents() {
			for _, c := range home.Changes(doc) {
				m.keep(doc, c)
			}
		}
	}
}
