package simulation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"starling/crdt"
	"starling/sync/trust"
)

// patience is within what time all must agree once all faults have ended: the
// longest wait of a dialler, what a slow start costs, and then some.
const patience = 3 * time.Minute

// calm is how long all must agree: a disk that was full is tried again each second.
const calm = 3 * time.Second

// settle waits until all members agree, and says what differs if they don't.
func (w *world) settle() {
	w.t.Helper()
	w.model.gather(w.people...)
	if w.areCopies(w.members()) {
		w.count.add("stories of which copies of one home alone are left")
		return
	}
	start, since := time.Now(), time.Now()
	for time.Since(since) < calm {
		if differs := w.difference(); differs == "" {
			time.Sleep(250 * time.Millisecond)
			continue
		} else if time.Since(start) > patience {
			w.wrong("no agreement after %v: %s", patience, differs)
			w.logViews()
			return
		}
		time.Sleep(250 * time.Millisecond)
		since = time.Now()
	}
	w.count.took(since.Sub(start))
	w.log("all agree after %v", since.Sub(start))
	w.model.gather(w.people...)
	w.compareTexts()
	w.lookForLosses()
	w.lookAtInvitations()
	w.hearOfEachOther()
}

// logViews notes whom each takes for a member.
func (w *world) logViews() {
	for _, p := range w.people {
		roster := trust.NewRoster(w.space)
		for _, held := range p.holds().Statements(w.space) {
			if s := w.stated[held.Hash]; s != nil {
				_, _ = roster.Add(s) // they were all taken before
			}
		}
		view := ""
		for _, other := range w.people {
			if role, in := roster.Role(other.id.ID()); in {
				view += fmt.Sprintf(" %s:%v", other.name, role)
			}
		}
		w.log("%s %s holds %d statements, by which there are%s",
			p.name, p.id.ID().Tag(), len(roster.Statements()), view)
	}
}

// members are those who belong to the space by all that anyone has stated.
func (w *world) members() []*person {
	known := len(w.stated)
	for _, p := range w.people {
		for _, held := range p.holds().Statements(w.space) {
			if w.stated[held.Hash] != nil {
				continue
			}
			s, err := trust.ParseStatement(held.Bytes)
			if err != nil {
				w.t.Fatalf("%s holds a statement that can't be read: %v", p.name, err)
			}
			w.stated[held.Hash] = s
		}
	}
	if w.belong != nil && len(w.stated) == known {
		return w.belong
	}
	roster := trust.NewRoster(w.space)
	if _, err := roster.Add(slices.Collect(maps.Values(w.stated))...); err != nil {
		w.t.Fatalf("all statements together: %v", err)
	}
	w.belong = slices.DeleteFunc(slices.Clone(w.people), func(p *person) bool {
		_, in := roster.Role(p.id.ID())
		return !in
	})
	return w.belong
}

// areCopies reports whether all of several people use copies of one home: those never
// talk to each other, and without somebody else each keeps what it has.
func (w *world) areCopies(of []*person) bool {
	return len(of) > 1 && !slices.ContainsFunc(of, func(p *person) bool { return p.id != of[0].id })
}

// difference says in what two members differ, "" if in nothing.
func (w *world) difference() string {
	members := w.members()
	if len(members) == 0 {
		return "nobody is a member"
	}
	for _, p := range members {
		for id, d := range p.docs {
			if st := d.State(); !st.Saved {
				return fmt.Sprintf("%s has not saved %v: %v", p.name, id, st.Err)
			}
		}
	}
	first := members[0]
	want := first.holds()
	for _, p := range members[1:] {
		home := p.holds()
		if a, b := statements(want.Statements(w.space)), statements(home.Statements(w.space)); !slices.Equal(a, b) {
			return fmt.Sprintf("%s holds %d statements, %s %d", first.name, len(a), p.name, len(b))
		}
		for _, doc := range both(want, home) {
			if a, b := want.Vector(doc), home.Vector(doc); !a.Equal(b) {
				return fmt.Sprintf("of %v %s holds %s, %s %s", doc, first.name, show(a), p.name, show(b))
			}
		}
	}
	return ""
}

// compareTexts holds the texts that people see against each other.
func (w *world) compareTexts() {
	w.t.Helper()
	members := w.members()
	for _, doc := range members[0].holds().Documents() {
		var want string
		if len(members[0].holds().Vector(doc)) == 0 {
			continue // nothing in it counts
		}
		for i, p := range members {
			text, err := p.Text(context.Background(), doc)
			if err != nil {
				w.wrong("%s can't read %v: %v", p.name, doc, err)
				continue
			}
			if i == 0 {
				want = text
			}
			if text != want {
				n := commonStart(want, text)
				w.wrong("after %d bytes of %v %s reads %.60q and %s %.60q; its document is open: %t",
					n, doc, members[0].name, want[n:], p.name, text[n:], p.docs[doc] != nil)
			}
		}
		if len(want) > 10 {
			w.count.add("documents with text")
		}
	}
}

// both lists the documents that either home holds.
func both(a, b home) []crdt.DocID {
	all := slices.Concat(a.Documents(), b.Documents())
	slices.SortFunc(all, crdt.DocID.Compare)
	return slices.Compact(all)
}

// show is a vector for people.
func show(v crdt.Vector) string {
	s := ""
	for _, a := range v.Actors() {
		s += fmt.Sprintf(" %.4x:%d", string(a), v[a].Seq)
	}
	return "{" + s + " }"
}

// commonStart is how many bytes two texts have in common at their starts.
func commonStart(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}
