package buffer

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"starling/crdt"
)

const (
	// pause is how long one may rest within what is undone at once.
	pause = time.Second
	// maxGroups and maxGraves bound what undo remembers: actions, and bytes of
	// text taken out.
	maxGroups = 1000
	maxGraves = 16 << 20
)

// kind is what an action did; only like ones are undone together.
type kind int

const (
	alone kind = iota // never together with another
	typing
	erasing
)

// history is the stacks of one's own actions, and where their text is now.
//
// An undo takes out what the group put in, as far as it still stands, and puts
// back what the group took out. What others wrote, even in the middle of it,
// stays.
type history struct {
	ledger ledger
	done   []uint64 // groups, the newest last
	undone []uint64
	last   uint64 // the number given last; groups count from 1
	graves int    // bytes put into graves since the last count

	// The group that the next action may join.
	joinable bool
	kind     kind
	when     time.Time
	space    bool // its last character was white space
}

// close makes the next action start a group of its own.
func (h *history) close() { h.joinable = false }

// group returns the group of an action: that of the one before if it is of the
// same kind, soon after, and not the start of a new word.
func (h *history) group(now time.Time, k kind, removes bool, text string) uint64 {
	first, _ := utf8.DecodeRuneInString(text)
	end, _ := utf8.DecodeLastRuneInString(text)
	joins := h.joinable && k == h.kind && now.Sub(h.when) <= pause
	if k == typing {
		newWord := h.space && !unicode.IsSpace(first)
		joins = joins && !removes && !newWord && !strings.Contains(text, "\n")
	}
	h.joinable, h.kind, h.when, h.space = k != alone, k, now, unicode.IsSpace(end)
	if !joins {
		h.last++
	}
	return h.last
}

// note records what a patch of an action did.
func (h *history) note(group uint64, p crdt.Patch, removed string) {
	if n := len(h.done); n == 0 || h.done[n-1] != group {
		h.done = append(h.done, group)
	}
	h.drop(&h.undone, len(h.undone))
	h.ledger.remove(p.At, p.Delete, removed, group, false)
	h.ledger.insert(p.At, run{p.Inserted, tag{by: group}})
	h.graves += len(removed)
	h.bound()
}

// bound forgets the oldest groups if there is too much to remember.
func (h *history) bound() {
	if len(h.done) > maxGroups {
		// Some at a time, because each time costs a pass over the ledger.
		h.drop(&h.done, len(h.done)-maxGroups*9/10)
	}
	if h.graves <= maxGraves {
		return
	}
	size := make(map[uint64]int)
	for _, g := range h.ledger.graves {
		size[g.group] += len(g.text)
	}
	// The newest can be undone however much it took out.
	keep := len(h.done) - 1
	h.graves = size[h.done[keep]]
	for keep > 0 && h.graves+size[h.done[keep-1]] <= maxGraves/2 {
		keep--
		h.graves += size[h.done[keep]]
	}
	h.drop(&h.done, keep)
}

// drop forgets the n oldest groups of a stack.
func (h *history) drop(stack *[]uint64, n int) {
	if n == 0 {
		return
	}
	gone := make(map[uint64]bool, n)
	for _, group := range (*stack)[:n] {
		gone[group] = true
	}
	*stack = slices.Delete(*stack, 0, n)
	h.ledger.forget(func(group uint64) bool { return gone[group] })
}

// Undo takes back the last action of one's own of which anything is left, and
// leaves the caret there. It reports whether there was one.
func (b *Buffer) Undo() (bool, error) {
	return b.revert(&b.undo.done, &b.undo.undone, true)
}

// Redo does again what was undone last.
func (b *Buffer) Redo() (bool, error) {
	return b.revert(&b.undo.undone, &b.undo.done, false)
}

// revert moves groups from one stack to the other until the text changes. A
// group that fails half-way stays where it was, so that one can try again.
func (b *Buffer) revert(from, to *[]uint64, undoing bool) (bool, error) {
	b.undo.close()
	for len(*from) > 0 {
		group := (*from)[len(*from)-1]
		changed, err := b.revertGroup(group, undoing)
		if err != nil {
			return changed, err
		}
		*from = (*from)[:len(*from)-1]
		*to = append(*to, group)
		if changed {
			return true, nil
		}
	}
	return false, nil
}

// revertGroup takes out what a group put in and puts back what it took out (or
// the reverse), from the end of the text to its start so that the places still
// to come stay true, and leaves the caret at the last of them.
func (b *Buffer) revertGroup(group uint64, undoing bool) (changed bool, err error) {
	var caret Mark
	for {
		at, n, text, ok := b.undo.ledger.nextRevert(group, undoing)
		if !ok {
			break
		}
		progress := false
		seen := b.seen
		err := b.edit(at, n, text, func(p crdt.Patch, removed string) {
			progress = true
			b.undo.ledger.remove(p.At, p.Delete, removed, group, undoing)
			var back uint64
			if undoing {
				back = group
			}
			b.undo.ledger.raise(p.At, p.Inserted, back)
		})
		b.undo.ledger.settle()
		if err != nil {
			return changed, err
		}
		if !progress && b.seen == seen {
			break // the document has nothing to do, and never will
		}
		if !changed && progress {
			changed = true
			caret = Mark{At: b.caret}
			b.marks = append(b.marks, &caret)
		}
	}
	if changed {
		b.marks = b.marks[:len(b.marks)-1]
		b.MoveTo(caret.At, false)
	}
	return changed, nil
}

// nextRevert returns the edit that reverts what of a group stands last in the
// text, and marks the graves that it empties as rising.
func (l *ledger) nextRevert(group uint64, undoing bool) (at, n int, text string, ok bool) {
	mine := func(g grave) bool { return g.group == group && g.undone != undoing }
	from, to := -1, -1
	for _, s := range slices.Backward(l.spans) {
		if undoing && s.by != group || !undoing && s.back != group {
			continue
		}
		if from >= 0 && s.at+s.n < from {
			break
		}
		if from < 0 {
			to = s.at + s.n
		}
		from = s.at
	}
	for _, g := range slices.Backward(l.graves) {
		if mine(g) && g.at > to {
			from, to = g.at, g.at
			break
		}
	}
	if to < 0 {
		return 0, 0, "", false
	}
	var back strings.Builder
	for i := range l.graves {
		g := &l.graves[i]
		if mine(*g) && from <= g.at && g.at <= to {
			g.rising = true
			back.WriteString(g.text)
		}
	}
	return from, to - from, back.String(), true
}

// settle ends the edit that [ledger.nextRevert] began.
func (l *ledger) settle() {
	for i := range l.graves {
		l.graves[i].rising = false
	}
}
