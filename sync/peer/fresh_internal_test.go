package peer

import (
	"errors"
	"strings"
	"testing"

	"starling/crdt"
	"starling/crdt/format"
	"starling/sync/identity"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// founder is a member who founds a document elsewhere.
type founder struct {
	id    *identity.Identity
	space SpaceID
	doc   crdt.DocID
	nonce trust.Nonce
	actor crdt.ActorID
}

func newFounder(t *testing.T, p *Peer, space SpaceID) founder {
	t.Helper()
	f := founder{id: newMember(t, p, space, "Grace"), space: space, nonce: trust.Nonce{3}}
	f.doc = crdt.DocID(trust.DocumentID(space, f.id.ID(), f.nonce))
	actor := trust.ActorID(f.id.ID(), f.doc, f.nonce)
	f.actor = crdt.ActorID(actor[:])
	return f
}

func (f founder) sends(changes []crdt.Change, heads ...trust.Head) protocol.Received {
	r := protocol.Received{From: f.id.ID(), Space: f.space, Doc: f.doc, Heads: heads}
	for _, c := range changes {
		r.Chunks = append(r.Chunks, c.Bytes)
	}
	return r
}

func (f founder) head(c crdt.Change) trust.Head {
	return trust.SignHead(f.id, f.space, f.doc, f.nonce, c.Seq, c.Hash, nil)
}

// types begins the document, and writes a text in it key by key.
func (f founder) types(t *testing.T, text string) []crdt.Change {
	t.Helper()
	doc, err := crdt.Open(crdt.Config{ID: f.doc, Actor: f.actor})
	if err != nil {
		t.Fatal(err)
	}
	begun, err := doc.Found(noon)
	if err != nil {
		t.Fatal(err)
	}
	changes := []crdt.Change{begun}
	for i, r := range text {
		_, seen := doc.Text()
		out, err := doc.Edit(crdt.Edit{Seen: seen, At: i, Insert: string(r)}, noon)
		if err != nil {
			t.Fatal(err)
		}
		changes = append(changes, out.Changes...)
	}
	return changes
}

// A new document is listed, found and written in as soon as it is there, and was
// opened for none of that.
func TestANewDocumentComesInOneStep(t *testing.T) {
	p, space := alone(t)
	catchUp := resting(t, p)
	f := newFounder(t, p, space)
	const text = "starlings\nsing"
	changes := f.types(t, text)
	p.mustReceive(t, f.sends(changes, f.head(changes[len(changes)-1])))
	if p.docs.isOpen(f.doc) {
		t.Error("it was opened")
	}
	wantBehind(t, p, 0)
	d, err := p.Document(t.Context(), f.doc)
	if err != nil || d.Title != "starlings" {
		t.Errorf("it is listed as %q: %v", d.Title, err)
	}
	if hits, _, err := p.Search(t.Context(), "sing", 9); err != nil || len(hits) != 1 {
		t.Errorf("%d hits: %v", len(hits), err)
	}
	if left, err := p.store.Unindexed(t.Context()); err != nil || len(left) != 0 {
		t.Errorf("the search lacks changes of %d documents: %v", len(left), err)
	}
	catchUp()
	opened, err := p.OpenDocument(t.Context(), f.doc)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	wantText(t, opened, text)
	if err := opened.Write(t.Context(), text+"!"); err != nil {
		t.Error(err)
	}
}

// What is not plain of a new document is taken like everything else.
func TestANewDocumentThatIsNotPlain(t *testing.T) {
	p, space := alone(t)
	catchUp := resting(t, p)
	f := newFounder(t, p, space)
	changes := f.types(t, "kept")
	last := &changes[len(changes)-1]
	read, err := format.ParseChange(last.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	read.Ops[0].Key.Elem.Counter = 4_000_000 // which the guard refuses
	if *last, err = crdt.ParseChange(read.Encode()); err != nil {
		t.Fatal(err)
	}
	p.mustReceive(t, f.sends(changes, f.head(*last)))
	wantBehind(t, p, 1) // the rows can't tell
	catchUp()
	opened, err := p.OpenDocument(t.Context(), f.doc)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	wantText(t, opened, "kep")
}

// A document that was founded with a file comes in together with its founding,
// though that comes later: whoever can read it can write in it.
func TestAFileComesWithItsFounding(t *testing.T) {
	p, space := alone(t)
	catchUp := resting(t, p)
	f := newFounder(t, p, space)
	file, begun := f.founds(t, "of another program")
	var heads []trust.Head
	for _, c := range file {
		heads = append(heads, trust.SignImportHead(f.id, space, f.doc, f.nonce, string(c.Actor), c.Seq, c.Hash, nil))
	}
	for i, c := range file {
		p.mustReceive(t, f.sends([]crdt.Change{c}, heads[i]))
		if _, err := p.OpenDocument(t.Context(), f.doc); !errors.Is(err, ErrNoDocument) {
			t.Fatalf("it is there before its founding: %v", err)
		}
	}
	p.mustReceive(t, f.sends([]crdt.Change{begun}, f.head(begun)))
	wantBehind(t, p, 0)
	catchUp()
	opened, err := p.OpenDocument(t.Context(), f.doc)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	wantText(t, opened, "of another program")
	if err := opened.Write(t.Context(), "mine"); err != nil {
		t.Error(err)
	}
}

// A file of which more comes than can wait is taken before its founding has come.
func TestALongFileDoesNotWaitForItsFounding(t *testing.T) {
	p, space := alone(t)
	f := newFounder(t, p, space)
	file, begun := f.founds(t, strings.Repeat("x", maxThings/2+100))
	last := file[len(file)-1]
	head := trust.SignImportHead(f.id, space, f.doc, f.nonce, string(last.Actor), last.Seq, last.Hash, nil)
	p.mustReceive(t, f.sends(file, head))
	// It may be open by now, to be caught up with: then it is committed soon.
	soon(t, "something of it is taken", func() bool { return len(p.store.Committed(f.doc)) > 0 })
	p.mustReceive(t, f.sends([]crdt.Change{begun}, f.head(begun)))
	soon(t, "the founding is taken", func() bool { return p.store.Committed(f.doc)[f.actor].Seq == 1 })
}

// founds makes a file of a text, typed key by key elsewhere, and founds the document
// with it.
func (f founder) founds(t *testing.T, text string) (file []crdt.Change, begun crdt.Change) {
	t.Helper()
	other := founder{doc: f.doc, actor: "other program"}
	file = other.types(t, text)
	for i := range file {
		file[i].Foreign = true
	}
	doc, err := crdt.Open(crdt.Config{ID: f.doc, Actor: f.actor, Founder: f.actor})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := doc.Apply(file); err != nil {
		t.Fatal(err)
	}
	begun, _, err = doc.FoundImport(noon)
	if err != nil {
		t.Fatal(err)
	}
	return file, begun
}
