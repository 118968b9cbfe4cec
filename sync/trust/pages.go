package trust

import (
	"cmp"
	"slices"

	"starling/sync/identity"
)

// makePages writes lines into at most so many pages: each document and actor once,
// with the greatest number given. Where they don't fit, those of the least numbers
// are left out, so that nobody can be kept in by writing little under many actors.
// What they named waits until somebody who may write has built on it.
func makePages(space SpaceID, lines []Line, most int) ([]*Statement, error) {
	lines = slices.DeleteFunc(slices.Clone(lines), func(l Line) bool { return l.Seq == 0 })
	slices.SortFunc(lines, compareLines)
	for {
		pages, err := pagesOf(space, lines)
		if err != nil || len(pages) <= most {
			return pages, err
		}
		slices.SortStableFunc(lines, func(a, b Line) int { return cmp.Compare(b.Seq, a.Seq) })
		lines = lines[:min(len(lines)-1, len(lines)*most/len(pages))]
		slices.SortFunc(lines, compareLines)
	}
}

// pagesOf writes sorted lines into as few pages as they need.
func pagesOf(space SpaceID, lines []Line) ([]*Statement, error) {
	var pages []*Statement
	b := pageBody{Kind: Page, Space: space}
	room := pageRoom
	flush := func() error {
		if len(b.Lines) == 0 {
			return nil
		}
		p, err := makeEvidence(b)
		if err != nil {
			return err
		}
		pages = append(pages, p)
		b.Lines, room = nil, pageRoom
		return nil
	}
	for i, l := range lines {
		if i+1 < len(lines) && compareLines(l, lines[i+1]) == 0 {
			lines[i+1].Seq = max(lines[i+1].Seq, l.Seq)
			continue
		}
		size := 1 + 17 + 2 + len(l.Actor) + 9 // the most that its CBOR takes
		if size > room || len(b.Lines) == maxPageLines {
			if err := flush(); err != nil {
				return nil, err
			}
		}
		b.Lines = append(b.Lines, pageLine{Doc: l.Doc, Actor: []byte(l.Actor), Seq: l.Seq})
		room -= size
	}
	err := flush()
	return pages, err
}

// roomForPages is how many pages a statement may have that a device makes here.
func (r *Roster) roomForPages(by identity.DeviceID) int {
	l := r.view()
	person, _, _ := l.person(by)
	far := min(l.depth(person), maxFar)
	count := MaxStatements - far*(MaxStatements/16) - len(r.kept)
	size := MaxRoster - far*(MaxRoster/16) - r.size
	return max(0, min(MaxPages, count-1, size/MaxPage-1))
}

type lineKey struct {
	doc   [16]byte
	actor string
}

// line is up to which number an actor's changes in a document count by a
// statement that draws a line.
func (r *Roster) line(k *record, doc [16]byte, actor string) uint64 {
	if k.lines == nil {
		k.lines = make(map[lineKey]uint64)
		for _, h := range k.Pages {
			for _, l := range r.kept[r.index[h]].Lines {
				key := lineKey{l.Doc, l.Actor}
				k.lines[key] = max(k.lines[key], l.Seq)
			}
		}
	}
	return k.lines[lineKey{doc, actor}]
}
