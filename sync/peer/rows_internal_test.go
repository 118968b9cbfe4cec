package peer

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/format"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// shut closes a document for good.
func shut(t *testing.T, d *Doc) {
	t.Helper()
	d.Close()
	soon(t, "it is closed", func() bool {
		d.index()
		d.p.docs.closeUnused(d.openDoc)
		return !d.p.docs.isOpen(d.id)
	})
	if err := d.p.store.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// resting has nothing caught up with in the background until the test says so.
func resting(t *testing.T, p *Peer) (catchUp func()) {
	t.Helper()
	p.behind.stop()
	return func() {
		p.behind.mu.Lock()
		clear(p.behind.noted) // all have rested
		p.behind.mu.Unlock()
		if next := p.behind.pass(t.Context(), p); next != 0 {
			t.Errorf("more to do in %v", next)
		}
	}
}

func (p *Peer) mustReceive(t *testing.T, r protocol.Received) crdt.Vector {
	t.Helper()
	want, err := p.receive(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return want
}

func wantBehind(t *testing.T, p *Peer, want int) {
	t.Helper()
	st, err := p.Status(t.Context())
	if err != nil || st.Behind != want {
		t.Errorf("%d documents are behind, want %d: %v", st.Behind, want, err)
	}
	if _, behind, err := p.Search(t.Context(), "word", 1); err != nil || behind != want {
		t.Errorf("the search says %d, want %d: %v", behind, want, err)
	}
}

// A document that is not open takes thousands of changes, in several messages
// and in a bad order, without being opened: they are stored and passed on. Text
// and search follow later.
func TestAClosedDocumentTakesChanges(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "begin\n")
	a := newAuthor(t, d)
	a.admit(t)
	catchUp := resting(t, p)
	shut(t, d)
	n := shorter(10_000, 2_000)
	var changes []crdt.Change
	for range n {
		changes = append(changes, a.write(t, 0, "w")...)
	}
	for i := n; i > 0; i -= 1000 {
		want := p.mustReceive(t, a.sends(changes[i-1000:i]...))
		if p.docs.isOpen(d.id) {
			t.Fatal("it was opened")
		}
		if (want != nil) != (i > 1000) {
			t.Errorf("with %d to come, asked for %v", i-1000, want)
		}
	}
	actor := changes[0].Actor
	if got := p.store.Committed(d.id)[actor]; got.Seq != uint64(n) {
		t.Errorf("acknowledged up to %d", got.Seq)
	}
	heads, err := p.store.HeadsSince(t.Context(), d.id, nil)
	if err != nil || len(heads) < 2 {
		t.Errorf("heads %v, %v", heads, err)
	}
	wantBehind(t, p, 1)
	catchUp()
	wantBehind(t, p, 0)
	if p.docs.isOpen(d.id) {
		t.Error("it stays open")
	}
	hits, _, err := p.Search(t.Context(), strings.Repeat("w", 20), 1)
	if err != nil || len(hits) != 1 {
		t.Errorf("the search finds %v, %v", hits, err)
	}
	if text, err := p.Text(t.Context(), d.id); err != nil || text != strings.Repeat("w", n)+"begin\n" {
		t.Errorf("a text of %d bytes, %v", len(text), err)
	}
}

// A title that came while a document was closed is in the list as soon as
// somebody opens the document, whoever else may catch up with it, and is told.
func TestATitleThatCameWhileClosed(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "old\n")
	a := newAuthor(t, d)
	a.admit(t)
	resting(t, p)
	shut(t, d)
	p.mustReceive(t, a.sends(a.write(t, 0, "new and ")...))
	events := p.Subscribe(16)
	defer events.Close()
	again, err := p.OpenDocument(t.Context(), d.id)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	soon(t, "all are told", func() bool {
		select {
		case e := <-events.C():
			return e == DocumentsChanged{space}
		default:
			return false
		}
	})
	docs, err := p.Documents(t.Context(), space)
	if err != nil || len(docs) != 1 || docs[0].Title != "new and old" {
		t.Errorf("the list has %v, %v", docs, err)
	}
}

