// Package durable gives files names that replace nothing, and has them be on the
// disk. It knows nothing of what is in the files. Its functions may be called on any
// goroutine, and their errors name the path.
package durable

import (
	"errors"
	"io/fs"
	"os"
)

// Move gives a file another name on the same disk, which nothing has: else it returns
// [fs.ErrExist], wrapped, and changes nothing. Cut off half-way, the file may have both
// names, or, on a disk that has no links, the new one may be that of an empty file. The
// name is on the disk after a [SyncFolder].
func Move(from, to string) error {
	err := os.Link(from, to) // unlike a rename it replaces nothing
	switch {
	case err == nil:
		return os.Remove(from)
	case errors.Is(err, fs.ErrExist), errors.Is(err, fs.ErrNotExist):
		return err
	}
	return claim(from, to)
}

// claim is Move for a disk that has no links: what holds the name is ours when the
// rename replaces it.
func claim(from, to string) error {
	held, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(held.Close(), os.Rename(from, to)); err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return nil
}

// SyncFile flushes a file, which has to exist. A process that has it open as a
// database must not call it: closing any descriptor drops SQLite's locks
// (sqlite.org/howtocorrupt.html, section 2.2).
func SyncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// SyncFolder flushes the names in a folder, where the system can.
func SyncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	_ = f.Sync() // Windows cannot flush a folder, and needs not
	return f.Close()
}
