package store

import "path/filepath"

// Restamp makes the stamp of a clean stop fit the file as it is now, so that a
// test can tell what else speaks against resuming.
func Restamp(home string) error {
	return new(stopMark).stamp(home, filepath.Join(home, File))
}
