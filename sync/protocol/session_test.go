package protocol

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt"
	"starling/sync/identity"
	"starling/sync/trust"
)

func TestHellos(t *testing.T) {
	tests := map[string]struct {
		say  func(p *raw)
		wait time.Duration
		want error
	}{
		"ours":              {func(p *raw) { p.send(&hello{Version: Version, Name: "Nine"}) }, 0, nil},
		"another version":   {func(p *raw) { p.send(&hello{Version: 3, Name: strings.Repeat("x", 3000)}) }, partingTimeout, ErrVersion},
		"a long name":       {func(p *raw) { p.send(&hello{Version: Version, Name: strings.Repeat("ü", MaxName+1)}) }, 0, ErrLimit},
		"a long colour":     {func(p *raw) { p.send(&hello{Version: Version, Colour: "#1234567"}) }, 0, ErrLimit},
		"something else":    {func(p *raw) { p.send(&tags{}) }, 0, ErrMalformed},
		"an unknown kind":   {func(p *raw) { p.bytes(99, 2, []byte{0}) }, 0, ErrMalformed},
		"no map":            {func(p *raw) { p.bytes(kindHello, 2, []byte{0x80}) }, 0, ErrMalformed},
		"an empty frame":    {func(p *raw) { p.bytes(kindHello, 0, nil) }, 0, ErrMalformed},
		"silence":           {func(*raw) {}, helloTimeout, ErrSilent},
		"half a frame":      {func(p *raw) { p.bytes(kindHello, 100, make([]byte, 50)) }, helloTimeout, ErrSilent},
		"not silent yet":    {func(*raw) {}, helloTimeout - 1, nil},
		"late, but in time": {func(p *raw) { pass(helloTimeout - 1); p.send(&hello{Version: Version}) }, time.Minute, nil},
		"twice, the same":   {func(p *raw) { p.greet().send(&hello{Version: Version, Name: "X"}) }, 0, nil},
		"of another run":    {func(p *raw) { p.greet().send(&hello{Version: Version, Run: [16]byte{1}}) }, 0, ErrMalformed},
		"of another version later": {
			func(p *raw) { p.greet().send(&hello{Version: 3}) }, 0, ErrMalformed,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newRaw(t, newFakeHost(t, 1))
				tt.say(p)
				pass(tt.wait)
				p.wantCause(name, tt.want)
			})
		})
	}
}

// Both sides learn both versions, whoever is quicker, and nothing else is said.
func TestVersionsAreToldOnBothSides(t *testing.T) {
	for _, theirs := range []uint32{1, Version + 1} {
		synctest.Test(t, func(t *testing.T) {
			p := newRaw(t, newFakeHost(t, 1))
			p.send(&hello{Version: theirs, Name: "Nine"})
			synctest.Wait()
			if m, ok := p.read().(*hello); !ok || m.Version != Version {
				t.Errorf("%+v", m)
			}
			if got := p.drain(); len(got) > 0 {
				t.Errorf("said %v", got)
			}
			pass(partingTimeout)
			p.wantCause("another version", ErrVersion)
			var told *VersionError
			if !errors.As(p.link.err, &told) || told.Theirs != theirs || told.Ours != Version {
				t.Errorf("%v", p.link.err)
			}
			if got := p.link.session.Profile().Version; got != theirs {
				t.Errorf("the peer speaks version %d", got)
			}
		})
	}
}

func TestNamesAreSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p := newRaw(t, h).greet()
		synctest.Wait()
		if got := p.link.session.Profile(); got.Name != "Nine" {
			t.Errorf("the peer is %+v", got)
		}
		p.send(&hello{Version: Version, Name: "Neun"})
		p.link.session.Rename()
		p.link.session.Rename()
		if got := p.drain(); len(got) > 2 || got[0].(*hello).Name != "host 1" {
			t.Errorf("sent %v", got)
		}
		if !slices.Equal(h.renamed, []string{"Neun"}) || p.link.session.Profile().Name != "Neun" {
			t.Errorf("heard %v", h.renamed)
		}
	})
}

