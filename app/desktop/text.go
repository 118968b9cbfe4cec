package desktop

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"

	"starling/app/buffer"
	"starling/app/editor"
	"starling/assets"
	"starling/crdt"
	"starling/sync/peer"
)

// The first view of a text at the start is waited for so often and so long.
const (
	viewTries = 100
	viewWait  = 10 * time.Millisecond
)

// sharedText is the open document as the editor sees it. It remembers the last
// patch that the editor has. It belongs to the window's goroutine.
type sharedText struct {
	id   crdt.DocID
	doc  *peer.Doc // nil while it arrives
	seen uint64
	// arrived is the text while it arrives.
	arrived string
	// changed, if not nil, is called once, when the text becomes another one or
	// leaves the window.
	changed func()
	// headings are the text's as last read, and places where they start by now.
	headings []heading
	places   []int
}

// Edit implements [buffer.Document].
func (s *sharedText) Edit(e crdt.Edit) ([]crdt.Patch, uint64, error) {
	return s.act(func(d *peer.Doc) ([]crdt.Patch, uint64, error) { return d.Edit(e) })
}

// EditAll implements [buffer.Document].
func (s *sharedText) EditAll(seen uint64, splices []crdt.Splice) ([]crdt.Patch, uint64, error) {
	return s.act(func(d *peer.Doc) ([]crdt.Patch, uint64, error) { return d.EditAll(seen, splices) })
}

// Undo implements [buffer.Document].
func (s *sharedText) Undo(seen uint64) ([]crdt.Patch, uint64, error) {
	return s.act(func(d *peer.Doc) ([]crdt.Patch, uint64, error) { return d.Undo(seen) })
}

// Redo implements [buffer.Document].
func (s *sharedText) Redo(seen uint64) ([]crdt.Patch, uint64, error) {
	return s.act(func(d *peer.Doc) ([]crdt.Patch, uint64, error) { return d.Redo(seen) })
}

func (s *sharedText) act(do func(*peer.Doc) ([]crdt.Patch, uint64, error)) ([]crdt.Patch, uint64, error) {
	if s.doc == nil {
		return nil, 0, crdt.ErrNoContent
	}
	patches, own, err := do(s.doc)
	if err == nil {
		s.note(patches)
	}
	return patches, own, err
}

func (s *sharedText) note(patches []crdt.Patch) {
	if len(patches) > 0 {
		s.seen = max(s.seen, patches[len(patches)-1].Num)
		s.places = crdt.Carry(s.places, patches)
		s.tellChanged()
	}
}

func (s *sharedText) tellChanged() {
	if f := s.changed; f != nil {
		s.changed = nil
		f()
	}
}

// reload reads the whole text.
func (s *sharedText) reload() (text string, seen uint64) {
	if s.doc == nil {
		return s.arrived, s.seen
	}
	text, s.seen = s.doc.Snapshot()
	s.tellChanged()
	return text, s.seen
}

// openFromList opens what was chosen on the left.
func (w *window) openFromList(id crdt.DocID) {
	if w.query != "" {
		w.leaveSearch()
	}
	w.openWanted(id)
}

// openWanted opens what the person asks for: what is typed from now on is meant
// for it.
func (w *window) openWanted(id crdt.DocID) {
	w.afterKeys(func() {
		if id == w.desk.Doc && !w.keeper.Visible() {
			w.focusText()
			return
		}
		w.keepKeys(false)
		w.openDocument(id)
	})
}

// openDocument reads a document and puts it on the desk. The latest wish wins.
func (w *window) openDocument(id crdt.DocID) {
	w.moving = peer.SpaceID{}
	w.turn++
	w.bare = false
	turn := w.turn
	var doc *peer.Doc
	var coming peer.Arriving
	var text string
	var seen uint64
	var counted size
	lacking := false
	w.bridge.do(func(ctx context.Context) (err error) {
		comes := false
		if coming, comes = w.bridge.source.Arriving(id); comes {
			counted = sizeOf(coming.Text)
			return nil
		}
		if doc, err = w.peer.OpenDocument(ctx, id); err == nil {
			text, seen = doc.Snapshot()
			counted = sizeOf(text)
			lost, err := doc.Lacking(ctx)
			lacking = lost || errors.Is(err, peer.ErrFileDamaged)
		}
		return err
	}, func(err error) {
		switch {
		case err != nil && turn != w.turn:
			w.complain(err)
		case errors.Is(err, peer.ErrNoDocument) && w.coming.Doc == id:
			w.drop()
		case doc == nil && err == nil:
			if turn == w.turn {
				w.showArriving(coming, counted)
			}
		case err != nil:
			w.fail(err)
			w.showNothing()
		case turn != w.turn:
			w.putAway(doc)
		default:
			w.putOnDesk(doc, text, seen, counted)
			if lacking {
				w.tellLacking()
			}
			w.bridge.do(func(context.Context) error {
				doc.CanUndo() // reads what the first undo needs
				return nil
			}, func(error) {})
		}
	})
}

