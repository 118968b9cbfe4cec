package identity

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
)

func randomID(t *testing.T) (id DeviceID) {
	t.Helper()
	rand.Read(id[:]) // never fails
	return id
}

func TestIDRoundTrip(t *testing.T) {
	for range 100 {
		id := randomID(t)
		got, err := ParseDeviceID(id.String())
		if err != nil || got != id {
			t.Fatalf("%s: %s, %v", id, got, err)
		}
		if len(id.Tag()) != TagLen || !strings.HasPrefix(id.String(), id.Tag()) {
			t.Fatalf("%s: tag %s", id, id.Tag())
		}
	}
}

func FuzzParseDeviceID(f *testing.F) {
	good := strings.Repeat("0a", 32)
	for _, seed := range []string{"", good, strings.ToUpper(good), good[1:], good + "00", strings.Repeat("zz", 32), strings.Repeat("é", 32)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseDeviceID(s)
		if err == nil && id.String() != s {
			t.Errorf("%q is read as %s", s, id)
		}
		if err != nil && (!errors.Is(err, ErrBadID) || !id.IsZero()) {
			t.Errorf("%q: %s, %v", s, id, err)
		}
		if plain := len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""; plain != (err == nil) {
			t.Errorf("%q: %v", s, err)
		}
	})
}

func TestCompare(t *testing.T) {
	for range 100 {
		a, b := randomID(t), randomID(t)
		if a.Compare(b) != strings.Compare(a.String(), b.String()) || a.Compare(a) != 0 {
			t.Fatalf("%s and %s", a, b)
		}
	}
	if !(DeviceID{}).IsZero() || (DeviceID{1}).IsZero() {
		t.Error("IsZero")
	}
}

func TestSignature(t *testing.T) {
	id, other, msg := newIdentity(t), newIdentity(t), []byte("label: message")
	sig := id.Sign(msg)
	for _, tc := range []struct {
		name     string
		id       DeviceID
		msg, sig []byte
		want     bool
	}{
		{"good", id.ID(), msg, sig, true},
		{"another device", other.ID(), msg, sig, false},
		{"another message", id.ID(), msg[1:], sig, false},
		{"no signature", id.ID(), msg, nil, false},
		{"short", id.ID(), msg, sig[1:], false},
		{"long", id.ID(), msg, append(bytes.Clone(sig), 0), false},
		{"altered", id.ID(), msg, append(bytes.Clone(sig[:63]), sig[63]^1), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.id.Verify(tc.msg, tc.sig); got != tc.want {
				t.Error(got)
			}
		})
	}
}
