package peer

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/identity"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// The founder of a document says that another member's actor is one of the file
// that it founded the document with, and tells so before the document's beginning.
// What that member really wrote must count all the same, on every peer.
func TestAFounderSpeaksForAnothersActor(t *testing.T) {
	const held, shown = "held before the beginning, as by an earlier version", "held before the beginning, and shown"
	whens := []string{
		"before the beginning", held, shown, "with the beginning", "with the beginning, and read", "behind the beginning", "behind what was written",
	}
	for _, when := range whens {
		p, space := alone(t)
		mallory, grace := newMember(t, p, space, "Mallory"), newMember(t, p, space, "Grace")
		nonce, hers := trust.Nonce{1}, trust.Nonce{2}
		doc := crdt.DocID(trust.DocumentID(space, mallory.ID(), nonce))
		founder, actor := trust.ActorID(mallory.ID(), doc, nonce), trust.ActorID(grace.ID(), doc, hers)

		begun := mustFound(t, doc, crdt.ActorID(founder[:]))
		forged := mustFound(t, doc, crdt.ActorID(actor[:]))
		d, err := crdt.Open(crdt.Config{ID: doc, Actor: crdt.ActorID(actor[:]), Changes: []crdt.Change{begun}, Founder: begun.Actor})
		if err != nil {
			t.Fatal(err)
		}
		_, seen := d.Text()
		wrote, err := d.Edit(crdt.Edit{Seen: seen, Insert: "honest"}, noon)
		if err != nil {
			t.Fatal(err)
		}
		send := func(from DeviceID, head trust.Head, chunks ...crdt.Change) {
			r := protocol.Received{From: from, Space: space, Doc: doc, Heads: []trust.Head{head}}
			for _, c := range chunks {
				r.Chunks = append(r.Chunks, c.Bytes)
			}
			_, _ = p.receive(t.Context(), r) // which may blame the sender
		}
		lie := trust.SignImportHead(mallory, space, doc, nonce, string(actor[:]), 1, forged.Hash, nil)
		start := trust.SignHead(mallory, space, doc, nonce, 1, begun.Hash, nil)
		switch when {
		case "before the beginning":
			send(mallory.ID(), lie, forged)
			if _, err := p.OpenDocument(t.Context(), doc); !errors.Is(err, ErrNoDocument) {
				t.Errorf("%s: it is there already: %v", when, err)
			}
			send(mallory.ID(), start, begun)
		case held, shown:
			p.store.Submit(store.Entry{
				Doc: doc, Space: space, Changes: []crdt.Change{forged}, Heads: []store.Head{toStoreHead(lie)}, Unchecked: true,
			})
			if err := p.store.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			if when == shown {
				d, err := p.OpenDocument(t.Context(), doc)
				if err != nil {
					t.Fatal(err)
				}
				defer d.Close()
			}
			send(mallory.ID(), start, begun)
		case "with the beginning", "with the beginning, and read":
			r := protocol.Received{
				From: mallory.ID(), Space: space, Doc: doc, Heads: []trust.Head{lie, start}, Chunks: [][]byte{forged.Bytes, begun.Bytes},
			}
			_, _ = p.receive(t.Context(), r)
			if when != "with the beginning" {
				_, _ = p.Text(t.Context(), doc) // before what is behind it comes
			}
		default:
			send(mallory.ID(), start, begun)
			if when == "behind the beginning" {
				send(mallory.ID(), lie, forged)
			}
		}
		send(grace.ID(), trust.SignHead(grace, space, doc, hers, 1, wrote.Changes[0].Hash, nil), wrote.Changes[0])
		if when == "behind what was written" {
			send(mallory.ID(), lie, forged)
		}
		opened, err := p.OpenDocument(t.Context(), doc)
		if err != nil {
			t.Errorf("%s: %v", when, err)
			continue
		}
		text, _ := opened.Snapshot()
		for end := time.Now().Add(30 * time.Second); !strings.Contains(text, "honest") && time.Now().Before(end); {
			runtime.Gosched() // it is read anew in the background
			text, _ = opened.Snapshot()
		}
		if !strings.Contains(text, "honest") {
			t.Errorf("%s: the text is %q", when, text)
		}
		opened.Close()
	}
}

func newMember(t *testing.T, p *Peer, space SpaceID, name string) *identity.Identity {
	t.Helper()
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.admit(t.Context(), space, Person{ID: id.ID(), Name: name}); err != nil {
		t.Fatal(err)
	}
	return id
}

func mustFound(t *testing.T, doc crdt.DocID, actor crdt.ActorID) crdt.Change {
	t.Helper()
	d, err := crdt.Open(crdt.Config{ID: doc, Actor: actor})
	if err != nil {
		t.Fatal(err)
	}
	c, err := d.Found(noon)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
