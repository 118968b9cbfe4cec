package buffer

import (
	"errors"
	"slices"

	"starling/crdt"
)

// Document is what a buffer edits; the open document of a peer. Its methods take
// a short lock without I/O and are called on the buffer's goroutine. Each returns,
// in order, every patch after the one that this view has seen last: first those
// of others, then its own; own is the number of its first. After an error nothing
// is changed.
type Document interface {
	// Edit applies e, made against the text after patch number e.Seen.
	Edit(e crdt.Edit) (patches []crdt.Patch, own uint64, err error)
	// Undo takes back the last action of the person here of which anything is
	// left, in the portions in which people think, and nothing that others
	// did. It has no patches of its own if there is none.
	Undo(seen uint64) (patches []crdt.Patch, own uint64, err error)
	// Redo does again what Undo took back last.
	Redo(seen uint64) (patches []crdt.Patch, own uint64, err error)
	// EditAll makes splices, ascending and apart, all against the text after
	// patch number seen, as one action of the person: Undo takes all of it back
	// at once.
	EditAll(seen uint64, splices []crdt.Splice) (patches []crdt.Patch, own uint64, err error)
}

// Patch, Edit and Splice are the words of package crdt, for a view that sees the
// document through this package only.
type (
	Patch  = crdt.Patch
	Edit   = crdt.Edit
	Splice = crdt.Splice
)

// ErrStale comes from a [Document] when this view is so far behind that
// nothing was edited: read the text anew, call [Buffer.Reset], and try again.
var ErrStale = crdt.ErrStale

// ErrReload says that patches do not follow on the text that the buffer has:
// read the document's text anew and call [Buffer.Reset].
var ErrReload = errors.New("the text must be read again")

// Mark is a place that the buffer keeps where it was in the text while others
// and oneself edit around it. With Sticky set, what is inserted at the very
// place comes after it.
type Mark struct {
	At     int
	Sticky bool
}

// Buffer is the text of one view. See the package comment.
type Buffer struct {
	doc     Document
	text    *lines
	seen    uint64
	style   Style
	caret   int
	anchor  int
	remotes []Remote
	marks   []*Mark
	// observers are told of each patch once everything has moved past it.
	observers []func(Patch)
}

// New returns a buffer over a document whose text was text after its patch
// number seen.
func New(doc Document, text string, seen uint64) *Buffer {
	return &Buffer{doc: doc, text: newLines(text), seen: seen}
}

// Track keeps m in its place from now on. There is no end to it.
func (b *Buffer) Track(m *Mark) { b.marks = append(b.marks, m) }

// Observe calls f, from now on, with each patch once it is applied, the person's
// own too, and with one that sums up what [Buffer.Reset] did; that one has the
// number 0. f must not change the buffer. Of patches that come together the text
// may have later ones already.
func (b *Buffer) Observe(f func(p Patch)) { b.observers = append(b.observers, f) }

// Seen is the number of the last patch applied.
func (b *Buffer) Seen() uint64 { return b.seen }

// Len is the number of code points in the text.
func (b *Buffer) Len() int { return b.text.runes }

// Text returns the whole text. It costs as much as the text is long.
func (b *Buffer) Text() string { return b.Slice(0, b.Len()) }

// Slice returns the text between two places.
func (b *Buffer) Slice(from, to int) string {
	from, to = b.clamp(from), b.clamp(to)
	if from >= to {
		return ""
	}
	first, start := b.text.find(from)
	last, lastStart := b.text.find(to)
	return b.text.between(
		first, b.text.get(first).Offset(from-start),
		last, b.text.get(last).Offset(to-lastStart),
	)
}

// Reset takes a whole new text, as after [ErrReload]. Caret, marks and carets
// of others stay where the old and the new text agree.
func (b *Buffer) Reset(text string, seen uint64) {
	b.seen = seen
	whole := difference(b.Text(), text)
	if whole.Delete == 0 && whole.Inserted == 0 {
		return
	}
	b.text.reset(text)
	b.shift(whole)
}

// shift moves everything that has a place.
func (b *Buffer) shift(p crdt.Patch) {
	b.caret, b.anchor = carry(b.caret, b.anchor, p)
	for _, m := range b.marks {
		m.At = p.Shift(m.At, m.Sticky)
	}
	for i := range b.remotes {
		b.remotes[i] = b.remotes[i].After(p)
	}
	for _, f := range b.observers {
		f(p)
	}
}

func (b *Buffer) clamp(at int) int { return min(max(at, 0), b.Len()) }

// SetRemotes says where others are, in the text as it stands. The buffer keeps
// a copy and shifts it.
func (b *Buffer) SetRemotes(remotes []Remote) {
	b.remotes = slices.Clone(remotes)
	for i := range b.remotes {
		r := &b.remotes[i]
		r.Caret, r.Anchor = b.clamp(r.Caret), b.clamp(r.Anchor)
	}
}

// Remotes returns the carets of others; not to be written to, and good until
// the next call.
func (b *Buffer) Remotes() []Remote { return b.remotes }
