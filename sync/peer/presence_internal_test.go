package peer

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"starling/crdt"
	"starling/sync/protocol"
)

// says is where an author is, in the text as it has it.
func (a *author) says(t *testing.T, caret, other int) protocol.Presence {
	t.Helper()
	_, seen := a.doc.Text()
	return said(t, a.to.space, a.doc, caret, other, seen)
}

// said is a presence as it arrives.
func said(t *testing.T, space SpaceID, doc *crdt.Document, caret, other int, seen uint64) protocol.Presence {
	t.Helper()
	pr, err := whereabouts(doc, Cursor{Caret: caret, Anchor: other, Seen: seen})
	if err != nil {
		t.Fatal(err)
	}
	pr.Space, pr.Doc, pr.At = space, doc.ID(), nil
	return pr
}

func (d *Doc) mustWrite(t *testing.T, at int, text string) {
	t.Helper()
	_, seen := d.Snapshot()
	if _, _, err := d.Edit(crdt.Edit{Seen: seen, At: at, Insert: text}); err != nil {
		t.Fatal(err)
	}
}

func TestCursorsGoWithTheText(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "hello world")
	a := newAuthor(t, d)
	a.admit(t)
	where := func(text string, typing bool) {
		t.Helper()
		o := d.Others()
		now, seen := d.Snapshot()
		if len(o) != 1 || o[0].Seen != seen || o[0].Typing != typing {
			t.Fatalf("the cursors are %+v, want one after patch %d", o, seen)
		}
		if got := marked(now, o[0].Caret, o[0].Anchor); got != text {
			t.Fatalf("the cursor is at %q, want %q", got, text)
		}
	}
	p.presence(a.id.ID(), a.says(t, 6, 11))
	where("hello |world[", false)
	d.mustWrite(t, 0, "oh, ")
	where("oh, hello |world[", false)
	d.mustWrite(t, 15, "!")
	d.mustWrite(t, 10, "big ")
	where("oh, hello big |world[!", false)
	// What its owner has written meanwhile is not here: until then it stays.
	changes := a.write(t, 0, "and ")
	p.presence(a.id.ID(), a.says(t, 4, 4))
	where("oh, hello big |world[!", false)
	d.mustWrite(t, 0, "> ")
	where("> oh, hello big |world[!", false)
	d.mustReceive(t, a.sends(changes...))
	a.restart(t)
	now, _ := d.Snapshot()
	at := strings.Index(now, "and ") + 4
	where(now[:at]+"|["+now[at:], false)
	// What its owner writes at its place takes it along, what I write does not.
	changes = a.write(t, at, "then ")
	d.mustReceive(t, a.sends(changes...))
	now, _ = d.Snapshot()
	where(now[:at+5]+"|["+now[at+5:], true)
	d.mustWrite(t, at+5, "mine")
	where(now[:at+5]+"|[mine"+now[at+5:], true)
	// Nor does what its owner wrote before they went there.
	changes = a.write(t, 2, "so ")
	p.presence(a.id.ID(), a.says(t, 2, 2))
	now, _ = d.Snapshot()
	where(now[:at+5]+"|["+now[at+5:], true)
	d.mustReceive(t, a.sends(changes...))
	now, _ = d.Snapshot()
	where(now[:2]+"|["+now[2:], false)
	p.gone(a.id.ID())
	if o := d.Others(); len(o) != 0 || len(p.cursors) != 0 {
		t.Errorf("left: %+v, %v", o, p.cursors)
	}
}

// marked is a text with | at a caret and [ at the other end of its selection.
func marked(text string, caret, other int) string {
	runes := []rune(text)
	if caret > other {
		return string(slices.Insert(slices.Insert(runes, caret, '|'), other, '['))
	}
	return string(slices.Insert(slices.Insert(runes, other, '['), caret, '|'))
}

