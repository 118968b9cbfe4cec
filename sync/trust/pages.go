package trust

import (
	"fmt"
	"slices"
)

// makePages writes lines into as few pages as they need: each document and actor
// once, with the greatest number given.
func makePages(space SpaceID, lines []Line) ([]*Statement, error) {
	lines = slices.DeleteFunc(slices.Clone(lines), func(l Line) bool { return l.Seq == 0 })
	slices.SortFunc(lines, compareLines)
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
	if err := flush(); err != nil {
		return nil, err
	}
	if len(pages) > MaxPages {
		return nil, fmt.Errorf("%d lines: %w", len(lines), ErrTooManyLines)
	}
	return pages, nil
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
