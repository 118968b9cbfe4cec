package peer_test

import (
	"os"
	"path/filepath"
	"testing"

	"starling/crdt/store"
	"starling/sync/peer"
)

// A home whose file is missing or empty opens, and says so until it has a space again;
// one that is new says nothing, nor does one that had no space yet.
func TestAnEmptiedHomeSaysSo(t *testing.T) {
	t.Parallel()
	for name, empty := range map[string]func(file string) error{
		"missing": os.Remove,
		"empty":   func(file string) error { return os.Truncate(file, 0) },
	} {
		c := peer.Config{Home: t.TempDir(), Name: "Anna", Make: true}
		open := func(want bool, when string) *peer.Peer {
			t.Helper()
			p, err := peer.Open(t.Context(), c)
			if err != nil {
				t.Fatalf("%s, %s: %v", name, when, err)
			}
			if d := p.Damage(); d != (peer.Damage{Emptied: want}) {
				t.Errorf("%s, %s: the damage is told as %+v", name, when, d)
			}
			return p
		}
		closed := func(p *peer.Peer) {
			t.Helper()
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
		}
		p := open(false, "at the first start")
		if _, err := p.NewSpace(t.Context(), "Notes"); err != nil {
			t.Fatal(err)
		}
		id := p.Me().ID
		closed(p)
		if err := empty(filepath.Join(c.Home, store.File)); err != nil {
			t.Fatal(err)
		}
		if p = open(true, "at once"); p.Me().ID != id {
			t.Errorf("%s: it is another device now", name)
		}
		closed(p)
		p = open(true, "later")
		if _, err := p.NewSpace(t.Context(), "Notes"); err != nil {
			t.Fatal(err)
		}
		closed(p)
		closed(open(false, "once it has a space"))
	}
}