// Three people write at once, mostly at one place, and one of them says where
// she is after each thing that she does. However her words and all changes
// arrive, in the end the others see her where she is.
func TestCursorsConverge(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 17))
		all := threeOpen(t, "hello")
		var made [3][]crdt.Change
		var words []protocol.Presence // of the first
		edit := func(i int) (caret int) {
			doc := all[i]
			text, seen := doc.Text()
			length := utf8.RuneCountInString(text)
			e := crdt.Edit{Seen: seen, At: min(length, 2+rng.IntN(2)), Insert: strings.Repeat(string("ABC"[i]), rng.IntN(3))}
			e.Delete = min(rng.IntN(3), length-e.At)
			out, err := doc.Edit(e, noon)
			if err != nil {
				t.Fatal(err)
			}
			made[i] = append(made[i], out.Changes...)
			return e.At + len(e.Insert)
		}
		for range 5 {
			caret := edit(0)
			text, seen := all[0].Text()
			other := caret
			if rng.IntN(2) == 0 {
				caret, other = rng.IntN(len(text)+1), rng.IntN(len(text)+1)
			}
			words = append(words, said(t, SpaceID{}, all[0], caret, other, seen))
			edit(1)
			edit(2)
		}
		last := words[len(words)-1]
		var seenAs [3]string
		var texts [3]string
		for i, doc := range all {
			var c *cursor
			heard := 0
			deliver(t, rng, doc, i, made, func() bool { // between any two changes
				if i > 0 && heard < len(words) && rng.IntN(3) > 0 {
					if c == nil || c.places == nil {
						c = &cursor{Presence: words[heard]}
					} else {
						c.next = &words[heard]
					}
					heard++
				}
				if c != nil && rng.IntN(2) == 0 {
					c.carry(doc)
				}
				return i == 0 || heard == len(words)
			})
			texts[i], _ = doc.Text()
			if i == 0 {
				places, _, ok := doc.Places(last.Caret, last.End)
				if !ok {
					t.Fatal("she does not know where she is")
				}
				seenAs[i] = marked(texts[i], places[0], places[1])
				continue
			}
			if !c.carry(doc) || c.next != nil {
				t.Fatalf("seed %d: she is not seen: %+v", seed, c)
			}
			seenAs[i] = marked(texts[i], c.places[0], c.places[1])
		}
		if seenAs[1] != seenAs[0] || seenAs[2] != seenAs[0] {
			t.Fatalf("seed %d: she is at %q, and seen at %q and %q", seed, seenAs[0], seenAs[1], seenAs[2])
		}
	}
}

// threeOpen opens one document three times, each with an actor of its own.
func threeOpen(t *testing.T, text string) (all [3]*crdt.Document) {
	t.Helper()
	var begun []crdt.Change
	for i := range all {
		doc, err := crdt.Open(crdt.Config{ID: crdt.DocID{1}, Actor: crdt.ActorID("ABC"[i : i+1]), Changes: begun})
		if err != nil {
			t.Fatal(err)
		}
		all[i] = doc
		if i > 0 {
			continue
		}
		first, err := doc.Found(noon)
		if err != nil {
			t.Fatal(err)
		}
		out, err := doc.Edit(crdt.Edit{Insert: text}, noon)
		if err != nil {
			t.Fatal(err)
		}
		begun = append([]crdt.Change{first}, out.Changes...)
	}
	return all
}

// deliver brings the others' changes to a document, in any order that keeps each
// author's, and calls between before each until that is done too.
func deliver(t *testing.T, rng *rand.Rand, doc *crdt.Document, me int, made [3][]crdt.Change, between func() bool) {
	t.Helper()
	made[me] = nil
	for {
		done := between()
		var from []int
		for i, left := range made {
			if len(left) > 0 {
				from = append(from, i)
			}
		}
		if len(from) == 0 {
			if done {
				return
			}
			continue
		}
		i := from[rng.IntN(len(from))]
		if _, err := doc.Apply(made[i][:1]); err != nil {
			t.Fatal(err)
		}
		made[i] = made[i][1:]
	}
}

