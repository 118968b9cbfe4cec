package hostile

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"starling/packaging/lab"
)

// say signs a statement of a member's: the fields of its body.
func (m *member) say(t *testing.T, body fields) []byte {
	t.Helper()
	all := fields{2: m.space, 3: m.id(), 4: [][]byte{}, 5: 1, 6: newNonce(t), 7: "", 8: make([]byte, 32), 9: 0}
	for k, v := range body {
		all[k] = v
	}
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := mode.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	out, err := mode.Marshal(fields{1: raw, 2: ed25519.Sign(m.key, append([]byte("starling/statement/1"), raw...))})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// An editor states what only an owner may, and what nobody may; the roster's own
// statements come garbled, and evidence that proves nothing. Who belongs, and as
// what, stays as it is, on the disk too.
func TestForgedStatements(t *testing.T) {
	a := attackOn(t, false)
	raw := a.m.statements(t, a.victim)
	known := hashesOf(raw)
	top := known[len(known)-1:]
	puppet := newDevice(t, "Puppet")
	before := a.Must("space", "members", a.space, "--json")
	forged := map[string][]byte{
		"an admission":             a.m.say(t, fields{1: 2, 4: top, 7: "Puppet", 8: puppet.id(), 9: 2}),
		"an admission of herself":  a.m.say(t, fields{1: 2, 4: top, 7: "Mallory", 8: a.m.id(), 9: 1}),
		"an invitation":            a.m.say(t, fields{1: 5, 4: top, 9: 1, 16: puppet.id()}),
		"a removal of the founder": a.m.say(t, fields{1: 3, 4: top, 8: a.id(t), 11: true}),
		"a link of another's":      a.m.say(t, fields{1: 4, 4: top, 8: a.id(t), 13: a.m.id(), 14: a.m.id(), 15: make([]byte, 64)}),
		"an unknown kind":          a.m.say(t, fields{1: 77, 4: top}),
		"a second founding":        a.m.say(t, fields{1: 1, 2: make([]byte, 32), 7: "Mine"}),
		"knows nothing":            a.m.say(t, fields{1: 2, 7: "Puppet", 8: puppet.id(), 9: 1}),
		"knows what nobody has":    a.m.say(t, fields{1: 2, 4: [][]byte{make([]byte, 32)}, 8: puppet.id(), 9: 1}),
		"a page":                   evidence(t, fields{1: 7, 2: a.m.space, 3: []any{[]any{a.doc[:], []byte("an actor"), uint64(1)}}}),
		"a fork of nothing":        evidence(t, fields{1: 8, 2: a.m.space, 3: a.doc[:], 4: []any{}}),
		"nothing":                  {},
	}
	rng := rand.New(rand.NewPCG(6, 6))
	for i := range 40 {
		garbled := bytes.Clone(raw[i%len(raw)])
		garbled[rng.IntN(len(garbled))] ^= 1 << rng.IntN(8)
		forged["garbled "+string(rune('A'+i))] = garbled
	}
	for name, s := range forged {
		l := a.m.join(t, a.victim)
		l.send(t, kindRoster, fields{1: a.m.space, 2: [][]byte{s}})
		l.settled(t)
		l.close()
		if !a.alive() {
			t.Fatalf("%s: it died", name)
		}
	}
	a.same(t, before)
	a.check(t)
	a.honest(t)
}

// same compares who belongs, but for the times.
func (a *attack) same(t *testing.T, before string) {
	t.Helper()
	strip := func(s string) (out []map[string]any) {
		if err := json.Unmarshal([]byte(s), &out); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		for _, m := range out {
			delete(m, "devices")
		}
		return out
	}
	was, is := strip(before), strip(a.Must("space", "members", a.space, "--json"))
	x, y := mustJSON(t, was), mustJSON(t, is)
	if x != y {
		t.Errorf("the members were %s and are %s", x, y)
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func evidence(t *testing.T, body fields) []byte {
	t.Helper()
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := mode.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	out, err := mode.Marshal(fields{3: raw})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// id is the victim's device.
func (v *victim) id(t *testing.T) []byte {
	t.Helper()
	l := newDevice(t, "Eve").dial(t, v)
	defer l.close()
	return l.peer
}

// invite makes an invitation, and returns the secret key in its link.
func (v *victim) invite(t *testing.T, args ...string) ed25519.PrivateKey {
	t.Helper()
	text := v.Line(append([]string{"space", "invite", v.space}, args...)...)
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(text, "starling:"))
	if err != nil || len(b) < 33 {
		t.Fatalf("link %q: %v", text, err)
	}
	return ed25519.NewKeyFromSeed(b[1:33])
}

// redeem asks to be let in, and returns the answer; 255 is none.
func (l *line) redeem(t *testing.T, key ed25519.PrivateKey, sig []byte) uint8 {
	t.Helper()
	l.send(t, kindRedeem, fields{1: []byte(key.Public().(ed25519.PublicKey)), 2: sig})
	_ = l.control.SetReadDeadline(time.Now().Add(lab.Soon))
	for {
		m, err := read(l.control)
		if err != nil {
			return 255
		}
		if m.kind == kindRedeemed {
			var outcome uint8
			if raw := m.m[2]; raw != nil {
				m.field(t, 2, &outcome)
			}
			return outcome
		}
	}
}

func (l *line) redemption(key ed25519.PrivateKey) []byte {
	return ed25519.Sign(key, append(append([]byte("starling/redeem/1"), l.id()...), l.exporter...))
}

// Strangers with no link, another's link, a link that was used, taken back or has
// expired are not let in, and learn nothing of the space; one with a good link is.
func TestRedemptions(t *testing.T) {
	v := attacked(t, "Ada")
	v.settle(t)
	stranger := func() *line {
		l := newDevice(t, "Eve").dial(t, v).greet(t)
		l.send(t, kindTags, fields{1: [][]byte{}})
		return l
	}
	good, spent := v.invite(t, "--count", "1"), v.invite(t, "--count", "1")
	none := newDevice(t, "nobody").key
	welcome := stranger()
	if got := welcome.redeem(t, spent, welcome.redemption(spent)); got != 0 {
		t.Fatalf("a good redemption is answered with %d", got)
	}
	welcome.await(t, kindGrant)
	expired, made := v.invite(t, "--expires", "1s"), time.Now()
	for name, tt := range map[string]struct {
		key ed25519.PrivateKey
		sig func(l *line) []byte
	}{
		"no link":                {none, func(l *line) []byte { return l.redemption(none) }},
		"signed by none":         {good, func(*line) []byte { return make([]byte, 64) }},
		"signed by another key":  {good, func(l *line) []byte { return l.redemption(none) }},
		"of another connection":  {good, func(*line) []byte { return welcome.redemption(good) }},
		"used":                   {spent, func(l *line) []byte { return l.redemption(spent) }},
		"expired":                {expired, func(l *line) []byte { return l.redemption(expired) }},
		"the device's signature": {good, func(l *line) []byte { return l.redemption(l.key) }},
		"the peer's ID, replayed": {good, func(l *line) []byte {
			return ed25519.Sign(good, append([]byte("starling/redeem/1"), append(l.peer, l.exporter...)...))
		}},
	} {
		if name == "expired" {
			lab.Eventually(t, "the time is over", func() bool { return time.Since(made) > 2*time.Second })
		}
		l := stranger()
		if got := l.redeem(t, tt.key, tt.sig(l)); got == 0 || got == 255 {
			t.Errorf("%s: answered with %d", name, got)
		}
		for _, kind := range l.heard(50 * time.Millisecond) {
			if kind == kindGrant || kind == kindDigest || kind == kindRoster {
				t.Errorf("%s: it hears message %d", name, kind)
			}
		}
		l.close()
	}
	tries := stranger()
	for range 10 {
		tries.send(t, kindRedeem, fields{1: []byte(none.Public().(ed25519.PublicKey)), 2: make([]byte, 64)})
	}
	if !tries.ended(lab.Soon) {
		t.Error("one may try again and again")
	}
	if n := len(v.Members(v.space)); n != 2 {
		t.Errorf("the space has %d members", n)
	}
	v.check(t)
	last := stranger()
	if got := last.redeem(t, good, last.redemption(good)); got != 0 {
		t.Errorf("then a good one is answered with %d", got)
	}
}
