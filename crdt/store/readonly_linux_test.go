package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"starling/crdt/store"
)

// asNobody runs f as a user who owns nothing, as root may write anywhere.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	if os.Getuid() != 0 {
		f()
		return
	}
	const nobody = 65534
	runtime.LockOSThread() // the user is the thread's, which is given up with it
	defer runtime.UnlockOSThread()
	if err := syscall.Setfsuid(nobody); err != nil {
		t.Skipf("become nobody: %v", err)
	}
	defer func() {
		if err := syscall.Setfsuid(0); err != nil {
			t.Fatal(err)
		}
	}()
	f()
}

// A home that may not be written to is told with a clear message, nothing is
// changed, and nothing is lost.
func TestReadOnly(t *testing.T) {
	for name, modes := range map[string]struct{ folder, file os.FileMode }{
		"file":   {0o700, 0o400},
		"folder": {0o500, 0o600},
		"both":   {0o500, 0o400},
	} {
		t.Run(name, func(t *testing.T) {
			home, err := os.MkdirTemp("/tmp", "starling-readonly-*") // where nobody may go
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(home)
			s, _ := filled(t, home)
			want, err := read(t, s)
			if err := errors.Join(err, s.Close()); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(home, store.File)
			if os.Getuid() == 0 {
				for _, file := range []string{home, path, filepath.Join(home, "lock"), filepath.Join(home, "clean-stop")} {
					if err := os.Chown(file, 65534, -1); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := errors.Join(os.Chmod(path, modes.file), os.Chmod(home, modes.folder)); err != nil {
				t.Fatal(err)
			}
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			asNobody(t, func() {
				_, err = store.Open(t.Context(), home, store.Options{})
			})
			if !errors.Is(err, store.ErrReadOnly) || !strings.Contains(err.Error(), home) {
				t.Errorf("open: %v", err)
			}
			if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
				t.Errorf("the file was changed: %v", err)
			}
			if err := errors.Join(os.Chmod(path, 0o600), os.Chmod(home, 0o700)); err != nil {
				t.Fatal(err)
			}
			s = open(t, home)
			defer s.Close()
			if got, err := read(t, s); err != nil || len(got.Loaded) != len(want.Loaded) {
				t.Errorf("writable again: %v", err)
			}
		})
	}
}
