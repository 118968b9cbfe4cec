package crdt

import (
	"fmt"
	"time"

	"starling/crdt/format"
	"starling/crdt/guard"
	"starling/crdt/opid"
	"starling/crdt/opset"
)

// found makes the text under `content`, in a change of its own.
func (w *author) found() error {
	if _, err := w.add(format.Op{Key: format.Key{Map: true, Name: guard.ContentKey}, Action: format.MakeText}); err != nil {
		return err
	}
	if err := w.commit(); err != nil {
		return err
	}
	w.d.findText()
	return nil
}

// FoundImport makes the first change of ours in a document that already holds
// all changes of a foreign file: it builds on them all and says which root key
// holds the text, which is the one returned: `content`, else `text`, else that
// of the longest text at the root. If the file holds no text, an empty one is
// made under `content`; if the file has something else there, nobody takes the
// change. So the caller asks a second document what it says to it.
func (d *Document) FoundImport(now time.Time) (c Change, key string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.broken {
		return Change{}, "", fmt.Errorf("found document %v: %w", d.id, ErrBroken)
	}
	if d.graph.Last(d.me) > 0 {
		return Change{}, "", fmt.Errorf("found document %v: %w", d.id, ErrFounded)
	}
	if n := len(d.graph.Heads()); n > format.MaxDeps {
		return Change{}, "", fmt.Errorf("found document %v on %d heads: %w", d.id, n, format.ErrLimit)
	}
	w := d.newAuthor(now.Unix(), "")
	if key, err = w.foundImport(); err != nil {
		return Change{}, "", d.fail("found", err)
	}
	return w.changes[0], key, nil
}

func (w *author) foundImport() (key string, err error) {
	key = w.d.textKeyOfFile()
	switch key {
	case "":
		key = guard.ContentKey
		return key, w.found()
	case guard.ContentKey:
		err = w.enter(w.next, nil)
	default:
		_, err = w.add(format.Op{
			Key: format.Key{Map: true, Name: guard.TextKey}, Action: format.Set,
			Value: format.Value{Type: format.String, Raw: []byte(key)},
		})
		if err == nil {
			err = w.commit()
		}
	}
	w.d.findText()
	return key, err
}

// textKeyOfFile is the root key of the text in what a foreign file holds, "" if
// there is none.
func (d *Document) textKeyOfFile() string {
	longest, length := "", -1
	for _, key := range d.set.Keys(opid.ID{}, nil) {
		obj, ok := d.textAt(key)
		if !ok {
			continue
		}
		if key == guard.ContentKey {
			return key
		}
		n := d.set.Text(obj).Len()
		if key == "text" {
			n = 1<<63 - 1
		}
		if n > length {
			longest, length = key, n
		}
	}
	return longest
}

// textAt returns the text under a root key.
func (d *Document) textAt(key string) (opid.ID, bool) {
	v, _, _ := d.set.Get(opid.ID{}, key, nil)
	o, ok := v.Data.(opset.Object)
	return o.ID, ok && o.Kind == opset.Text
}

// findText finds out which object is the document's text, and reports whether
// that is another one than before.
func (d *Document) findText() bool {
	obj, ok := d.textAt(d.textKey())
	if !ok || obj == d.textObj {
		return false
	}
	d.textObj, d.text = obj, d.set.Text(obj)
	d.set.Watch(obj)
	d.cached = false
	return true
}

// textKey is the root key under which the text is.
func (d *Document) textKey() string {
	v, _, _ := d.set.Get(opid.ID{}, guard.TextKey, nil)
	if key, ok := v.Data.(string); ok {
		return key
	}
	return guard.ContentKey
}

// reserved reports whether a root key says which text is the document's.
func reserved(key string) bool { return key == guard.ContentKey || key == guard.TextKey }
