package protocol

import (
	"bufio"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt"
	"starling/sync/identity"
	"starling/sync/trust"
)

// of returns the messages of one type.
func of[T message](messages []message) []T {
	var out []T
	for _, m := range messages {
		if m, ok := m.(T); ok {
			out = append(out, m)
		}
	}
	return out
}

// member is a session of a host with device 9, which holds nothing of the
// space, and is driven by the test.
func member(t *testing.T, h *fakeHost) (*raw, trust.SpaceID) {
	t.Helper()
	space := found(1, h, nobody(9))
	return newRaw(t, h).sync(h, space), space
}

// bulk reads the catch-ups that have been sent.
func (p *raw) bulk() []*changes {
	p.t.Helper()
	synctest.Wait()
	p.end.mu.Lock()
	streams := p.end.bulk[0]
	p.end.bulk[0] = nil
	p.end.mu.Unlock()
	var out []*changes
	for _, st := range streams {
		r := bufio.NewReader(st)
		for {
			m, err := readFrame(r, func() int { return MaxFrame })
			if err != nil {
				break
			}
			out = append(out, m.(*changes))
		}
	}
	return out
}

// One who does not read loses its queue, holds up nobody, and gets the rest from
// the store once it reads again.
func TestASlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newFakeHost(t, 1), newFakeHost(t, 2)
		space := found(1, a, b)
		l, _ := dial(a, b)
		pass(time.Second)
		l.mu.Lock()
		l.room = 0 // nothing more gets through
		l.mu.Unlock()
		for i := range 100 {
			a.edit(space, docs[i%3], 100_000)
		}
		pass(time.Minute)
		l.session.mu.Lock()
		queued := l.session.queued
		for _, d := range l.session.live {
			if len(d.queue) == 0 && !d.behind {
				t.Error("a document has neither a queue nor a catch-up to come")
			}
		}
		l.session.mu.Unlock()
		if queued > maxQueued {
			t.Errorf("%d bytes wait", queued)
		}
		if l.bulks > maxCatchUps {
			t.Errorf("%d streams are open", l.bulks)
		}
		l.mu.Lock()
		l.room = 1 << 20
		l.cond.Broadcast()
		l.mu.Unlock()
		pass(10 * time.Second)
		same(t, a, b)
	})
}

// What the peer gets from its sender anyway is not sent, unless it does not come.
func TestRelays(t *testing.T) {
	for _, honest := range []bool{true, false} {
		t.Run(fmt.Sprint(honest), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newFakeHost(t, 1)
				third := identity.DeviceID{3}
				p, space := member(t, h)
				p.send(&reach{[]identity.DeviceID{third, {}, h.id}})
				synctest.Wait()
				p.drain()
				c := makeChange([]byte("0123456789abcdef"), 1, 10)
				h.mu.Lock()
				h.doc(space, docs[0]).take(c)
				h.commitLater(Commit{Space: space, Doc: docs[0], Changes: []crdt.Change{c}, From: third, Heads: []trust.Head{h.head(c)}})
				h.mu.Unlock()
				h.edit(space, docs[1], 10) // ours is sent at once, whatever the peer says
				pass(relayCheck - time.Millisecond)
				got := of[*changes](p.drain())
				if len(got) != 1 || got[0].Doc != docs[1] || len(p.bulk()) > 0 {
					t.Errorf("sent at once: %v", got)
				}
				if honest {
					p.send(&have{Space: space, Doc: docs[0], Vector: toEntries(tips([]crdt.Change{c}))})
				}
				pass(time.Second)
				late := p.bulk()
				if honest == (len(late) > 0) || !honest && (len(late) != 1 || len(late[0].Heads) != 1) {
					t.Errorf("sent later: %v", late)
				}
			})
		})
	}
}

// One who goes on writing through a third device does not put the check off.
func TestRelaysAreCheckedWhileMoreComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		third := identity.DeviceID{3}
		p, space := member(t, h)
		p.send(&reach{[]identity.DeviceID{third}})
		synctest.Wait()
		var deps []crdt.Hash
		for i := range 40 {
			c := makeChange([]byte("0123456789abcdef"), uint64(i+1), 10, deps...)
			deps = []crdt.Hash{c.Hash}
			h.mu.Lock()
			h.doc(space, docs[0]).take(c)
			h.commitLater(Commit{Space: space, Doc: docs[0], Changes: []crdt.Change{c}, From: third, Heads: []trust.Head{h.head(c)}})
			h.mu.Unlock()
			pass(50 * time.Millisecond)
		}
		if late := p.bulk(); len(late) == 0 {
			t.Error("nothing was sent in two seconds")
		}
	})
}

