package store

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"starling/crdt/store/durable"
)

// The new file takes the damaged one's place in steps, and a crash may come between
// any two. First the damaged file and its log have a second name each, and the home
// says that it is damaged and how far this has come: then no Open touches it, and
// the next Salvage finds the log, or that all was done but for tidying up.

// noteName is a file in the home that tells of a salvage from when the damaged file
// has its second name until all is done.
const noteName = "salvaging"

// note is what it says.
type note struct {
	Salvaged Salvaged
	Fresh    [sha256.Size]byte // of the new file
}

// replacing puts a fresh file in the place of the damaged one.
type replacing struct {
	home string
	path string // of the database
	note
	before bool // the note is an earlier salvage's, which did not come to its end
}

// goOn finds out whether an earlier salvage of a home was cut off.
func goOn(home string) (*replacing, error) {
	r := &replacing{home: home, path: filepath.Join(home, File)}
	left, err := filepath.Glob(filepath.Join(home, workPattern))
	if err != nil {
		return nil, err
	}
	for _, work := range left { // nobody else has the lock
		if err := os.RemoveAll(work); err != nil {
			return nil, err
		}
	}
	b, err := os.ReadFile(filepath.Join(home, noteName))
	if errors.Is(err, os.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	r.before = json.Unmarshal(b, &r.note) == nil // one that is damaged too says nothing
	r.Salvaged.Kept = filepath.Join(home, filepath.Base(r.Salvaged.Kept))
	return r, nil
}

// done reports whether the fresh file is in its place already.
func (r *replacing) done() (bool, error) {
	if !r.before {
		return false, nil
	}
	sum, err := sumFile(r.path)
	return sum == r.Fresh, err
}

// log is where the damaged file's log is.
func (r *replacing) log() string {
	if log := r.path + "-wal"; !r.before || exists(log) {
		return log
	}
	return r.Salvaged.Kept + "-wal"
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, os.ErrNotExist)
}

// replace puts the fresh file in the place of the damaged one, which gets a name
// with the date, as its log does.
func (r *replacing) replace(fresh string, out Salvaged) (Salvaged, error) {
	if err := r.keep(&out); err != nil {
		return out, err
	}
	if err := r.announce(fresh, out); err != nil {
		return out, err
	}
	// The log must be gone first: SQLite would take it for one of the new file.
	if err := removeAll(r.path+"-wal", r.path+"-shm"); err != nil {
		return out, err
	}
	if err := os.Rename(fresh, r.path); err != nil {
		return out, err
	}
	return out, r.tidy()
}

// keep gives the damaged file and its log a second name, unless they have it.
func (r *replacing) keep(out *Salvaged) error {
	if out.Kept = r.Salvaged.Kept; r.before {
		return nil
	}
	stamp := time.Now().Format("2006-01-02-150405")
	for n := 0; n == 0 || exists(out.Kept); n++ {
		out.Kept = filepath.Join(r.home, fmt.Sprintf("damaged-%s-%d-%s", stamp, n, File))
	}
	if err := keepFile(r.path, out.Kept); err != nil {
		return err
	}
	if err := keepFile(r.path+"-wal", out.Kept+"-wal"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return durable.SyncFolder(r.home)
}

// announce has every Open fail until the end, and the next Salvage know what is done.
func (r *replacing) announce(fresh string, out Salvaged) error {
	if err := durable.SyncFile(fresh); err != nil {
		return err
	}
	sum, err := sumFile(fresh)
	if err != nil {
		return err
	}
	b, err := json.Marshal(note{out, sum})
	if err != nil {
		return err
	}
	if err := r.writeWhole(noteName, b); err != nil {
		return err
	}
	if !exists(filepath.Join(r.home, harmName)) {
		if err := r.writeWhole(harmName, []byte("what can be read of it is being saved\n")); err != nil {
			return err
		}
	}
	return nil
}

// writeWhole writes a file in the home so that it is there whole or not at all.
func (r *replacing) writeWhole(name string, b []byte) error {
	path := filepath.Join(r.home, name)
	if err := os.WriteFile(path+".new", b, 0o600); err != nil {
		return err
	}
	return errors.Join(durable.SyncFile(path+".new"), os.Rename(path+".new", path), durable.SyncFolder(r.home))
}

// tidy takes away what is about the damaged file, now that the fresh one is in its
// place; the mark that it is damaged last.
func (r *replacing) tidy() error {
	for _, name := range []string{sumsName, stampName, noteName, harmName} {
		if err := errors.Join(removeAll(filepath.Join(r.home, name)), durable.SyncFolder(r.home)); err != nil {
			return err
		}
	}
	return nil
}

func removeAll(paths ...string) error {
	for _, path := range paths {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

func sumFile(path string) (sum [sha256.Size]byte, err error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return sum, nil
	}
	if err != nil {
		return sum, err
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	return [sha256.Size]byte(h.Sum(nil)), errors.Join(err, f.Close())
}

// keepFile gives a file a second name, or copies it where that cannot be.
func keepFile(from, to string) error {
	err := os.Link(from, to)
	if err == nil || errors.Is(err, os.ErrNotExist) {
		return err
	}
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.WriteFile(to, b, 0o600); err != nil {
		return err
	}
	return durable.SyncFile(to)
}
