package simulation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"starling/crdt"
	"starling/sync/identity"
	"starling/sync/peer"
)

// asking holds whom somebody says that a document has reached against the disks of
// those. Nothing may be said of anyone that no disk of theirs has held.
func (w *world) asking() {
	w.t.Helper()
	p := w.anyone()
	if p == nil || len(w.docs) == 0 {
		return
	}
	doc := w.docs[w.rng.IntN(len(w.docs))]
	before := hashes(p.holds().Changes(doc))
	if p.AskWhoHas(context.Background(), doc) != nil {
		return // it has not come yet
	}
	r, err := p.Reach(context.Background(), doc)
	if err != nil {
		w.wrong("%s can't tell who has %v: %v", p.name, doc, err)
	}
	w.count.add("asked who has what")
	held := slices.Clone(p.holds().Changes(doc)) // what has come since is not claimed
	held = slices.DeleteFunc(held, func(c crdt.Change) bool { return !before[c.Hash] })
	for _, who := range r.Reached {
		w.count.add("others who have it")
		if who.By != "" {
			w.count.add("others who have it by another's word")
		}
		switch lacks, ok := w.lacks(who, doc, held); {
		case ok:
		case w.isForked(doc, lacks):
			w.count.add("others who have another branch instead")
		default:
			w.wrong("%s says that %v has reached %s, who never had change %d of %v",
				p.name, doc, who.Name, lacks.Seq, lacks.Actor)
		}
	}
}

// isForked reports whether a change's actor has given its number twice. Numbers do
// not tell branches apart: who has not heard of a fork may take one for the other.
func (w *world) isForked(doc crdt.DocID, c crdt.Change) bool {
	return slices.ContainsFunc(w.people, func(p *person) bool {
		if w.ether != nil && !p.up() {
			return false // its files are closed
		}
		home := p.holds()
		return slices.ContainsFunc(slices.Concat(home.Changes(doc), home.Beside(doc)), func(other crdt.Change) bool {
			return other.Actor == c.Actor && other.Seq == c.Seq && other.Hash != c.Hash
		})
	})
}

// lacks finds a change that no device of a person has had; of several devices it is
// the last one's. Of those of who asks each counts by itself.
func (w *world) lacks(who peer.ReachedMember, doc crdt.DocID, claimed []crdt.Change) (lacks crdt.Change, ok bool) {
	for _, p := range w.people {
		if p.id.ID() != who.ID && (who.Mine || !w.isSame(p.id.ID(), who.ID)) {
			continue
		}
		if w.ether != nil && !p.up() {
			return lacks, true // its files are closed
		}
		home := p.holds()
		has := hashes(slices.Concat(home.Changes(doc), home.Beside(doc)))
		n := slices.IndexFunc(claimed, func(c crdt.Change) bool { return !has[c.Hash] && !w.model.had[p][c.Hash] })
		if n < 0 {
			return lacks, true
		}
		lacks = claimed[n]
	}
	return lacks, false
}

// isSame reports whether two devices are, or were, one person's.
func (w *world) isSame(a, b identity.DeviceID) bool { return w.devicesWith(a)[b] }

// devicesWith are all devices that are, or were, the same person's as one.
func (w *world) devicesWith(one identity.DeviceID) map[identity.DeviceID]bool {
	seen := map[identity.DeviceID]bool{one: true}
	for todo := []identity.DeviceID{one}; len(todo) > 0; todo = todo[1:] {
		for _, next := range w.links[todo[0]] {
			if !seen[next] {
				seen[next] = true
				todo = append(todo, next)
			}
		}
	}
	return seen
}

// hearOfEachOther waits until all know of those with whom they are connected that
// these have everything, and counts where they don't: "not yet" is not wrong, only
// late. To ask a hundred costs too much.
func (w *world) hearOfEachOther() {
	w.t.Helper()
	if w.plan.people > 10 {
		return
	}
	differs := ""
	heard := func() bool {
		differs = w.unheard()
		return differs == ""
	}
	if !w.waitFor(30*time.Second, heard) {
		w.count.add("stories with somebody who was not told who has all")
		w.log("%s", differs)
	}
}

// unheard names one who does not know that another one has a document.
func (w *world) unheard() string {
	for _, p := range w.members() {
		for _, doc := range p.holds().Documents() {
			r, err := p.Reach(context.Background(), doc)
			if err != nil {
				return fmt.Sprintf("%s can't tell who has %v: %v", p.name, doc, err)
			}
			for _, m := range r.Missing {
				if m.Connected {
					return fmt.Sprintf("%s does not know that %s has %v", p.name, m.Name, doc)
				}
			}
		}
	}
	return ""
}
