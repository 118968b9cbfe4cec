package simulation

import (
	"slices"

	"starling/crdt"
	"starling/sync/identity"
)

// model remembers what must never be lost: every change that was committed
// somewhere, except what a power cut, or an older image of a disk that was put
// back, took before anyone else had it.
type model struct {
	w     *world
	must  map[crdt.DocID]map[crdt.Hash]made
	taken map[crdt.Hash]bool // from the only disk
	// kept is who else held what was taken from a disk.
	kept map[crdt.Hash][]*person
	// had is what a device's disk once held and no longer does.
	had map[*person]map[crdt.Hash]bool
	// blamed are those whose right to write was taken away at some time, with all
	// their devices: what they wrote beyond the line does not count.
	blamed map[identity.DeviceID]bool
	// lines are those that may have been drawn for a device.
	lines map[identity.DeviceID][]drawn
}

// drawn is a line as far as it is known: what whoever drew it held by then counts.
type drawn struct {
	by   *person
	held map[crdt.Hash]bool
}

// made is a change and whose it is.
type made struct {
	crdt.Change
	by identity.DeviceID
}

func newModel(w *world) model {
	return model{
		w: w, must: map[crdt.DocID]map[crdt.Hash]made{}, taken: map[crdt.Hash]bool{},
		kept: map[crdt.Hash][]*person{}, had: map[*person]map[crdt.Hash]bool{},
		blamed: map[identity.DeviceID]bool{},
		lines:  map[identity.DeviceID][]drawn{},
	}
}

// blame notes that a person may lose rights, with all their devices.
func (m *model) blame(device identity.DeviceID) {
	if m.blamed[device] {
		return
	}
	m.blamed[device] = true
	for _, other := range m.w.links[device] {
		m.blame(other)
	}
}

// rule notes that somebody is about to change what a person may, and so may draw a
// line for all their devices. What by holds of theirs is within it.
func (m *model) rule(by *person, whom identity.DeviceID) {
	d := drawn{by, map[crdt.Hash]bool{}}
	for _, doc := range by.holds().Documents() {
		for hash := range hashes(by.holds().Changes(doc)) {
			d.held[hash] = true
		}
	}
	for device := range m.w.devicesWith(whom) {
		m.lines[device] = append(m.lines[device], d)
	}
}

// upheld reports whether a change counts although its author lost the right to write,
// as everybody who took that held it by then, and gives it to the others. Where one of
// those lost their own rights, or a copied home might have written it twice, nothing is
// said.
func (m *model) upheld(c made) bool {
	given := false
	for _, d := range m.lines[c.by] {
		own := d.by.id.ID() == c.by // who leaves can give nothing to anyone any more
		if !d.held[c.Hash] || !own && m.blamed[d.by.id.ID()] {
			return false
		}
		given = given || !own
	}
	return given && !m.w.plan.copies
}

// excused reports whether a change need not be there: it was made by someone who
// lost the right to, beyond the line, or it was taken from a disk and those who still
// had it were removed since, so that nobody may give it any more.
func (m *model) excused(c made) bool {
	kept, cut := m.kept[c.Hash]
	away := cut && !slices.ContainsFunc(kept, func(p *person) bool { return !m.blamed[p.id.ID()] })
	return away || m.taken[c.Hash] || m.blamed[c.by] && !m.upheld(c)
}

// rewind notes what is about to be taken from a disk. What it alone held may be
// gone for good; the rest must come back from those who have it.
func (m *model) rewind(p *person, was, left home, what string) {
	if m.had[p] == nil {
		m.had[p] = map[crdt.Hash]bool{}
	}
	for _, doc := range was.Documents() {
		devices := was.Devices(doc)
		gone := slices.Clone(was.Changes(doc))
		stays := hashes(left.Changes(doc))
		gone = slices.DeleteFunc(gone, func(c crdt.Change) bool { return stays[c.Hash] })
		if len(gone) == 0 {
			continue
		}
		m.w.count.more("changes lost to "+what, len(gone))
		held := m.heldBy(doc)
		for _, c := range gone {
			m.had[p][c.Hash] = true
			kept := slices.DeleteFunc(held[c.Hash], func(other *person) bool { return other == p })
			if len(kept) > 0 {
				m.keep(doc, c, devices)
				m.kept[c.Hash] = kept
			} else {
				m.taken[c.Hash] = true
				m.w.log("%s alone had change %d of %v in %v", p.name, c.Seq, c.Actor, doc)
			}
		}
	}
}

// heldBy says whose disks hold each change of a document.
func (m *model) heldBy(doc crdt.DocID) map[crdt.Hash][]*person {
	held := map[crdt.Hash][]*person{}
	for _, p := range m.w.people {
		for _, c := range p.disk.Committed().Changes(doc) {
			held[c.Hash] = append(held[c.Hash], p)
		}
	}
	return held
}

func (m *model) keep(doc crdt.DocID, c crdt.Change, devices map[crdt.ActorID][32]byte) {
	if m.must[doc] == nil {
		m.must[doc] = map[crdt.Hash]made{}
	}
	if was, ok := m.must[doc][c.Hash]; !ok || was.by.IsZero() {
		m.must[doc][c.Hash] = made{c, devices[c.Actor]}
	}
}

// gather adds all that is on some disks now.
func (m *model) gather(people ...*person) {
	for _, p := range people {
		home := p.holds()
		for _, doc := range home.Documents() {
			devices := home.Devices(doc)
			for _, c := range home.Changes(doc) {
				m.keep(doc, c, devices)
			}
		}
	}
}

// hashes are the names of changes.
func hashes(changes []crdt.Change) map[crdt.Hash]bool {
	set := make(map[crdt.Hash]bool, len(changes))
	for _, c := range changes {
		set[c.Hash] = true
	}
	return set
}
