package peer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"starling/crdt/store"
	"starling/crdt/store/durable"
	"starling/sync/identity"
)

const (
	// restoreStage begins the names of folders in a home in which a backup is
	// unpacked. One that is left is of a restoring that was cut off.
	restoreStage = ".restore-"
	// lockFile is what whoever uses a home has locked.
	lockFile = "lock"
)

// storeFiles is all that a store writes in its home, but for the lock. What is left
// of another one must not be beside a restored file: SQLite would take its log for
// one of this file, and the store the notes on its pages and its damage.
var storeFiles = []string{
	store.File, store.File + "-wal", store.File + "-shm", store.File + "-journal", "damaged", "salvaging", "page-sums", "clean-stop",
}

// vacant fails unless a home holds no Starling, with [ErrHomeTaken]; own is the
// folder in it in which a backup is unpacked, "" for none yet. A database without a
// key beside another such folder is one that a restoring has put there and that
// nobody has used: the key comes last.
func vacant(home, own string) error {
	keyless, err := missing(filepath.Join(home, identity.KeyFile))
	if err != nil {
		return err
	}
	empty, err := missing(filepath.Join(home, store.File))
	if err != nil {
		return err
	}
	stages, err := stagesIn(home, own)
	if err != nil {
		return err
	}
	if !keyless || !empty && len(stages) == 0 {
		return fmt.Errorf("%s: %w", home, ErrHomeTaken)
	}
	return nil
}

// missing reports whether there is nothing of that name.
func missing(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return false, err
}

// stagesIn are the folders in a home, but for one's own, in which a backup was
// unpacked.
func stagesIn(home, own string) (stages []string, err error) {
	entries, err := os.ReadDir(home)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		if path := filepath.Join(home, e.Name()); e.IsDir() && strings.HasPrefix(e.Name(), restoreStage) && path != own {
			stages = append(stages, path)
		}
	}
	return stages, nil
}

// settleIn moves a backup that was unpacked and checked into its home, under the
// home's lock, and returns where what stood in its way is, "" if nothing did, also
// with an error. half says that the home has the database, and not its key: then the
// stage has to stay, which is how that is known. Cut off at any point, [Restore] can be
// begun again.
func settleIn(home, stage string) (aside string, half bool, err error) {
	lock := flock.New(filepath.Join(home, lockFile), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err == nil && !held {
		err = store.ErrInUse
	}
	if err != nil {
		return "", false, fmt.Errorf("lock %s: %w", home, err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := vacant(home, stage); err != nil {
		return "", false, err
	}
	if aside, err = clearHome(home); err != nil {
		return aside, false, err
	}
	for _, name := range backedUp { // the key last: without it the home is known to be incomplete
		err := durable.Move(filepath.Join(stage, name), filepath.Join(home, name))
		if err == nil {
			err = durable.SyncFolder(home)
		}
		if err != nil {
			return aside, isHalf(home), err
		}
	}
	stages, err := stagesIn(home, stage)
	for _, old := range stages { // copies of a backup, as ours is
		err = errors.Join(err, os.RemoveAll(old))
	}
	return aside, false, err
}

// isHalf reports whether a home that was vacant has a database and no key. Where that
// can't be told it says so too: a stage too many does no harm.
func isHalf(home string) bool {
	empty, err := missing(filepath.Join(home, store.File))
	keyless, keyErr := missing(filepath.Join(home, identity.KeyFile))
	return err != nil || keyErr != nil || !empty && keyless
}

// clearHome moves all that a store has left in a home into a folder there, and
// returns that, also with an error, "" if there was nothing.
func clearHome(home string) (aside string, err error) {
	for _, name := range storeFiles {
		gone, err := missing(filepath.Join(home, name))
		if err != nil {
			return aside, err
		}
		if gone {
			continue
		}
		if aside == "" {
			if aside, err = os.MkdirTemp(home, "before-restore-"+time.Now().Format("2006-01-02-150405")+"-*"); err != nil {
				return "", err
			}
		}
		if err := os.Rename(filepath.Join(home, name), filepath.Join(aside, name)); err != nil {
			return aside, err
		}
	}
	if aside == "" {
		return "", nil
	}
	return aside, errors.Join(durable.SyncFolder(aside), durable.SyncFolder(home))
}
