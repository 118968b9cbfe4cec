package peer_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"starling/sync/peer"
)

// FuzzRestore restores a backup that is damaged in a place, cut off, or has
// something else behind its beginning. It is refused, and then the home holds
// nothing; or it makes a home that opens.
func FuzzRestore(f *testing.F) {
	good := backedUp(f)
	f.Add(uint32(0), byte(0), uint32(0), []byte(nil))
	f.Add(uint32(16), byte(255), uint32(0), []byte(nil))
	f.Add(uint32(100), byte(13), uint32(0), []byte(nil))
	f.Add(uint32(4096), byte(1), uint32(4096), []byte(nil))
	f.Add(uint32(0), byte(0), uint32(0), []byte("SQLite format 3\x00"))
	f.Add(uint32(0), byte(0), uint32(0), []byte("age-encryption.org/v1\n-> scrypt AAAA 30\n"))
	f.Fuzz(func(t *testing.T, at uint32, with byte, cut uint32, instead []byte) {
		data := bytes.Clone(good)
		data[int(at)%len(data)] ^= with
		if cut > 0 {
			data = data[:int(cut)%len(data)]
		}
		if instead != nil {
			data = instead
		}
		dir := t.TempDir()
		file, home := filepath.Join(dir, "backup"), filepath.Join(dir, "home")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		passphrase := ""
		if bytes.HasPrefix(data, []byte("age-")) {
			passphrase = "a passphrase"
		}
		if _, err := peer.Restore(t.Context(), home, file, passphrase); err != nil {
			left, err := os.ReadDir(home)
			if err != nil && !errors.Is(err, os.ErrNotExist) || len(left) > 0 {
				t.Fatalf("it was refused, and %v is left, %v", left, err)
			}
			return
		}
		p, err := peer.Open(t.Context(), peer.Config{Home: home})
		if err != nil {
			t.Fatalf("what was restored does not open: %v", err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// backedUp is a good backup without a key.
func backedUp(f *testing.F) []byte {
	f.Helper()
	dir := f.TempDir()
	p, err := peer.Open(f.Context(), peer.Config{Home: filepath.Join(dir, "home"), Name: "Ada", Make: true})
	if err != nil {
		f.Fatal(err)
	}
	defer p.Close()
	space, err := p.NewSpace(f.Context(), "Notes")
	if err != nil {
		f.Fatal(err)
	}
	if _, err := p.NewDocument(f.Context(), space, "safe\n"); err != nil {
		f.Fatal(err)
	}
	file := filepath.Join(dir, "backup")
	if _, err := p.Backup(f.Context(), file, ""); err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		f.Fatal(err)
	}
	return data
}
