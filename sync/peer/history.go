package peer

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"starling/crdt"
)

// Author is who made changes under the name of an actor. Person is theirs, as
// the roster and people here know them. An author of an imported file is nobody's
// device: its ID is zero, Imported is set, and its name tells it from the others.
type Author struct {
	Person
	Actor    crdt.ActorID
	Imported bool
}

// Author returns who an actor of the document is.
func (d *Doc) Author(actor crdt.ActorID) Author {
	device := d.author(actor)
	if device.IsZero() {
		return Author{Person: Person{Name: importedName(actor)}, Actor: actor, Imported: true}
	}
	return d.p.namedAuthor(Author{Person: d.p.who(device), Actor: actor})
}

// importedName is the start of an actor's ID, without the zeros in which those of
// some programs begin.
func importedName(actor crdt.ActorID) string {
	digits := strings.TrimLeft(actor.String(), "0")
	return "imported " + digits[:min(8, len(digits))]
}

// History returns the document's versions, as [crdt.Document.History] does.
func (d *Doc) History() []crdt.Version { return d.text().History() }

// minVersionDigits is how many digits find any version that [Doc.History] lists.
const minVersionDigits = 4

// FindVersion returns the version that a name or the start of an ID means, as
// [crdt.Document.FindVersion] does; four digits find one that is listed only
// because it has a name, too.
func (d *Doc) FindVersion(ref string) (crdt.Version, error) {
	doc := d.text()
	v, err := doc.FindVersion(ref)
	start := strings.ToLower(ref)
	partial := len(start) >= minVersionDigits && len(start) < hex.EncodedLen(len(v.ID))
	switch {
	case err != nil && !errors.Is(err, crdt.ErrNoVersion), !partial:
		return v, err
	case err == nil && !strings.HasPrefix(v.ID.String(), start):
		return v, nil // by its name
	}
	for _, row := range doc.History() {
		switch {
		case !strings.HasPrefix(row.ID.String(), start):
			continue
		case err == nil && row.ID != v.ID:
			return crdt.Version{}, fmt.Errorf("document %v: version %q: %w", d.id, ref, crdt.ErrAmbiguous)
		}
		v, err = crdt.Version{ID: row.ID, Heads: row.Heads}, nil
	}
	return v, err
}

// TextAt returns the text of a version.
func (d *Doc) TextAt(v crdt.Version) (string, error) { return d.text().TextAt(v) }

// Diff tells what became of the text from version a to version b.
func (d *Doc) Diff(a, b crdt.Version) ([]crdt.Piece, error) { return d.text().Diff(a, b) }

// Blame returns the lines of a version and who wrote each part of them.
func (d *Doc) Blame(v crdt.Version) ([]crdt.Line, error) { return d.text().Blame(v) }

// Pieces returns n code points of the text from place at on by who wrote them and,
// with deleted, what was deleted there, as [crdt.Document.Pieces] does; ok is false
// if the text is not that after patch number seen. It may be called on the UI
// goroutine.
func (d *Doc) Pieces(at, n int, seen uint64, deleted bool) (pieces []crdt.Piece, ok bool) {
	return d.text().Pieces(at, n, seen, deleted)
}

// RestoreVersion makes the text that of a version again, as
// [crdt.Document.RestoreVersion] says; left is how many parts of it had to stay
// as they are. The patches, and how it fails, are as with [Doc.Edit].
func (d *Doc) RestoreVersion(v crdt.Version, seen uint64) (patches []crdt.Patch, own uint64, left int, err error) {
	patches, own, err = d.act(func(doc *crdt.Document, now time.Time) (crdt.Edited, error) {
		out, err := doc.RestoreVersion(v, seen, now)
		left = out.Left
		return out.Edited, err
	})
	return patches, own, left, err
}

// NameVersion gives a version a name, for everybody.
func (d *Doc) NameVersion(name string, v crdt.Version) error {
	_, _, err := d.act(func(doc *crdt.Document, now time.Time) (crdt.Edited, error) {
		return doc.NameVersion(name, v, now)
	})
	return err
}

// ForgetVersionName takes a name away from a version, which stays.
func (d *Doc) ForgetVersionName(name string) error {
	_, _, err := d.act(func(doc *crdt.Document, now time.Time) (crdt.Edited, error) {
		return doc.ForgetVersionName(name, now)
	})
	return err
}
