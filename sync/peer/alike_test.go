package peer_test

import (
	"testing"

	"starling/sync/peer"
)

// A stranger who calls themselves like somebody known is shown as not that one,
// and so is a member whom somebody else has let in.
func TestSomebodyWhoseNameLooksLikeAnothers(t *testing.T) {
	a, b, c := start(t, "Ada"), start(t, "Grace"), start(t, "GRÁCE")
	space := newSpace(t, a)
	connect(t, a, b)
	connect(t, a, c)
	like := func(p, who *peer.Peer) string {
		for _, info := range p.Peers() {
			if info.ID == who.ID() {
				return info.LooksLike
			}
		}
		return "nobody there"
	}
	eventually(t, "nobody is known yet", func() bool { return like(a, c) == "" })
	pair(t, a, b, space)
	if got := like(a, c); got != "Grace" {
		t.Errorf("the stranger looks like %q", got)
	}
	if got := like(a, b); got != "" {
		t.Errorf("the one who is known looks like %q", got)
	}
	connect(t, c, b)
	i := invite(t, a, space, peer.InviteOptions{})
	join(t, c, i)
	if got := memberOf(t, a, space, c.ID()); got.NotTheOne != "Grace" {
		t.Errorf("the newcomer is shown as %+v", got)
	}
	if got := memberOf(t, a, space, b.ID()); got.NotTheOne != "" {
		t.Errorf("the one who was there is shown as %+v", got)
	}
}
