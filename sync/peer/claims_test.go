package peer_test

import (
	"errors"
	"testing"

	"starling/sync/peer"
)

// pairAs lets from ask to pair and both confirm, from with the word that the other
// is a new device of a person's, before the other or after it.
func pairAs(t *testing.T, from, to *peer.Peer, person string, first bool) error {
	t.Helper()
	info, err := from.StartPairing(t.Context(), to.ID().String(), peer.SpaceID{})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the request appears", func() bool { return len(to.Pairings()) == 1 })
	theirs := func() {
		if err := to.ConfirmPairing(info.Code, peer.SpaceID{}); err != nil {
			t.Fatal(err)
		}
	}
	if !first {
		theirs()
	}
	if err := from.ConfirmAs(info.Code, person, peer.SpaceID{}); err != nil {
		t.Fatal(err)
	}
	if first {
		theirs()
	}
	return from.WaitPairing(t.Context(), info.Key)
}

func lookOf(p *peer.Peer, id peer.DeviceID) peer.PeerInfo {
	for _, info := range p.Peers() {
		if info.ID == id {
			return info
		}
	}
	return peer.PeerInfo{}
}

// A stranger whose name looks like a member's is that member's new device if an
// owner says so with whom it has compared a code, and else a person of its own.
func TestAnOwnerTakesAStrangerForAKnownPersonsDevice(t *testing.T) {
	for _, first := range []bool{true, false} {
		owner, ada, laptop := start(t, "Grace"), start(t, "Ada"), start(t, "Àda")
		space := newSpace(t, owner)
		doc := newDoc(t, owner, space, "hello")
		connect(t, owner, ada)
		pair(t, owner, ada, space)
		eventually(t, "she is in", func() bool { return text(t, ada, doc) == "hello" })
		connect(t, owner, laptop)
		if got := lookOf(owner, laptop.ID()); got.LooksLike != "Ada" || got.LooksLikeID != ada.ID() {
			t.Errorf("the stranger is shown as %+v", got)
		}
		if err := pairAs(t, owner, laptop, "Ada", first); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the laptop is in", func() bool { return text(t, laptop, doc) == "hello" })
		for _, p := range []*peer.Peer{owner, ada, laptop} {
			eventually(t, "it is one person", func() bool {
				m := memberOf(t, p, space, laptop.ID())
				return m.ID == ada.ID() && len(m.Devices) == 2 && m.Role == "editor" && m.NotTheOne == ""
			})
		}
		write(t, laptop, doc, "hello from the laptop")
		eventually(t, "what it writes counts", func() bool { return text(t, ada, doc) == "hello from the laptop" })
		if got := owner.NewDevices(); len(got) != 0 || lookOf(owner, laptop.ID()).NewDeviceOf != "" {
			t.Errorf("waiting: %+v", got)
		}
		private := newSpace(t, ada) // is hers; the laptop was never compared with her device
		if m := memberOf(t, ada, private, laptop.ID()); m.ID == ada.ID() {
			t.Error("it came into a space in which nobody has said so")
		}
		if _, err := ada.Revoke(t.Context(), laptop.ID().String(), peer.LineOptions{}); err != nil {
			t.Errorf("she can't revoke it: %v", err)
		}
		eventually(t, "it is out", func() bool { return spaceOf(t, laptop, space).RemovedBy.ID == ada.ID() })
		if got := owner.NewDevices(); len(got) != 0 {
			t.Errorf("a revoked device waits again: %+v", got)
		}
	}
}

func TestWithoutTheAnswerNothingIsLinked(t *testing.T) {
	owner, ada, laptop := start(t, "Grace"), start(t, "Ada"), start(t, "Ada")
	space := newSpace(t, owner)
	connect(t, owner, ada)
	pair(t, owner, ada, space)
	connect(t, owner, laptop)
	pair(t, owner, laptop, peer.SpaceID{})
	if m := memberOf(t, owner, space, laptop.ID()); m.ID != (peer.DeviceID{}) {
		t.Errorf("the stranger is in as %+v", m)
	}
	if err := owner.AddMember(t.Context(), space, laptop.ID().String(), "viewer"); err != nil {
		t.Fatal(err)
	}
	if m := memberOf(t, owner, space, laptop.ID()); m.ID != laptop.ID() || len(m.Devices) != 1 {
		t.Errorf("the stranger is in as %+v", m)
	}
	// Said later, it is one person.
	if err := owner.AddDevice(t.Context(), laptop.ID().String(), ada.ID().String()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is one person", func() bool {
		m := memberOf(t, laptop, space, laptop.ID())
		return m.ID == ada.ID() && m.Role == "editor"
	})
}

