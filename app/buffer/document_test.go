package buffer

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"starling/crdt"
)

// document is a document as a peer gives it to a buffer, in which somebody else
// writes too, at another computer.
type document struct {
	mine, other *crdt.Document
	toOther     []crdt.Change // mine that the other computer does not have

	now  time.Time
	rest time.Duration // how long the person here rests before each action
	err  error         // what every edit fails with, if not nil

	splices []crdt.Splice // of the last EditAll
}

// view returns a document with a text that the other person wrote, and a buffer
// over it. Nothing is undone together unless its rest is made shorter.
func view(text string) (*document, *Buffer) {
	d := &document{now: time.Unix(1_700_000_000, 0), rest: time.Minute}
	d.other = open("other")
	first, err := d.other.Found(d.now)
	fine(err)
	out, err := d.other.Edit(crdt.Edit{Insert: text}, d.now)
	fine(err)
	d.mine = open("mine", append([]crdt.Change{first}, out.Changes...)...)
	return d, New(d, text, 0)
}

func open(actor crdt.ActorID, changes ...crdt.Change) *crdt.Document {
	d, err := crdt.Open(crdt.Config{ID: crdt.DocID{1}, Actor: actor, Changes: changes})
	fine(err)
	return d
}

// fine ends the test of a document that cannot do what it always can.
func fine(err error) {
	if err != nil {
		panic(err)
	}
}

func (d *document) Edit(e crdt.Edit) ([]crdt.Patch, uint64, error) {
	return d.act(func() (crdt.Edited, error) { return d.mine.Edit(e, d.now) })
}

func (d *document) EditAll(seen uint64, splices []crdt.Splice) ([]crdt.Patch, uint64, error) {
	d.splices = splices
	return d.act(func() (crdt.Edited, error) { return d.mine.EditAll(seen, splices, d.now) })
}

func (d *document) Undo(seen uint64) ([]crdt.Patch, uint64, error) {
	return d.act(func() (crdt.Edited, error) { return d.mine.Undo(seen, d.now) })
}

func (d *document) Redo(seen uint64) ([]crdt.Patch, uint64, error) {
	return d.act(func() (crdt.Edited, error) { return d.mine.Redo(seen, d.now) })
}

func (d *document) act(do func() (crdt.Edited, error)) ([]crdt.Patch, uint64, error) {
	if d.err != nil {
		return nil, 0, d.err
	}
	d.now = d.now.Add(d.rest)
	out, err := do()
	d.toOther = append(d.toOther, out.Changes...)
	return out.Patches, out.Own, err
}

// put is an edit at the other computer, of the text as it is here, that comes in
// at once.
func (d *document) put(at, n int, text string) {
	_, err := d.other.Apply(d.toOther)
	fine(err)
	d.toOther = nil
	_, seen := d.other.Text()
	out, err := d.other.Edit(crdt.Edit{Seen: seen, At: at, Delete: n, Insert: text}, d.now)
	fine(err)
	_, err = d.mine.Apply(out.Changes)
	fine(err)
}

func (d *document) text() string {
	text, _ := d.mine.Text()
	return text
}

// since are the patches after the one numbered seen.
func (d *document) since(seen uint64) []crdt.Patch {
	patches, err := d.mine.Since(seen)
	fine(err)
	return slices.Clone(patches)
}

var errNo = errors.New("no")

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var alphabet = []string{
	"a", "b", " ", "\n", "word ", "é", "e\u0301", "👩‍👩‍👧", "漢字", "🇫🇷", "\t", "\r", "two\nlines\n", "\u200d", "_x1",
	"\n", "  in\n", "कि", "ที่", "שָׁ", "👍🏽",
}

func randomText(r *rand.Rand, pieces int) string {
	var out strings.Builder
	for range r.IntN(pieces + 1) {
		out.WriteString(alphabet[r.IntN(len(alphabet))])
	}
	return out.String()
}
