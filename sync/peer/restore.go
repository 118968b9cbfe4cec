package peer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"starling/crdt/store"
	"starling/sync/identity"
)

// Restore makes a home from a backup, after it has checked it as a whole. home
// must hold no Starling: [ErrHomeTaken]. What an earlier one has left there beside
// its documents, and what a restoring that was cut off has, is moved into a folder of
// its own, so that no part of it is taken for one of the backup. The passphrase is for a
// backup that holds the key ([ErrSealed], [ErrPassphrase]), and for no other one
// ([ErrNotSealed]). From one that does not the home gets a new key: it is a new device, which can read
// and export what was saved, and is in no space before another device of the same
// person is linked with it, or somebody invites it. With an error the report holds
// Aside only.
func Restore(ctx context.Context, home, file, passphrase string) (RestoreReport, error) {
	r, err := restore(ctx, home, file, passphrase)
	if err != nil {
		return RestoreReport{Aside: r.Aside}, fmt.Errorf("restore %s: %w", file, err)
	}
	return r, nil
}

func restore(ctx context.Context, home, file, passphrase string) (r RestoreReport, err error) {
	sealed, err := isSealed(file)
	if err != nil {
		return r, err
	}
	switch {
	case sealed && passphrase == "":
		return r, ErrSealed
	case !sealed && passphrase != "":
		return r, ErrNotSealed
	}
	if err := vacant(home, ""); err != nil {
		return r, err
	}
	if err := os.MkdirAll(home, 0o700); err != nil {
		return r, err
	}
	stage, err := os.MkdirTemp(home, restoreStage+"*")
	if err != nil {
		return r, err
	}
	half := false
	defer func() {
		if !half {
			err = errors.Join(err, os.RemoveAll(stage))
		}
	}()
	if err := unpack(sealed, file, stage, passphrase); err != nil {
		return r, err
	}
	sum, err := store.Check(ctx, filepath.Join(stage, store.File))
	if err != nil {
		return r, fmt.Errorf("%w: %w", ErrBadBackup, err)
	}
	load := identity.LoadOrMake
	if sealed {
		load = identity.Load
	}
	id, err := load(stage)
	if err != nil {
		return r, err
	}
	r = RestoreReport{
		Device: id.ID(), NewDevice: !sealed, Spaces: sum.Spaces, Documents: sum.Documents, Newest: sum.Newest,
	}
	r.Aside, half, err = settleIn(home, stage)
	return r, err
}

// isSealed tells the two forms of a backup apart.
func isSealed(file string) (bool, error) {
	f, err := os.Open(file)
	if err != nil {
		return false, err
	}
	defer f.Close() // it is only read
	start := make([]byte, len(sealedMagic))
	n, err := io.ReadFull(f, start)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return false, err
	}
	switch {
	case n == len(sealedMagic) && string(start) == sealedMagic:
		return true, nil
	case n >= len(plainMagic) && string(start[:len(plainMagic)]) == plainMagic:
		return false, nil
	}
	return false, ErrBadBackup
}

func unpack(sealed bool, file, stage, passphrase string) error {
	if sealed {
		return unseal(file, stage, passphrase)
	}
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close() // it is only read
	if info, err := in.Stat(); err != nil || !info.Mode().IsRegular() {
		return errors.Join(err, fs.ErrInvalid)
	}
	return write(filepath.Join(stage, store.File), in)
}
