package protocol

import (
	"bufio"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"starling/sync/identity"
)

// couple is two hosts that are connected and share nothing.
type couple struct {
	t    *testing.T
	host [2]*fakeHost
	s    [2]*Session
	wire *wire
}

func newCouple(t *testing.T, change ...func(*wire)) *couple {
	a, b := newFakeHost(t, 1), newFakeHost(t, 2)
	x, y := dial(a, b, change...)
	pass(strangerCheck * 3 / 2) // so that no timeout of a pairing meets a look at strangers
	return &couple{t, [2]*fakeHost{a, b}, [2]*Session{x.session, y.session}, x.wire}
}

func (c *couple) see(side int) Pairing { return c.host[side].lastPairing(c.s[side]) }

// do takes steps, each a side and a letter: q asks, l asks to link, c confirms, r rejects, e ends
// the connection, t lets two minutes pass, and a dot lets all messages arrive.
func (c *couple) do(steps string) {
	c.t.Helper()
	for i := 0; i < len(steps); i++ {
		switch steps[i] {
		case '.':
			pass(10 * c.wire.delay)
			continue
		case 't':
			pass(PairingTimeout)
			continue
		}
		side := int(steps[i] - '0')
		i++
		var err error
		switch steps[i] {
		case 'q':
			err = c.s[side].RequestPairing(false)
		case 'l':
			err = c.s[side].RequestPairing(true)
		case 'c':
			err = c.s[side].ConfirmPairing()
		case 'r':
			err = c.s[side].RejectPairing()
		case 'e':
			c.s[side].End(nil)
		}
		if err != nil {
			c.t.Fatalf("step %q: %v", steps[:i+1], err)
		}
	}
	pass(10 * c.wire.delay)
}

// Nothing arrives between two steps without a dot: where both ask, their requests
// cross, and the one of the smaller ID is the asker.
func TestPairing(t *testing.T) {
	done := [2]error{}
	rejected := [2]error{ErrRejected, ErrRejected}
	ended := [2]error{ErrPairingEnded, ErrPairingEnded}
	tests := []struct {
		name, steps string
		code        bool // a code was seen
		asker       int
		want        [2]error
	}{
		{"the dialler asks", "0q.0c.1c.", true, 0, done},
		{"the other asks", "1q.0c.1c.", true, 1, done},
		{"the asker confirms first", "0q.0c1c.", true, 0, done},
		{"both at once", "0q.1c0c.", true, 0, done},
		{"both ask", "0q1q.0c.1c.", true, 0, done},
		{"both ask, the other first", "1q0q.0c.1c.", true, 0, done},
		{"one asks when asked", "1q.0q.1c0c.", true, 1, done},
		{"one asks twice", "1q1q.1q0c1c.", true, 1, done},
		{"one confirms twice", "1q.1c1c.0c.", true, 1, done},
		{"the one asked says no", "0q.1r.", true, 0, rejected},
		{"the asker says no", "0q.0r.", true, 0, rejected},
		{"no after yes", "0q.0c.0r.", true, 0, rejected},
		{"yes against no", "0q.0c1r.", true, 0, rejected},
		{"withdrawn before the code", "0q0r.", false, 0, rejected},
		{"withdrawn as the other asks", "1q0q0r.", false, 0, rejected},
		{"withdrawn by the larger as the other asks", "0q1q1r.", false, 0, rejected},
		{"nobody answers", "0q.t", true, 0, [2]error{ErrPairingTimeout, ErrPairingTimeout}},
		{"one answers", "0q.0ct", true, 0, [2]error{ErrPairingTimeout, ErrPairingTimeout}},
		{"the end", "0q.0e.", true, 0, ended},
		{"the end after one yes", "0q.1c.1e.", true, 0, ended},
		{"the end after all", "0q.1c0c.1e.", true, 0, done},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCouple(t, func(w *wire) { w.delay = time.Millisecond })
				c.do(tt.steps)
				for side := range 2 {
					got := c.see(side)
					timeout := errors.Is(tt.want[side], ErrPairingTimeout) && errors.Is(got.Err, ErrRejected) // the other's clock was ahead
					if !errors.Is(got.Err, tt.want[side]) && !timeout || tt.want[side] == nil && (got.Err != nil || !got.Done()) {
						t.Errorf("side %d: %+v, want %v", side, got, tt.want[side])
					}
					if c.host[side].paired[c.host[1-side].id] != (tt.want[side] == nil) {
						t.Errorf("side %d: paired is %v", side, tt.want[side] != nil)
					}
					if tt.code && (got.Incoming != (side != tt.asker) || len(got.Code) != 6 || got.Code != c.see(1-side).Code) {
						t.Errorf("side %d: %+v, the other sees code %q", side, got, c.see(1-side).Code)
					}
					if !tt.code && got.Code != "" {
						t.Errorf("side %d sees a code", side)
					}
					for _, err := range []error{c.s[side].ConfirmPairing(), c.s[side].RejectPairing()} {
						if !errors.Is(err, ErrNoPairing) {
							t.Errorf("side %d: an answer after the end: %v", side, err)
						}
					}
				}
				pass(2 * strangerCheck)
				closed, _, cause := c.wire.ended()
				// Who has not paired after two minutes is left, as any stranger is.
				wantEnd := tt.steps[len(tt.steps)-2] == 'e' || errors.Is(c.see(0).Err, ErrPairingTimeout) || errors.Is(c.see(1).Err, ErrPairingTimeout)
				if closed != wantEnd || cause != nil {
					t.Errorf("closed is %v: %v", closed, cause)
				}
				if err := c.s[tt.asker].RequestPairing(false); !errors.Is(err, ErrPairingUsed) {
					t.Errorf("a second attempt: %v", err)
				}
			})
		})
	}
}

