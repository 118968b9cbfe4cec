package protocol

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"starling/crdt"
	"starling/sync/identity"
	"starling/sync/trust"
)

// Proof is what was laid in, with a head over the last.
func (h *fakeHost) Proof(_ context.Context, _ trust.SpaceID, _ crdt.DocID, of crdt.Vector) ([]crdt.Change, []trust.Head, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := len(h.vouching)
	if n == 0 || of[h.vouching[n-1].Actor].Seq == 0 {
		return nil, nil, nil
	}
	return h.vouching, []trust.Head{h.head(h.vouching[n-1])}, nil
}

// What no head is over is sent with what vouches for it, and only that.
func TestProofGoesWithWhatHasNoHead(t *testing.T) {
	for _, lacking := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			h := newFakeHost(t, 1)
			p, space := member(t, h)
			all := chain("actor a", 4)
			h.takeAllFrom(identity.DeviceID{4}, space, docs[0], all[:2]...)
			pass(time.Second)
			p.drain()
			h.mu.Lock()
			h.vouching = all[2:]
			if lacking {
				h.docs[docs[0]].heads = h.docs[docs[0]].heads[:1]
			}
			h.mu.Unlock()
			p.send(&have{Space: space, Doc: docs[0], Vector: toEntries(tips(all[:2]))})
			p.send(&have{Space: space, Doc: docs[0], Vector: toEntries(tips(all[:1])), Want: true})
			pass(3 * time.Second)
			var chunks [][]byte
			var last uint64
			for _, m := range p.bulk() {
				chunks = append(chunks, m.Changes...)
				for _, head := range m.Heads {
					last = max(last, head.Seq)
				}
			}
			want, covered := 1, uint64(2)
			if lacking {
				want, covered = 3, 4
			}
			if len(chunks) != want || last != covered {
				t.Errorf("a head is lacking %v: %d changes, a head over number %d", lacking, len(chunks), last)
			}
		})
	}
}
