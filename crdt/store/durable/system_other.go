//go:build !windows

package durable

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"syscall"
)

func move(from, to string) error {
	err := os.Link(from, to) // unlike a rename it replaces nothing
	switch {
	case err == nil:
		if err := os.Remove(from); err != nil {
			return errors.Join(err, os.Remove(to))
		}
		return nil
	case errors.Is(err, fs.ErrExist), errors.Is(err, fs.ErrNotExist):
		return err
	}
	return claim(from, to)
}

// claim is move for a disk that has no links: what holds the name is ours when the
// rename replaces it.
func claim(from, to string) error {
	held, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err = held.Close(); err == nil {
		err = os.Rename(from, to)
	}
	if err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return nil
}

func syncFolder(f *os.File) error { return unlessUnable(f.Sync()) }

// unlessUnable is nil for what disks say that cannot flush a folder.
func unlessUnable(err error) error {
	unable := []error{syscall.EINVAL, syscall.ENOTSUP, syscall.EBADF}
	if slices.ContainsFunc(unable, func(e error) bool { return errors.Is(err, e) }) {
		return nil
	}
	return err
}
