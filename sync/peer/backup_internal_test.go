package peer

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/identity"
)

// spiedStore is a store that looks about while it is copied.
type spiedStore struct {
	*store.Store
	look func(path string) error
}

func (s *spiedStore) Backup(ctx context.Context, path string) (store.Summary, error) {
	if err := s.look(path); err != nil {
		return store.Summary{}, err
	}
	return s.Store.Backup(ctx, path)
}

// Whenever a backup with the key is cut off, nothing that is not encrypted is where
// the backup goes, and the next one clears the rest away. No file is replaced.
func TestABackupWithTheKeyIsPreparedAtHome(t *testing.T) {
	home := t.TempDir()
	id, err := identity.LoadOrMake(home)
	if err != nil {
		t.Fatal(err)
	}
	inner, err := store.Open(t.Context(), home, store.Options{Expand: crdt.Expand})
	if err != nil {
		t.Fatal(err)
	}
	spied := &spiedStore{Store: inner}
	p, err := Open(t.Context(), Config{Home: home, Name: "Ada", Storage: spied, Identity: id})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	rest := filepath.Join(home, ".backup-01020304-5")
	if err := os.Mkdir(rest, 0o700); err != nil {
		t.Fatal(err)
	}
	cut := errors.New("cut off")
	for name, tt := range map[string]struct {
		during func(file string) error
		want   error
	}{
		"cut off": {func(string) error { return cut }, cut},
		"made meanwhile": {func(file string) error {
			return os.WriteFile(file, []byte("mine"), 0o600)
		}, fs.ErrExist},
		"whole": {func(string) error { return nil }, nil},
	} {
		if testing.Short() && !errors.Is(tt.want, cut) {
			continue // the work of a passphrase is slow under the race detector
		}
		folder := t.TempDir()
		file := filepath.Join(folder, "backup")
		spied.look = func(path string) error {
			if !strings.HasPrefix(path, home+string(filepath.Separator)) {
				t.Errorf("%s: the plain copy goes to %s", name, path)
			}
			if there := list(t, folder); len(there) > 0 {
				t.Errorf("%s: %v is where the backup goes", name, there)
			}
			if _, err := os.Stat(rest); err == nil {
				t.Errorf("%s: what an earlier run has left is there", name)
			}
			return tt.during(file)
		}
		if _, err := p.Backup(t.Context(), file, "correct horse"); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
		content, err := os.ReadFile(file)
		switch {
		case tt.want == nil && !strings.HasPrefix(string(content), sealedMagic):
			t.Errorf("%s: the backup begins with %.20q, %v", name, content, err)
		case errors.Is(tt.want, fs.ErrExist) && string(content) != "mine":
			t.Errorf("%s: the file that was there holds %.20q, %v", name, content, err)
		}
		for _, left := range append(list(t, folder), list(t, home)...) {
			if strings.HasPrefix(left, keyStage) || strings.HasPrefix(left, ".starling-backup") {
				t.Errorf("%s: %s is left", name, left)
			}
		}
	}
}

func list(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