// A stranger's frames do nothing, or end the session with a reason; none reaches
// the host with a space.
func TestAStranger(t *testing.T) {
	space := trust.SpaceID{1}
	long := make([][]byte, 300)
	tests := map[string]struct {
		m    message
		want error
	}{
		"unknown":              {&unknown{3}, nil},
		"noise for tags":       {&tags{make([]trust.Tag, 4)}, nil},
		"too many tags":        {&tags{make([]trust.Tag, MaxTags+1)}, ErrLimit},
		"roster":               {&roster{space, [][]byte{make([]byte, 32)}}, nil},
		"many statements":      {&roster{space, long}, ErrLimit},
		"grant":                {&grant{space, []trust.Secret{{}}, [][]byte{make([]byte, 32)}, true}, nil},
		"grant of a new space": {&grant{trust.SpaceID{7}, []trust.Secret{{}}, [][]byte{make([]byte, 32)}, true}, nil},
		"digest":               {&digest{Space: space}, nil},
		"vectors":              {&vectors{Space: space, Last: true}, nil},
		"changes":              {&changes{Space: space, Changes: [][]byte{{1}}}, nil},
		"have":                 {&have{Space: space}, nil},
		"want":                 {&have{Space: space, Want: true}, nil},
		"presence":             {&presence{Space: space}, nil},
		"reach":                {&reach{make([]identity.DeviceID, 3)}, nil},
		"nonce":                {&pairNonce{}, ErrMalformed},
		"reveal":               {&pairReveal{}, ErrMalformed},
		"confirm":              {&pairConfirm{}, ErrMalformed},
		"reject":               {&pairReject{}, nil},
	}
	for name, tt := range tests {
		for _, tagged := range []bool{false, true} {
			t.Run(fmt.Sprint(name, tagged), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h := newFakeHost(t, 1)
					found(1, h, newFakeHost(t, 2))
					h.edit(space, docs[0], 10)
					p := newRaw(t, h).greet()
					if _, ok := tt.m.(*tags); tagged && !ok {
						p.send(&tags{make([]trust.Tag, 4)})
					}
					p.send(tt.m)
					p.wantCause(name, tt.want)
					if h.grants > 0 || h.received > 0 || len(h.places) > 0 || len(h.acked) > 0 || len(h.pairings) > 0 {
						t.Error("it reached the host")
					}
					if got := p.drain(); len(got) > 0 {
						t.Errorf("it was answered by %T", got[0])
					}
				})
			})
		}
	}
}

func TestSecondsAreRefused(t *testing.T) {
	space := trust.SpaceID{1}
	sums := &parts{space, make([][16]byte, Parts)}
	tests := map[string][]message{ // the last one is sent twice
		"digest":  {&digest{Space: space}},
		"parts":   {&digest{Space: space}, sums},
		"vectors": {&digest{Space: space}, sums, &vectors{Space: space, Last: true}},
	}
	for name, say := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newFakeHost(t, 1)
				found(1, h, nobody(9))
				p := newRaw(t, h)
				p.join(h, space)
				p.send(say...)
				p.wantCause("the first", nil)
				p.send(say[len(say)-1])
				p.wantCause("the second", ErrMalformed)
			})
		})
	}
}

// What a peer says of a space before we know that we share it is not forgotten:
// here someone offered it to one who had not paired with it, and a third one
// brought that one in later.
func TestADigestThatComesEarly(t *testing.T) {
	for _, edits := range []int{0, 1} {
		synctest.Test(t, func(t *testing.T) {
			a, b, c := newFakeHost(t, 1), newFakeHost(t, 2), newFakeHost(t, 3)
			space := found(1, a, c)
			for _, h := range []*fakeHost{a, c} {
				h.spaces[space].admit(b.id)
			}
			for range edits {
				a.edit(space, docs[0], 10)
			}
			x, _ := dial(a, b)
			pass(time.Second)
			if b.grants > 0 || len(b.spaces) > 0 {
				t.Fatal("someone was brought in by one with whom nobody has paired")
			}
			b.paired[c.id] = true
			z, _ := dial(b, c)
			pass(time.Second)
			z.stop()
			for _, h := range []*fakeHost{b, a} {
				h.edit(space, docs[1], 10)
				pass(2 * time.Second)
				same(t, a, b)
			}
			if closed, _, cause := x.ended(); closed {
				t.Errorf("closed: %v", cause)
			}
		})
	}
}

// A space of thousands of members is granted in pages to one who has paired.
func TestALargeGrant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newFakeHost(t, 1), newFakeHost(t, 2)
		space := found(1, a)
		a.spaces[space].admit(b.id)
		for i := range trust.MaxStatements - 2 {
			a.spaces[space].admit(identity.DeviceID{200, byte(i), byte(i >> 8)})
		}
		a.edit(space, docs[0], 10)
		b.paired[a.id] = true
		l, _ := dial(a, b)
		pass(time.Second)
		same(t, a, b)
		if b.grants != 1 || !l.session.Shares(space) {
			t.Errorf("%d grants", b.grants)
		}
		a.mu.Lock()
		a.spaces[space].admit(identity.DeviceID{201})
		a.mu.Unlock()
		l.session.PushStatements(space, [][]byte{append([]byte{201}, make([]byte, 31)...)})
		pass(time.Second)
		if a.RosterDigest(space) != b.RosterDigest(space) {
			t.Error("the rosters differ")
		}
	})
}

// One who is out, and has no secret in common any more with those inside, is brought
// back by a friend.
func TestAGrantToOneWhoIsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		space := found(1, h)
		h.paired[identity.DeviceID{9}] = true
		h.spaces[space].gone = map[identity.DeviceID]bool{h.id: true}
		p := newRaw(t, h).greet()
		p.send(&tags{}, &grant{space, []trust.Secret{{2}}, [][]byte{make([]byte, 32)}, true})
		pass(time.Second)
		if h.grants != 1 {
			t.Errorf("%d grants were taken", h.grants)
		}
	})
}

