package buffer

import (
	"fmt"
	"strings"

	"starling/crdt"
)

// take applies what an action of the person did, after what others did before.
// did is told of each patch of the action itself that is new, once everything has
// moved past it.
func (b *Buffer) take(patches []crdt.Patch, own uint64, did func(p crdt.Patch)) error {
	return b.apply(patches, func(p crdt.Patch) {
		if p.Num >= own {
			did(p)
		}
	})
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

// Paste puts text from outside over the selection, made one that a
// document can hold.
func (b *Buffer) Paste(text string) error { return b.Insert(clean(text)) }

// clean makes a text from outside one that a document can hold: line ends become
// newlines, and each run of bytes that are not UTF-8, lone surrogates among them,
// the replacement character.
func clean(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.ReplaceAll(text, "\r", "\n")
}

// Cut removes the selection and returns it.
func (b *Buffer) Cut() (string, error) {
	text := b.Selected()
	return text, b.Insert("")
}

// Backspace removes the selection, or what is before the caret. By [Character]
// that is a whole cluster, such as a flag, a family or a letter of Latin with its
// accents; but in scripts whose marks are typed as keys of their own, such as
// Thai, Hindi or Arabic, only the last mark.
func (b *Buffer) Backspace(by Unit) error {
	if by == Character {
		return b.erase(b.lastTyped(b.caret))
	}
	return b.erase(b.step(b.caret, by, false))
}

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
