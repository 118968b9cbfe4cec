package history

import (
	"unicode/utf8"

	"starling/crdt/opid"
	"starling/crdt/sequence"
)

// value is one of the values of a run's elements: what wrote it and who deleted
// it.
type value struct {
	sequence.Span
	deleted []sequence.Span
	first   bool // the insertion's
}

// values calls f for the values of a run's elements, in their order, the
// insertion's first.
func values(r *sequence.Run, f func(value)) {
	f(value{inserted(r), r.Deleted, true})
	for _, l := range r.Revived {
		f(value{l.Span, l.Deleted, false})
	}
}

// shows reports whether element i shows the value in a version.
func (v value) shows(i int, at opid.Clock) bool {
	if !at.Has(v.At(i)) {
		return false
	}
	for _, d := range v.deleted {
		if at.Has(d.At(i)) {
			return false
		}
	}
	return true
}

// told says what is to be told of elements besides who inserted them.
type told struct {
	fate Fate
	// at is the version in which they show, if they do: who brought them back is
	// told if they show through them alone.
	at opid.Clock
	// gone picks, for element i, the values of which to tell who deleted them, as
	// far as version by holds it. nil picks none.
	gone func(v value, i int) bool
	by   opid.Clock
}

// run adds the elements of a plain run, of which all versions in question hold
// the same operations, as pieces of one change each that are joined again.
func (p *pieces) run(r *sequence.Run, t told) {
	left, text := r.N, r.Content
	for i := 0; i < r.N; {
		q, n := p.fate(r, i, left, t)
		size := sizeOf(text, left, n)
		p.add(q, text[:size], n)
		text, i, left = text[size:], i+n, left-n
	}
}

// fate says who did what to n elements from i on, as far as these are one piece,
// and returns how many these are.
func (p *pieces) fate(r *sequence.Run, i, n int, t told) (Piece, int) {
	q, m := p.deeds(r, i, n, t)
	for m < n && len(r.Deleted)+len(r.Revived) > 0 {
		n = m // of no changes further than that
		q, m = p.deeds(r, i, n, t)
	}
	return q, m
}

// deeds says who did what to n elements from i on. It returns of how many of them
// that is true, but some deeds may reach further.
func (p *pieces) deeds(r *sequence.Run, i, n int, t told) (Piece, int) {
	q := Piece{Fate: t.fate}
	note := func(s sequence.Span) (d Deed) {
		d, n = p.deed(s, i, n)
		return d
	}
	q.Inserted = note(inserted(r))
	asWritten := false
	values(r, func(v value) {
		switch {
		case v.first:
			asWritten = v.shows(i, t.at)
		case !asWritten && v.shows(i, t.at):
			q.BroughtBack = p.with(q.BroughtBack, note(v.Span))
		}
		if t.gone == nil || !t.gone(v, i) {
			return
		}
		for _, s := range v.deleted {
			if t.by.Has(s.At(i)) {
				q.Deleted = p.with(q.Deleted, note(s))
			}
		}
	})
	return q, n
}

// item adds an element whose values are not the sequence's: who wrote over or
// deleted them is not known here.
func (p *pieces) item(r *sequence.Run, fate Fate, text string) {
	if text != "" {
		wrote, _ := p.deed(inserted(r), 0, 1)
		p.add(Piece{Fate: fate, Inserted: wrote}, text, utf8.RuneCountInString(text))
	}
}

// sizeOf is how many bytes the first n of a text's code points take, of which
// there are all.
func sizeOf(text string, all, n int) int {
	switch {
	case n == all:
		return len(text)
	case len(text) == all:
		return n
	}
	size := 0
	for range n {
		_, s := utf8.DecodeRuneInString(text[size:])
		size += s
	}
	return size
}