// One who is no owner can't link anybody: it waits, and is shown, until the person
// on a trusted device, or an owner, says so too or says no.
func TestANewDeviceWaitsForOneWhoMaySayWhoseItIs(t *testing.T) {
	for name, tt := range map[string]struct {
		by     int // who answers: the owner or the person
		accept bool
	}{
		"the owner says yes":  {0, true},
		"the person says yes": {1, true},
		"the owner says no":   {0, false},
	} {
		t.Run(name, func(t *testing.T) {
			owner, editor, ada, space, doc := three(t) // Ada, Grace and Alan
			laptop := start(t, "ALAN")
			connect(t, editor, laptop)
			if got := lookOf(editor, laptop.ID()); got.LooksLike != "Alan" || !got.LooksLikeID.IsZero() {
				t.Errorf("the editor, who has compared no code with Alan, sees %+v", got)
			}
			if err := pairAs(t, editor, laptop, ada.ID().String(), true); err != nil {
				t.Fatal(err)
			}
			if got := lookOf(editor, laptop.ID()).NewDeviceOf; got != "Alan" {
				t.Errorf("the editor sees %q", got)
			}
			if got := editor.NewDevices(); len(got) != 1 || len(got[0].Spaces) != 1 || len(got[0].Mine) != 0 || got[0].By.ID != editor.ID() {
				t.Errorf("the editor sees %+v", got)
			}
			if err := editor.AcceptDevice(t.Context(), "ALAN"); !errors.Is(err, peer.ErrNotOwner) {
				t.Errorf("the editor accepted it: %v", err)
			}
			for _, p := range []*peer.Peer{owner, ada} {
				eventually(t, "those who may answer are asked", func() bool {
					got := p.NewDevices()
					return len(got) == 1 && got[0].Device.ID == laptop.ID() && got[0].Of.ID == ada.ID() &&
						got[0].By.ID == editor.ID() && len(got[0].Mine) == 1 && got[0].Mine[0] == space
				})
			}
			if m := memberOf(t, owner, space, laptop.ID()); m.ID != (peer.DeviceID{}) {
				t.Fatalf("linked unasked: %+v", m)
			}
			by := []*peer.Peer{owner, ada}[tt.by]
			id := laptop.ID().String()
			if !tt.accept {
				if err := by.RefuseDevice(t.Context(), id); err != nil {
					t.Fatal(err)
				}
				peer.Cut(editor)
				eventually(t, "the two meet again", func() bool { return connected(by, editor.ID()) && peer.AllReached(by, space, editor.ID()) })
				if err := by.AcceptDevice(t.Context(), id); !errors.Is(err, peer.ErrNoClaim) || len(by.NewDevices()) != 0 {
					t.Errorf("asked again: %v, %+v", err, by.NewDevices())
				}
				return
			}
			if err := by.AcceptDevice(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the laptop is in, as the person", func() bool {
				return text(t, laptop, doc) == "hello" && memberOf(t, owner, space, laptop.ID()).ID == ada.ID()
			})
			for _, p := range []*peer.Peer{owner, editor, ada} {
				eventually(t, "nothing waits", func() bool { return len(p.NewDevices()) == 0 })
			}
		})
	}
}