// What rows can tell is refused at once and blamed on the sender, and costs
// nobody else's changes.
func TestRowsRefuse(t *testing.T) {
	tests := map[string]struct {
		change func(f *format.Change)
		blamed bool
	}{
		"the first operation's number": {func(f *format.Change) { f.StartOp += 3 }, true},
		"a seq that skips":             {func(f *format.Change) { f.Seq++ }, true},
		"a beginning":                  {func(f *format.Change) { f.Deps, f.StartOp = nil, 1 }, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, space := alone(t)
			d := begin(t, p, space, "safe\n")
			good, bad := newAuthor(t, d), newAuthor(t, d)
			good.admit(t)
			bad.admit(t)
			resting(t, p)
			shut(t, d)
			f, err := format.ParseChange(bad.write(t, 0, "evil")[0].Bytes)
			if err != nil {
				t.Fatal(err)
			}
			tt.change(f)
			evil, err := crdt.ParseChange(f.Encode())
			if err != nil {
				t.Fatal(err)
			}
			_, err = p.receive(t.Context(), bad.sends(evil))
			if errors.Is(err, protocol.ErrMalformed) != tt.blamed {
				t.Errorf("received: %v", err)
			}
			if _, err := p.receive(t.Context(), good.sends(good.write(t, 0, "good ")...)); err != nil {
				t.Error(err)
			}
			if p.docs.isOpen(d.id) {
				t.Error("it was opened")
			}
			soon(t, "it is set aside", func() bool { a, _ := p.store.Asides(t.Context()); return len(a) == 1 })
			if text, err := p.Text(t.Context(), d.id); err != nil || text != "good safe\n" {
				t.Errorf("%q, %v", text, err)
			}
		})
	}
}

