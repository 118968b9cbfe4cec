package protocol

import (
	"testing"
	"testing/synctest"
	"time"

	"starling/sync/identity"
)

// A stranger has ten seconds and four kilobytes, however it cuts them; one who
// compares a code has the time for that.
func TestWhatAStrangerMay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newRaw(t, newFakeHost(t, 1)).greet()
		pass(strangerTime - time.Second)
		p.wantCause("not yet", nil)
		pass(2 * time.Second)
		if closed, side, cause := p.end.ended(); !closed || side != 1 || cause != nil || p.cause() != nil {
			t.Errorf("after %v: closed is %v by %d: %v", strangerTime, closed, side, cause)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		p := newRaw(t, newFakeHost(t, 1)).greet()
		for range maxStrangerBytes / 50 {
			p.send(&unknown{3})
			p.bytes(99, 40, make([]byte, 39))
		}
		p.wantCause("too much", ErrLimit)
	})
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p := newRaw(t, h).greet()
		nonce := [identity.NonceLen]byte{5}
		p.send(&pairRequest{Commitment: identity.Commitment(nonce, identity.DeviceID{9}, h.id)}, &pairReveal{nonce})
		pass(time.Minute)
		p.wantCause("comparing a code", nil)
		p.send(&pairReject{})
		pass(2 * strangerCheck)
		if closed, _, cause := p.end.ended(); !closed || cause != nil {
			t.Errorf("after that: closed is %v: %v", closed, cause)
		}
	})
	// One who asks to pair and shows nobody a code compares nothing.
	synctest.Test(t, func(t *testing.T) {
		p := newRaw(t, newFakeHost(t, 1)).greet()
		pass(strangerTime - time.Second)
		p.send(&pairRequest{})
		pass(revealTime - time.Second)
		p.wantCause("about to open its nonce", nil)
		pass(1*time.Second + 2*strangerCheck)
		if closed, _, cause := p.end.ended(); !closed || cause != nil {
			t.Errorf("without a code: closed is %v: %v", closed, cause)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		h.paired[identity.DeviceID{9}] = true
		p := newRaw(t, h).greet()
		for range 300 {
			p.bytes(99, 40, make([]byte, 39))
		}
		pass(time.Minute)
		p.wantCause("one who has paired", nil)
	})
}

// Who says too much is read more slowly, and loses nothing.
func TestThePaceOfAPeer(t *testing.T) {
	now := time.Unix(0, 0)
	var p pace
	for range burst*paceMessages - 1 {
		if wait := p.spend(100, now); wait > 0 {
			t.Fatalf("it waits %v", wait)
		}
	}
	total := time.Duration(0)
	for range paceMessages {
		wait := p.spend(100, now)
		total += wait
		now = now.Add(wait)
	}
	if total < 900*time.Millisecond || total > 1100*time.Millisecond {
		t.Errorf("%d messages more take %v", paceMessages, total)
	}
	if wait := p.spend(paceBytes, now); wait > time.Second {
		t.Errorf("%v for %d bytes", wait, paceBytes)
	}
	if wait := p.spend(burst*paceBytes, now.Add(time.Hour)); wait > 0 {
		t.Errorf("%v after an hour", wait)
	}
}
