package store

import (
	"bytes"
	"errors"
	"hash/crc32"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// Damage that is found after a bit was flipped back is noted for the next start.
func TestDamageAfterWhatWasMended(t *testing.T) {
	home := t.TempDir()
	told := 0
	s := &Store{home: home, log: slog.New(slog.DiscardHandler), harm: harm{tell: func(error) { told++ }}}
	s.tellDamage(ErrMended)
	if err := foundBefore(home); err != nil {
		t.Errorf("what was mended is noted: %v", err)
	}
	_ = s.noteDamage(ErrCorrupt) // it returns what it was given
	if err := foundBefore(home); !errors.Is(err, ErrCorrupt) || errors.Is(s.Damaged(), ErrMended) || told != 2 {
		t.Errorf("noted: %v; found: %v; told %d times", err, s.Damaged(), told)
	}
}

func TestMend(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 500 {
		page := make([]byte, 1+r.IntN(pageSize))
		for i := range page {
			page[i] = byte(r.Uint32())
		}
		sum := crc32.Checksum(page, castagnoli)
		want := bytes.Clone(page)
		at := r.IntN(len(page))
		page[at] ^= 1 << r.IntN(8)
		if !mend(page, sum) || !bytes.Equal(page, want) {
			t.Fatalf("a bit in byte %d of %d is not mended", at, len(page))
		}
		other := r.IntN(len(page))
		page[at] ^= 1
		page[other] ^= 2
		if mend(page, sum) {
			t.Fatalf("two bits were mended as if they were one")
		}
	}
}

// Sums that are damaged themselves are as good as none.
func TestDamagedSums(t *testing.T) {
	home := t.TempDir()
	if err := openHere(t, home).Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(home, sumsName)
	sound, err := os.ReadFile(path)
	if err != nil || readSums(home) == nil {
		t.Fatalf("no sums: %v", err)
	}
	for n := range len(sound) * 2 {
		b := bytes.Clone(sound)
		if n < len(sound) {
			b[n] ^= 4
		} else {
			b = b[:n-len(sound)]
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if readSums(home) != nil {
			t.Fatalf("damage %d is not seen", n)
		}
	}
	if err := openHere(t, home).Close(); err != nil {
		t.Error(err)
	}
}
