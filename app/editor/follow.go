package editor

import "starling/app/buffer"

// sliver is how much of the row above the followed one's first is beyond doubt
// out of view, whatever sums of heights are rounded to.
const sliver = 1

// sight is what is known of somebody's view besides their caret.
type sight struct {
	top   int  // where its first row starts
	known bool // else there is only the caret
	// Which of the two they moved last, or both.
	scrolled, moved bool
}

// Follow keeps in view what somebody else sees, from their first row on, and
// their caret if that is what they moved last, until the person here types,
// clicks or scrolls; an empty id ends it. [Config.OnFollow] is told of each
// change.
func (e *Editor) Follow(id string) {
	if id == e.following {
		return
	}
	e.following = id
	if e.config.OnFollow != nil {
		e.config.OnFollow(id)
	}
	if id == "" {
		return
	}
	if s := e.others.sights[id]; s != nil {
		s.scrolled = true // for us, who have not seen it yet
	}
	e.keepInView()
	e.paint()
}

// noteSight returns what is known of somebody's view now. before is what was,
// nil for nothing, carried to the text as it stands.
func (e *Editor) noteSight(before *sight, r Remote, moved bool) *sight {
	now := &sight{top: min(max(r.Top, 0), e.buf.Len()), known: r.HasTop}
	switch {
	case before == nil || before.known != now.known:
		now.scrolled = true
	case moved || before.top != now.top:
		now.scrolled, now.moved = before.top != now.top, moved
	default:
		now.scrolled, now.moved = before.scrolled, before.moved
	}
	return now
}

// carrySights moves what others see past a patch.
func (e *Editor) carrySights(p buffer.Patch) {
	for _, s := range e.others.sights {
		s.top = p.Shift(s.top, s.top == 0)
	}
}

// keepInView brings into view what the person whom one follows sees. One that
// is gone is waited for.
func (e *Editor) keepInView() {
	if e.following == "" || len(e.view.lines) == 0 {
		return
	}
	for _, r := range e.buf.Remotes() {
		if r.ID == e.following {
			e.lookAlong(e.others.sights[r.ID], r.Caret)
		}
	}
}

// lookAlong scrolls to what somebody with a caret sees. What they moved last is
// in view then: in a window taller than ours that may be a caret far below.
func (e *Editor) lookAlong(s *sight, caret int) {
	if !s.known {
		e.bringIntoView(caret)
		return
	}
	if s.scrolled || s.moved && !e.shows(caret) {
		e.showFrom(s.top)
	}
	if s.moved && !e.shows(caret) {
		e.nudge(caret)
	}
}

// shows reports whether the row of a place is wholly in view.
func (e *Editor) shows(at int) bool {
	s, ok := e.spotOf(at)
	return ok && s.y >= -sliver && s.y+s.h <= e.Size().Height
}

// showFrom makes the row of a place the first in view, or the nearest that has
// a full view below it.
func (e *Editor) showFrom(at int) {
	e.hush()
	e.view.top.At, e.view.dy = at, -sliver
	if at == 0 {
		e.view.home()
	}
	e.settle()
}

// nudge scrolls no further than a place needs to come into view, if it is near.
func (e *Editor) nudge(at int) {
	s, ok := e.spotOf(at)
	height := e.Size().Height
	switch {
	case !ok:
		e.bringIntoView(at)
	case s.y < 0:
		e.scrollBy(s.y)
	default:
		e.scrollBy(s.y + s.h + min(revealGap, max(0, (height-s.h)/2)) - height)
	}
}

// FirstRow returns where the first row in view starts; ok is false while there
// is no view.
func (e *Editor) FirstRow() (at int, ok bool) { return e.view.top.At, len(e.view.lines) > 0 }

// tellFirstRow tells of another first row in view. While the view goes where
// somebody else's does it is not ours to tell: of two who follow each other
// neither would come to rest.
func (e *Editor) tellFirstRow() {
	if e.following != "" {
		return
	}
	same := e.told.At == e.view.top.At
	e.told = e.view.top
	if !same && e.config.OnScroll != nil {
		e.config.OnScroll(e.told.At)
	}
}
