package peer_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gofrs/flock"

	"starling/crdt/store"
	"starling/sync/identity"
	"starling/sync/peer"
)

// backupOf is a backup of a peer with some documents, without its key.
func backupOf(t *testing.T, documents int) (file string) {
	t.Helper()
	p, stop := startOnce(t, "Ada")
	space := newSpace(t, p)
	for range documents {
		newDoc(t, p, space, "safe\n")
	}
	file = filepath.Join(t.TempDir(), "backup")
	if _, err := p.Backup(t.Context(), file, ""); err != nil {
		t.Fatal(err)
	}
	stop()
	return file
}

// leftovers copies what a home holds, but for its documents and its key, as
// somebody leaves it who deletes these two.
func leftovers(t *testing.T, home string) (left string, names []string) {
	t.Helper()
	left = t.TempDir()
	entries, err := os.ReadDir(home)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() == store.File || e.Name() == identity.KeyFile || e.IsDir() {
			continue
		}
		content, err := os.ReadFile(filepath.Join(home, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(left, e.Name()), string(content))
		names = append(names, e.Name())
	}
	return left, names
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What another store has left in a home, killed or closed, is not taken for a part
// of the restored one.
func TestRestoringWhereAnotherHasBeen(t *testing.T) {
	const documents = 5
	file := backupOf(t, documents)
	killed, stop := startOnce(t, "Grace")
	newDoc(t, killed, newSpace(t, killed), "in the log\n")
	log, logged := leftovers(t, status(t, killed).Home)
	if !slices.Contains(logged, store.File+"-wal") {
		t.Fatalf("a home in use holds %v", logged)
	}
	stop()
	closedHome := t.TempDir()
	closed := open(t, closedHome, "Edsger")
	newDoc(t, closed, newSpace(t, closed), "closed\n")
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	marks, marked := leftovers(t, closedHome)
	if len(marked) < 3 { // the lock, the page sums, the mark of the stop
		t.Fatalf("a closed home holds %v", marked)
	}
	damaged := t.TempDir()
	put(t, filepath.Join(damaged, "damaged"), "page 7\n")
	for name, home := range map[string]string{"killed": log, "closed": marks, "damaged": damaged} {
		got, err := peer.Restore(t.Context(), home, file, "")
		if err != nil || got.Documents != documents || got.Aside == "" {
			t.Errorf("%s: %+v, %v", name, got, err)
			continue
		}
		entries, err := os.ReadDir(home)
		for _, e := range entries {
			if e.IsDir() && filepath.Join(home, e.Name()) == got.Aside {
				continue
			}
			if !slices.Contains([]string{store.File, identity.KeyFile, "lock"}, e.Name()) {
				t.Errorf("%s: %s is left beside the restored file, %v", name, e.Name(), err)
			}
		}
		p := open(t, home, "")
		if n := status(t, p).Documents; n != documents {
			t.Errorf("%s: %d documents were restored, %d are there", name, got.Documents, n)
		}
		if d := p.Damage(); d != (peer.Damage{}) {
			t.Errorf("%s: told of damage: %+v", name, d)
		}
		if err := p.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A restoring that was cut off can be begun again wherever that was; one that is
// under way, and a database that only lacks its key, are left alone.
func TestRestoringAgain(t *testing.T) {
	file := backupOf(t, 2)
	half := t.TempDir()
	put(t, filepath.Join(half, store.File), "what was moved first")
	stage := filepath.Join(half, ".restore-1")
	if err := os.Mkdir(stage, 0o700); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(stage, identity.KeyFile), "a key")
	got, err := peer.Restore(t.Context(), half, file, "")
	if err != nil || got.Documents != 2 {
		t.Fatalf("cut off between the two files: %+v, %v", got, err)
	}
	if moved, err := os.ReadFile(filepath.Join(got.Aside, store.File)); string(moved) != "what was moved first" {
		t.Errorf("what was there is gone: %q, %v", moved, err)
	}
	left, err := filepath.Glob(filepath.Join(half, ".restore-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
	keyless := t.TempDir()
	put(t, filepath.Join(keyless, store.File), "mine")
	if _, err := peer.Restore(t.Context(), keyless, file, ""); !errors.Is(err, peer.ErrHomeTaken) {
		t.Errorf("over a database without a key: %v", err)
	}
	busy := t.TempDir()
	lock := flock.New(filepath.Join(busy, "lock"))
	if held, err := lock.TryLock(); !held {
		t.Fatal(err)
	}
	defer lock.Close()
	if _, err := peer.Restore(t.Context(), busy, file, ""); !errors.Is(err, store.ErrInUse) {
		t.Errorf("into a home in use: %v", err)
	}
	entries, err := os.ReadDir(busy)
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "lock") {
			t.Errorf("%s was left in a home in use, %v", e.Name(), err)
		}
	}
}
