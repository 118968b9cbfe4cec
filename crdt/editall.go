package crdt

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"time"
	"unicode/utf8"

	"starling/crdt/opid"
	"starling/crdt/sequence"
)

// EditAll makes splices at many places as one action of the person, which
// [Document.Undo] takes back at once. All refer to the text as it stood after
// patch number seen. They are in order and don't overlap, but one may begin where
// the one before ends. It fails as [Document.Edit] does, and with [ErrOverlap],
// and changes nothing then.
//
// There is a patch for each place, the last place first: more, perhaps, than are
// kept for other views, which then get [ErrStale].
func (d *Document) EditAll(seen uint64, splices []Splice, now time.Time) (Edited, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	// The message keeps typing before and after out of the action, and puts the
	// changes together if it takes several.
	message := allMessage + strconv.FormatUint(uint64(d.graph.Last(d.me))+1, 10)
	out, err := d.edit(seen, splices, now, message)
	if err != nil {
		return Edited{}, fmt.Errorf("edit %d places of document %v: %w", len(splices), d.id, err)
	}
	return out, nil
}

// edit makes splices of the text after patch number seen.
func (d *Document) edit(seen uint64, splices []Splice, now time.Time, message string) (Edited, error) {
	if err := d.ready(); err != nil {
		return Edited{}, err
	}
	newer, err := d.log.since(seen)
	if err != nil {
		return Edited{}, err
	}
	length := d.text.Len() // of the text that the view sees
	for _, p := range newer {
		length += p.Delete - p.Inserted
	}
	if err := checkSplices(splices, length); err != nil {
		return Edited{}, err
	}
	targets, err := d.targets(splices, newer)
	if err != nil {
		return Edited{}, err
	}
	w := d.newAuthor(now.Unix(), message)
	w.expect(countOps(splices))
	for i := range targets {
		if err := w.hit(&targets[i]); err != nil {
			return Edited{}, d.fail("edit", err)
		}
	}
	return w.finish(newer)
}

// checkSplices refuses what can't be done to a text of so many code points.
func checkSplices(splices []Splice, length int) error {
	end := 0
	for _, s := range splices {
		switch {
		case s.At < 0 || s.Delete < 0 || s.At > length || s.Delete > length-s.At:
			return ErrOutside
		case s.At < end:
			return ErrOverlap
		case !utf8.ValidString(s.Insert):
			return ErrNotUTF8
		}
		end = s.At + s.Delete
	}
	return nil
}

// countOps is about how many operations splices take.
func countOps(splices []Splice) int {
	n := 0
	for _, s := range splices {
		n += s.Delete + len(s.Insert)
	}
	return n
}

// target is what a splice does, by elements: these don't move when others are
// written to.
type target struct {
	remove []sequence.Run
	origin opid.ID // ins comes behind it
	ins    string
}

// targets finds what splices that were made before newer patches do, the last
// one first: then of two insertions at one place the one on the left comes last,
// and thereby on the left.
func (d *Document) targets(splices []Splice, newer []Patch) ([]target, error) {
	places, remove := carry(splices, newer)
	all := make([]target, 0, len(splices))
	items := map[opid.ID]bool{} // two splices may have a part of one, which goes once
	for i, s := range slices.Backward(splices) {
		t := target{ins: s.Insert}
		for n := len(remove) - 1; n >= 0 && remove[n].from >= places[i]; n-- {
			d.text.Visible(remove[n].from, remove[n].to-remove[n].from, func(r sequence.Run) bool {
				if r.Item == nil || !items[r.First] {
					t.remove = append(t.remove, r)
				}
				if r.Item != nil {
					items[r.First] = true
				}
				return true
			})
			remove = remove[:n]
		}
		if t.ins != "" && places[i] > 0 {
			var ok bool
			if t.origin, _, ok = d.text.ElemAt(places[i] - 1); !ok {
				return nil, ErrOutside
			}
		}
		all = append(all, t)
	}
	return all, nil
}

// hit does what is to be done at one place.
func (w *author) hit(t *target) error {
	for _, r := range t.remove {
		if err := w.removeRun(w.d.textObj, r); err != nil {
			return err
		}
	}
	return w.insertBehind(w.ref(w.d.textObj), t.origin, t.ins)
}

// span is a half-open range of places.
type span struct{ from, to int }

// carry moves splices past newer patches: places is where each one's text is to
// be inserted, and remove what all of them are to delete, in order and none of it
// empty. What a splice is to delete lies at its place or behind that, and before
// the place of the next one.
func carry(splices []Splice, newer []Patch) (places []int, remove []span) {
	places, remove = make([]int, len(splices)), make([]span, 0, len(splices))
	for i, s := range splices {
		places[i] = s.At
		if s.Delete > 0 {
			remove = append(remove, span{s.At, s.At + s.Delete})
		}
	}
	for _, p := range newer {
		behind := places[sort.SearchInts(places, p.At+1):] // those before stay
		for i, at := range behind {                        // as p.Shift does, but this is done very often
			if behind[i] = p.At; at >= p.At+p.Delete {
				behind[i] = at - p.Delete + p.Inserted
			}
		}
		remove = shiftSpans(remove, p)
	}
	return places, remove
}

// shiftSpans returns what is left of ranges, which are in order, after a patch; it
// writes to them. Text that the patch put inside one stays out of it, so the range
// may come apart; what the patch removed is gone from it.
func shiftSpans(spans []span, p Patch) []span {
	end, by := p.At+p.Delete, p.Inserted-p.Delete
	first := sort.Search(len(spans), func(i int) bool { return spans[i].to > p.At })
	last := first
	var left []span // of those from first to last, which the patch touches
	for ; last < len(spans) && spans[last].from < end; last++ {
		s := spans[last]
		before := span{s.from, min(s.to, p.At)}
		after := span{max(s.from, end) + by, max(s.to, end) + by}
		if p.Inserted == 0 { // the two are side by side
			before, after = span{min(s.from, p.At), after.to}, span{}
		}
		for _, s := range [...]span{before, after} {
			if s.from < s.to {
				left = append(left, s)
			}
		}
	}
	for i := last; i < len(spans); i++ {
		spans[i].from += by
		spans[i].to += by
	}
	return slices.Replace(spans, first, last, left...)
}
