package buffer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"starling/crdt"
)

// errSplices says that splices are not ascending and apart, or are outside of
// the text.
var errSplices = errors.New("the pieces to replace are not in order, or not in the text")

// Replace makes splices, ascending and apart, all against the text as it is, as
// one action. They may touch. Caret and anchor are places in the text that the
// splices leave, and are carried past what others did meanwhile. Without splices
// that do anything it only selects. After an error that does not wrap
// [ErrReload] nothing is changed.
func (b *Buffer) Replace(splices []Splice, caret, anchor int) error {
	splices, err := joined(splices, b.Len())
	if err != nil {
		return fmt.Errorf("replace %d pieces: %w", len(splices), err)
	}
	if len(splices) == 0 {
		b.Select(anchor, caret)
		return nil
	}
	patches, own, err := b.doc.EditAll(b.seen, splices)
	if err != nil {
		return fmt.Errorf("replace %d pieces from %d on: %w", len(splices), splices[0].At, err)
	}
	to := endIn(splices, max(caret, anchor), true)
	from := endIn(splices, min(caret, anchor), caret == anchor)
	var newer []crdt.Patch // of others
	err = b.apply(patches, func(p crdt.Patch) {
		if p.Num < own {
			newer = append(newer, p)
		}
		if p.Num == own {
			to.land(splices, newer)
			from.land(splices, newer)
		}
		to.pass(p, p.Num >= own)
		from.pass(p, p.Num >= own)
	})
	if err != nil {
		return err
	}
	if caret < anchor {
		from, to = to, from
	}
	b.Select(from.place(), to.place())
	return nil
}

// joined returns the splices with those that touch made one and those that do
// nothing left out.
func joined(splices []Splice, length int) ([]Splice, error) {
	if !inOrder(splices, length) {
		return splices, errSplices
	}
	out := make([]Splice, 0, len(splices))
	for len(splices) > 0 {
		n := 1
		for n < len(splices) && splices[n].At == splices[n-1].At+splices[n-1].Delete {
			n++
		}
		s := splices[0]
		if n > 1 {
			s = join(splices[:n])
		}
		if s.Delete > 0 || s.Insert != "" {
			out = append(out, s)
		}
		splices = splices[n:]
	}
	return out, nil
}

func inOrder(splices []Splice, length int) bool {
	end := 0
	for _, s := range splices {
		if s.At < end || s.Delete < 0 || s.At > length || s.Delete > length-s.At {
			return false
		}
		end = s.At + s.Delete
	}
	return true
}

// join makes one of splices that touch.
func join(splices []Splice) Splice {
	all := Splice{At: splices[0].At}
	var text strings.Builder
	for _, s := range splices {
		all.Delete += s.Delete
		text.WriteString(s.Insert)
	}
	all.Insert = text.String()
	return all
}

// end is an end of the selection that an action leaves: a place in the text
// before it, and how far behind that in what the action inserts there.
type end struct {
	at, in int
	// sticky says that it stays before what is inserted at its place.
	sticky bool
	left   int // how many of the splices are on the left of it
}

// endIn finds the end that is at a place of the text that the splices leave.
func endIn(splices []Splice, at int, sticky bool) end {
	moved, left := 0, 0
	for i, s := range splices {
		if at < s.At+moved {
			break
		}
		n := utf8.RuneCountInString(s.Insert)
		if at <= s.At+moved+n {
			return end{s.At, at - s.At - moved, true, i}
		}
		moved += n - s.Delete
		left++
	}
	return end{at - moved, 0, sticky, left}
}

// land is called when e has passed the patches of others, newer, and none of the
// action. What the splices on its left insert at its very place, since others
// removed all that was between, is before it.
func (e *end) land(splices []Splice, newer []crdt.Patch) {
	for _, s := range slices.Backward(splices[:e.left]) {
		at := s.At
		for _, p := range newer {
			at = p.Shift(at, true)
		}
		if at != e.at {
			return
		}
		e.in += utf8.RuneCountInString(s.Insert)
	}
}

// pass moves e past a patch of others, or of the action itself.
func (e *end) pass(p crdt.Patch, own bool) { e.at = p.Shift(e.at, e.sticky || own) }

func (e *end) place() int { return e.at + e.in }