// fail says that what was asked to be opened did not come.
func (w *window) fail(err error) { w.complainOf(err, w.giveUp()) }

// putOnDesk shows a document instead of the one before.
func (w *window) putOnDesk(doc *peer.Doc, text string, seen uint64, counted size) {
	if w.coming.Doc == doc.ID() && w.shared != nil {
		w.adopt(doc, text, seen, counted)
		return
	}
	w.clearText()
	shared := &sharedText{id: doc.ID(), doc: doc, seen: seen}
	w.shared = shared
	w.bridge.open.Store(doc)
	space := w.world.document(doc.ID()).Space
	if space == (peer.SpaceID{}) {
		space = w.desk.Space // it is so new that the list lacks it
	}
	w.desk = desk{Space: space, Doc: doc.ID(), State: peer.DocState{Saved: true}, Counts: counted}
	w.readOnly = readOnlyLine(w.world.space(space))
	w.writers = newWriters(doc, w.world.Me.ID, w.personHere)
	w.editor = editor.New(w.editorConfig(shared, text))
	w.page.showBody(w.editor)
	if s, ok := w.trail.of(doc.ID()); ok {
		w.goBack(s, s.in(text))
	} else {
		w.editor.Begin()
	}
	w.onDesk(shared)
}

// onDesk brings all else up to date with the document that has been put on the desk.
func (w *window) onDesk(shared *sharedText) {
	w.noteSpot()
	w.bridge.wake()
	w.render()
	w.tellDamage()
	w.tellRight()
	w.tellGone()
	w.nameFork()
	w.handOver()
	if w.shared != shared {
		return // a key has led on to another
	}
	w.showPlace(shared)
}

// showPlace tells others where the person is in a text, unless it is not on the
// desk yet, or no longer.
func (w *window) showPlace(shared *sharedText) {
	if w.shared != shared || w.editor == nil || shared.doc == nil {
		return
	}
	at := peer.Cursor{Seen: shared.seen}
	at.Caret, at.Anchor = w.editor.Caret()
	at.Top, at.HasTop = w.editor.FirstRow()
	shared.doc.Presence(at)
}

// clearText puts the open document away, and remembers where in it one was.
func (w *window) clearText() {
	w.coming, w.landing, w.branch = peer.Arriving{}, 0, crdt.DocID{}
	w.forgetWaiting()
	w.forgetGone()
	if w.shared == nil {
		return
	}
	w.closeHelp()
	w.closeBar()
	w.forgive()
	caret, v := w.whereabouts()
	s := spotAt(w.editor.Text(), caret)
	s.View = v
	w.trail.leave(w.shared.id, s)
	w.shared.tellChanged()
	if w.shared.doc != nil {
		w.putAway(w.shared.doc)
	}
	w.shared, w.editor, w.writers, w.readOnly, w.following = nil, nil, nil, "", peer.DeviceID{}
}

// whereabouts is where one is in the open document, and what one sees of it.
func (w *window) whereabouts() (caret int, v *view) {
	caret, _ = w.editor.Caret()
	if top, ok := w.editor.FirstRow(); ok {
		size := w.editor.Size()
		v = &view{caret - top, int(size.Width), int(size.Height)}
	}
	return caret, v
}

// goBack shows in the open document where one was: the caret is there, and, as
// soon as there is a view, so is the first row, if it is of the same size.
func (w *window) goBack(s spot, caret int) {
	w.editor.GoTo(caret)
	if s.View != nil {
		w.viewFrom(w.editor, caret, *s.View, viewTries)
	}
}

// viewFrom is showFrom once there is a view, which it waits for some times, while
// the caret stays where it is.
func (w *window) viewFrom(e *editor.Editor, caret int, v view, tries int) {
	at, _ := e.Caret()
	_, ok := e.FirstRow()
	size := e.Size()
	switch {
	case w.editor != e || at != caret:
	case ok && int(size.Width) == v.Width && int(size.Height) == v.Height:
		w.showFrom(e, caret, caret-v.Above)
	case !ok && tries > 0:
		w.bridge.later(viewWait, func() { w.viewFrom(e, caret, v, tries-1) })
	}
}

