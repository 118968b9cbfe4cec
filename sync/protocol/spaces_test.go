package protocol

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"starling/sync/identity"
	"starling/sync/trust"
)

func (h *fakeHost) space(id trust.SpaceID) *fakeSpace {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.spaces[id]
}

// A member that was away while the secret was renewed is recognised by the old
// one, and given the new one.
func TestASecretRenewedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newFakeHost(t, 1), newFakeHost(t, 2)
		space := found(1, a, b)
		for i := range byte(2) {
			sp := a.spaces[space]
			sp.older = append([]trust.Secret{sp.secret}, sp.older...)
			sp.secret = trust.Secret{100 + i}
		}
		a.edit(space, docs[0], 10)
		dial(a, b)
		pass(time.Second)
		same(t, a, b)
		if got := b.spaces[space].secrets(); !slices.Equal(got, a.spaces[space].secrets()) {
			t.Errorf("it knows %v", got)
		}
	})
}

// A key that comes from one with whom the space is not open reaches nobody.
func TestAKeyFromAStranger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		space := found(1, h, newFakeHost(t, 2))
		p := newRaw(t, h).greet()
		p.send(&key{space, []trust.Secret{{66}}})
		p.wantCause("a key", nil)
		if got := h.spaces[space].secrets(); len(got) != 1 {
			t.Errorf("the space has the secrets %v", got)
		}
	})
}

// Somebody was admitted while one was away, and both meet with nobody else
// there: the newcomer shows the tag first, the other shows that it knows the space
// too, and hears then why the newcomer belongs.
func TestANewcomerMeetsOneWhoWasAway(t *testing.T) {
	for _, first := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			a, away, newcomer := newFakeHost(t, 1), newFakeHost(t, 2), newFakeHost(t, 3)
			space := found(1, away, a)
			found(1, newcomer, a, away)
			for _, h := range []*fakeHost{newcomer, away} {
				h.withhold = true // they have not paired
			}
			newcomer.spaces[space].admit(newcomer.id)
			newcomer.edit(space, docs[0], 10)
			if first {
				dial(away, newcomer)
			} else {
				dial(newcomer, away)
			}
			pass(time.Minute)
			if !away.space(space).members[newcomer.id] {
				t.Fatal("it was not heard of")
			}
			same(t, away, newcomer)
		})
	}
}

// One who is not in our roster, and shows no secret, is shown nothing of a space,
// and neither is one who was removed, but for how that came.
func TestNothingIsSaidOfASpaceToThoseOutside(t *testing.T) {
	for _, removed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			h := newFakeHost(t, 1)
			nine := identity.DeviceID{9}
			space := found(1, h, newFakeHost(t, 2))
			if removed {
				h.spaces[space].remove(nine)
			}
			h.edit(space, docs[0], 10)
			p := newRaw(t, h).greet()
			p.send(&tags{[]trust.Tag{h.spaces[space].secret.Tag(p.end.Exporter(), nine)}})
			synctest.Wait()
			p.send(&digest{Space: space}, &have{Space: space, Doc: docs[0], Want: true})
			synctest.Wait()
			h.edit(space, docs[0], 10)
			pass(time.Second)
			for _, m := range p.drain() {
				switch m := m.(type) {
				case *tags: // that we know it too
					if removed {
						t.Error("it was shown a tag")
					}
				case *roster:
					if !removed || len(m.Statements) != 1 || string(m.Statements[0][:4]) != "gone" {
						t.Errorf("it was told %q", m.Statements)
					}
				default:
					t.Errorf("it was sent %T", m)
				}
			}
		})
	}
}

// Two who were removed meet, of whom one has been taken back, and the other with
// it: that one tells by which statements they had left, as far as it has heard,
// and shows that it knows the space, so that it is told the rest. Before it was
// shown a tag it shows none.
func TestTwoWhoWereRemovedMeet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		h.withhold = true // they have not paired
		space := found(1, h, newFakeHost(t, 2))
		nine := identity.DeviceID{9}
		sp := h.spaces[space]
		sp.remove(nine)
		sp.remove(h.id)
		p := newRaw(t, h)
		p.send(&hello{Version: Version, Name: "Nine"})
		mine := sp.secret.Tag(p.end.Exporter(), h.id)
		for _, m := range p.drain() {
			if m, ok := m.(*tags); ok && slices.Contains(m.Tags, mine) {
				t.Error("it shows a tag before it was shown one")
			}
		}
		theirs := &tags{[]trust.Tag{sp.secret.Tag(p.end.Exporter(), nine)}}
		p.send(theirs, theirs)
		told, shown := 0, 0
		for _, m := range p.drain() {
			switch m := m.(type) {
			case *roster:
				told++
			case *tags:
				if slices.Contains(m.Tags, mine) {
					shown++
				}
			default:
				t.Errorf("it sends %T", m)
			}
		}
		if told != 1 || shown != 1 {
			t.Errorf("it takes leave %d times and shows %d times that it knows the space", told, shown)
		}
		p.send(&grant{Space: space, Secrets: sp.secrets(), Statements: [][]byte{nine[:]}, Last: true})
		synctest.Wait()
		h.mu.Lock()
		defer h.mu.Unlock()
		if !sp.members[nine] {
			t.Error("it does not listen to what it is told then")
		}
	})
}

