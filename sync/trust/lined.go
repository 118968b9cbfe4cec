package trust

import (
	"maps"
	"slices"

	"starling/sync/identity"
)

// Lined are the devices of whom something may not count that they wrote: for which
// a line is drawn, or which were admitted by statements that do not count.
func (r *Roster) Lined() []identity.DeviceID {
	l := r.view()
	lined := make(map[identity.DeviceID]struct{})
	for d := range r.everyone() {
		if _, _, in := l.person(d); !in {
			lined[d] = struct{}{}
		}
	}
	r.items.each(func(i int) {
		k := r.kept[i]
		if !l.has(i) || !k.stops() && !r.crosses(l, k) {
			return
		}
		if k.Kind == Remove && !k.Whole {
			lined[k.Subject] = struct{}{}
			return
		}
		for _, d := range k.ids {
			lined[d] = struct{}{}
			for _, link := range r.linksTo[d] {
				lined[r.kept[link].Subject] = struct{}{}
			}
		}
	})
	return slices.SortedFunc(maps.Keys(lined), identity.DeviceID.Compare)
}

// Before is up to which number the actor of a verified head was that of somebody
// who could write, by lines that the signer knew: a commenter may go on with the
// actor that they had as an editor.
func (r *Roster) Before(h Head, doc [16]byte) (seq uint64) {
	var in set
	for _, s := range h.Roster {
		if i, ok := r.index[s]; ok {
			in = in.union(r.kept[i].past).with(i)
		}
	}
	view := r.view()
	person, _, _ := (&lens{r: r, in: in, out: view.out}).person(h.Device)
	draws := func(i int) bool {
		k := r.kept[i]
		return view.has(i) && in.has(i) && k.stops() && k.had.Writes() && k.covers(h.Device, person)
	}
	r.items.each(func(i int) {
		if k := r.kept[i]; draws(i) && !slices.ContainsFunc(k.sparing, draws) {
			seq = max(seq, r.line(k, doc, h.Actor))
		}
	})
	return seq
}

// Ever are the devices that were ever said to be a person's, whether that counts
// now or not, the one by which the person is named first.
func (r *Roster) Ever(person identity.DeviceID) []identity.DeviceID {
	all := []identity.DeviceID{person}
	for n := 0; n < len(all); n++ {
		for _, i := range r.linksTo[all[n]] {
			if d := r.kept[i].Subject; !slices.Contains(all, d) {
				all = append(all, d)
			}
		}
	}
	return all
}
