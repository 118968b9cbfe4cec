package crdt

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"starling/crdt/format"
	"starling/crdt/history"
	"starling/crdt/opid"
)

// undoGroups are the parts of this device's own work on the text that can be
// undone and redone, as [Document.Undo] takes them one by one.
//
// They are read from the document's own changes, so they are the same after a
// restart: what is undone is written in the messages of the changes that undo it
// (see [repair]). Changes that are new since the last time are looked at when
// somebody asks.
type undoGroups struct {
	own    []ActorID         // the actors of this device, with the document's
	noted  map[uint32]uint32 // by actor, up to which seq its changes are in here
	done   []undoGroup       // the latest last
	undone []undoGroup       // the one undone last is last
	// repairs are the operations of all undos and redos.
	repairs history.Ops
	// last is the change that the next one may join if joins is set: the last of
	// the last group in done.
	last    ownChange
	lastDid history.Work
	joins   bool
}

// seqs are changes of one actor, the first and the last; none if to is less.
type seqs struct{ actor, from, to uint32 }

// undoGroup is changes that are undone together.
type undoGroup struct {
	work seqs // the changes that wrote it, which name it
	did  seqs // what did it last, or undid it last: the work itself, an undo, a redo
}

// Undo takes back the last of this device's own work on the text of which
// anything is left: what it wrote goes, and what it deleted comes back, with its
// first author. What others wrote stays, even in the middle of it, and what they
// deleted too stays deleted. Work is taken in the portions in which people think:
// what was typed or erased without a pause at one place, by the word. seen is the
// last patch that the view has seen, as in [Edit].
//
// It works on the work of all actors in [Config.Own], also of earlier runs of the
// program, until the next edit of one's own redo brings back what was undone. The
// changes are as those of an edit, to be stored and sent; none if there is
// nothing to undo. It takes a few milliseconds in a long document. The first of
// Undo, Redo, CanUndo and CanRedo takes up to some tenths of a second there, not
// under the lock: so it is best called once in the background.
func (d *Document) Undo(seen uint64, now time.Time) (Edited, error) {
	return d.repair("undo", seen, now)
}

// Redo does again what [Document.Undo] took back last.
func (d *Document) Redo(seen uint64, now time.Time) (Edited, error) {
	return d.repair("redo", seen, now)
}

// CanUndo reports whether there is own work that [Document.Undo] can try to take
// back. Others may have deleted what it would change. It is cheap but for the
// first time; see [Document.Undo].
func (d *Document) CanUndo() bool {
	d.noteFirst()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ready() != nil {
		return false
	}
	if len(d.groups.done) == 0 {
		d.noteOwn()
	}
	return len(d.groups.done) > 0
}

// CanRedo reports whether there is undone work that nothing was done after. It
// is as cheap as [Document.CanUndo].
func (d *Document) CanRedo() bool {
	d.noteFirst()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ready() != nil {
		return false
	}
	if len(d.groups.undone) > 0 || d.groups.noted == nil {
		d.noteOwn()
	}
	return len(d.groups.undone) > 0
}

// repair undoes or redoes.
func (d *Document) repair(what string, seen uint64, now time.Time) (Edited, error) {
	d.noteFirst()
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.ready(); err != nil {
		return Edited{}, fmt.Errorf("%s in document %v: %w", what, d.id, err)
	}
	newer, err := d.log.since(seen)
	if err != nil {
		return Edited{}, fmt.Errorf("%s in document %v: %w", what, d.id, err)
	}
	d.noteOwn()
	from, to := &d.groups.done, &d.groups.undone
	if what == "redo" {
		from, to = to, from
	}
	at := d.latest(*from)
	if at < 0 {
		skip(from, to, len(*from))
		return d.newAuthor(now.Unix(), "").finish(newer)
	}
	group := (*from)[at]
	var set history.Ops
	s := d.books().stretch(group.did)
	set.Add(s.Actor, s.From, s.To)
	steps, _ := history.Inverse(d.text, d.actors, set, d.groups.repairs)
	w := d.newAuthor(now.Unix(), d.repairMessage(what, group.work))
	if err := w.take(steps); err != nil {
		return Edited{}, d.fail(what+" in", err)
	}
	out, err := w.finish(newer)
	if err == nil {
		d.noteOwn() // moves the group, and those above it that had no effect
	}
	return out, err
}

// skip moves the last n groups from one stack to the other, as ones that have
// nothing to be taken back.
func skip(from, to *[]undoGroup, n int) {
	for range n {
		g := (*from)[len(*from)-1]
		*from = (*from)[:len(*from)-1]
		*to = append(*to, undoGroup{g.work, seqs{g.did.actor, 1, 0}})
	}
}

// stretch is the operations of some changes.
func (b books) stretch(of seqs) history.Stretch {
	s := history.Stretch{Actor: of.actor, From: 1}
	last, ok := b.graph.BySeq(of.actor, of.to)
	if !ok || of.to < of.from {
		return s
	}
	s.To = b.graph.MaxOp(last)
	if before, ok := b.graph.BySeq(of.actor, of.from-1); ok {
		s.From = b.graph.MaxOp(before) + 1
	}
	return s
}

// latest is which group is the last of which anything is left, or -1. It looks
// at a few first, because it is mostly the very last.
func (d *Document) latest(groups []undoGroup) int {
	for end, n := len(groups), 8; end > 0; n *= 8 {
		from := max(end-n, 0)
		all := make([]history.Stretch, 0, end-from)
		for _, g := range groups[from:end] {
			all = append(all, d.books().stretch(g.did))
		}
		if at := history.Latest(d.text, d.actors, all, d.groups.repairs); at >= 0 {
			return from + at
		}
		end = from
	}
	return -1
}

// take carries out steps in the text.
func (w *author) take(steps []history.Step) error {
	n := 0
	for _, s := range steps {
		n += s.N
	}
	w.expect(n)
	for _, s := range steps {
		rest := []byte(s.Content)
		for i := range s.N {
			var err error
			if s.Revives() {
				size := len(rest)
				if s.N > 1 {
					_, size = utf8.DecodeRune(rest)
				}
				err = w.revive(s.Elem.Plus(i), rest[:size:size])
				rest = rest[size:]
			} else {
				err = w.deleteValues(&s, i)
			}
			if err != nil {
				return err
			}
		}
	}
	return w.carryOut()
}

// revive brings an element back.
func (w *author) revive(elem opid.ID, content []byte) error {
	_, err := w.add(format.Op{
		Obj: w.ref(w.d.textObj), Key: format.Key{Elem: w.ref(elem)}, Action: format.Set,
		Value: format.Value{Type: format.String, Raw: content},
	})
	return err
}

// deleteValues deletes values of element i of a step.
func (w *author) deleteValues(s *history.Step, i int) error {
	d, elem := w.d, s.Elem.Plus(i)
	preds := make([]opid.ID, 0, len(s.Values))
	if s.All {
		preds = d.set.Preds(d.textObj, nil, elem)
	}
	for _, v := range s.Values {
		preds = append(preds, v.At(i))
	}
	if len(s.Values) > 1 {
		slices.SortFunc(preds, d.actors.Compare)
	}
	_, err := w.add(format.Op{
		Obj: w.ref(d.textObj), Key: format.Key{Elem: w.ref(elem)}, Action: format.Delete, Pred: w.refs(preds),
	})
	return err
}