// Nobody is made somebody's device whose person has compared no code, and there
// must be somebody.
func TestWhoseDeviceItIsNot(t *testing.T) {
	owner, editor, alan, space, _ := three(t)
	if err := editor.AddDevice(t.Context(), "Alan", "Ada"); !errors.Is(err, peer.ErrNoConsent) {
		t.Errorf("one who has never compared a code: %v", err)
	}
	if m := memberOf(t, owner, space, alan.ID()); m.ID != alan.ID() {
		t.Errorf("he is %+v", m)
	}
	laptop := start(t, "Ada")
	connect(t, editor, laptop)
	info, err := editor.StartPairing(t.Context(), laptop.ID().String(), peer.SpaceID{})
	if err != nil {
		t.Fatal(err)
	}
	for person, want := range map[string]error{
		"Nobody": peer.ErrNoPeer, "Grace": peer.ErrOwnDevice, "Alan": peer.ErrUnproved,
	} {
		if err := editor.ConfirmAs(info.Code, person, peer.SpaceID{}); !errors.Is(err, want) {
			t.Errorf("as a device of %s: %v", person, err)
		}
	}
	if err := editor.ConfirmAs("000000", "Ada", peer.SpaceID{}); !errors.Is(err, peer.ErrNoPairing) {
		t.Errorf("without a pairing: %v", err)
	}
	friend := start(t, "Edsger") // paired, and in no space
	connect(t, editor, friend)
	pair(t, editor, friend, peer.SpaceID{})
	if err := editor.ConfirmAs(info.Code, "Edsger", peer.SpaceID{}); !errors.Is(err, peer.ErrNothingShared) {
		t.Errorf("of one with whom no space is shared: %v", err)
	}
}

// A stranger is never made the device of one who has only called themselves like
// somebody known, in a space to which others have let them in.
func TestANameAloneIsNobody(t *testing.T) {
	ada, grace, mallory, laptop := start(t, "Ada"), start(t, "Grace"), start(t, "Grace"), start(t, "Grace")
	connect(t, ada, grace)
	pair(t, ada, grace, peer.SpaceID{}) // and they share no space
	space := newSpace(t, ada)
	connect(t, mallory, ada)
	join(t, mallory, invite(t, ada, space, peer.InviteOptions{}))
	connect(t, ada, laptop)
	if got := lookOf(ada, laptop.ID()); got.LooksLike != "Grace" || got.LooksLikeID != grace.ID() {
		t.Errorf("the laptop is shown as %+v", got)
	}
	info, err := ada.StartPairing(t.Context(), laptop.ID().String(), peer.SpaceID{})
	if err != nil {
		t.Fatal(err)
	}
	if info.LooksLikeID != grace.ID() {
		t.Errorf("the pairing is shown as %+v", info)
	}
	for _, person := range []string{"Grace", info.LooksLikeID.String()} {
		if err := ada.ConfirmAs(info.Code, person, peer.SpaceID{}); !errors.Is(err, peer.ErrNothingShared) {
			t.Errorf("as a device of %q: %v", person, err)
		}
	}
	// Mallory in turn is not taken for her anywhere.
	got := lookOf(ada, mallory.ID())
	if !got.Known || got.Paired || got.LooksLike != "Grace" || got.LooksLikeID != grace.ID() {
		t.Errorf("one whom a link has let in is shown as %+v", got)
	}
	if got := lookOf(ada, grace.ID()); !got.Paired || got.LooksLike != "" {
		t.Errorf("she is shown as %+v", got)
	}
}

// One who could be any of two is nobody's device, and one who is called like the
// person here may be theirs.
func TestWhoseNameIsNotOnesAlone(t *testing.T) {
	ada, one, two := start(t, "Ada"), start(t, "Grace"), start(t, "Grace")
	space := newSpace(t, ada)
	for _, p := range []*peer.Peer{one, two} {
		connect(t, ada, p)
		pair(t, ada, p, space)
	}
	stranger, mine := start(t, "GRACE"), start(t, "Àda")
	connect(t, ada, stranger)
	connect(t, ada, mine)
	if got := lookOf(ada, stranger.ID()); got.LooksLike != "Grace" || !got.LooksLikeID.IsZero() {
		t.Errorf("one who looks like two: %+v", got)
	}
	info, err := ada.StartPairing(t.Context(), stranger.ID().String(), peer.SpaceID{})
	if err != nil {
		t.Fatal(err)
	}
	if err := ada.ConfirmAs(info.Code, "Grace", peer.SpaceID{}); !errors.Is(err, peer.ErrAmbiguous) {
		t.Errorf("as a device of one of two: %v", err)
	}
	if got := lookOf(ada, mine.ID()); got.LooksLike != "Ada" || got.LooksLikeID != ada.ID() {
		t.Errorf("one who looks like the person here: %+v", got)
	}
	linkDevices(t, ada, mine)
	if got := lookOf(ada, mine.ID()); !got.Paired || got.LooksLike != "" {
		t.Errorf("our own device: %+v", got)
	}
}
