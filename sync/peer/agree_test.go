package peer_test

import (
	"testing"

	"starling/crdt"
	"starling/crdt/format"
	"starling/sync/peer"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// A member's change that passes the rows and fails the guard reaches one who has
// the document closed, who passes it on to one who has it open. In the end both
// are without it, hold the same and stay connected, and what others wrote
// meanwhile is there.
func TestAllAgreeOnWhatIsRefused(t *testing.T) {
	a, b := start(t, "Ada"), start(t, "Grace")
	space := newSpace(t, a)
	doc := newDoc(t, a, space, "safe\n")
	connect(t, a, b)
	pair(t, a, b, space)
	eventually(t, "Grace has it", func() bool { return text(t, b, doc) == "safe\n" })
	open, err := a.OpenDocument(t.Context(), doc)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	id, _ := member(t, a, space)
	eventually(t, "Grace knows the member", func() bool {
		spaces, err := b.Spaces(t.Context())
		return err == nil && len(spaces[0].Members) == 3
	})
	eventually(t, "Grace has looked at it", func() bool { return status(t, b).Behind == 0 })
	eventually(t, "Grace has closed it", func() bool { peer.Shut(b, doc); return !peer.IsOpen(b, doc) })

	nonce, err := trust.NewNonce()
	if err != nil {
		t.Fatal(err)
	}
	stored, err := peer.Changes(t.Context(), a, doc)
	if err != nil {
		t.Fatal(err)
	}
	actor := trust.ActorID(id.ID(), doc, nonce)
	own, err := crdt.Open(crdt.Config{ID: doc, Actor: crdt.ActorID(actor[:]), Changes: stored})
	if err != nil {
		t.Fatal(err)
	}
	_, seen := own.Text()
	out, err := own.Edit(crdt.Edit{Seen: seen, At: 1, Insert: "evil"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	f, err := format.ParseChange(out.Changes[0].Bytes)
	if err != nil {
		t.Fatal(err)
	}
	f.Ops[0].Key.Elem.Counter = 4_000_000
	evil, err := crdt.ParseChange(f.Encode())
	if err != nil {
		t.Fatal(err)
	}
	err = peer.Receive(t.Context(), b, protocol.Received{
		From: id.ID(), Space: space, Doc: doc, Chunks: [][]byte{evil.Bytes},
		Heads: []trust.Head{trust.SignHead(id, space, doc, nonce, 1, evil.Hash, nil)},
	})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "Grace has passed it on unseen", func() bool { return peer.HasAside(a, evil.Bytes) })
	if _, _, err := open.Edit(crdt.Edit{Seen: seen, Insert: "more "}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "they agree", func() bool {
		held := peer.Held(a, doc)
		return len(held) == 1 && held.Equal(peer.Held(b, doc)) && text(t, b, doc) == "more safe\n"
	})
	if got := text(t, a, doc); got != "more safe\n" {
		t.Errorf("Ada has %q", got)
	}
	if peer.Sessions(a) != 1 || peer.Sessions(b) != 1 {
		t.Error("they are not connected any more")
	}
}
