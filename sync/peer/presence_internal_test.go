package peer

import (
	"testing"

	"starling/crdt"
	"starling/sync/protocol"
)

func TestCursorsGoWithTheText(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "hello world")
	a := newAuthor(t, d)
	a.admit(t)
	at := d.text().Vector().Seqs()
	p.presence(a.id.ID(), protocol.Presence{Space: space, Doc: d.id, Caret: 6, Anchor: 600, At: at})
	where := func(caret, anchor int) {
		t.Helper()
		o := d.Others()
		_, seen := d.Snapshot()
		if len(o) != 1 || o[0].Caret != caret || o[0].Anchor != anchor || o[0].Seen != seen {
			t.Fatalf("the cursors are %+v, want one at %d and %d after patch %d", o, caret, anchor, seen)
		}
	}
	where(6, 11)
	_, seen := d.Snapshot()
	if _, _, err := d.Edit(crdt.Edit{Seen: seen, Insert: "oh, "}); err != nil {
		t.Fatal(err)
	}
	where(10, 15)
	// It names a change that is not here: until then it stays where it was.
	changes := a.write(t, 0, "and ")
	at = a.doc.Vector().Seqs()
	p.presence(a.id.ID(), protocol.Presence{Space: space, Doc: d.id, Caret: 4, Anchor: 4, At: at})
	where(10, 15)
	d.mustReceive(t, a.sends(changes...))
	if o := d.Others(); len(o) != 1 || o[0].Caret == 10 {
		t.Fatalf("the cursor is not where it was said to be: %+v", o)
	}
	// What its owner writes at its place takes it along, what I write does not.
	o := d.Others()[0]
	d.mustReceive(t, a.sends(a.write(t, 4, "then ")...))
	where(o.Caret+5, o.Anchor+5)
	_, seen = d.Snapshot()
	if _, _, err := d.Edit(crdt.Edit{Seen: seen, At: o.Caret + 5, Insert: "mine"}); err != nil {
		t.Fatal(err)
	}
	where(o.Caret+5, o.Anchor+5)
	p.gone(a.id.ID())
	if o := d.Others(); len(o) != 0 || len(p.cursors) != 0 {
		t.Errorf("left: %+v, %v", o, p.cursors)
	}
}

// What a peer says of where it is takes little room, and only a member of the
// document's own space is shown.
func TestPresenceIsBounded(t *testing.T) {
	p, space := alone(t)
	other, err := p.NewSpace(t.Context(), "Other")
	if err != nil {
		t.Fatal(err)
	}
	d := begin(t, p, space, "x")
	a := newAuthor(t, d)
	if err := p.admit(t.Context(), other, Person{ID: a.id.ID()}); err != nil {
		t.Fatal(err)
	}
	p.presence(a.id.ID(), protocol.Presence{Space: space, Doc: d.id})
	p.presence(a.id.ID(), protocol.Presence{Space: other, Doc: d.id})
	if o := d.Others(); len(o) != 0 {
		t.Errorf("one from another space is shown: %+v", o)
	}
	for i := range 1000 {
		p.presence(a.id.ID(), protocol.Presence{Space: other, Doc: crdt.DocID{byte(i), byte(i >> 8)}})
	}
	if len(p.cursors) != maxPlaces {
		t.Errorf("in %d places", len(p.cursors))
	}
}

// One who closes a document is no longer there for those who come later.
func TestClosingIsLeaving(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "x")
	_, seen := d.Snapshot()
	d.Presence(1, 1, seen)
	if d.here == nil {
		t.Fatal("nothing is shown")
	}
	d.Close()
	if d.here != nil {
		t.Error("it still is")
	}
}