// Of a space that we know nobody may state anything who doesn't know its secret.
func TestAGrantWithAWrongSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		space := found(1, h)
		h.paired[identity.DeviceID{9}] = true
		p := newRaw(t, h).greet()
		p.send(&tags{}, &grant{space, []trust.Secret{{2}}, [][]byte{make([]byte, 32)}, true})
		p.wantCause("a wrong secret", nil)
		if h.grants > 0 || p.link.session.Shares(space) {
			t.Error("it was taken")
		}
		p.send(&grant{trust.SpaceID{5}, []trust.Secret{{}}, nil, false}, &grant{trust.SpaceID{6}, []trust.Secret{{}}, nil, true})
		p.wantCause("two grants mixed", ErrMalformed)
	})
}

func TestUnknownKindsArePassedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newRaw(t, newFakeHost(t, 1)).greet()
		for range 30 {
			p.bytes(77, 100, make([]byte, 99))
		}
		p.bytes(78, 1, nil)
		got := p.drain()
		if len(got) != 2 || got[0].(*unknown).Kind != 77 || got[1].(*unknown).Kind != 78 {
			t.Errorf("answered %d times: %v", len(got), got)
		}
		p.wantCause("unknown kinds", nil)
	})
}

// A length is refused before memory is taken for it, a stranger's sooner.
func TestFramesOverTheLimit(t *testing.T) {
	tests := []struct {
		name   string
		kind   kind
		length uint32
		member bool
		want   error
	}{
		{"a stranger's", kindRoster, maxStrangerBytes - 100, false, nil},
		{"a stranger's, too long", kindRoster, maxStrangerBytes, false, ErrLimit},
		{"a stranger's unknown kind", 99, maxStrangerBytes, false, ErrLimit},
		{"a member's", kindChanges, MaxFrame, true, nil},
		{"a member's, too long", kindChanges, MaxFrame + 1, true, ErrLimit},
		{"the longest of all", kindChanges, 1<<32 - 1, true, ErrLimit},
		{"a long digest", kindDigest, maxSmallFrame + 1, true, ErrLimit},
		{"a long page of vectors", kindVectors, 1 << 20, true, ErrLimit},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newFakeHost(t, 1)
				p := newRaw(t, h)
				if tt.member {
					p.join(h, found(1, h, nobody(9)))
				} else {
					p.greet()
				}
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				p.bytes(tt.kind, tt.length, nil)
				p.wantCause(tt.name, tt.want)
				runtime.ReadMemStats(&after)
				if grown := after.TotalAlloc - before.TotalAlloc; tt.want != nil && grown > 1<<20 {
					t.Errorf("%d bytes were taken", grown)
				}
			})
		})
	}
}

// The limit is that of the moment when a frame comes, not of the moment when
// the reader began to wait for it.
func TestTheLimitGrowsWhileTheReaderWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p := newRaw(t, h).greet()
		p.send(&tags{})
		synctest.Wait()
		h.mu.Lock()
		h.paired[identity.DeviceID{9}] = true
		h.mu.Unlock()
		statements := make([][]byte, MaxStatements)
		for i := range statements {
			statements[i] = append([]byte{byte(i)}, make([]byte, 99)...)
		}
		statements[0][0], statements[1][0] = 9, 1
		p.send(&grant{trust.SpaceID{1}, []trust.Secret{{1}}, statements, true})
		p.wantCause("a large grant", nil)
		if !p.link.session.Shares(trust.SpaceID{1}) {
			t.Error("the grant was not taken")
		}
	})
}

// A session ends with its context, whatever it waits for, and reports nothing.
func TestRunEndsWithItsContext(t *testing.T) {
	for _, greeted := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			h := newFakeHost(t, 1)
			w := newWire(identity.DeviceID{9}, h.id, 1)
			mine, theirs := w.ends()
			s := NewSession(h.id, theirs, h, discard)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- s.Run(ctx) }()
			if greeted {
				control, _ := mine.OpenControl(ctx)
				if err := writeMessages(control, &hello{Version: Version}, &pairRequest{}); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Wait()
			cancel()
			if err := <-done; err != nil {
				t.Errorf("it returned %v", err)
			}
			if greeted && !errors.Is(h.lastPairing(s).Err, ErrPairingEnded) && len(h.pairings[s]) > 0 {
				t.Errorf("the pairing ended with %v", h.lastPairing(s).Err)
			}
			s.Push(Commit{Doc: crdt.DocID{1}}) // of which nothing may come
			if err := s.RequestPairing(false); !errors.Is(err, ErrPairingUsed) {
				t.Errorf("a pairing began afterwards: %v", err)
			}
		})
	}
}
