package buffer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

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
}

// Patch and Edit are the words of package crdt, for a view that sees the
// document through this package only.
type (
	Patch = crdt.Patch
	Edit  = crdt.Edit
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
// number 0. f must not change the buffer.
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
		first, ByteAt(b.text.get(first).Text, from-start),
		last, ByteAt(b.text.get(last).Text, to-lastStart),
	)
}

// Reset takes a whole new text, as after [ErrReload]. Caret, marks and carets
// of others stay where the old and the new text agree.
func (b *Buffer) Reset(text string, seen uint64) {
	whole := difference(b.Text(), text)
	b.text.reset(text)
	b.seen = seen
	b.shift(whole)
}

// difference is the patch that turns before into after, with what both start
// and end with left out.
func difference(before, after string) crdt.Patch {
	p := crdt.Patch{}
	for before != "" && after != "" {
		x, n := utf8.DecodeRuneInString(before)
		y, m := utf8.DecodeRuneInString(after)
		if x != y || n != m {
			break
		}
		before, after = before[n:], after[m:]
		p.At++
	}
	for before != "" && after != "" {
		x, n := utf8.DecodeLastRuneInString(before)
		y, m := utf8.DecodeLastRuneInString(after)
		if x != y || n != m {
			break
		}
		before, after = before[:len(before)-n], after[:len(after)-m]
	}
	p.Delete = utf8.RuneCountInString(before)
	p.Insert = after
	p.Inserted = utf8.RuneCountInString(after)
	return p
}

// Apply takes patches that the document made without this buffer, in order.
// Those that it has seen are skipped. The error wraps [ErrReload] if one is
// missing or does not fit; the patches before it are applied.
func (b *Buffer) Apply(patches []crdt.Patch) error {
	for _, p := range patches {
		if p.Num <= b.seen {
			continue
		}
		if err := b.change(p); err != nil {
			return err
		}
	}
	return nil
}

// change applies the next patch and moves everything that has a place.
func (b *Buffer) change(p crdt.Patch) error {
	if p.Num != b.seen+1 {
		return fmt.Errorf("patch %d after patch %d: %w", p.Num, b.seen, ErrReload)
	}
	if p.At < 0 || p.Delete < 0 || p.At+p.Delete > b.Len() {
		return fmt.Errorf("patch %d at %d of %d, removing %d: %w", p.Num, p.At, b.Len(), p.Delete, ErrReload)
	}
	b.seen = p.Num
	b.text.splice(p.At, p.Delete, p.Insert)
	b.shift(p)
	return nil
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

// take applies what an action of the person did, after what others did before.
// did is told of each patch of the action itself that is new, once it is applied.
func (b *Buffer) take(patches []crdt.Patch, own uint64, did func(p crdt.Patch)) error {
	for i, p := range patches {
		seen := b.seen
		if err := b.Apply(patches[i : i+1]); err != nil {
			return err
		}
		if p.Num >= own && p.Num > seen {
			did(p)
		}
	}
	return nil
}

// edit asks the document to replace n code points at a place and applies what
// comes back. After all of it the caret is behind what was inserted.
func (b *Buffer) edit(at, n int, text string) error {
	patches, own, err := b.doc.Edit(crdt.Edit{Seen: b.seen, At: at, Delete: n, Insert: text})
	if err != nil {
		return fmt.Errorf("edit %d code points at %d: %w", n, at, err)
	}
	return b.take(patches, own, func(p crdt.Patch) {
		b.caret = p.At + p.Inserted
		b.anchor = b.caret
	})
}

// Insert types text over the selection.
func (b *Buffer) Insert(text string) error {
	from, to := b.Selection()
	if text == "" && from == to {
		return nil
	}
	return b.edit(from, to-from, text)
}

// Newline types a line break.
func (b *Buffer) Newline() error { return b.Insert("\n") }

// Paste puts text over the selection. Line ends become newlines, bytes that are
// not UTF-8 the replacement character.
func (b *Buffer) Paste(text string) error {
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return b.Insert(strings.ReplaceAll(text, "\r", "\n"))
}

// Cut removes the selection and returns it.
func (b *Buffer) Cut() (string, error) {
	text := b.Selected()
	return text, b.Insert("")
}

// Backspace removes the selection, or what is before the caret.
func (b *Buffer) Backspace(by Unit) error { return b.erase(b.step(b.caret, by, false)) }

// Delete removes the selection, or what is after the caret.
func (b *Buffer) Delete(by Unit) error { return b.erase(b.step(b.caret, by, true)) }

func (b *Buffer) erase(to int) error {
	from := b.caret
	if b.caret != b.anchor {
		to = b.anchor
	}
	from, to = min(from, to), max(from, to)
	if from == to {
		return nil
	}
	return b.edit(from, to-from, "")
}

// Undo takes back the last action of the person here, as [Document] says, and
// leaves the caret behind the last of what came back or went. It reports whether
// there was one.
func (b *Buffer) Undo() (bool, error) {
	patches, own, err := b.doc.Undo(b.seen)
	return b.repair("undo", patches, own, err)
}

// Redo does again what was undone last.
func (b *Buffer) Redo() (bool, error) {
	patches, own, err := b.doc.Redo(b.seen)
	return b.repair("redo", patches, own, err)
}

func (b *Buffer) repair(what string, patches []crdt.Patch, own uint64, err error) (bool, error) {
	if err != nil {
		return false, fmt.Errorf("%s: %w", what, err)
	}
	last := -1 // where the last of what came back or went ends
	err = b.take(patches, own, func(p crdt.Patch) {
		last = max(p.Shift(last, true), p.At+p.Inserted)
	})
	if last < 0 {
		return false, err
	}
	b.MoveTo(last, false)
	return true, err
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
