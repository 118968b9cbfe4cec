package peer_test

import (
	"errors"
	"slices"
	"testing"

	"starling/sync/peer"
)

// Two linked devices are one person in all spaces of either, now and later.
func TestTwoDevicesOfOnePerson(t *testing.T) {
	a, b, c := start(t, "Ada"), start(t, "Ada's laptop"), start(t, "Grace")
	early, theirs := newSpace(t, a), newSpace(t, b)
	doc := newDoc(t, a, early, "hello")
	connect(t, a, c)
	pair(t, a, c, early)
	connect(t, a, b)
	linkDevices(t, a, b)
	eventually(t, "the text is on the other device", func() bool { return text(t, b, doc) == "hello" })
	later := newSpace(t, b)
	eventually(t, "each is in all", func() bool {
		return memberOf(t, a, theirs, a.ID()).ID == b.ID() && memberOf(t, a, later, a.ID()).ID == b.ID() &&
			memberOf(t, c, early, b.ID()).ID == a.ID()
	})
	if got := spaceOf(t, c, early).Members; len(got) != 2 {
		t.Errorf("another person sees %+v", got)
	}
	write(t, b, doc, "hello from the laptop")
	eventually(t, "what the laptop writes counts", func() bool { return text(t, c, doc) == "hello from the laptop" })
	list, err := a.Devices(t.Context())
	if err != nil || len(list) != 2 || !list[0].This || list[1].ID != b.ID() || list[1].Revoked || !list[1].Connected {
		t.Errorf("devices %+v, %v", list, err)
	}
}

// A revoked device keeps what it has and gets nothing more; it is not linked
// again by itself, and can be by its person.
func TestRevokingADevice(t *testing.T) {
	a, b, c := start(t, "Ada"), start(t, "Ada"), start(t, "Grace")
	space := newSpace(t, a)
	doc := newDoc(t, a, space, "hello")
	connect(t, a, c)
	pair(t, a, c, space)
	connect(t, a, b)
	linkDevices(t, a, b)
	eventually(t, "the text is on the other device", func() bool { return text(t, b, doc) == "hello" })
	for name, want := range map[string]error{"nobody": peer.ErrNoDevice, "Ada": peer.ErrAmbiguous, a.ID().String(): peer.ErrRevokeSelf, c.ID().String(): peer.ErrNoDevice} {
		if _, err := a.Revoke(t.Context(), name, peer.LineOptions{}); !errors.Is(err, want) {
			t.Errorf("revoke %s: %v", name, err)
		}
	}
	if _, err := a.Revoke(t.Context(), b.ID().String()[:12], peer.LineOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it hears of it", func() bool { return spaceOf(t, b, space).RemovedBy.ID == a.ID() })
	if got := spaceOf(t, b, space); !got.Revoked || got.Left {
		t.Errorf("it is told %+v", got)
	}
	write(t, a, doc, "hello again")
	eventually(t, "the others go on", func() bool { return text(t, c, doc) == "hello again" })
	later := newSpace(t, a)
	if got := text(t, b, doc); got != "hello" {
		t.Errorf("the revoked device holds %q", got)
	}
	if memberOf(t, a, later, b.ID()).ID == a.ID() || memberOf(t, a, space, b.ID()).ID == a.ID() {
		t.Error("it is linked again")
	}
	list, err := a.Devices(t.Context())
	if err != nil || len(list) != 2 || !list[1].Revoked {
		t.Errorf("devices %+v, %v", list, err)
	}
	if connected(a, b.ID()) {
		peer.Cut(a)
	}
	connect(t, a, b)
	linkDevices(t, a, b)
	eventually(t, "it is back", func() bool {
		return text(t, b, doc) == "hello again" && memberOf(t, a, later, b.ID()).ID == a.ID()
	})
}

// Who removes somebody with the same name is not another device of theirs; who leaves
// does with all their devices.
func TestWhoRemovedUs(t *testing.T) {
	owner, other, laptop := start(t, "Ada"), start(t, "Ada"), start(t, "Ada's laptop")
	space := newSpace(t, owner)
	connect(t, owner, other)
	pair(t, owner, other, space)
	eventually(t, "the other is in", func() bool { return spaceOf(t, other, space).Role == "editor" })
	connect(t, other, laptop)
	linkDevices(t, other, laptop)
	eventually(t, "the laptop is in", func() bool { return spaceOf(t, laptop, space).Role == "editor" })
	if _, err := other.LeaveSpace(t.Context(), space, peer.LineOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the laptop hears of it", func() bool { return spaceOf(t, laptop, space).Role == "" })
	for _, p := range []*peer.Peer{other, laptop} {
		if got := spaceOf(t, p, space); !got.Left || got.Revoked || !got.RemovedBy.ID.IsZero() {
			t.Errorf("who has left is told %+v", got)
		}
	}
	eventually(t, "the owner hears of it", func() bool { return memberOf(t, owner, space, other.ID()).Removed })
	eventually(t, "the owner hears of it", func() bool {
		return !slices.ContainsFunc(spaceOf(t, owner, space).Members, func(m peer.Member) bool { return m.ID != owner.ID() && !m.Removed })
	})
	came(t, owner, other, space)
	eventually(t, "the other is in again", func() bool { return spaceOf(t, other, space).Role == "editor" })
	if _, err := owner.Remove(t.Context(), space, other.ID().String(), peer.LineOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the other hears of it", func() bool { return spaceOf(t, other, space).Role == "" })
	if got := spaceOf(t, other, space); got.RemovedBy.ID != owner.ID() || got.Revoked || got.Left {
		t.Errorf("who was removed is told %+v", got)
	}
}
