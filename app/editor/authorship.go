package editor

import (
	"slices"
	"sort"
	"time"

	"starling/app/buffer"
)

// authorship is who wrote what is in view, and what was deleted there. It is read
// anew when the text or the view has changed, while a setting shows it.
type authorship struct {
	known    bool
	seen     uint64 // the patch after which it was true
	from, to int
	deleted  bool
	parts    []part
	gone     []gone
	read     time.Time // when
	stop     func()    // the wait until it may be read again, nil for none
}

// writtenPause is the least time between two readings of one part of the text:
// beside much deleted text one takes longer than a key may.
const writtenPause = 150 * time.Millisecond

// part is a stretch of the text by one person.
type part struct {
	from, to int
	piece    Piece
}

// gone is what was deleted at a place.
type gone struct {
	at    int
	piece Piece  // without its text
	text  string // as it is shown
}

// goneFrom is what was deleted at a place or behind it.
func (w *authorship) goneFrom(at int) []gone {
	return w.gone[sort.Search(len(w.gone), func(i int) bool { return w.gone[i].at >= at }):]
}

// partAt returns the part that a place lies in.
func (w *authorship) partAt(at int) (part, bool) {
	i := sort.Search(len(w.parts), func(i int) bool { return w.parts[i].to > at })
	if i == len(w.parts) || w.parts[i].from > at {
		return part{}, false
	}
	return w.parts[i], true
}

// readWritten reads who wrote what is in view, if that is shown, and reports
// whether there is something else to show than before.
func (e *Editor) readWritten() (other bool) {
	w, s := &e.written, &e.settings
	if e.config.Pieces == nil || !s.Authors && !s.Deleted {
		other = len(w.gone) > 0
		if w.stop != nil {
			w.stop()
		}
		*w = authorship{}
		return other
	}
	from, to := e.wantWritten()
	if w.known && w.seen == e.buf.Seen() && w.from <= from && to <= w.to && w.deleted == s.Deleted {
		return false
	}
	if w.known && w.from <= from && to <= w.to && w.deleted == s.Deleted && e.now().Sub(w.read) < writtenPause {
		e.readWrittenSoon()
		return false
	}
	pieces, ok := e.config.Pieces(from, to-from, e.buf.Seen(), s.Deleted)
	if !ok {
		return false // the patches that make it other come soon
	}
	before := w.gone
	*w = authorship{
		known: true, seen: e.buf.Seen(), from: from, to: to, deleted: s.Deleted, read: e.now(), stop: w.stop,
	}
	at := from
	for _, p := range pieces {
		if p.Gone {
			text := goneText(p.Text)
			p.Text = ""
			w.gone = append(w.gone, gone{at, p, text})
			continue
		}
		w.parts = append(w.parts, part{at, at + p.N, p})
		at += p.N
	}
	return !slices.Equal(w.gone, before)
}

// readWrittenSoon waits until it may be read again.
func (e *Editor) readWrittenSoon() {
	w := &e.written
	if w.stop == nil {
		w.stop = e.after(writtenPause, func() {
			w.stop = nil
			e.update()
		})
	}
}

// wantWritten is the part of the text whose authors are to be known: the rows in
// view, and all of their lines where deleted text is laid out among them.
func (e *Editor) wantWritten() (from, to int) {
	last := &e.view.lines[len(e.view.lines)-1]
	if e.settings.Deleted {
		return e.view.lines[0].start, last.end()
	}
	row := &last.Rows[last.rowBelow(e.Size().Height)]
	return e.view.top.At, last.start + row.Start + row.Runes
}

// carryWritten moves what is known past a patch until it is read anew, so that
// the lines beside it keep their layouts and nothing is shown in a wrong place.
func (e *Editor) carryWritten(p buffer.Patch) {
	w := &e.written
	w.from, w.to = p.Shift(w.from, true), p.Shift(w.to, false)
	for i := range w.parts {
		s := &w.parts[i]
		s.from, s.to = p.Shift(s.from, false), p.Shift(s.to, true)
		s.to = max(s.from, s.to)
	}
	for i := range w.gone {
		w.gone[i].at = p.Shift(w.gone[i].at, false)
	}
	if p.Num == 0 {
		w.forget()
	}
}

// ForgetWriters asks anew who wrote what is in view: somebody may be called
// another name.
func (e *Editor) ForgetWriters() {
	if e.written.known {
		e.written.forget()
		e.update()
	}
}

// forget has it read anew.
func (w *authorship) forget() { w.known = false }
