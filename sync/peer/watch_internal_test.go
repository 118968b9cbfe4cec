package peer

import (
	"context"
	"testing"

	"starling/crdt"
	"starling/crdt/store"
)

// write makes an edit and an entry of it that is not submitted yet.
func (d *Doc) write(t *testing.T, text string) store.Entry {
	t.Helper()
	d.order.Lock()
	defer d.order.Unlock()
	_, seen := d.text().Text()
	out, err := d.text().Edit(crdt.Edit{Seen: seen, Insert: text}, noon)
	if err != nil {
		t.Fatal(err)
	}
	return d.prepare(store.Entry{Changes: out.Changes, Seal: d.sealer()}, enter(out.Patches, noon), DeviceID{})
}

// What one could read before a watch began is no news to it, although it was
// still on its way to the disk: told again, it would stand in the text twice.
func TestAWatchBeginsAfterWhatIsHeld(t *testing.T) {
	for name, hold := range map[string]func(*testing.T, *Doc) (release func()){
		"an entry that is being committed": func(t *testing.T, d *Doc) func() {
			e := d.write(t, "new ")
			open, done := make(chan struct{}), e.Done
			e.Done = func(heads []store.Head, err error) { <-open; done(heads, err) }
			d.p.store.Submit(e)
			return func() { close(open) }
		},
		"an entry that waits for the end of a batch": func(t *testing.T, d *Doc) func() {
			d.slot.inbox.mu.Lock()
			e := d.write(t, "new ")
			d.order.Lock()
			d.batch, d.after = true, []store.Entry{e}
			d.order.Unlock()
			return func() {
				defer d.slot.inbox.mu.Unlock()
				(&batch{d: d.openDoc}).end()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, space := alone(t)
			d := begin(t, p, space, "base\n")
			release := hold(t, d)
			base, seen := d.Snapshot()
			if base != "new base\n" {
				t.Fatalf("one reads %q", base)
			}
			watched := follow(t, d, base)
			_, _, err := d.Edit(crdt.Edit{Seen: seen, Insert: "last "})
			release()
			if err != nil {
				t.Fatal(err)
			}
			var got string
			soon(t, "the watcher has the last edit", func() bool { got = watched(); return len(got) >= len("last "+base) })
			if got != "last "+base {
				t.Errorf("a watch of %q leads to %q", base, got)
			}
		})
	}
}

// A watch can begin while the disk takes nothing.
func TestAWatchBeginsWhileTheDiskRefuses(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "base\n")
	d.mu.Lock()
	d.err = store.ErrNoSpace
	d.mu.Unlock()
	ctx, cancel := context.WithCancel(t.Context())
	began := false
	err := p.Watch(ctx, d.id, func() error { began = true; cancel(); return nil }, nil)
	if err != nil || !began {
		t.Errorf("began %v: %v", began, err)
	}
}
