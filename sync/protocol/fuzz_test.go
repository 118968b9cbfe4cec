package protocol

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"starling/sync/identity"
)

// FuzzSession feeds whatever comes to a whole session: as a stranger's frames,
// as a member's, and as a catch-up's. It must end, or go on as if nothing had
// been; the host and the bubble see to the rest.
func FuzzSession(f *testing.F) {
	for _, m := range samples() {
		var stream bytes.Buffer
		if err := writeMessages(&stream, m); err != nil {
			f.Fatal(err)
		}
		for way := range byte(3) {
			f.Add(way, stream.Bytes())
		}
	}
	f.Fuzz(func(t *testing.T, way byte, raw []byte) {
		synctest.Test(t, func(t *testing.T) {
			h := newFakeHost(t, 1)
			space := found(1, h, nobody(9))
			h.edit(space, docs[0], 10)
			p := newRaw(t, h)
			switch way % 3 {
			case 0:
				p.greet()
				_, _ = p.w.Write(raw)
			case 1:
				p.join(h, space)
				_, _ = p.w.Write(raw)
			default:
				p.sync(h, space)
				w, err := p.end.OpenBulk(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				_, _ = w.Write(raw)
				_ = w.Close()
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
