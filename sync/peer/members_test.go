package peer_test

import (
	"errors"
	"testing"

	"starling/crdt"
	"starling/sync/peer"
	"starling/sync/protocol"
)

// three are Ada, who owns a space, and Grace and Alan, who are in it.
func three(t *testing.T) (a, b, c *peer.Peer, space peer.SpaceID, doc crdt.DocID) {
	t.Helper()
	a, b, c = start(t, "Ada"), start(t, "Grace"), start(t, "Alan")
	space = newSpace(t, a)
	doc = newDoc(t, a, space, "hello")
	for _, p := range []*peer.Peer{b, c} {
		connect(t, a, p)
		pair(t, a, p, space)
	}
	connect(t, b, c)
	eventually(t, "all have the text", func() bool { return text(t, b, doc) == "hello" && text(t, c, doc) == "hello" })
	return a, b, c, space, doc
}

// Who is removed is told, keeps what they have, and gets nothing more; the others
// go on, with a new secret.
func TestARemovedPerson(t *testing.T) {
	a, b, c, space, doc := three(t)
	write(t, b, doc, "hello from Grace")
	eventually(t, "it arrives", func() bool { return text(t, a, doc) == "hello from Grace" && text(t, c, doc) == "hello from Grace" })
	if _, err := b.Remove(t.Context(), space, "Alan", peer.LineOptions{}); !errors.Is(err, peer.ErrNotOwner) {
		t.Errorf("an editor removed somebody: %v", err)
	}
	if _, err := a.Remove(t.Context(), space, "Grace", peer.LineOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "she hears of it", func() bool { return spaceOf(t, b, space).RemovedBy.Name == "Ada" })
	write(t, a, doc, "hello from Grace, and Ada")
	eventually(t, "the others go on", func() bool { return text(t, c, doc) == "hello from Grace, and Ada" })
	if got := text(t, b, doc); got != "hello from Grace" {
		t.Errorf("she holds %q", got)
	}
	if m := memberOf(t, c, space, b.ID()); !m.Removed {
		t.Errorf("the others see %+v", m)
	}
	eventually(t, "the others have a new secret", func() bool {
		return peer.Secrets(a, space) == 2 && peer.Secrets(c, space) == 2
	})
	if n := peer.Secrets(b, space); n != 1 {
		t.Errorf("she has %d secrets", n)
	}
	if _, err := b.ChangeRole(t.Context(), space, "Alan", "viewer", peer.LineOptions{}); !errors.Is(err, peer.ErrRemoved) {
		t.Errorf("she changed a role: %v", err)
	}
	// She may come back by the word of an owner, with what was written meanwhile.
	if err := a.AddMember(t.Context(), space, b.ID().String(), "viewer"); err != nil {
		t.Fatal(err)
	}
	if !connected(a, b.ID()) {
		connect(t, a, b)
	}
	eventually(t, "she is back", func() bool {
		return spaceOf(t, b, space).Role == "viewer" && text(t, b, doc) == "hello from Grace, and Ada"
	})
	eventually(t, "with the new secret", func() bool { return peer.Secrets(b, space) == 2 })
}

// A removal reaches those who were away: the removed one learns it from anyone
// who knows, and so does another member, who then has the new secret too.
func TestARemovalReachesThoseWhoWereAway(t *testing.T) {
	a, leave := startOnce(t, "Ada")
	c := start(t, "Alan")
	space := newSpace(t, a)
	doc := newDoc(t, a, space, "hello")
	homes := []string{t.TempDir(), t.TempDir()}
	var away []*peer.Peer
	for i, name := range []string{"Grace", "Edsger"} {
		p := open(t, homes[i], name)
		stop := run(t, p)
		connect(t, a, p)
		pair(t, a, p, space)
		eventually(t, "the text arrives", func() bool { return text(t, p, doc) == "hello" })
		stop()
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		away = append(away, p)
	}
	grace := away[0].ID()
	if _, err := a.Remove(t.Context(), space, grace.String(), peer.LineOptions{}); err != nil {
		t.Fatal(err)
	}
	connect(t, a, c)
	pair(t, a, c, space) // admitted after the renewal
	eventually(t, "he is in", func() bool { return text(t, c, doc) == "hello" })
	leave()
	b, d := startIn(t, homes[0], "Grace"), startIn(t, homes[1], "Edsger")
	connect(t, d, c) // they have never heard of each other
	eventually(t, "a member has the new secret", func() bool {
		return peer.Secrets(d, space) == 2 && memberOf(t, d, space, grace).Removed
	})
	connect(t, b, d)
	eventually(t, "she hears of it", func() bool { return spaceOf(t, b, space).RemovedBy.ID == a.ID() })
	write(t, c, doc, "hello, and what she is not to see")
	eventually(t, "the members go on", func() bool { return text(t, d, doc) == "hello, and what she is not to see" })
	if got := text(t, b, doc); got != "hello" {
		t.Errorf("she holds %q", got)
	}
}

