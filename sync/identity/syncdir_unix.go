//go:build !windows

package identity

import (
	"errors"
	"os"
)

// syncDir flushes a folder's entries, so that a rename in it survives a power
// cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