func TestAcknowledgements(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p, space := member(t, h)
		p.drain()
		batches, seq := 0, uint64(0)
		var deps []crdt.Hash
		for i := range 200 {
			c := makeChange([]byte("0123456789abcdef"), uint64(i+1), 10, deps...)
			deps = []crdt.Hash{c.Hash}
			p.send(&changes{Space: space, Doc: docs[0], Changes: [][]byte{c.Bytes}, Heads: []head{toHead(h.head(c))}})
			pass(10 * time.Millisecond)
			for _, m := range of[*have](p.drain()) {
				if m.Want || len(m.Vector) != 1 {
					t.Fatalf("%+v", m)
				}
				batches++
				seq = m.Vector[0].Seq
			}
		}
		pass(ackAlone)
		for _, m := range of[*have](p.drain()) {
			seq = m.Vector[0].Seq
		}
		if most := int(2 * time.Second / ackAlone); batches < most-1 || batches > most+1 || seq != 200 {
			t.Errorf("%d batches in 2 s, the last up to %d", batches, seq)
		}
		pass(time.Minute)
		if got := p.drain(); len(got) > 0 {
			t.Errorf("said again: %v", got)
		}
	})
}

// What is missing is asked for once, later again, and ever more seldom if
// nothing comes of it.
func TestWants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p, space := member(t, h)
		p.drain()
		actor := []byte("0123456789abcdef")
		first := makeChange(actor, 1, 1)
		second := makeChange(actor, 2, 1, first.Hash)
		m := &changes{Space: space, Doc: docs[0], Changes: [][]byte{second.Bytes}, Heads: []head{toHead(h.head(second))}}
		var asked []time.Duration
		start := time.Now()
		for range 3000 { // 5 minutes
			p.send(m)
			pass(100 * time.Millisecond)
			for _, w := range of[*have](p.drain()) {
				if w.Want {
					asked = append(asked, time.Since(start).Round(time.Second))
				}
			}
		}
		if len(asked) < 5 || len(asked) > 12 {
			t.Errorf("asked at %v", asked)
		}
		// What comes on another stream in the meantime need not be asked for.
		p.send(&changes{Space: space, Doc: docs[0], Changes: [][]byte{first.Bytes}, Heads: []head{toHead(h.head(first))}})
		third := makeChange(actor, 3, 1, second.Hash)
		fourth := makeChange(actor, 4, 1, third.Hash)
		p.send(&changes{Space: space, Doc: docs[0], Changes: [][]byte{fourth.Bytes}, Heads: []head{toHead(h.head(fourth))}})
		pass(wantDelay / 2)
		p.send(&changes{Space: space, Doc: docs[0], Changes: [][]byte{third.Bytes}, Heads: []head{toHead(h.head(third))}})
		pass(2 * maxWantInterval)
		for _, w := range of[*have](p.drain()) {
			if w.Want {
				t.Errorf("asked for what had come: %+v", w)
			}
		}
	})
}

// What another peer has brought meanwhile is not asked for, though this one says
// nothing more.
func TestWantsThatOthersFill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p, space := member(t, h)
		first := makeChange([]byte("0123456789abcdef"), 1, 1)
		second := makeChange([]byte("0123456789abcdeg"), 1, 2, first.Hash)
		p.send(&changes{Space: space, Doc: docs[0], Changes: [][]byte{second.Bytes}, Heads: []head{toHead(h.head(second))}})
		pass(wantDelay / 2)
		p.drain()
		third := identity.DeviceID{77}
		h.mu.Lock()
		h.spaces[space].members[third] = true
		h.mu.Unlock()
		other := Received{From: third, Space: space, Doc: docs[0], Chunks: [][]byte{first.Bytes}, Heads: []trust.Head{h.head(first)}}
		if _, err := h.Receive(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		pass(2 * wantInterval)
		for _, w := range of[*have](p.drain()) {
			if w.Want {
				t.Errorf("asked for what had come: %+v", w)
			}
		}
	})
}

// A peer that asks again must wait for that, and not for what is new.
func TestRequestsDontDelayWhatIsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p, space := member(t, h)
		h.edit(space, docs[0], 10)
		pass(time.Second)
		for range 2 {
			p.send(&have{Space: space, Doc: docs[0], Want: true})
			pass(10 * time.Millisecond)
		}
		p.drain()
		p.bulk()
		h.edit(space, docs[0], 10)
		pass(10 * time.Millisecond)
		live := p.drain()
		if got := len(of[*changes](live)) + len(of[*brief](live)) + len(p.bulk()); got != 1 {
			t.Errorf("%d messages with what is new", got)
		}
	})
}

