package buffer

import "fmt"

// Undo takes back the last action of the person here, as [Document] says, and
// leaves the caret behind the last of what came back or went. It reports whether
// there was one.
func (b *Buffer) Undo() (bool, error) { return b.UndoNear(0, b.Len()) }

// UndoNear is Undo that leaves the caret where the person looks: between two
// places, behind the last of what came back or went there, and if that was
// nothing, behind the nearest of it.
func (b *Buffer) UndoNear(from, to int) (bool, error) {
	patches, own, err := b.doc.Undo(b.seen)
	return b.repair("undo", patches, own, err, &nearest{from: from, to: to})
}

// Redo does again what was undone last.
func (b *Buffer) Redo() (bool, error) { return b.RedoNear(0, b.Len()) }

// RedoNear is to Redo what [Buffer.UndoNear] is to Undo.
func (b *Buffer) RedoNear(from, to int) (bool, error) {
	patches, own, err := b.doc.Redo(b.seen)
	return b.repair("redo", patches, own, err, &nearest{from: from, to: to})
}

func (b *Buffer) repair(what string, patches []Patch, own uint64, err error, near *nearest) (bool, error) {
	if err != nil {
		return false, fmt.Errorf("%s: %w", what, err)
	}
	err = b.apply(patches, func(p Patch) { near.pass(p, p.Num >= own) })
	if !near.found {
		return false, err
	}
	b.MoveTo(near.at, false)
	return true, err
}

// nearest finds, of the patches of one action, where the one ends that is nearest
// to a part of the text.
type nearest struct {
	from, to int
	at       int // where it ends
	found    bool
}

// pass carries what is known past a patch, and takes it into account if it is one
// of the action.
func (n *nearest) pass(p Patch, own bool) {
	n.from, n.to = p.Shift(n.from, true), p.Shift(n.to, false)
	n.at = p.Shift(n.at, true)
	if !own {
		return
	}
	end := p.At + p.Inserted
	was, is := n.away(n.at), n.away(end)
	if !n.found || is < was || is == was && end > n.at {
		n.at, n.found = end, true
	}
}

// away is how far a place is outside.
func (n *nearest) away(at int) int { return max(n.from-at, at-n.to, 0) }
