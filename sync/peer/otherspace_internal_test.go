package peer

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"starling/crdt"
	"starling/sync/protocol"
)

// What a peer says or asks of a document counts in the document's space alone, whether
// that is known by a commit or read from the store; of one that nobody has, it may be
// about to come.
func TestADocumentIsOfOneSpace(t *testing.T) {
	for _, fresh := range []bool{true, false} {
		p, space := alone(t)
		other, err := p.NewSpace(t.Context(), "Other")
		if err != nil {
			t.Fatal(err)
		}
		d := begin(t, p, space, "hello")
		if err := p.store.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !fresh {
			p.holdings.mu.Lock()
			clear(p.holdings.homes)
			p.holdings.mu.Unlock()
		}
		h, from := host{&network{p: p}}, p.ID()
		for _, in := range []SpaceID{other, space} {
			is := in == space
			held, changes := h.Committed(in, d.ID()), 0
			err := h.ChangesSince(t.Context(), in, d.ID(), nil, func(crdt.Change) error { changes++; return nil })
			heads, failed := h.HeadsSince(t.Context(), in, d.ID(), nil)
			if err = errors.Join(err, failed); err != nil || (len(held) > 0) != is || (changes > 0) != is || (len(heads) > 0) != is {
				t.Errorf("its space: %v; held %v, %d changes, %d heads, %v", is, held, changes, len(heads), err)
			}
			h.Acknowledged(from, in, d.ID(), p.store.Committed(d.ID()))
			if p.reached.has(from, in, d.ID(), p.store.Committed(d.ID()), nil) != is {
				t.Errorf("its space: %v; the acknowledgement counts or not", is)
			}
			h.Presence(from, protocol.Presence{Space: in, Doc: d.ID()})
			if (len(p.cursors[d.ID()]) > 0) != is {
				t.Errorf("its space: %v; %d cursors", is, len(p.cursors[d.ID()]))
			}
			h.Holders(from, in, d.ID(), held.Digest(), []DeviceID{from})
			if _, ok := p.hearsay.who(d.ID(), []DeviceID{from}, held.Digest(), func(DeviceID) bool { return true }); ok != is {
				t.Errorf("its space: %v; what is said of who has it counts: %v", is, ok)
			}
			// Before anything else of it is looked at, which is worth nothing here.
			_, err = p.receive(t.Context(), protocol.Received{From: from, Space: in, Doc: d.ID(), Chunks: [][]byte{{1}}})
			if strings.Contains(fmt.Sprint(err), "another space") == is {
				t.Errorf("its space: %v; by a change %v", is, err)
			}
			want, err := h.TakePiece(t.Context(), protocol.Piece{From: from, Space: in, Doc: d.ID()})
			if errors.Is(err, protocol.ErrMalformed) == is || (len(want) > 0) != is {
				t.Errorf("its space: %v; by a piece %v, %v", is, want, err)
			}
		}
		early := crdt.Vector{"a": {Seq: 1}}
		if h.Acknowledged(from, other, crdt.DocID{9}, early); !p.reached.has(from, other, crdt.DocID{9}, early, nil) {
			t.Error("an acknowledgement that comes before the document is lost")
		}
	}
}
