package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// ways are all ways to move a file.
var ways = map[string]func(from, to string) error{"as it comes": Move}

func TestMove(t *testing.T) {
	for name, move := range ways {
		t.Run(name, func(t *testing.T) {
			from, to := twoNames(t)
			write(t, from, "text")
			if err := move(from, to); err != nil {
				t.Fatal(err)
			}
			if got := read(t, to); got != "text" {
				t.Errorf("it holds %q", got)
			}
			if _, err := os.Lstat(from); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the old name: %v", err)
			}
		})
	}
}

func TestMoveReplacesNothing(t *testing.T) {
	for name, move := range ways {
		t.Run(name, func(t *testing.T) {
			from, to := twoNames(t)
			write(t, from, "new")
			write(t, to, "old")
			if err := move(from, to); !errors.Is(err, fs.ErrExist) {
				t.Errorf("%v, want %v", err, fs.ErrExist)
			}
			if a, b := read(t, from), read(t, to); a != "new" || b != "old" {
				t.Errorf("they hold %q and %q", a, b)
			}
		})
	}
}

// A file that is not there leaves no empty one.
func TestMoveOfNothing(t *testing.T) {
	for name, move := range ways {
		t.Run(name, func(t *testing.T) {
			from, to := twoNames(t)
			if err := move(from, to); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%v, want %v", err, fs.ErrNotExist)
			}
			if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the new name: %v", err)
			}
		})
	}
}

func TestSync(t *testing.T) {
	path, none := twoNames(t)
	write(t, path, "text")
	if err := errors.Join(SyncFile(path), SyncFolder(filepath.Dir(path))); err != nil {
		t.Error(err)
	}
	if err := SyncFile(none); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if err := SyncFolder(none); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}

func twoNames(t *testing.T) (from, to string) {
	dir := t.TempDir()
	return filepath.Join(dir, "from"), filepath.Join(dir, "to")
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A name that can't be flushed is given back, so that one can try again.
func TestPlace(t *testing.T) {
	broken := errors.New("the disk is gone")
	for _, want := range []error{nil, broken} {
		from, to := twoNames(t)
		write(t, from, "text")
		err := place(from, to, func(folder string) error {
			if folder != filepath.Dir(to) || read(t, to) != "text" {
				t.Errorf("%s was flushed, too early or another", folder)
			}
			return want
		})
		if !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
		has, hasNot := to, from
		if want != nil {
			has, hasNot = from, to
		}
		if _, err := os.Lstat(hasNot); !errors.Is(err, fs.ErrNotExist) || read(t, has) != "text" {
			t.Errorf("after %v the other name: %v", want, err)
		}
		if err := Place(has, has+"2"); err != nil {
			t.Error(err)
		}
	}
}
