package protocol

import (
	"bytes"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"starling/sync/identity"
	"starling/sync/trust"
)

// Each outcome of a redemption is told to the one who asked, and after a good
// one the grant is there.
func TestRedeeming(t *testing.T) {
	errOther := errors.New("a full disk")
	tests := map[string]struct{ judged, told error }{
		"welcome":     {nil, nil},
		"unknown":     {ErrInviteUnknown, ErrInviteUnknown},
		"elsewhere":   {ErrInviteElsewhere, ErrInviteElsewhere},
		"expired":     {ErrInviteExpired, ErrInviteExpired},
		"cancelled":   {ErrInviteCancelled, ErrInviteCancelled},
		"used":        {ErrInviteUsed, ErrInviteUsed},
		"removed":     {ErrInviteRemoved, ErrInviteRemoved},
		"other fault": {errOther, ErrInviteFailed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := newFakeHost(t, 1), newFakeHost(t, 2)
				space := found(1, a)
				b.paired[a.id] = true // as one is whom we have asked
				a.withhold = true
				a.redeem = func(r Redemption) error {
					if tt.judged == nil {
						a.spaces[space].admit(r.From)
					}
					return tt.judged
				}
				x, y := dial(a, b)
				pass(time.Second)
				var signed []byte
				y.session.Redeem([32]byte{7}, func(device identity.DeviceID, exporter [32]byte) []byte {
					signed = bytes.Repeat(device[:], 2)
					return signed
				})
				pass(time.Second)
				if len(b.redeemed) != 1 || !errors.Is(b.redeemed[0], tt.told) {
					t.Errorf("told %v", b.redeemed)
				}
				want := Redemption{b.id, x.session.conn.Exporter(), [32]byte{7}, signed}
				if len(a.redemptions) != 1 || !bytes.Equal(a.redemptions[0].Sig, want.Sig) || a.redemptions[0].Exporter != want.Exporter ||
					a.redemptions[0].From != want.From || a.redemptions[0].Invitation != want.Invitation {
					t.Errorf("judged %+v", a.redemptions)
				}
				if in := b.spaces[space] != nil; in != (tt.judged == nil) || x.session.Shares(space) != in {
					t.Errorf("in the space: %v", in)
				}
			})
		})
	}
}

// A stranger's redemptions cost a signature's check each, so there are few. An
// answer that nobody waits for is passed over.
func TestRedemptionsOfAStranger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p := newRaw(t, h).greet()
		p.send(&redeemed{[32]byte{1}, 0}, &redeemed{[32]byte{2}, 200})
		p.wantCause("answers", nil)
		for range maxRedemptions {
			p.send(&redeem{[32]byte{1}, make([]byte, 64)})
		}
		p.wantCause("a few", nil)
		for _, m := range p.drain() {
			if r, ok := m.(*redeemed); !ok || outcomes[r.Outcome] != ErrInviteUnknown {
				t.Errorf("answered %+v", m)
			}
		}
		p.send(&redeem{[32]byte{1}, make([]byte, 64)})
		p.wantCause("one more", ErrLimit)
		if len(h.redeemed) > 0 || len(h.redemptions) != maxRedemptions {
			t.Errorf("%d answers, %d redemptions reached the host", len(h.redeemed), len(h.redemptions))
		}
	})
}

// What a later version answers is an error, whatever it means.
func TestALaterAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p := newRaw(t, h).greet()
		p.link.session.Redeem([32]byte{1}, func(identity.DeviceID, [32]byte) []byte { return make([]byte, 64) })
		if m, ok := p.read().(*redeem); !ok || m.Invitation != [32]byte{1} {
			t.Fatalf("asked %+v", m)
		}
		p.send(&redeemed{[32]byte{1}, 200}, &redeemed{[32]byte{1}, 0})
		synctest.Wait()
		if len(h.redeemed) != 1 || !errors.Is(h.redeemed[0], ErrInviteFailed) {
			t.Errorf("heard %v", h.redeemed)
		}
	})
}

// Both are asked to compare a code for being one person, and each has the other's
// word for it then. A word that is another's ends the session.
func TestPairingToLink(t *testing.T) {
	keys := [2]*identity.Identity{newKey(t), newKey(t)}
	for name, steps := range map[string]string{
		"one asks": "0l.0c.1c.", "both ask": "0l1l.0c1c.", "one for this, one for less": "0l1q.1c0c.",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newLinking(t, keys)
				c.do(steps)
				for side := range 2 {
					got := c.see(side)
					if !got.Done() || !got.Link || trust.CheckConsent(keys[1-side].ID(), keys[side].ID(), got.Consent[:]) != nil {
						t.Errorf("side %d: %+v", side, got)
					}
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		c := newLinking(t, keys)
		c.host[1].key = newKey(t) // signs for somebody else
		c.do("0l.1c.")
		if closed, side, cause := c.wire.ended(); !closed || side != 0 || !errors.Is(cause, ErrMalformed) {
			t.Errorf("ended %v by %d: %v", closed, side, cause)
		}
	})
}

// One does not turn a pairing that goes on into a link.
func TestALinkIsNotSlippedIn(t *testing.T) {
	keys := [2]*identity.Identity{newKey(t), newKey(t)}
	synctest.Test(t, func(t *testing.T) {
		c := newLinking(t, keys)
		c.do("0q.")
		for side := range 2 {
			if err := c.s[side].RequestPairing(true); !errors.Is(err, ErrPairingOther) {
				t.Errorf("side %d: %v", side, err)
			}
		}
		c.do("0c.1c.")
		if got := c.see(0); !got.Done() || got.Link || got.Consent != ([consentLen]byte{}) {
			t.Errorf("%+v", got)
		}
	})
	for _, m := range []*pairConfirm{{make([]byte, consentLen)}, {}} {
		synctest.Test(t, func(t *testing.T) {
			h := newFakeHost(t, 1)
			p := newRaw(t, h).greet()
			nonce := [identity.NonceLen]byte{5}
			link := len(m.Consent) == 0 // each confirms what was not asked
			p.send(&pairRequest{identity.Commitment(nonce, identity.DeviceID{9}, h.id), link}, &pairReveal{nonce}, m)
			p.wantCause("a confirmation of something else", ErrMalformed)
		})
	}
}

func newKey(t *testing.T) *identity.Identity {
	t.Helper()
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// newLinking is newCouple with keys.
func newLinking(t *testing.T, keys [2]*identity.Identity) *couple {
	a, b := newFakeHost(t, 1), newFakeHost(t, 2)
	for i, h := range []*fakeHost{a, b} {
		h.key, h.id = keys[i], keys[i].ID()
	}
	x, y := dial(a, b)
	pass(time.Second)
	return &couple{t, [2]*fakeHost{a, b}, [2]*Session{x.session, y.session}, x.wire}
}

// One who has failed too often is told when to ask again.
func TestAPauseBetweenPairings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCouple(t)
		c.host[1].pause = 90*time.Second + time.Millisecond
		c.do("0q.")
		var paused *PausedError
		if err := c.see(0).Err; !errors.As(err, &paused) || paused.Wait != 91*time.Second {
			t.Errorf("told %v", err)
		}
		if len(c.host[1].pairings) > 0 {
			t.Error("it was shown")
		}
	})
	for d, want := range map[time.Duration]uint32{1: 1, time.Second: 1, 2*time.Second + 1: 3, 100 * time.Hour: 3600} {
		if got := waitSeconds(d); got != want {
			t.Errorf("%v is told as %d s", d, got)
		}
	}
}
