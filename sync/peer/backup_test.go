package peer_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"starling/crdt/store"
	"starling/sync/identity"
	"starling/sync/peer"
)

// A home restored from a backup without the key is a new device: it reads what
// was saved, is in no space, and gets in when it is linked with another device.
func TestABackupWithoutTheKey(t *testing.T) {
	a, laptop := start(t, "Ada"), start(t, "Ada's laptop")
	space := newSpace(t, a)
	doc := newDoc(t, a, space, "hello")
	connect(t, a, laptop)
	linkDevices(t, a, laptop)
	file := filepath.Join(t.TempDir(), "backup")
	if documents, err := a.Backup(t.Context(), file, ""); err != nil || documents != 1 {
		t.Fatalf("%d documents: %v", documents, err)
	}
	if _, err := a.Backup(t.Context(), file, ""); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over another file: %v", err)
	}
	home := filepath.Join(t.TempDir(), "new")
	got, err := peer.Restore(t.Context(), home, file, "")
	if err != nil || !got.NewDevice || got.Device == a.ID() || got.Spaces != 1 || got.Documents != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := peer.Restore(t.Context(), home, file, ""); !errors.Is(err, peer.ErrHomeTaken) {
		t.Errorf("over another home: %v", err)
	}
	write(t, a, doc, "hello after the backup")
	b := startIn(t, home, "")
	if b.ID() != got.Device || text(t, b, doc) != "hello" || spaceOf(t, b, space).Role != "" {
		t.Errorf("restored: %q, %+v", text(t, b, doc), spaceOf(t, b, space))
	}
	eventually(t, "the laptop has all", func() bool { return text(t, laptop, doc) == "hello after the backup" })
	connect(t, b, laptop)
	linkDevices(t, laptop, b)
	eventually(t, "it is in again", func() bool {
		return spaceOf(t, b, space).Role == "owner" && text(t, b, doc) == "hello after the backup"
	})
}

func TestABackupWithTheKey(t *testing.T) {
	a, stop := startOnce(t, "Ada")
	space := newSpace(t, a)
	doc := newDoc(t, a, space, "hello")
	file := filepath.Join(t.TempDir(), "backup")
	if documents, err := a.Backup(t.Context(), file, "correct horse"); err != nil || documents != 1 {
		t.Fatalf("%d documents: %v", documents, err)
	}
	stop()
	for passphrase, want := range map[string]error{"": peer.ErrSealed, "wrong horse": peer.ErrPassphrase} {
		if _, err := peer.Restore(t.Context(), t.TempDir(), file, passphrase); !errors.Is(err, want) {
			t.Errorf("with %q: %v", passphrase, err)
		}
	}
	home := t.TempDir()
	got, err := peer.Restore(t.Context(), home, file, "correct horse")
	if err != nil || got.NewDevice || got.Device != a.ID() {
		t.Fatalf("%+v, %v", got, err)
	}
	b := open(t, home, "")
	if b.ID() != a.ID() || spaceOf(t, b, space).Role != "owner" || text(t, b, doc) != "hello" {
		t.Errorf("restored: %+v", spaceOf(t, b, space))
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(home)
	for _, e := range left {
		if e.IsDir() {
			t.Errorf("%s is left, %v", e.Name(), err)
		}
	}
}

// What is no whole backup makes no home.
func TestBackupsThatAreNone(t *testing.T) {
	a, stop := startOnce(t, "Ada")
	newDoc(t, a, newSpace(t, a), "hello")
	folder := t.TempDir()
	good, sealed := filepath.Join(folder, "good"), filepath.Join(folder, "sealed")
	_, err1 := a.Backup(t.Context(), good, "")
	_, err2 := a.Backup(t.Context(), sealed, "x")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	stop()
	read := func(path string) []byte {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	plain, secret := read(good), read(sealed)
	flipped := append([]byte(nil), secret...)
	flipped[len(flipped)-100] ^= 1
	for name, content := range map[string][]byte{
		"empty": nil, "text": []byte("hello"), "half": plain[:len(plain)/2],
		"more work than is good":   bytes.Replace(secret, []byte(" 18\n"), []byte(" 20\n"), 1),
		"a flipped bit, encrypted": flipped, "cut at its end": secret[:len(secret)-1],
	} {
		file := filepath.Join(folder, "bad")
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		home := t.TempDir()
		passphrase := "x"
		if name == "half" {
			passphrase = "" // it is a plain one
		}
		if _, err := peer.Restore(t.Context(), home, file, passphrase); !errors.Is(err, peer.ErrBadBackup) {
			t.Errorf("%s: %v", name, err)
		}
		for _, f := range []string{store.File, identity.KeyFile} {
			if _, err := os.Stat(filepath.Join(home, f)); err == nil {
				t.Errorf("%s: %s is there", name, f)
			}
		}
	}
}
