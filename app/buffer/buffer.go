package buffer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"starling/crdt"
)

// Document is what a buffer edits; the open document of a peer.
type Document interface {
	// Edit applies e under a short lock without I/O and returns, in order,
	// every patch after e.Seen: first those of others that this view had not
	// seen, then those of the edit itself. own is the number of the first patch
	// of the edit itself. It is called on the buffer's goroutine. After an
	// error nothing is changed.
	Edit(e crdt.Edit) (patches []crdt.Patch, own uint64, err error)
}

// Patch and Edit are the words of package crdt, for a view that sees the
// document through this package only.
type (
	Patch = crdt.Patch
	Edit  = crdt.Edit
)

// ErrStale comes from [Document.Edit] when this view is so far behind that
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
	undo    history
}

// New returns a buffer over a document whose text was text after its patch
// number seen.
func New(doc Document, text string, seen uint64) *Buffer {
	return &Buffer{doc: doc, text: newLines(text), seen: seen}
}

// Track keeps m in its place from now on. There is no end to it.
func (b *Buffer) Track(m *Mark) { b.marks = append(b.marks, m) }

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
// of others stay where the old and the new text agree; undo is forgotten.
func (b *Buffer) Reset(text string, seen uint64) {
	whole := difference(b.Text(), text)
	b.text.reset(text)
	b.seen = seen
	b.undo = history{}
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
		if _, err := b.change(p); err != nil {
			return err
		}
		b.undo.ledger.remove(p.At, p.Delete, "", 0, false)
		b.undo.ledger.insert(p.At, run{n: p.Inserted})
		b.shift(p)
	}
	return nil
}

// change applies a patch to the lines alone.
func (b *Buffer) change(p crdt.Patch) (removed string, err error) {
	if p.Num != b.seen+1 {
		return "", fmt.Errorf("patch %d after patch %d: %w", p.Num, b.seen, ErrReload)
	}
	if p.At < 0 || p.Delete < 0 || p.At+p.Delete > b.Len() {
		return "", fmt.Errorf("patch %d at %d of %d, removing %d: %w", p.Num, p.At, b.Len(), p.Delete, ErrReload)
	}
	b.seen = p.Num
	return b.text.splice(p.At, p.Delete, p.Insert), nil
}

// shift moves everything that has a place, except the ledger.
func (b *Buffer) shift(p crdt.Patch) {
	b.caret, b.anchor = carry(b.caret, b.anchor, p)
	for _, m := range b.marks {
		m.At = p.Shift(m.At, m.Sticky)
	}
	for i := range b.remotes {
		b.remotes[i] = b.remotes[i].After(p)
	}
}

// edit asks the document to replace n code points at a place and applies what
// comes back. record is told of each own patch, with what it removed, and
// after all of it the caret is behind what was inserted.
func (b *Buffer) edit(at, n int, text string, record func(p crdt.Patch, removed string)) error {
	patches, own, err := b.doc.Edit(crdt.Edit{Seen: b.seen, At: at, Delete: n, Insert: text})
	if err != nil {
		return fmt.Errorf("edit %d code points at %d: %w", n, at, err)
	}
	others := 0
	for others < len(patches) && patches[others].Num < own {
		others++
	}
	if err := b.Apply(patches[:others]); err != nil {
		return err
	}
	for _, p := range patches[others:] {
		if p.Num <= b.seen {
			continue
		}
		removed, err := b.change(p)
		if err != nil {
			return err
		}
		record(p, removed)
		b.shift(p)
		b.caret = p.At + p.Inserted
		b.anchor = b.caret
	}
	return nil
}

// Insert types text over the selection, at a time that tells which of several
// go together when they are undone.
func (b *Buffer) Insert(now time.Time, text string) error {
	from, to := b.Selection()
	if text == "" && from == to {
		return nil
	}
	return b.replace(now, typing, from, to-from, text)
}

// Newline types a line break.
func (b *Buffer) Newline(now time.Time) error { return b.Insert(now, "\n") }

// Paste puts text over the selection as one thing to undo. Line ends become
// newlines, bytes that are not UTF-8 the replacement character.
func (b *Buffer) Paste(now time.Time, text string) error {
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.ReplaceAll(text, "\r", "\n")
	from, to := b.Selection()
	if text == "" && from == to {
		return nil
	}
	return b.replace(now, alone, from, to-from, text)
}

// Cut removes the selection and returns it.
func (b *Buffer) Cut(now time.Time) (string, error) {
	from, to := b.Selection()
	if from == to {
		return "", nil
	}
	text := b.Slice(from, to)
	return text, b.replace(now, alone, from, to-from, "")
}

// Backspace removes the selection, or what is before the caret.
func (b *Buffer) Backspace(now time.Time, by Unit) error {
	return b.erase(now, b.step(b.caret, by, false))
}

// Delete removes the selection, or what is after the caret.
func (b *Buffer) Delete(now time.Time, by Unit) error {
	return b.erase(now, b.step(b.caret, by, true))
}

func (b *Buffer) erase(now time.Time, to int) error {
	from := b.caret
	if b.caret != b.anchor {
		to = b.anchor
	}
	from, to = min(from, to), max(from, to)
	if from == to {
		return nil
	}
	return b.replace(now, erasing, from, to-from, "")
}

// replace is an action of the person: one edit that can be undone.
func (b *Buffer) replace(now time.Time, k kind, at, n int, text string) error {
	group := b.undo.group(now, k, n > 0, text)
	return b.edit(at, n, text, func(p crdt.Patch, removed string) {
		b.undo.note(group, p, removed)
	})
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
