// Package durable gives files names that replace nothing, and has them be on the
// disk. It knows nothing of what is in the files. Its functions may be called on any
// goroutine, and their errors name the path.
package durable

import (
	"errors"
	"os"
	"path/filepath"
)

// Move gives a file another name on the same disk, which nothing has: else it returns
// [fs.ErrExist], wrapped, and changes nothing; nor does it where it fails otherwise. Cut
// off half-way, the file may have both names, or, on a disk that has no links, the new
// one may be that of an empty file. The name is on the disk after a [SyncFolder].
func Move(from, to string) error { return move(from, to) }

// Place is [Move], and the name is on the disk when it returns. Where that fails, the
// file has its old name again, unless that fails, too.
func Place(from, to string) error { return place(from, to, SyncFolder) }

func place(from, to string, sync func(folder string) error) error {
	if err := Move(from, to); err != nil {
		return err
	}
	err := sync(filepath.Dir(to))
	if err != nil {
		err = errors.Join(err, Move(to, from))
	}
	return err
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

// SyncFolder flushes the names in a folder, where the system and the disk can.
func SyncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(syncFolder(f), f.Close())
}