func TestLeaving(t *testing.T) {
	a, b, c, space, doc := three(t)
	if _, err := a.LeaveSpace(t.Context(), space, peer.LineOptions{}); !errors.Is(err, peer.ErrLastOwner) {
		t.Errorf("the last owner left: %v", err)
	}
	if _, err := a.ChangeRole(t.Context(), space, "Ada", "editor", peer.LineOptions{}); !errors.Is(err, peer.ErrLastOwner) {
		t.Errorf("the last owner is none: %v", err)
	}
	if _, err := b.LeaveSpace(t.Context(), space, peer.LineOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := spaceOf(t, b, space); !got.Left || got.Role != "" || text(t, b, doc) != "hello" {
		t.Errorf("she sees %+v", got)
	}
	eventually(t, "the owner hears of it", func() bool { return memberOf(t, a, space, b.ID()).Removed })
	eventually(t, "those who stay have a secret that she does not know", func() bool {
		return peer.Secrets(a, space) == 2 && peer.Secrets(c, space) == 2
	})
	if n := peer.Secrets(b, space); n != 1 {
		t.Errorf("she has %d secrets", n)
	}
	if _, err := b.LeaveSpace(t.Context(), space, peer.LineOptions{}); !errors.Is(err, peer.ErrRemoved) {
		t.Errorf("she left twice: %v", err)
	}
	if !connected(b, a.ID()) {
		connect(t, b, a)
	}
	i := invite(t, a, space, peer.InviteOptions{Role: "viewer"})
	join(t, b, i)
	if got := spaceOf(t, b, space); got.Left || got.Role != "viewer" {
		t.Errorf("after her return she sees %+v", got)
	}
	if _, err := a.Remove(t.Context(), space, b.ID().String(), peer.LineOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "she hears of it", func() bool { return spaceOf(t, b, space).Role == "" })
	if _, err := b.Join(t.Context(), i.Link); !errors.Is(err, protocol.ErrInviteRemoved) {
		t.Errorf("one who was removed came back by a link: %v", err)
	}
}

func TestRoles(t *testing.T) {
	a, b, c, space, doc := three(t)
	if _, err := a.ChangeRole(t.Context(), space, "Grace", "viewer", peer.LineOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all know", func() bool {
		return spaceOf(t, b, space).Role == "viewer" && memberOf(t, c, space, b.ID()).Role == "viewer"
	})
	write(t, c, doc, "hello from Alan")
	eventually(t, "a viewer reads on", func() bool { return text(t, b, doc) == "hello from Alan" })
	for name, want := range map[string]error{"Nobody": peer.ErrNoMember, "": peer.ErrNoMember} {
		if _, err := a.ChangeRole(t.Context(), space, name, "viewer", peer.LineOptions{}); !errors.Is(err, want) {
			t.Errorf("the role of %q: %v", name, err)
		}
	}
	if _, err := a.ChangeRole(t.Context(), space, "Grace", "king", peer.LineOptions{}); !errors.Is(err, peer.ErrNoRole) {
		t.Errorf("a role that is none: %v", err)
	}
	if _, err := b.ChangeRole(t.Context(), space, "Alan", "owner", peer.LineOptions{}); !errors.Is(err, peer.ErrNotOwner) {
		t.Errorf("a viewer gave a role: %v", err)
	}
	if _, err := a.ChangeRole(t.Context(), space, "Grace", "owner", peer.LineOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "she owns it too", func() bool { return spaceOf(t, b, space).Role == "owner" })
	if _, err := a.LeaveSpace(t.Context(), space, peer.LineOptions{}); err != nil {
		t.Errorf("one of two owners could not leave: %v", err)
	}
}

// Somebody known is added to a further space without comparing a code again.
func TestAddingSomebodyKnown(t *testing.T) {
	a, b, _, _, _ := three(t)
	other := newSpace(t, a)
	if err := a.AddMember(t.Context(), other, "Grace", ""); err != nil {
		t.Fatal(err)
	}
	eventually(t, "she is in", func() bool { return spaceOf(t, b, other).Role == "editor" })
	if err := a.AddMember(t.Context(), other, "Nobody", ""); !errors.Is(err, peer.ErrNoPeer) {
		t.Errorf("added nobody: %v", err)
	}
	if err := b.AddMember(t.Context(), other, "Alan", ""); !errors.Is(err, peer.ErrNotOwner) {
		t.Errorf("an editor added somebody: %v", err)
	}
}
