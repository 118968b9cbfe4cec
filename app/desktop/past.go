package desktop

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"starling/crdt"
	"starling/sync/peer"
)

// deedTime is how long deeds are read for before those are shown.
const deedTime = 60 * time.Millisecond

// past is what was of the open document, while it is shown. It belongs to the
// window's goroutine. All reading is done by the bridge, one job at a time: the
// document lets in only one, and what is wanted may change meanwhile.
type past struct {
	window *window
	doc    *peer.Doc // nil if none is open
	page   *pastPage

	all    []crdt.Version // the newest first
	byID   map[crdt.VersionID]int
	who    authors
	deeds  map[crdt.VersionID]deed
	at     int            // the version that is wanted, -1 for none
	shown  crdt.VersionID // the one on the page
	showed bool           // there is one on the page
	same   bool           // its text is the present one
	fresh  bool           // that was asked since the document changed

	from, to int       // what the list shows
	stale    bool      // there may be further versions
	listAt   time.Time // they are not read before
	waiting  bool      // for that time
	asked    []job     // by the person
	busy     bool      // a job is under way
	ended    bool
}

// job is work for the bridge, and what is done with its outcome.
type job struct {
	work func(ctx context.Context) error
	done func(error)
}

// openPast shows what was of the open document in place of the people and of
// the text.
func (w *window) openPast() {
	if w.past != nil {
		return
	}
	w.closeHelp()
	w.closeBar()
	p := &past{window: w, deeds: map[crdt.VersionID]deed{}, at: -1, stale: true}
	w.past = p
	w.showAside()
	w.versions.empty.set("No document is open.")
	if w.arrives() {
		w.versions.empty.set("This document is still being checked.")
	}
	if doc := w.openDoc(); doc != nil {
		at, _ := w.editor.Caret()
		p.doc, p.page = doc, newPastPage(at, w.settings, w.focusBack)
		w.versions.empty.set("")
		p.next()
	}
	w.focusBack()
	w.renderDesk()
}

// closePast shows the text and the people again.
func (w *window) closePast() {
	p := w.past
	if p == nil {
		return
	}
	w.past, p.ended = nil, true
	w.showAside()
	w.versions.set(nil, -1)
	if w.editor != nil {
		w.page.showBody(w.editor)
		if !p.busy { // else the document is in use, and may be for long
			w.catchUp()
		}
	}
	w.focusBack()
	w.renderDesk()
}

// togglePast opens or closes it.
func (w *window) togglePast() {
	if w.past != nil {
		w.closePast()
		return
	}
	w.showRight()
	if w.aside.root.Visible() { // else the window is too narrow for it
		w.openPast()
	}
}

// focusBack gives the keyboard to what the person is about: the text, or the
// versions of it.
func (w *window) focusBack() {
	switch {
	case w.past == nil || w.keeper.Visible():
		w.focusText()
	case w.dialog == nil && w.entered:
		w.versions.list.take(w.Canvas())
	}
}

// changed takes note that the document has changed.
func (p *past) changed() {
	p.stale = true
	p.next()
}

// view takes note of what the list shows.
func (p *past) view(from, to int) {
	if p.from != from || p.to != to {
		p.from, p.to = from, to
		p.next()
	}
}

// choose wants a version on the page.
func (p *past) choose(i int) {
	p.at = i
	p.window.versions.choose(i)
	p.allow()
	p.next()
}

// current is the version that is wanted, if it is on the page.
func (p *past) current() (v crdt.Version, ok bool) {
	if p.at < 0 || !p.showed || p.all[p.at].ID != p.shown {
		return v, false
	}
	return p.all[p.at], true
}

func (p *past) allow() {
	_, ok := p.current()
	p.window.versions.allow(ok && !p.same, ok)
}

// ask has a job done that the person asked for, before anything else.
func (p *past) ask(work func(ctx context.Context) error, done func(error)) {
	p.asked = append(p.asked, job{work, done})
	p.next()
}

// next begins what is most wanted, if nothing is under way.
func (p *past) next() {
	if p.busy || p.ended || p.doc == nil {
		return
	}
	j, ok := p.choice()
	if !ok {
		return
	}
	p.busy = true
	p.window.bridge.do(j.work, func(err error) {
		p.busy = false
		if p.ended {
			p.leave(err)
			return
		}
		j.done(err)
		p.next()
	})
}

// leave brings the text up to date after what was under way at the end.
func (p *past) leave(err error) {
	w := p.window
	if w.shared != nil && w.shared.doc == p.doc && w.past == nil {
		w.catchUp()
	}
	if err != nil {
		w.complain(err)
	}
}

// choice is what is most wanted.
func (p *past) choice() (job, bool) {
	if len(p.asked) > 0 {
		j := p.asked[0]
		p.asked = p.asked[1:]
		return j, true
	}
	if p.stale {
		if wait := time.Until(p.listAt); wait <= 0 {
			return p.list(), true
		} else if !p.waiting {
			p.waiting = true
			p.window.bridge.later(wait, func() { p.waiting = false; p.next() })
		}
	}
	if _, ok := p.current(); p.at >= 0 && !(ok && p.fresh) {
		return p.read(p.all[p.at]), true
	}
	return p.tell()
}

// listing is the versions of a document, read off the window's goroutine.
type listing struct {
	all  []crdt.Version // the newest first
	byID map[crdt.VersionID]int
	days []string
	who  authors
}

