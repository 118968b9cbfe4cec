package crdt

import (
	"fmt"
	"time"

	"starling/crdt/history"
)

// Restored is what restoring a version did.
type Restored struct {
	Edited
	// Left is how many parts of the text had to stay as they are, because they
	// are more than text: block markers and the like of other programs.
	Left int
}

// RestoreVersion makes the text that of a version again, as a new change whose
// message is `restore` and the version's ID. What is not in the version is
// deleted, by whomever it is; what was in it comes back with its first authors.
// The past stays what it was, and [Document.Undo] takes the whole back at once.
// seen is as in [Edit]. There are no changes if the text is that of the version.
func (d *Document) RestoreVersion(v Version, seen uint64, now time.Time) (Restored, error) {
	d.prepare()
	d.mu.Lock()
	defer d.mu.Unlock()
	fail := func(err error) (Restored, error) {
		return Restored{}, fmt.Errorf("restore version %v of document %v: %w", v.ID, d.id, err)
	}
	if err := d.ready(); err != nil {
		return fail(err)
	}
	newer, err := d.log.since(seen)
	if err != nil {
		return fail(err)
	}
	at, err := d.books().clock(v)
	if err != nil {
		return fail(err)
	}
	steps, left := history.Restore(d.text, at)
	w := d.newAuthor(now.Unix(), restoreMessage+v.ID.String())
	if err := w.take(steps); err != nil {
		return Restored{}, d.fail("restore a version of", err)
	}
	out, err := w.finish(newer)
	return Restored{out, left}, err
}
