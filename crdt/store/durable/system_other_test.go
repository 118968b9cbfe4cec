//go:build !windows

package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A disk that has no links.
func init() { ways["by a claim"] = claim }

// A file that cannot be moved stays, and leaves no other.
func TestMoveFails(t *testing.T) {
	for name, move := range ways {
		t.Run(name, func(t *testing.T) {
			from, _ := twoNames(t)
			write(t, from, "text")
			to := filepath.Join(from, "to") // in a file
			if err := move(from, to); !errors.Is(err, syscall.ENOTDIR) {
				t.Errorf("into a file: %v", err)
			}
			to = otherDisk(t, from)
			if err := move(from, to); !errors.Is(err, syscall.EXDEV) {
				t.Errorf("to another disk: %v", err)
			}
			if got := read(t, from); got != "text" {
				t.Errorf("it holds %q", got)
			}
			if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the new name: %v", err)
			}
		})
	}
}

// otherDisk returns a name on another disk than a file's.
func otherDisk(t *testing.T, from string) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "durable")
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	var a, b syscall.Stat_t
	if err := errors.Join(syscall.Stat(from, &a), syscall.Stat(dir, &b)); err != nil {
		t.Fatal(err)
	}
	if a.Dev == b.Dev {
		t.Skip("there is no other disk")
	}
	return filepath.Join(dir, "to")
}

// What a disk could not write is told; that it cannot flush a folder is not.
func TestUnlessUnable(t *testing.T) {
	for code, told := range map[syscall.Errno]bool{
		syscall.EIO: true, syscall.ENOSPC: true, syscall.EROFS: true,
		syscall.EINVAL: false, syscall.ENOTSUP: false, syscall.EBADF: false,
	} {
		err := unlessUnable(&fs.PathError{Op: "sync", Path: "folder", Err: code})
		if told != (err != nil) || told && !errors.Is(err, code) {
			t.Errorf("%v: %v", code, err)
		}
	}
	if err := unlessUnable(nil); err != nil {
		t.Error(err)
	}
}