// A member that is removed hears of it, and the session ends soon, so that
// nothing more comes to it. Each side is asked anew when they meet again.
func TestAMemberIsRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newFakeHost(t, 1), newFakeHost(t, 2)
		space := found(1, a, b)
		x, y := dial(a, b)
		pass(time.Second)
		a.edit(space, docs[0], 10)
		pass(time.Second)
		same(t, a, b)
		a.mu.Lock()
		a.spaces[space].remove(b.id)
		a.mu.Unlock()
		if err := x.session.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		a.edit(space, docs[0], 10) // after it
		pass(partTime + time.Second)
		<-x.done
		<-y.done
		if !b.space(space).gone[b.id] {
			t.Error("it has not heard")
		}
		dial(a, b)
		pass(time.Minute)
		if mine, theirs := a.content()[docs[0]], b.content()[docs[0]]; mine.Equal(theirs) {
			t.Error("it got what came afterwards")
		}
	})
}

// What is being sent when a member is removed goes no further, whatever the
// member does.
func TestACatchUpEndsWithAMembership(t *testing.T) {
	for _, removed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			h := newFakeHost(t, 1)
			space := found(1, h, nobody(9))
			h.edit(space, docs[0], 10)
			h.read = partTime / 2
			reads := make(chan struct{}, 1)
			h.onHeads = func() { reads <- struct{}{} }
			p := newRaw(t, h)
			p.nothing(p.join(h, space))
			<-reads
			if removed {
				h.mu.Lock()
				h.spaces[space].remove(p.end.peers[0])
				h.mu.Unlock()
				if err := p.link.session.Refresh(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := p.end.AcceptBulk(ctx); (err == nil) == removed {
				t.Errorf("removed %v: %v", removed, err)
			}
		})
	}
}

// One who comes back is brought in, also if it shows that it knows the space while
// nothing can be said of that yet.
func TestAMemberComesBackWhileTheRosterIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, nine := newFakeHost(t, 1), identity.DeviceID{9}
		space := found(1, h, nobody(9))
		h.spaces[space].remove(nine)
		h.unsaved = true
		p := newRaw(t, h).greet()
		p.send(&tags{[]trust.Tag{h.spaces[space].secret.Tag(p.end.Exporter(), nine)}})
		if said := p.drain(); len(said) > 0 {
			t.Fatalf("it says %d things of the space", len(said))
		}
		h.mu.Lock()
		h.unsaved = false
		h.spaces[space].members[nine] = true
		h.mu.Unlock()
		if err := p.link.session.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		granted := slices.ContainsFunc(p.drain(), func(m message) bool {
			_, ok := m.(*grant)
			return ok
		})
		if !granted {
			t.Error("it is not brought in")
		}
	})
}

// Statements are cut into messages that fit, whatever their sizes.
func TestPagesOfStatements(t *testing.T) {
	var raw [][]byte
	for i := range 3000 {
		raw = append(raw, make([]byte, 1+(i*7919)%maxStatement))
	}
	var got [][]byte
	for page := range inPages(raw) {
		if err := (&roster{Statements: page}).check(); err != nil {
			t.Fatal(err)
		}
		got = append(got, page...)
	}
	if !slices.EqualFunc(raw, got, func(a, b []byte) bool { return len(a) == len(b) }) {
		t.Errorf("%d statements of %d", len(got), len(raw))
	}
	for range inPages(nil) {
		t.Error("a page of nothing")
	}
}

// A member of which we hear between our tags and its own is shown afterwards that
// we know the space too: it would not listen to what we say of it otherwise.
func TestATagThatComesAfterTheRoster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		space := found(1, h)
		p := newRaw(t, h).greet() // to a stranger nothing is shown
		h.mu.Lock()
		h.spaces[space].members[identity.DeviceID{9}] = true
		secret := h.spaces[space].secret
		h.mu.Unlock()
		p.send(&tags{[]trust.Tag{secret.Tag(p.end.Exporter(), identity.DeviceID{9})}})
		m, ok := p.read().(*tags)
		if !ok || !slices.Contains(m.Tags, secret.Tag(p.end.Exporter(), h.id)) {
			t.Errorf("shown %+v", m)
		}
		if _, ok := p.read().(*digest); !ok {
			t.Error("the space was not opened")
		}
	})
}

// While the disk has not taken a statement nothing is said that it would explain.
func TestNothingBeginsBeforeTheRosterIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newFakeHost(t, 1), newFakeHost(t, 2)
		a.unsaved = true
		space := found(1, a, b)
		x, y := dial(a, b)
		pass(time.Second)
		if x.session.Shares(space) {
			t.Error("it was opened")
		}
		a.mu.Lock()
		a.unsaved = false
		a.mu.Unlock()
		if err := x.session.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		if !x.session.Together(space) || !y.session.Together(space) {
			t.Error("it was not opened afterwards")
		}
	})
}