func readListing(doc *peer.Doc, me peer.DeviceID, person func(peer.Person) peer.Person, now time.Time) listing {
	l := listing{all: doc.History(), byID: map[crdt.VersionID]int{}, who: authors{}}
	slices.Reverse(l.all)
	l.days = make([]string, len(l.all))
	for i, v := range l.all {
		l.byID[v.ID], l.days[i] = i, versionDay(v.To, now)
		if _, ok := l.who[v.Author]; !ok {
			l.who[v.Author] = authorOf(doc.Author(v.Author), me, person)
		}
	}
	return l
}

// authorOf is how an author is shown. Those of an imported file are told apart
// by colours and the beginnings of their actors.
func authorOf(a peer.Author, me peer.DeviceID, person func(peer.Person) peer.Person) author {
	who := author{Name: nameOr(a.Name, "Someone"), Figure: figureOf(a.Name, person(a.Person).Colour)}
	switch {
	case a.Imported:
		who.Name = "imported " + hex.EncodeToString([]byte(a.Actor[:min(len(a.Actor), 2)]))
		for _, b := range []byte(a.Actor) {
			who.Figure.Colour += int(b)
		}
	case a.ID == me:
		who.Name = "You"
	}
	return who
}

// list reads the versions.
func (p *past) list() job {
	p.stale = false
	var l listing
	world, space := p.window.world, p.window.desk.Space // as they are now
	person := func(p peer.Person) peer.Person { return world.personOf(space, p) }
	var took time.Duration
	return job{func(context.Context) error {
		began := time.Now()
		l = readListing(p.doc, world.Me.ID, person, began)
		took = time.Since(began)
		return nil
	}, func(error) {
		p.listAt = time.Now().Add(p.window.bridge.pace.versions.after(took))
		p.setListing(l)
	}}
}

// setListing shows versions. The one that was chosen stays, even if its author
// has gone on with it.
func (p *past) setListing(l listing) {
	at := min(0, len(l.all)-1)
	if p.at >= 0 {
		was := p.all[p.at]
		goesOn := func(v crdt.Version) bool {
			return v.ID == was.ID || v.Author == was.Author && v.Before == was.Before && len(v.Names) == len(was.Names)
		}
		if i, ok := l.byID[was.ID]; ok {
			at = i
		} else if i := slices.IndexFunc(l.all, goesOn); i >= 0 {
			at = i
		}
	}
	p.all, p.byID, p.who, p.at, p.fresh = l.all, l.byID, l.who, at, false
	v := p.window.versions
	v.set(l.days, at)
	if len(l.all) == 0 {
		v.empty.set("Nothing was written yet.")
	}
	p.allow()
}

// read brings a version to the page.
func (p *past) read(v crdt.Version) job {
	var l leaf
	var d deed
	var same bool
	find := p.finder()
	return job{func(context.Context) error {
		pieces, err := find(v)
		if err != nil {
			return err
		}
		l, d = leafOf(pieces), deedOf(pieces, v.Author)
		now, _ := p.doc.Snapshot()
		same = now == l.Plain
		return nil
	}, func(err error) {
		again := p.showed && p.shown == v.ID
		p.shown, p.showed, p.same, p.fresh = v.ID, true, same, true
		p.deeds[v.ID] = d
		if err != nil {
			p.window.complain(fmt.Errorf("read version %v: %w", v.ID, err))
		}
		if !again || p.page.leaf.Text != l.Text {
			p.page.show(l, p.who)
		}
		if p.window.page.body != p.page.root {
			p.window.page.showBody(p.page.root)
		}
		p.window.versions.list.Refresh()
		p.allow()
		p.window.renderDesk()
	}}
}

// finder returns a function that compares a version with what its author began
// with. It may run on any goroutine.
func (p *past) finder() func(crdt.Version) ([]crdt.Piece, error) {
	all, byID, doc := p.all, p.byID, p.doc
	return func(v crdt.Version) ([]crdt.Piece, error) {
		var before crdt.Version
		var err error
		if i, ok := byID[v.Before]; ok {
			before = all[i]
		} else if before, err = doc.FindVersion(v.Before.String()); err != nil {
			return nil, err
		}
		return doc.Diff(before, v)
	}
}

// tell reads what was done in the versions that the list shows, as many as can
// be read in a moment.
func (p *past) tell() (job, bool) {
	var wanted []crdt.Version
	for _, v := range p.all[min(p.from, len(p.all)):min(p.to, len(p.all))] {
		if _, ok := p.deeds[v.ID]; !ok {
			wanted = append(wanted, v)
		}
	}
	if len(wanted) == 0 {
		return job{}, false
	}
	find, deeds := p.finder(), map[crdt.VersionID]deed{}
	return job{func(ctx context.Context) error {
		began := time.Now()
		for _, v := range wanted {
			pieces, err := find(v)
			if err != nil {
				deeds[v.ID] = deed{} // the page says why, if it is chosen
				continue
			}
			deeds[v.ID] = deedOf(pieces, v.Author)
			if ctx.Err() != nil || time.Since(began) > deedTime {
				return ctx.Err()
			}
		}
		return nil
	}, func(error) {
		for id, d := range deeds {
			p.deeds[id] = d
		}
		p.window.versions.list.Refresh()
	}}, true
}