// A request is answered from the store, with what was sent before and not
// acknowledged; a peer that asks all the time is answered once a second at most, and
// ever more rarely while it acknowledges nothing.
func TestRequestsAreAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p, space := member(t, h)
		for range 3 {
			h.edit(space, docs[0], 10)
		}
		pass(time.Second)
		h.mu.Lock()
		held := toEntries(tips(h.docs[docs[0]].changes[:1]))
		h.mu.Unlock()
		p.send(&have{Space: space, Doc: docs[0], Vector: held})
		answers := 0
		for range 1000 {
			p.send(&have{Space: space, Doc: docs[0], Want: true})
			pass(5 * time.Millisecond)
			for _, m := range p.bulk() {
				answers++
				if len(m.Changes) != 2 || len(m.Heads) != 1 {
					t.Fatalf("%d changes and %d heads", len(m.Changes), len(m.Heads))
				}
			}
		}
		if answers < 2 || answers > 6 {
			t.Errorf("%d answers in 5 s", answers)
		}
		p.wantCause("many requests", nil)
	})
}

// A peer that has lost what it had acknowledged gets it again.
func TestWhatIsLostIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p, space := member(t, h)
		for range 3 {
			h.edit(space, docs[0], 10)
		}
		pass(time.Second)
		p.drain()
		h.mu.Lock()
		all := h.docs[docs[0]].changes
		h.mu.Unlock()
		p.send(&have{Space: space, Doc: docs[0], Vector: toEntries(tips(all))})
		p.send(&have{Space: space, Doc: docs[0], Vector: toEntries(tips(all[:1])), Want: true})
		pass(time.Second)
		got := p.bulk()
		if len(got) != 1 || len(got[0].Changes) != 2 {
			t.Errorf("sent again: %d messages", len(got))
		}
	})
}

// A disk that can't be read for a while ends no session.
func TestACatchUpThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newFakeHost(t, 1), newFakeHost(t, 2)
		space := found(1, a, b)
		for range 10 {
			a.edit(space, docs[0], 10)
		}
		a.edit(space, docs[1], 10)
		pass(time.Second)
		a.unread = errDisk
		l, _ := dial(a, b)
		pass(5 * time.Minute)
		select {
		case <-l.done:
			t.Fatal("the session ended:", l.err)
		default:
		}
		if l.bulks > 2*20 {
			t.Errorf("tried %d times", l.bulks)
		}
		a.mu.Lock()
		a.unread = nil
		a.mu.Unlock()
		a.edit(space, docs[0], 10)
		pass(2 * maxRetryDelay)
		same(t, a, b)
	})
}

// A host that can't take changes for a while asks for them later.
func TestChangesThatCannotBeTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newFakeHost(t, 1), newFakeHost(t, 2)
		space := found(1, a, b)
		a.edit(space, docs[0], 10)
		pass(time.Second)
		b.refuse = func(Received) error { return errDisk }
		l, _ := dial(a, b)
		pass(time.Minute)
		a.edit(space, docs[0], 10)
		pass(time.Minute)
		b.mu.Lock()
		b.refuse = nil
		b.mu.Unlock()
		pass(2 * maxWantInterval)
		same(t, a, b)
		b.mu.Lock()
		b.refuse = func(Received) error { return fmt.Errorf("rubbish: %w", ErrMalformed) }
		b.mu.Unlock()
		a.edit(space, docs[0], 10)
		pass(time.Second)
		if closed, _, cause := l.ended(); !closed || !errors.Is(cause, ErrMalformed) {
			t.Errorf("closed %v with %v", closed, cause)
		}
	})
}

