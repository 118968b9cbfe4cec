package buffer

import (
	"errors"
	"math/rand/v2"
	"time"

	"starling/crdt"
)

// fakeDocument keeps the contract of [Document] over runes in a slice.
type fakeDocument struct {
	text    []rune
	patches []crdt.Patch
	err     error
}

func (d *fakeDocument) Edit(e crdt.Edit) ([]crdt.Patch, uint64, error) {
	if d.err != nil {
		return nil, 0, d.err
	}
	from, to := e.At, e.At+e.Delete
	for _, p := range d.patches[e.Seen:] {
		to = p.Shift(to, true)
		from = p.Shift(from, false)
		if e.Delete == 0 || from > to {
			to = from
		}
	}
	if from < 0 || to > len(d.text) {
		return nil, 0, crdt.ErrOutside
	}
	own := uint64(len(d.patches)) + 1
	if from != to || e.Insert != "" {
		d.put(from, to-from, e.Insert)
	}
	return d.patches[e.Seen:], own, nil
}

// put is an edit by someone else.
func (d *fakeDocument) put(at, n int, text string) {
	in := []rune(text)
	d.patches = append(d.patches, crdt.Patch{
		Num: uint64(len(d.patches)) + 1, At: at, Delete: n, Insert: text, Inserted: len(in),
	})
	d.text = append(d.text[:at:at], append(in, d.text[at+n:]...)...)
}

// at is an hour in which nothing is undone together, counted in seconds.
func at(second int) time.Time { return time.Unix(int64(second), 0) }

func view(text string) (*fakeDocument, *Buffer) {
	d := &fakeDocument{text: []rune(text)}
	return d, New(d, text, 0)
}

var errNo = errors.New("no")

var alphabet = []string{
	"a", "b", " ", "\n", "word ", "é", "e\u0301", "👩‍👩‍👧", "漢字", "🇫🇷", "\t", "\r", "two\nlines\n", "\u200d", "_x1",
}

func randomText(r *rand.Rand, pieces int) string {
	var out string
	for range r.IntN(pieces + 1) {
		out += alphabet[r.IntN(len(alphabet))]
	}
	return out
}
