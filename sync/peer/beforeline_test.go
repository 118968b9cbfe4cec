package peer_test

import (
	"fmt"
	"testing"

	"starling/crdt"
	"starling/sync/peer"
)

// Who has just come to a space by a link and takes writing away from its founder at
// once, while most documents are still on their way, empties none of them.
func TestANewcomersFirstLine(t *testing.T) {
	a, b := start(t, "Ada"), start(t, "Dot")
	space := newSpace(t, a)
	var docs []crdt.DocID
	for n := range 60 {
		docs = append(docs, newDoc(t, a, space, fmt.Sprint("text of document ", n)))
	}
	connect(t, b, a)
	invite, err := a.Invite(t.Context(), space, peer.InviteOptions{Role: "owner", Count: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Join(t.Context(), invite.Link); err != nil {
		t.Fatal(err)
	}
	report, err := b.ChangeRole(t.Context(), space, a.ID().String(), "viewer", peer.LineOptions{})
	if err != nil || report.Alone {
		t.Fatalf("%+v, %v", report, err)
	}
	eventually(t, "she hears of it", func() bool { return spaceOf(t, a, space).Role == "viewer" })
	for n, doc := range docs {
		for _, p := range []*peer.Peer{a, b} {
			if got, want := text(t, p, doc), fmt.Sprint("text of document ", n); got != want {
				t.Fatalf("document %d is %q with %s", n, got, p.Me().Name)
			}
		}
	}
	if waiting, err := a.WaitingDocuments(t.Context()); err != nil || len(waiting) > 0 {
		t.Errorf("something waits beside %d documents: %v", len(waiting), err)
	}
}
