package sequence

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// broken says what is wrong with the structure of a sequence.
func broken(s *Sequence) error {
	if err := s.brokenTree(s.root, nil); err != nil {
		return err
	}
	count, apart, elements, prev := 0, 0, 0, (*node)(nil)
	for r := s.next(nil); r != nil; r = s.next(r) {
		count++
		if err := s.brokenRun(r); err != nil {
			return fmt.Errorf("run %v of %d: %w", r.first, r.n, err)
		}
		if prev != nil {
			if left := *prev; left.absorb(r) {
				apart++
			}
		}
		prev = r
		elements += int(r.n)
	}
	// A split may leave neighbours that have become short enough to join.
	if apart > elements/(maxRun/2) {
		return fmt.Errorf("%d runs are not joined", apart)
	}
	if count != s.nodes {
		return fmt.Errorf("%d runs counted as %d", count, s.nodes)
	}
	return s.brokenIndex()
}

func (s *Sequence) brokenTree(r, up *node) error {
	switch {
	case r == nil:
		return nil
	case r.up != up:
		return fmt.Errorf("%v: wrong parent", r.first)
	case up != nil && s.priority(up) < s.priority(r):
		return fmt.Errorf("%v: no heap", r.first)
	}
	if err := s.brokenTree(r.left, r); err != nil {
		return err
	}
	if err := s.brokenTree(r.right, r); err != nil {
		return err
	}
	if s.sum(r) {
		return fmt.Errorf("%v: wrong sums", r.first)
	}
	return nil
}

func (s *Sequence) brokenRun(r *node) error {
	text := s.content(r)
	switch {
	case r.n == 0 || r.n > maxRun:
		return fmt.Errorf("bad length")
	case s.find(r.first) != r || s.find(r.last()) != r:
		return fmt.Errorf("not in the index")
	case !r.item() && utf8.RuneCountInString(text) != int(r.n):
		return fmt.Errorf("content %q", text)
	case r.more != nil && !r.item() && len(r.more.deleted) < 2 && len(r.more.revived) == 0:
		return fmt.Errorf("more than it needs")
	case !r.item() && r.hidden == shows(r.deleted(), r.revived()):
		return fmt.Errorf("hidden is %v", r.hidden)
	case r.more != nil && !r.del.IsZero():
		return fmt.Errorf("two places for deletions")
	}
	if !slices.IsSortedFunc(r.deleted(), func(a, b Span) int { return byCounter(a.Op, b.Op) }) ||
		!slices.IsSortedFunc(r.revived(), func(a, b Layer) int { return byCounter(a.Op, b.Op) }) {
		return fmt.Errorf("%v or %v is out of order", r.deleted(), r.revived())
	}
	for _, d := range r.deleted() {
		if d.Step != 1 && (r.n == 1 || d.Step != -1) {
			return fmt.Errorf("step %d", d.Step)
		}
	}
	return nil
}

func (s *Sequence) brokenIndex() error {
	count := 0
	for actor, a := range s.authors {
		end := uint32(0)
		for _, b := range a.blocks {
			if len(b.runs) == 0 || len(b.runs) > maxBlock || b.from != b.runs[0].from {
				return fmt.Errorf("actor %d: bad block at %d", actor, b.from)
			}
			for _, e := range b.runs {
				r := e.run
				if r.first.Actor != actor || r.first.Counter != e.from || r.first.Counter < end {
					return fmt.Errorf("actor %d: %v is out of order", actor, r.first)
				}
				end = r.end()
				count++
			}
		}
	}
	if count != s.nodes {
		return fmt.Errorf("%d runs in the index, %d in the tree", count, s.nodes)
	}
	return nil
}
