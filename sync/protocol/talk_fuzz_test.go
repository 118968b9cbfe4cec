package protocol

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"starling/sync/identity"
)

// FuzzTalk has a stranger or a member say message after message, in any order,
// whole or altered, on the control stream and on others. Three bytes make a
// message: which of the samples, on which stream, and how it is altered. The session
// must end or go on as if nothing had been said, and a stranger must hear of no
// space.
func FuzzTalk(f *testing.F) {
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 12))
		steps := make([]byte, 90)
		for i := range steps {
			steps[i] = byte(rng.Uint32())
		}
		f.Add(byte(seed), steps)
	}
	f.Fuzz(func(t *testing.T, way byte, steps []byte) {
		if len(steps) > 600 {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			h := newFakeHost(t, 1)
			space := found(1, h, nobody(9))
			h.edit(space, docs[0], 10)
			p := newRaw(t, h)
			switch way % 3 {
			case 0:
				p.greet()
			case 1:
				p.join(h, space)
			default:
				p.sync(h, space)
			}
			all := samples()
			for ; len(steps) >= 3; steps = steps[3:] {
				m := all[int(steps[0])%len(all)]
				if steps[1]&0x80 != 0 {
					inSpace(m, h, space)
				}
				p.say(steps[1], altered(t, m, steps[2]))
				if steps[1]&0x40 != 0 {
					pass(time.Second)
				}
			}
			heard := p.drain()
			if way%3 == 0 {
				for _, m := range heard {
					switch m.(type) {
					case *roster, *grant, *digest, *parts, *vectors, *changes, *brief, *have, *got, *key, *first, *snapshot, *presence, *reach:
						t.Fatalf("a stranger hears %T", m)
					}
				}
			}
			h.edit(space, docs[0], 10)
			pass(10 * time.Second)
			p.end.Close(nil)
			pass(time.Second)
			select {
			case <-p.link.done:
			default:
				t.Fatal("the session goes on")
			}
			if h.paired[identity.DeviceID{9}] {
				t.Fatal("paired without a person")
			}
		})
	})
}

// inSpace has a sample be of a space and a document that there are. Statements are
// left out: the fake host takes them as they come.
func inSpace(m message, h *fakeHost, space [32]byte) {
	switch m := m.(type) {
	case *digest:
		m.Space = space
	case *vectors:
		m.Space = space
		for i := range m.Documents {
			m.Documents[i].Doc = docs[0]
		}
	case *parts:
		m.Space = space
	case *first:
		m.Space = space
		for i := range m.Documents {
			m.Documents[i].Doc = docs[0]
		}
	case *changes:
		m.Space, m.Doc = space, docs[0]
	case *snapshot:
		m.Space = space
	case *resume:
		m.Space = space
	case *have:
		m.Space, m.Doc = space, docs[0]
	case *presence:
		m.Space, m.Doc = space, docs[0]
	case *key:
		m.Space = space
	}
}

// altered is a message as one frame, in one place not as it was written.
func altered(t *testing.T, m message, how byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := writeMessages(&b, m); err != nil {
		t.Fatal(err)
	}
	raw := b.Bytes()
	if how < 0x80 {
		return raw
	}
	at := int(how) * 7 % len(raw)
	if how%3 == 0 {
		return raw[:at] // and what comes next is read as its rest
	}
	raw[at] ^= 1 << (how % 8)
	return raw
}

// say writes to the control stream, or to one of its own.
func (p *raw) say(where byte, frame []byte) {
	if where%4 > 0 {
		_, _ = p.w.Write(frame)
		return
	}
	w, err := p.end.OpenBulk(p.t.Context())
	if err != nil {
		return
	}
	_, _ = w.Write(frame)
	_ = w.Close()
}