// A place is kept that was told before there is a text to see it in.
func TestACursorInATextToCome(t *testing.T) {
	a, err := crdt.Open(crdt.Config{ID: crdt.DocID{1}, Actor: "A"})
	if err != nil {
		t.Fatal(err)
	}
	b, err := crdt.Open(crdt.Config{ID: crdt.DocID{1}, Actor: "B"})
	if err != nil {
		t.Fatal(err)
	}
	early := cursor{Presence: said(t, SpaceID{}, a, 0, 0, 0)}
	if early.carry(b) {
		t.Fatalf("seen in no text: %+v", early)
	}
	first, err := a.Found(noon)
	if err != nil {
		t.Fatal(err)
	}
	empty := cursor{Presence: said(t, SpaceID{}, a, 0, 0, 0)}
	if empty.carry(b) {
		t.Fatalf("seen ahead of the text: %+v", empty)
	}
	if _, err := b.Apply([]crdt.Change{first}); err != nil {
		t.Fatal(err)
	}
	out, err := b.Edit(crdt.Edit{Insert: "hello"}, noon)
	if err != nil || len(out.Patches) != 1 {
		t.Fatal(out, err)
	}
	for _, c := range []*cursor{&early, &empty} {
		if !c.carry(b) || c.places[0] != 0 || c.places[1] != 0 {
			t.Errorf("at the start of a text: %+v", c)
		}
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
	d.Presence(Cursor{Caret: 1, Anchor: 1, Seen: seen})
	if d.here == nil {
		t.Fatal("nothing is shown")
	}
	d.Close()
	if d.here != nil {
		t.Error("it still is")
	}
}

// The first row in somebody's view stays the one that it is, whatever is written
// above it or deleted with it. At the text's start it stays there.
func TestViewsGoWithTheText(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "one\ntwo\nthree\n")
	a := newAuthor(t, d)
	a.admit(t)
	looks := func(top int) {
		t.Helper()
		_, seen := a.doc.Text()
		pr, err := whereabouts(a.doc, Cursor{Caret: 9, Anchor: 9, Top: top, HasTop: true, Seen: seen})
		if err != nil {
			t.Fatal(err)
		}
		pr.Space, pr.Doc, pr.At = space, d.id, nil
		p.presence(a.id.ID(), pr)
	}
	sees := func(want string) {
		t.Helper()
		o := d.Others()
		now, _ := d.Snapshot()
		if len(o) != 1 || !o[0].HasTop || string([]rune(now)[o[0].Top:]) != want {
			t.Fatalf("the view is %+v in %q, want it from %q", o, now, want)
		}
	}
	looks(4)
	sees("two\nthree\n")
	d.mustWrite(t, 4, "more\n")
	sees("two\nthree\n")
	d.mustWrite(t, 10, "!")
	sees("t!wo\nthree\n")
	_, seen := d.Snapshot()
	if _, _, err := d.Edit(crdt.Edit{Seen: seen, At: 9, Delete: 4}); err != nil {
		t.Fatal(err)
	}
	sees("\nthree\n")
	looks(0)
	d.mustWrite(t, 0, "> ")
	sees("> one\nmore\n\nthree\n")
	// What is named beside no character that ever was is waited for.
	pr := a.says(t, 2, 2)
	pr.Top = &crdt.Anchor{Actor: pr.Actor, Counter: 1 << 31}
	p.presence(a.id.ID(), pr)
	sees("> one\nmore\n\nthree\n")
}

// Everyone in the space is seen where they are, also those who only read; nobody
// else is.
func TestWhoIsSeen(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "hello world")
	for _, role := range []string{"owner", "editor", "commenter", "viewer", "removed", ""} {
		a := newAuthor(t, d)
		if role != "" {
			a.admit(t)
		}
		var err error
		switch name := a.id.ID().String(); role {
		case "":
		case "removed":
			_, err = p.Remove(t.Context(), space, name, LineOptions{})
		default:
			_, err = p.ChangeRole(t.Context(), space, name, role, LineOptions{})
		}
		if err != nil {
			t.Fatal(err)
		}
		says := a.says(t, 6, 11)
		says.Typing = true
		p.presence(a.id.ID(), says)
		o := d.Others()
		in := role != "" && role != "removed"
		if seen := len(o) == 1 && o[0].ID == a.id.ID() && o[0].Caret == 6 && o[0].Anchor == 11; seen != in {
			t.Errorf("%q: seen are %+v", role, o)
		}
		if writes := role == "owner" || role == "editor"; len(o) > 0 && o[0].Typing != writes {
			t.Errorf("%q is typing: %v", role, o[0].Typing)
		}
		if got := len(p.Readers()[d.id]) > 0; got != in {
			t.Errorf("%q among the readers: %v", role, got)
		}
		p.gone(a.id.ID())
	}
}