// viewMoved is told that the view of a text has moved.
func (w *window) viewMoved(shared *sharedText) {
	if w.shared == shared && w.editor != nil {
		w.noteSpot()
		w.showPlace(shared)
	}
}

// showFrom scrolls so that the row that starts at top is the first in view, if
// that is at most two windows away from where the caret has brought it: else the
// caret would be out of sight, and one writes where that is.
func (w *window) showFrom(e *editor.Editor, caret, top int) {
	const step = 12
	first, _ := e.FirstRow()
	down := first < top
	for range int(2*e.Size().Height/step) + 1 {
		if first, _ = e.FirstRow(); first == top || (first < top) != down {
			return
		}
		by := float32(step)
		if down {
			by = -step
		}
		e.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, by)})
	}
	e.GoTo(caret)
}

// noteSpot remembers where one is in the open document.
func (w *window) noteSpot() {
	doc, seen := w.shared.doc, w.shared.seen
	if doc == nil {
		return
	}
	caret, v := w.whereabouts()
	w.trail.note(doc.ID(), func() spot {
		text, _ := doc.Snapshot()
		at := []int{caret}
		if patches, err := doc.Since(seen); err == nil {
			at = crdt.Carry(at, patches)
		}
		s := spotAt(text, at[0])
		s.View = v
		return s
	})
}

// showNothing says that there is no document, if none is open.
func (w *window) showNothing() {
	if w.editor == nil {
		w.page.showEmpty()
	}
}

// putAway closes a document that is no longer looked at.
func (w *window) putAway(doc *peer.Doc) {
	w.bridge.do(func(context.Context) error {
		doc.Leave()
		doc.Close()
		return nil
	}, func(error) {})
}

// focusText gives the keyboard to the text, or to what keeps it for the next
// one, unless a dialog has it.
func (w *window) focusText() {
	if w.dialog != nil || !w.entered {
		return
	}
	w.endPeek()
	if w.keeper.Visible() {
		w.Canvas().Focus(w.keeper)
	} else if e := w.reading(); e != nil {
		w.Canvas().Focus(e)
	}
}

// catchUp brings the patches of others, and their carets, to the editor.
func (w *window) catchUp() {
	if w.shared.doc == nil {
		return
	}
	patches, err := w.shared.doc.Since(w.shared.seen)
	switch {
	case errors.Is(err, crdt.ErrStale):
		w.editor.Reset(w.shared.reload())
	case err != nil:
		w.complain(err)
	case len(patches) > 0:
		w.shared.note(patches)
		w.editor.Apply(patches)
	}
	w.showOthers()
}

// showOthers draws the carets of others in the text as the editor has it.
func (w *window) showOthers() { w.editor.SetRemotes(w.remotes()) }

// remotes are the carets of others as the editor draws them. Those are left out
// whose text is too old to follow, or newer than the editor's.
func (w *window) remotes() []editor.Remote {
	var all []editor.Remote
	for _, c := range w.desk.Others {
		if r, ok := w.shared.carried(c); ok {
			r.Writer = w.visitor(c, look())
			all = append(all, r)
		}
	}
	return all
}

// visitor is who is at a caret, as the editor draws them.
func (w *window) visitor(c peer.Cursor, t *assets.Tokens) editor.Writer {
	colour := t.Person(colourNumber(w.personHere(c.Person).Colour))
	return editor.Writer{
		ID: c.ID.String(), Name: nameOr(c.Name, "Someone"), Colour: colour.Fill, Line: colour.Caret,
	}
}

// carried is where somebody is in the text in the editor.
func (s *sharedText) carried(c peer.Cursor) (r editor.Remote, ok bool) {
	at, top := buffer.Remote{Caret: c.Caret, Anchor: c.Anchor}, c.Top
	if c.Seen != s.seen {
		patches, err := s.doc.Since(c.Seen)
		if err != nil || c.Seen > s.seen {
			return r, false
		}
		for _, p := range patches {
			if p.Num <= s.seen {
				at, top = at.After(p), p.Shift(top, top == 0)
			}
		}
	}
	return editor.Remote{Caret: at.Caret, Anchor: at.Anchor, Top: top, HasTop: c.HasTop}, true
}

// goTo brings into view where somebody writes.
func (w *window) goTo(id peer.DeviceID) {
	for _, r := range w.remotes() {
		if r.ID == id.String() {
			w.closeHelp()
			w.editor.GoTo(r.Caret)
			w.focusText()
			return
		}
	}
}
