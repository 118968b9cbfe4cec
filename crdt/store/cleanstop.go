package store

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"starling/crdt/store/durable"
)

// identity says which machine and which file a store is. Either part is empty
// when it cannot be told, and then nothing equals it.
type identity struct{ machine, file []byte }

func (i identity) known() bool { return len(i.machine) > 0 && len(i.file) > 0 }

func (i identity) is(other identity) bool {
	return i.known() && string(i.machine) == string(other.machine) && string(i.file) == string(other.file)
}

// identify names this machine and the file at path. It never opens the file:
// closing it again would drop SQLite's locks.
func identify(path string) identity {
	var id identity
	if m := machineID(); m != "" {
		sum := sha256.Sum256([]byte("starling/machine/1\x00" + m))
		id.machine = sum[:]
	}
	id.file = fileID(path)
	return id
}

// stopMark is the mark of a clean stop. It is used by Open, then by the
// writer's goroutine, then by Close.
type stopMark struct {
	here identity
	// stale says that the mark of the last stop could not be cleared yet.
	stale bool
	// marked says that this stop is marked.
	marked bool
}

// stampName is a file beside the database. It tells how the database file was
// when the stop was complete, which the file itself cannot: a backup put back
// over it has the mark, the machine and the inode, but not the change time.
const stampName = "clean-stop"

// untouched reports whether the file at path is as the last stop left it. It is
// asked before anything opens the file.
func (m *stopMark) untouched(home, path string) bool {
	stamp, err := os.ReadFile(filepath.Join(home, stampName))
	now := fileStamp(path)
	return err == nil && now != "" && string(stamp) == now
}

// unstamp takes the stamp away before the first change. The mark is cleared too,
// but only in the log, and that may be lost before it is copied into the file.
func (m *stopMark) unstamp(home string) error {
	err := os.Remove(filepath.Join(home, stampName))
	if err == nil {
		err = durable.SyncFolder(home)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("take the stamp of a clean stop away: %w", err)
	}
	return nil
}

// stamp tells how the file is now that everything is closed. If it is lost, the
// next run takes new actors, no more; so nothing flushes it.
func (m *stopMark) stamp(home, path string) error {
	err := os.WriteFile(filepath.Join(home, stampName), []byte(fileStamp(path)), 0o600)
	if err != nil {
		return fmt.Errorf("stamp a clean stop: %w", err)
	}
	return nil
}

// take reports whether the mark is set for this machine and file, and clears
// it, flushed to the disk. If that fails nothing may be resumed.
func (m *stopMark) take(c *writeConn) (bool, error) {
	var there identity
	err := c.row("SELECT machine, file FROM stop", nil, &there.machine, &there.file)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		m.stale = true
		return false, fmt.Errorf("read the mark of a clean stop: %w", err)
	}
	m.stale = true
	if err := m.clear(c); err != nil {
		return false, err
	}
	return m.here.is(there), nil
}

// clear removes the mark if it may still be there, flushed to the disk.
func (m *stopMark) clear(c *writeConn) error {
	if !m.stale {
		return nil
	}
	err := flushed(c, func() error {
		_, err := c.exec("DELETE FROM stop")
		return err
	})
	if err != nil {
		return fmt.Errorf("clear the mark of a clean stop: %w", err)
	}
	m.stale = false
	return nil
}

// set marks a clean stop. One flush serves the mark and all commits before it,
// as they stand before it in the log.
func (m *stopMark) set(c *writeConn) error {
	if !m.here.known() || m.stale {
		return nil
	}
	err := flushed(c, func() error {
		_, err := c.exec("INSERT OR REPLACE INTO stop (one, machine, file) VALUES (1, ?, ?)", m.here.machine, m.here.file)
		return err
	})
	if err != nil {
		return fmt.Errorf("set the mark of a clean stop: %w", err)
	}
	m.marked = true
	return nil
}

// flushed runs f, one statement outside a transaction, so that its commit is
// on the disk when it returns.
func flushed(c *writeConn, f func() error) error {
	if err := c.sync(true); err != nil {
		return err
	}
	return errors.Join(f(), c.sync(false))
}
