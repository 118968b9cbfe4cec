package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Salvaged says what was saved of a damaged file.
type Salvaged struct {
	// Kept is where the damaged file is now.
	Kept string
	// Whole says that nothing was lost.
	Whole bool
	// Documents and Changes were saved. Beside are those of the changes that wait
	// beside their documents, as something that they build on is missing; peers send
	// it again.
	Documents, Changes, Beside int
	// Lost names the tables of which some could not be read.
	Lost []string
}

func (s Salvaged) String() string {
	if s.Whole {
		return fmt.Sprintf("everything was saved: %d documents; the damaged file is kept as %s", s.Documents, s.Kept)
	}
	return fmt.Sprintf("%d documents with %d changes were saved, %d of which wait for what is missing; the damaged file is kept as %s",
		s.Documents, s.Changes, s.Beside, s.Kept)
}

// Salvage saves what can be read of the damaged database file of a store in a home
// that no process has open, and puts a new file with it in its place. The damaged
// one stays in the home under a name with the date, and nothing is deleted. Changes
// whose predecessors are lost wait beside their document. Texts and compact forms
// are to be made anew, and peers asked for the rest. No actor goes on in the new
// file. o is as for [Open], of which Expand is needed.
//
// A destroyed header is put right, and rows to which no page leads any more are found
// by their leaves alone.
//
// Each byte that is taken has its checksum or hash, where there is one; a page that
// the sums of the last stop speak against is not read at all.
func Salvage(ctx context.Context, home string, o Options) (Salvaged, error) {
	out, err := salvage(ctx, home, o)
	if err != nil {
		return out, fmt.Errorf("save what can be read of store %s: %w", home, readOnly(err))
	}
	return out, nil
}

func salvage(ctx context.Context, home string, o Options) (out Salvaged, err error) {
	if home, err = filepath.Abs(home); err != nil {
		return out, err
	}
	lock, err := takeLock(ctx, home, o.Wait)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	r, err := goOn(home)
	if err != nil {
		return out, err
	}
	switch done, err := r.done(); {
	case err != nil:
		return out, err
	case done:
		return r.Salvaged, r.tidy()
	}
	work, err := os.MkdirTemp(home, workPattern)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	if err := copyDamaged(home, r.log(), work); err != nil {
		return out, err
	}
	fresh := filepath.Join(work, "fresh")
	if err := os.Mkdir(fresh, 0o700); err != nil {
		return out, err
	}
	if out, err = rescue(ctx, filepath.Join(work, File), fresh, o); err != nil {
		return out, err
	}
	return r.replace(filepath.Join(fresh, File), out)
}

// workPattern names the folders in a home in which one is salvaged.
const workPattern = "salvage-*"

// Saving reports whether a process salvages a home, or was cut off at it: whoever has
// the lock tells the one from the other.
func Saving(home string) bool {
	entries, err := os.ReadDir(home)
	return err == nil && slices.ContainsFunc(entries, func(e os.DirEntry) bool {
		work, _ := filepath.Match(workPattern, e.Name()) // the pattern is sound
		return work || e.Name() == noteName
	})
}

// copyDamaged copies the database, with its log, to a folder in which it may be
// written to. Of the pages that the sums speak against it leaves zeros, which SQLite
// takes for nothing; but for the first, without which it can read none, and the
// header of which is put right.
func copyDamaged(home, log, work string) error {
	scripts, err := migrations()
	if err != nil {
		return err
	}
	found, err := suspect(home)
	if err != nil {
		return err
	}
	for suffix, from := range map[string]string{"": filepath.Join(home, File), "-wal": log} {
		b, err := os.ReadFile(from)
		if errors.Is(err, os.ErrNotExist) && suffix != "" {
			continue
		}
		if err != nil {
			return err
		}
		if suffix == "" {
			b = found.blank(b)
			mendHeader(b, len(scripts))
		}
		if err := os.WriteFile(filepath.Join(work, File+suffix), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// blank blanks the suspect pages of a database, and adds those that are missing at
// its end. If more than half of them are, the sums are of another file.
func (s suspects) blank(b []byte) []byte {
	if s.of == nil || len(s.pages) > len(s.of.pages)/2 {
		return b
	}
	if short := len(s.of.pages)*pageSize - len(b); short > 0 {
		b = append(b, make([]byte, short)...)
	}
	for _, n := range s.pages {
		if n > 0 && (n+1)*pageSize <= len(b) {
			clear(b[n*pageSize : (n+1)*pageSize])
		}
	}
	return b
}
