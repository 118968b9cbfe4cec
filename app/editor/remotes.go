package editor

import (
	"image/color"
	"time"

	"starling/app/buffer"
)

const (
	// flagTime is how long a name stays at a caret that rests, and flagFade how
	// long before its end it begins to fade.
	flagTime = 3 * time.Second
	flagFade = 300 * time.Millisecond
	// flagNear is how near the mouse brings the name back.
	flagNear = 12
	knob     = 6 // what is at the top of a caret without its name
)

// others is what is known of the carets of others besides their places.
type others struct {
	who    map[string]Writer
	moved  map[string]time.Time // when a caret was last elsewhere
	sights map[string]*sight
	stop   func() // the wait until a name fades
	near   string // whose caret the mouse is at
}

// Remote is somebody else in the same text: caret and the other end of the
// selection, equal if nothing is selected, and where the first row in their view
// starts, if HasTop says that it is known. The caret is drawn in the writer's
// Line, or, if that is zero, in Colour.
type Remote struct {
	Writer
	Caret, Anchor int
	Top           int
	HasTop        bool
}

// SetRemotes says where others are, in the text as it stands.
func (e *Editor) SetRemotes(remotes []Remote) {
	was := make(map[string]buffer.Remote, len(remotes))
	for _, r := range e.buf.Remotes() {
		was[r.ID] = r
	}
	places := make([]buffer.Remote, 0, len(remotes))
	who := make(map[string]Writer, len(remotes))
	moved := make(map[string]time.Time, len(remotes))
	sights := make(map[string]*sight, len(remotes))
	now := e.now()
	for _, r := range remotes {
		places = append(places, buffer.Remote{ID: r.ID, Caret: r.Caret, Anchor: r.Anchor})
		who[r.ID] = r.Writer
		before, ok := was[r.ID]
		went := !ok || before.Caret != r.Caret || before.Anchor != r.Anchor
		if moved[r.ID] = e.others.moved[r.ID]; went {
			moved[r.ID] = now
		}
		sights[r.ID] = e.noteSight(e.others.sights[r.ID], r, went)
	}
	e.others.who, e.others.moved, e.others.sights = who, moved, sights
	e.buf.SetRemotes(places)
	e.fadeFlags()
	e.settle()
	e.keepInView()
	e.paint()
}

// fadeFlags waits for the next name to fade.
func (e *Editor) fadeFlags() {
	o := &e.others
	if o.stop != nil {
		return
	}
	next, now := time.Duration(0), e.now()
	for _, at := range o.moved {
		left := flagTime - now.Sub(at)
		if left > flagFade {
			left -= flagFade
		}
		if left > 0 && (next == 0 || left < next) {
			next = left
		}
	}
	if next > 0 {
		o.stop = e.after(next, func() {
			o.stop = nil
			e.fadeFlags()
			e.paint()
		})
	}
}

// flagAlpha is how much of somebody's name is to be seen, 0 for nothing.
func (e *Editor) flagAlpha(id string) uint8 {
	rested := e.now().Sub(e.others.moved[id])
	switch {
	case e.others.near == id || rested < flagTime-flagFade:
		return 0xff
	case rested < flagTime:
		return 0x90
	}
	return 0
}

// nearCaret notes whose caret the mouse is at.
func (e *Editor) nearCaret(x, y float32) {
	near := ""
	for _, r := range e.buf.Remotes() {
		s, ok := e.spotOf(r.Caret)
		if ok && abs(s.x-x) <= flagNear && y >= s.y-flagNear && y <= s.y+s.h {
			near = r.ID
		}
	}
	if near != e.others.near {
		e.others.near = near
		e.paint()
	}
}

// remotes draws where others are, the names above everything.
func (p *page) remotes() {
	for _, r := range p.e.buf.Remotes() {
		s, ok := p.e.spotOf(r.Caret)
		if !ok {
			continue
		}
		c, ink := s.caret(), p.e.others.who[r.ID].caret()
		p.box(c.x, c.y, c.w, c.h, ink, 0)
		if p.e.flagAlpha(r.ID) < 0xff {
			p.box(c.x-knob/2+1, c.y-knob/2, knob, knob, ink, 2)
		}
	}
	for _, r := range p.e.buf.Remotes() {
		alpha, who := p.e.flagAlpha(r.ID), p.e.others.who[r.ID]
		if s, ok := p.e.spotOf(r.Caret); ok && who.Name != "" && alpha > 0 {
			p.flag(s.caret(), who.Name, fade(who.Colour, alpha))
		}
	}
}

// caret is the colour of the writer's caret.
func (w Writer) caret() color.NRGBA {
	if w.Line == (color.NRGBA{}) {
		return w.Colour
	}
	return w.Line
}