// Each side is told of every step in order, and of none twice.
func TestPairingStepsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCouple(t)
		c.do("0q.0c.1c.")
		code := c.see(0).Code
		want := [2][]Pairing{
			{{Code: code}, {Code: code, Mine: true}, {Code: code, Mine: true, Theirs: true}},
			{
				{Incoming: true},
				{Incoming: true, Code: code},
				{Incoming: true, Code: code, Theirs: true},
				{Incoming: true, Code: code, Theirs: true, Mine: true},
			},
		}
		for side := range 2 {
			if got := c.host[side].pairings[c.s[side]]; fmt.Sprint(got) != fmt.Sprint(want[side]) {
				t.Errorf("side %d: %+v, want %+v", side, got, want[side])
			}
		}
	})
}

func TestAnswersBeforeThereIsACode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCouple(t)
		for _, err := range []error{c.s[0].ConfirmPairing(), c.s[0].RejectPairing()} {
			if !errors.Is(err, ErrNoPairing) {
				t.Errorf("got %v", err)
			}
		}
		if err := c.s[0].RequestPairing(false); err != nil {
			t.Fatal(err)
		}
		if err := c.s[0].ConfirmPairing(); !errors.Is(err, ErrNoPairing) {
			t.Errorf("confirmed without a code: %v", err)
		}
	})
}

// What one who does not keep to the steps sends, and what comes of it.
func TestPairingOutOfTurn(t *testing.T) {
	nonce := [identity.NonceLen]byte{5}
	good := &pairRequest{Commitment: identity.Commitment(nonce, identity.DeviceID{9}, identity.DeviceID{1})}
	ask := func(p *raw) { _ = p.link.session.RequestPairing(false); synctest.Wait() }
	tests := map[string]struct {
		before func(p *raw)
		say    []message
		want   error
		code   bool
	}{
		"as it should be":           {nil, []message{good, &pairReveal{nonce}}, nil, true},
		"another nonce":             {nil, []message{good, &pairReveal{[identity.NonceLen]byte{6}}}, ErrMalformed, false},
		"a commitment for another":  {nil, []message{&pairRequest{Commitment: identity.Commitment(nonce, identity.DeviceID{1}, identity.DeviceID{9})}, &pairReveal{nonce}}, ErrMalformed, false},
		"confirm before the reveal": {nil, []message{good, &pairConfirm{}}, ErrMalformed, false},
		"a second request":          {nil, []message{good, good}, ErrRefused, false},
		"a request after the code":  {nil, []message{good, &pairReveal{nonce}, good}, ErrRefused, true},
		"a request after the end":   {nil, []message{good, &pairReject{}, good}, ErrRefused, false},
		"a second reveal":           {nil, []message{good, &pairReveal{nonce}, &pairReveal{nonce}}, ErrMalformed, true},
		"a nonce to the one asked":  {nil, []message{good, &pairNonce{}}, ErrMalformed, false},
		"a nonce":                   {ask, []message{&pairNonce{}}, nil, true},
		"a nonce twice":             {ask, []message{&pairNonce{}, &pairNonce{}}, ErrMalformed, true},
		"a link after the code":     {ask, []message{&pairNonce{}, &pairRequest{Link: true}}, ErrRefused, true},
		"a reveal to the asker":     {ask, []message{&pairReveal{nonce}}, ErrMalformed, false},
		"confirm before the nonce":  {ask, []message{&pairConfirm{}}, ErrMalformed, false},
		"a request that crosses":    {ask, []message{good}, nil, false},
		"two that cross":            {ask, []message{good, good}, ErrRefused, false},
		"a request after we withdrew": {
			func(p *raw) { ask(p); _ = p.link.session.RejectPairing() }, []message{good}, nil, false,
		},
		"a nonce after we withdrew": {
			func(p *raw) { ask(p); _ = p.link.session.RejectPairing() }, []message{&pairNonce{}, &pairConfirm{}}, nil, false,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newFakeHost(t, 1)
				p := newRaw(t, h).greet()
				if tt.before != nil {
					tt.before(p)
				}
				p.send(tt.say...)
				p.wantCause(name, tt.want)
				got := h.lastPairing(p.link.session)
				if (got.Code != "") != tt.code {
					t.Errorf("%+v", got)
				}
				if tt.want != nil && !errors.Is(got.Err, ErrPairingEnded) && got.Err == nil {
					t.Errorf("the pairing goes on: %+v", got)
				}
				if len(h.paired) > 0 {
					t.Error("paired")
				}
			})
		})
	}
}

