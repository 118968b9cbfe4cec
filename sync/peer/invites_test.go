package peer_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"starling/sync/peer"
	"starling/sync/protocol"
)

// A link lets somebody in whom nobody here has met, in the role that it names,
// and the inviter sees who came. It is good once.
func TestALinkLetsSomebodyIn(t *testing.T) {
	a, b, c := start(t, "Ada"), start(t, "Grace"), start(t, "Alan")
	space := newSpace(t, a)
	doc := newDoc(t, a, space, "hello")
	i := invite(t, a, space, peer.InviteOptions{Role: "viewer", Count: 1, Expires: time.Hour})
	if strings.Contains(i.Link, "Notes") || i.Role != "viewer" || i.Count != 1 || len(i.Came) > 0 || i.By.ID != a.ID() {
		t.Errorf("the invitation is %+v", i)
	}
	if got := join(t, b, i); got != space {
		t.Fatalf("joined %v", got)
	}
	eventually(t, "the text arrives", func() bool { return text(t, b, doc) == "hello" })
	if got := spaceOf(t, b, space); got.Role != "viewer" || len(got.Members) != 2 {
		t.Errorf("the newcomer sees %+v", got)
	}
	all, err := a.Invites(t.Context(), space)
	if err != nil || len(all) != 1 || len(all[0].Came) != 1 || all[0].Came[0].Name != "Grace" {
		t.Errorf("the inviter sees %+v, %v", all, err)
	}
	if _, err := c.Join(t.Context(), i.Link); !errors.Is(err, protocol.ErrInviteUsed) {
		t.Errorf("used twice: %v", err)
	}
	if _, err := b.Join(t.Context(), i.Link); err != nil {
		t.Errorf("the same one again: %v", err)
	}
}

func TestLinksThatAreNotRedeemed(t *testing.T) {
	a, b := start(t, "Ada"), start(t, "Grace")
	space := newSpace(t, a)
	cancelled := invite(t, a, space, peer.InviteOptions{})
	if err := a.CancelInvite(t.Context(), space, cancelled.Hash[:8]); err != nil {
		t.Fatal(err)
	}
	expired := invite(t, a, space, peer.InviteOptions{Expires: time.Nanosecond})
	tests := map[string]struct {
		link string
		want error
	}{
		"taken back": {cancelled.Link, protocol.ErrInviteCancelled},
		"expired":    {expired.Link, protocol.ErrInviteExpired},
	}
	for name, tt := range tests {
		if _, err := b.Join(t.Context(), tt.link); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, _ := b.Spaces(t.Context()); len(got) != 0 {
		t.Errorf("in %v", got)
	}
	if m := spaceOf(t, a, space).Members; len(m) != 1 {
		t.Errorf("members %v", m)
	}
	if err := a.CancelInvite(t.Context(), space, "0123456789"); !errors.Is(err, peer.ErrNoInvite) {
		t.Errorf("cancelled nothing: %v", err)
	}
	for _, o := range []peer.InviteOptions{{Role: "king"}, {Count: -1}} {
		if _, err := a.Invite(t.Context(), space, o); err == nil {
			t.Errorf("invited with %+v", o)
		}
	}
}

// The inviter is not there when the link is opened, and comes later.
func TestTheInviterComesLater(t *testing.T) {
	a, stop := startOnce(t, "Ada")
	space := newSpace(t, a)
	i := invite(t, a, space, peer.InviteOptions{Count: 1})
	stop()
	b := start(t, "Grace")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := b.Join(ctx, i.Link); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("joined with nobody there: %v", err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := b.Join(t.Context(), i.Link)
		done <- err
	}()
	t.Cleanup(run(t, a))
	connect(t, a, b) // its port is another one now
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// The inviter's other device redeems a link for one person, and another owner
// one for many, but not the one for one.
func TestWhoRedeems(t *testing.T) {
	a, leave := startOnce(t, "Ada")
	other, owner, b, c := start(t, "Ada"), start(t, "Edsger"), start(t, "Grace"), start(t, "Alan")
	space := newSpace(t, a)
	connect(t, a, other)
	linkDevices(t, a, other)
	connect(t, a, owner)
	pair(t, a, owner, space)
	if _, err := a.ChangeRole(t.Context(), space, owner.ID().String(), "owner", peer.LineOptions{}); err != nil {
		t.Fatal(err)
	}
	one, many := invite(t, a, space, peer.InviteOptions{Count: 1}), invite(t, a, space, peer.InviteOptions{})
	knowsBoth := func(p *peer.Peer) bool {
		all, _ := p.Invites(t.Context(), space)
		return len(all) == 2
	}
	eventually(t, "both know the invitations", func() bool { return knowsBoth(other) && knowsBoth(owner) })
	leave() // nobody reaches the device that invited

	connect(t, b, owner)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	joined := make(chan error, 1)
	go func() {
		_, err := b.Join(ctx, one.Link)
		joined <- err
	}()
	eventually(t, "another owner has refused it", func() bool { return peer.Refused(b) })
	cancel() // else it goes on looking for the one who may
	if err := <-joined; !errors.Is(err, protocol.ErrInviteElsewhere) {
		t.Errorf("another owner redeemed a link for one: %v", err)
	}
	connect(t, b, other)
	join(t, b, one)
	connect(t, c, owner)
	join(t, c, many)
	eventually(t, "all are in", func() bool { return len(spaceOf(t, owner, space).Members) == 4 })
	if m := memberOf(t, owner, space, other.ID()); m.ID != a.ID() || len(m.Devices) != 2 {
		t.Errorf("the inviter's devices are %+v", m)
	}
}

// Whoever tries link after link over one connection breaks no rule: the two come
// together again at once.
func TestManyLinksOverOneConnection(t *testing.T) {
	a, b := start(t, "Ada"), start(t, "Grace")
	connect(t, b, a)
	pair(t, a, b, peer.SpaceID{})
	space := newSpace(t, a)
	for n := range 6 {
		i := invite(t, a, space, peer.InviteOptions{})
		if err := a.CancelInvite(t.Context(), space, i.Hash); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Join(t.Context(), i.Link); !errors.Is(err, protocol.ErrInviteCancelled) {
			t.Errorf("link %d: %v", n, err)
		}
	}
	was := peer.SessionWith(a, b.ID())
	peer.Cut(a)
	eventually(t, "they come together again", func() bool {
		s := peer.SessionWith(a, b.ID())
		return s != nil && s != was && connected(b, a.ID())
	})
}
