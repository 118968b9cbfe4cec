package peer_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"starling/sync/identity"
	"starling/sync/peer"
)

// A home whose key is gone must not become another device: nobody could get the
// old one's rights back. One that was killed before it had anything may begin.
func TestALostKeyIsNotReplaced(t *testing.T) {
	home := t.TempDir()
	p := open(t, home, "Ada")
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(home, identity.KeyFile)
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	p = open(t, home, "Ada")
	newSpace(t, p)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	for _, making := range []bool{true, false} {
		if _, err := peer.Open(t.Context(), peer.Config{Home: home, Make: making}); !errors.Is(err, peer.ErrKeyLost) {
			t.Errorf("make is %v: %v", making, err)
		}
	}
	if _, err := os.Stat(key); err == nil {
		t.Error("a key was made")
	}
}
