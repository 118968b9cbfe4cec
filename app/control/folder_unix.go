//go:build unix

package control

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// maxPath is the longest socket path that we use, in bytes. Linux takes 107,
// macOS 103.
const maxPath = 100

// folders lists where sockets may lie, best first. The last resort, a folder
// of a random name, is not among them.
func folders() []string {
	var list []string
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) && private(dir) == nil {
		list = append(list, filepath.Join(dir, "starling"))
	}
	return append(list, filepath.Join("/tmp", "starling-"+strconv.Itoa(os.Getuid())))
}

// socketFolder returns a folder that only this user can enter, made if need be,
// in which a file called name has a path that is short enough.
func socketFolder(name string) (string, error) {
	for _, dir := range folders() {
		if len(filepath.Join(dir, name)) > maxPath {
			continue
		}
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			continue
		}
		if private(dir) == nil {
			return dir, nil
		}
	}
	// Someone else took our names in /tmp, or it is closed to us.
	dir, err := os.MkdirTemp("/tmp", temporaryPrefix)
	if err != nil {
		return "", fmt.Errorf("make a folder for the control socket: %w", err)
	}
	return dir, nil
}

// private reports why dir is not a folder that this user alone can enter: a
// link, another's, or open to others.
func private(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a folder", dir)
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || int(stat.Uid) != os.Getuid() {
		return fmt.Errorf("%s belongs to someone else", dir)
	}
	if info.Mode().Perm() != 0o700 {
		return fmt.Errorf("%s has mode %#o, not 0700", dir, info.Mode().Perm())
	}
	return nil
}