// A stream that breaks off is begun again; one that says what does not belong
// there ends the session.
func TestBulkStreams(t *testing.T) {
	tests := map[string]struct {
		write func(w *pipe)
		want  error
	}{
		"nothing":         {func(*pipe) {}, nil},
		"half a frame":    {func(w *pipe) { _, _ = w.Write([]byte{0, 0, 1, 0, 7, 1}) }, nil},
		"half a header":   {func(w *pipe) { _, _ = w.Write([]byte{0, 0}) }, nil},
		"an unknown kind": {func(w *pipe) { _, _ = w.Write([]byte{0, 0, 0, 2, 99, 1}) }, nil},
		"another kind":    {func(w *pipe) { _ = writeMessages(w, &tags{}) }, ErrMalformed},
		"rubbish":         {func(w *pipe) { _, _ = w.Write([]byte{0, 0, 0, 2, 7, 0xff}) }, ErrMalformed},
		"too long":        {func(w *pipe) { _, _ = w.Write([]byte{0xff, 0, 0, 2, 7}) }, ErrLimit},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, _ := member(t, newFakeHost(t, 1))
				for range 2 * maxCatchUps { // each is read to its end
					w, err := p.end.OpenBulk(t.Context())
					if err != nil && tt.want != nil {
						break // the first one has ended the session already
					}
					if err != nil {
						t.Fatal(err)
					}
					tt.write(w.(*pipe))
					_ = w.Close()
				}
				p.wantCause(name, tt.want)
				if p.end.mu.Lock(); tt.want == nil && len(p.end.bulk[1]) > 0 {
					t.Errorf("%d streams were not accepted", len(p.end.bulk[1]))
				}
				p.end.mu.Unlock()
			})
		})
	}
}

// A member that opens many streams and finishes none gets no more than a few
// frames of memory.
func TestUnfinishedStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := member(t, newFakeHost(t, 1))
		for range 50 {
			w, err := p.end.OpenBulk(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			_, _ = w.Write([]byte{0, 0x4f, 0, 0, byte(kindChanges)})
		}
		synctest.Wait()
		p.end.mu.Lock()
		defer p.end.mu.Unlock()
		if n := 50 - len(p.end.bulk[1]); n > maxCatchUps+1 {
			t.Errorf("%d are being read", n)
		}
	})
}

// takeFrom commits a change as if another device had sent it.
func (h *fakeHost) takeFrom(from identity.DeviceID, space trust.SpaceID, doc crdt.DocID, c crdt.Change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.doc(space, doc).take(c)
	h.commitLater(Commit{Space: space, Doc: doc, Changes: []crdt.Change{c}, From: from, Heads: []trust.Head{h.head(c)}})
}

// A change is left to the device that it came from; the next of that actor comes
// another way. Neither is forgotten.
func TestNothingIsSentPastAGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newFakeHost(t, 1)
		p, space := member(t, h)
		p.send(&reach{[]identity.DeviceID{{3}}})
		synctest.Wait()
		p.drain()
		first := makeChange([]byte("0123456789abcdef"), 1, 10)
		second := makeChange([]byte("0123456789abcdef"), 2, 10, first.Hash)
		h.takeFrom(identity.DeviceID{3}, space, docs[0], first)
		h.takeFrom(identity.DeviceID{4}, space, docs[0], second)
		pass(3 * time.Second)
		var got [][]byte
		for _, m := range append(of[*changes](p.drain()), p.bulk()...) {
			got = append(got, m.Changes...)
		}
		if len(got) != 2 || string(got[0]) != string(first.Bytes) || string(got[1]) != string(second.Bytes) {
			t.Errorf("%d changes came", len(got))
		}
	})
}

// What is committed while two compare what they hold arrives too, though nothing
// later builds on it.
func TestCommitsWhileComparing(t *testing.T) {
	for _, both := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			a, b := newFakeHost(t, 1), newFakeHost(t, 2)
			space := found(1, a, b)
			a.read, b.read = 20*time.Millisecond, 30*time.Millisecond
			if both {
				a.edit(space, docs[0], 10)
				b.edit(space, docs[1], 10)
				pass(time.Second)
			}
			dial(a, b, func(w *wire) { w.delay = 10 * time.Millisecond })
			for i := range 100 {
				[]*fakeHost{a, b}[i%2].edit(space, crdt.DocID{9, byte(i)}, 10)
				pass(3 * time.Millisecond)
			}
			pass(2 * time.Second)
			same(t, a, b)
		})
	}
}

// What a peer could not take and asks for while the catch-up goes on is sent
// again when that has ended.
func TestRequestsDuringACatchUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newFakeHost(t, 1), newFakeHost(t, 2)
		space := found(1, a, b)
		for i := range 5 * batchSize / 10_000 { // none builds on another
			a.takeFrom(identity.DeviceID{}, space, docs[0], makeChange(fmt.Appendf(nil, "actor %010d", i), 1, 10_000))
		}
		pass(time.Second)
		refused := false
		b.refuse = func(Received) error {
			if refused {
				return nil
			}
			refused = true
			return errDisk
		}
		dial(a, b, func(w *wire) { w.room, w.delay = 2000, time.Millisecond })
		pass(time.Minute)
		same(t, a, b)
		if !refused {
			t.Error("nothing was refused")
		}
	})
}
