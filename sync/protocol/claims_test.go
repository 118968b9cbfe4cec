package protocol

import (
	"testing"
	"testing/synctest"
	"time"

	"starling/sync/identity"
	"starling/sync/trust"
)

// A device that is asked says whose it is if its side wants that, and no if not.
func TestAskingForAConsent(t *testing.T) {
	for name, welcome := range map[string]bool{"given": true, "declined": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				key, err := identity.New()
				if err != nil {
					t.Fatal(err)
				}
				a, b := newFakeHost(t, 1), newFakeHost(t, 2)
				b.key, b.id = key, key.ID()
				b.paired[a.id] = welcome
				x, _ := dial(a, b)
				pass(time.Second)
				ada := identity.DeviceID{7}
				x.session.AskConsent(ada)
				pass(time.Second)
				if !welcome {
					if a.declined != 1 || len(a.claims) != 0 {
						t.Errorf("declined %d times, claims %v", a.declined, a.claims)
					}
					return
				}
				if len(a.claims) != 1 || a.declined != 0 {
					t.Fatalf("claims %v, declined %d times", a.claims, a.declined)
				}
				c := a.claims[0]
				if err := trust.CheckConsent(key.ID(), ada, c.Consent[:]); c.Device != key.ID() || c.To != ada || err != nil {
					t.Errorf("claimed %v of %v: %v", c.Device, c.To, err)
				}
				x.session.PushClaim(c)
				pass(time.Second)
				if len(b.claims) != 1 || b.claims[0] != c {
					t.Errorf("passed on as %v", b.claims)
				}
			})
		})
	}
}

// What a device has not consented to is no claim, and one peer's claims are few.
func TestClaimsThatAreNone(t *testing.T) {
	key, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	ada := identity.DeviceID{7}
	good := &claim{key.ID(), ada, trust.Consent(key, ada)}
	for name, tt := range map[string]struct {
		say  *claim
		want error
	}{
		"for another": {&claim{key.ID(), identity.DeviceID{8}, good.Consent}, ErrMalformed},
		"of another":  {&claim{identity.DeviceID{6}, ada, good.Consent}, ErrMalformed},
		"cut short":   {&claim{key.ID(), ada, good.Consent[:63]}, ErrMalformed},
		"of nobody":   {&claim{identity.DeviceID{6}, ada, nil}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newFakeHost(t, 1)
				p := newRaw(t, h).greet()
				p.send(tt.say)
				p.wantCause(name, tt.want)
				if len(h.claims)+h.declined > 0 {
					t.Errorf("taken: %v", h.claims)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		h.paired[identity.DeviceID{9}] = true // so that there is room for more than a stranger may say
		p := newRaw(t, h).greet()
		for range maxClaims + 10 {
			p.send(good)
		}
		p.wantCause("many", nil)
		if len(h.claims) != maxClaims {
			t.Errorf("%d claims were looked at, want %d", len(h.claims), maxClaims)
		}
	})
}