// evil is a change that its rows say nothing against and the guard refuses.
func (a *author) evil(t *testing.T) crdt.Change {
	t.Helper()
	f, err := format.ParseChange(a.write(t, 1, "evil")[0].Bytes)
	if err != nil {
		t.Fatal(err)
	}
	f.Ops[0].Key.Elem.Counter = 4_000_000
	c, err := crdt.ParseChange(f.Encode())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A member's change passes the rows and fails the guard. It goes, with what
// builds on it, and the vector steps back; all else stays, and it does not come
// in again. Whoever passed it on is not to blame.
func TestWhatTheGuardRefusesLater(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "safe\n")
	good, bad := newAuthor(t, d), newAuthor(t, d)
	good.admit(t)
	bad.admit(t)
	catchUp := resting(t, p)
	shut(t, d)
	before := p.store.Committed(d.id)

	evil := bad.evil(t)
	f, err := format.ParseChange(evil.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	f.Seq, f.Deps, f.StartOp = 2, [][32]byte{evil.Hash}, evil.MaxOp+1
	next, err := crdt.ParseChange(f.Encode())
	if err != nil {
		t.Fatal(err)
	}
	message := bad.sends(evil, next)
	message.From = good.id.ID()
	p.mustReceive(t, message)
	p.mustReceive(t, good.sends(good.write(t, 0, "good ")...))
	if v := p.store.Committed(d.id); v[evil.Actor].Seq != 2 || len(v) != len(before)+2 {
		t.Errorf("held: %v", v)
	}
	catchUp()
	wantBehind(t, p, 0)
	for range 3 { // also when it comes again, to the closed and to the open document
		if v := p.store.Committed(d.id); v[evil.Actor].Seq != 0 || len(v) != len(before)+1 {
			t.Errorf("held: %v", v)
		}
		asides, err := p.store.Asides(t.Context())
		if err != nil || len(asides) != 2 {
			t.Errorf("%d set aside, %v", len(asides), err)
		}
		if _, err := p.receive(t.Context(), message); err != nil {
			t.Errorf("one who passes it on is blamed: %v", err)
		}
		if text, err := p.Text(t.Context(), d.id); err != nil || text != "good safe\n" {
			t.Errorf("%q, %v", text, err)
		}
	}
	if _, err := p.receive(t.Context(), good.sends(good.write(t, 0, "more ")...)); err != nil {
		t.Error(err)
	}
	if text, _ := p.Text(t.Context(), d.id); text != "more good safe\n" {
		t.Errorf("%q", text)
	}
}

// What is left of an earlier run may be a document that is behind by nothing: all
// was refused, and the run ended before it said that it had caught up.
func TestBehindByNothing(t *testing.T) {
	p, space := alone(t)
	d := begin(t, p, space, "safe\n")
	bad := newAuthor(t, d)
	bad.admit(t)
	catchUp := resting(t, p)
	shut(t, d)
	evil := bad.evil(t)
	p.mustReceive(t, bad.sends(evil))
	if _, err := p.store.Refuse(t.Context(), d.id, []crdt.Hash{evil.Hash}, "no"); err != nil {
		t.Fatal(err)
	}
	wantBehind(t, p, 1)
	catchUp()
	wantBehind(t, p, 0)
}

// The process ends between storing and catching up: the next one catches up by
// itself.
func TestAnEndBeforeCatchingUp(t *testing.T) {
	home := t.TempDir()
	open := func() *Peer {
		p, err := Open(t.Context(), Config{Home: home, Name: "Ada", Make: true, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := open()
	space, err := p.NewSpace(t.Context(), "Notes")
	if err != nil {
		t.Fatal(err)
	}
	d := begin(t, p, space, "safe\n")
	good, bad := newAuthor(t, d), newAuthor(t, d)
	good.admit(t)
	bad.admit(t)
	p.behind.stop()
	shut(t, d)
	p.mustReceive(t, good.sends(good.write(t, 0, "good ")...))
	p.mustReceive(t, bad.sends(bad.evil(t)))
	wantBehind(t, p, 1)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	p = open()
	soon(t, "it has caught up", func() bool { st, err := p.Status(t.Context()); return err == nil && st.Behind == 0 })
	hits, _, err := p.Search(t.Context(), "good", 1)
	if err != nil || len(hits) != 1 {
		t.Errorf("the search finds %v, %v", hits, err)
	}
	if text, err := p.Text(t.Context(), d.id); err != nil || text != "good safe\n" {
		t.Errorf("%q, %v", text, err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
}

// A document that nobody here knows comes in pieces, the last first, and is
// founded from rows. It gets its title soon, without anybody opening it.
func TestANewDocumentFromRows(t *testing.T) {
	p, space := alone(t)
	from, fromSpace := alone(t)
	template := begin(t, from, fromSpace, "")
	a := newAuthor(t, template)
	if err := p.admit(t.Context(), space, Person{ID: a.id.ID(), Name: "Grace"}); err != nil {
		t.Fatal(err)
	}
	id := crdt.DocID(trust.DocumentID(space, a.id.ID(), a.nonce))
	actor := trust.ActorID(a.id.ID(), id, a.nonce)
	doc, err := crdt.Open(crdt.Config{ID: id, Actor: crdt.ActorID(actor[:])})
	if err != nil {
		t.Fatal(err)
	}
	first, err := doc.Found(noon)
	if err != nil {
		t.Fatal(err)
	}
	out, err := doc.Edit(crdt.Edit{Insert: "# Title\n"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	last := out.Changes[len(out.Changes)-1]
	send := func(c crdt.Change, heads ...trust.Head) crdt.Vector {
		return p.mustReceive(t, protocol.Received{From: a.id.ID(), Space: space, Doc: id, Chunks: [][]byte{c.Bytes}, Heads: heads})
	}
	if want := send(last, trust.SignHead(a.id, space, id, a.nonce, last.Seq, last.Hash, nil)); want == nil {
		t.Error("nothing is asked for")
	}
	if docs, _ := p.Documents(t.Context(), space); len(docs) != 0 {
		t.Errorf("there is %v", docs)
	}
	if want := send(first); want != nil {
		t.Errorf("asked for what %v lacks", want)
	}
	soon(t, "it has a title", func() bool {
		docs, _ := p.Documents(t.Context(), space)
		return len(docs) == 1 && docs[0].Title == "Title"
	})
	soon(t, "it is closed again", func() bool { return !p.docs.isOpen(id) })
	if n := len(p.room.taken) + len(p.docs.boxes); n != 0 {
		t.Errorf("%d things are left", n)
	}
}

// While somebody elsewhere writes in a closed document, it is not opened for
// each key, but now and then.
func TestALiveDocumentRests(t *testing.T) {
	var c catcher
	c.wake = make(chan struct{}, 1)
	id, now := crdt.DocID{1}, noon
	if got := c.rest(id, now, false); got != 0 {
		t.Errorf("one of an earlier run rests %v", got)
	}
	var waited time.Duration
	for range 1000 {
		c.note(id, false, now)
		if c.rest(id, now, false) <= 0 {
			break
		}
		now = now.Add(100 * time.Millisecond)
		waited += 100 * time.Millisecond
	}
	if waited != indexTime {
		t.Errorf("it is opened after %v of writing", waited)
	}
	other := crdt.DocID{2}
	c.note(other, false, now)
	if got := c.rest(other, now.Add(restTime), false); got > 0 {
		t.Errorf("at rest it still waits %v", got)
	}
	if got := c.rest(other, now.Add(restTime), true); got != liveRest {
		t.Errorf("while the person here writes it waits %v", got)
	}
	c.fail(other, now)
	if got := c.rest(other, now.Add(restTime), false); got <= 0 {
		t.Error("one that failed is tried at once")
	}
}

// The founder's word brings in the authors of a file, and nobody after them:
// once the founding change is held, an import head counts for nothing.
func TestImportHeadsCountUntilTheFounding(t *testing.T) {
	for _, open := range []bool{false, true} {
		p, space := alone(t)
		elsewhere, other := alone(t)
		founder := newAuthor(t, begin(t, elsewhere, other, "")) // a device and a nonce
		if err := p.admit(t.Context(), space, Person{ID: founder.id.ID(), Name: "Grace"}); err != nil {
			t.Fatal(err)
		}
		id := crdt.DocID(trust.DocumentID(space, founder.id.ID(), founder.nonce))
		file, err := crdt.Open(crdt.Config{ID: id, Actor: "foreign"})
		if err != nil {
			t.Fatal(err)
		}
		first, err := file.Found(noon)
		if err != nil {
			t.Fatal(err)
		}
		out, err := file.Edit(crdt.Edit{Insert: "theirs"}, noon)
		if err != nil {
			t.Fatal(err)
		}
		changes := append([]crdt.Change{first}, out.Changes...)
		for i := range changes {
			changes[i].Foreign = true
		}
		actor := trust.ActorID(founder.id.ID(), id, founder.nonce)
		doc, err := crdt.Open(crdt.Config{ID: id, Actor: crdt.ActorID(actor[:]), Founder: crdt.ActorID(actor[:])})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := doc.Apply(changes); err != nil {
			t.Fatal(err)
		}
		founding, _, err := doc.FoundImport(noon)
		if err != nil {
			t.Fatal(err)
		}
		imported := func(c crdt.Change) trust.Head {
			return trust.SignImportHead(founder.id, space, id, founder.nonce, string(c.Actor), c.Seq, c.Hash, nil)
		}
		send := func(heads []trust.Head, changes ...crdt.Change) error {
			r := protocol.Received{From: founder.id.ID(), Space: space, Doc: id, Heads: heads}
			for _, c := range changes {
				r.Chunks = append(r.Chunks, c.Bytes)
			}
			_, err := p.receive(t.Context(), r)
			return err
		}
		last := changes[len(changes)-1]
		own := trust.SignHead(founder.id, space, id, founder.nonce, 1, founding.Hash, nil)
		if err := send([]trust.Head{own}, founding, last, first); err != nil {
			t.Fatal(err)
		}
		if n := len(p.store.Committed(id)); n != 0 {
			t.Errorf("%d actors without the founder's word", n)
		}
		if err := send([]trust.Head{imported(last)}); err != nil {
			t.Fatal(err)
		}
		if text, err := p.Text(t.Context(), id); err != nil || text != "theirs" {
			t.Errorf("%q, %v", text, err)
		}
		devices, err := p.store.ActorDevices(t.Context(), id)
		if err != nil || len(devices) != 1 || devices[founding.Actor] != founder.id.ID() {
			t.Errorf("devices %v, %v", devices, err)
		}
		d, err := p.OpenDocument(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if !d.author("foreign").IsZero() || d.author(founding.Actor) != founder.id.ID() {
			t.Error("the authors are others")
		}
		if !open {
			shut(t, d)
		}
		out, err = file.Edit(crdt.Edit{Seen: out.Patches[0].Num, Insert: "later "}, noon)
		if err != nil {
			t.Fatal(err)
		}
		if err := send([]trust.Head{imported(out.Changes[0])}, out.Changes...); err != nil {
			t.Errorf("whoever passes it on is blamed: %v", err)
		}
		if err := p.store.Flush(t.Context()); err != nil || p.store.Committed(id)["foreign"].Seq != last.Seq {
			t.Errorf("held: %v, %v", p.store.Committed(id), err)
		}
		if text, err := p.Text(t.Context(), id); err != nil || text != "theirs" {
			t.Errorf("%q, %v", text, err)
		}
		d.Close()
	}
}