// Someone in between has two connections with two exporters: the two people see
// two codes, however the messages are passed on.
func TestSomeoneInBetween(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, mallory := newFakeHost(t, 1), newFakeHost(t, 2), identity.DeviceID{9}
		left, right := newWire(mallory, a.id, 1), newWire(mallory, b.id, 2)
		var ends [2]*raw
		for i, w := range []*wire{left, right} {
			mine, theirs := w.ends()
			h := []*fakeHost{a, b}[i]
			link := h.serve(theirs)
			control, err := mine.OpenControl(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			ends[i] = &raw{t: t, end: mine, link: link, w: control, r: bufio.NewReader(control)}
			ends[i].greet()
		}
		if err := ends[0].link.session.RequestPairing(false); err != nil {
			t.Fatal(err)
		}
		// The commitment names both IDs, so it can't be passed on as it is: a's
		// request is answered by Mallory, who asks b for himself.
		if _, ok := ends[0].read().(*pairRequest); !ok {
			t.Fatal("no request")
		}
		nonce := [identity.NonceLen]byte{3}
		ends[1].send(&pairRequest{Commitment: identity.Commitment(nonce, mallory, b.id)})
		theirs := ends[1].read().(*pairNonce)
		ends[0].send(&pairNonce{theirs.Nonce}) // b's own nonce
		if _, ok := ends[0].read().(*pairReveal); !ok {
			t.Fatal("no reveal")
		}
		ends[1].send(&pairReveal{nonce})
		synctest.Wait()
		codeA, codeB := a.lastPairing(ends[0].link.session).Code, b.lastPairing(ends[1].link.session).Code
		if codeA == "" || codeA == codeB {
			t.Errorf("codes %q and %q", codeA, codeB)
		}
		// To reuse a's nonce, Mallory must know it before a reveals it.
	})
}

// The same on an honest connection gives the same code, as computed apart.
func TestTheCodeIsThatOfBothSides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p := newRaw(t, h).greet()
		nonce := [identity.NonceLen]byte{3}
		p.send(&pairRequest{Commitment: identity.Commitment(nonce, identity.DeviceID{9}, h.id)})
		theirs := p.read().(*pairNonce).Nonce
		p.send(&pairReveal{nonce})
		synctest.Wait()
		want := identity.Pairing{
			Exporter: p.end.Exporter(), Requester: identity.DeviceID{9}, Responder: h.id,
			RequesterNonce: nonce, ResponderNonce: theirs,
		}.Code()
		if got := h.lastPairing(p.link.session).Code; got != want {
			t.Errorf("code %s, want %s", got, want)
		}
	})
}

// The peer hears of our yes only after the host has: what the peer then sends
// meets a host that knows.
func TestTheHostKnowsBeforeThePeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCouple(t)
		c.do("0q.0c.")
		told := false
		c.host[1].onPairing = func(p Pairing) {
			told = true
			synctest.Wait() // all that has been sent arrives
			if c.see(0).Theirs || !p.Done() {
				t.Error("the peer knew first")
			}
		}
		c.do("1c.")
		if !told || !c.see(0).Done() {
			t.Error("not paired")
		}
	})
}
