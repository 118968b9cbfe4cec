package identity

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func made(t *testing.T, home string) *Identity {
	t.Helper()
	id, err := LoadOrMake(home)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func newIdentity(t *testing.T) *Identity {
	t.Helper()
	id, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestKeyIsMadeOnce(t *testing.T) {
	home := t.TempDir()
	if _, err := Load(home); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("an empty home holds a key: %v", err)
	}
	first := made(t, home)
	kept := read(t, home)
	for name, load := range map[string]func(string) (*Identity, error){"Load": Load, "LoadOrMake": LoadOrMake} {
		id, err := load(home)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if id.ID() != first.ID() {
			t.Errorf("%s: another device", name)
		}
		if msg := []byte("m"); !first.ID().Verify(msg, id.Sign(msg)) {
			t.Errorf("%s: another key", name)
		}
	}
	if !bytes.Equal(read(t, home), kept) {
		t.Error("the file was written again")
	}
	if other := made(t, t.TempDir()); other.ID() == first.ID() {
		t.Error("two homes, one device")
	}
	entries, err := os.ReadDir(home)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("%d files in the home, want the key alone", len(entries))
	}
}

func read(t *testing.T, home string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(home, KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestKeyFileIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	home := t.TempDir()
	made(t, home)
	info, err := os.Stat(filepath.Join(home, KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestNoHome(t *testing.T) {
	if _, err := LoadOrMake(filepath.Join(t.TempDir(), "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestDamagedKeyIsKept(t *testing.T) {
	good, err := newIdentity(t).encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"empty":          {},
		"cut":            good[:len(good)-30],
		"noise":          []byte("nothing here"),
		"twice":          append(bytes.Clone(good), good...),
		"other type":     bytes.ReplaceAll(good, []byte(pemType), []byte("PUBLIC KEY")),
		"other key":      ecdsaKey(t),
		"other device":   otherDevice(t, good),
		"no device":      bytes.Replace(good, []byte(pemDevice), []byte("Devise"), 1),
		"zeroed by NTFS": make([]byte, len(good)),
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			if err := os.WriteFile(filepath.Join(home, KeyFile), data, 0o600); err != nil {
				t.Fatal(err)
			}
			if id, err := LoadOrMake(home); !errors.Is(err, ErrBadKey) || id != nil {
				t.Errorf("%v, %v", id, err)
			}
			if !bytes.Equal(read(t, home), data) {
				t.Error("the damaged file was replaced")
			}
		})
	}
}

func ecdsaKey(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: der})
}

// otherDevice is a good key file under another device's ID.
func otherDevice(t *testing.T, good []byte) []byte {
	t.Helper()
	block, _ := pem.Decode(good)
	block.Headers[pemDevice] = newIdentity(t).ID().String()
	return pem.EncodeToMemory(block)
}

// No damage to one byte may turn a device into another.
func TestEveryFlippedBitIsNoticed(t *testing.T) {
	id := newIdentity(t)
	good, err := id.encode()
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		for bit := range 8 {
			bad := bytes.Clone(good)
			bad[i] ^= 1 << bit
			if got, err := decode(bad); err == nil && got.ID() != id.ID() {
				t.Fatalf("byte %d, bit %d: another device", i, bit)
			}
		}
	}
}

func TestUnreadableKeyIsAnError(t *testing.T) {
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, KeyFile), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadOrMake(home); err == nil || errors.Is(err, ErrBadKey) {
		t.Error(err)
	}
}
