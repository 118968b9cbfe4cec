package control

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// maxPath is the longest socket path that we use, in bytes.
const maxPath = 100

// socketFolder returns a folder in the user's own part of the disk, which
// Windows closes to other users, made if need be. Its path may be too long for
// a socket, which is then an error.
func socketFolder(name string) (string, error) {
	local := os.Getenv("LOCALAPPDATA")
	if local == "" {
		return "", errors.New("make a folder for the control socket: LOCALAPPDATA is not set")
	}
	dir := filepath.Join(local, "Starling", "run")
	if path := filepath.Join(dir, name); len(path) > maxPath {
		return "", fmt.Errorf("the control socket's path %s is longer than %d bytes", path, maxPath)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make a folder for the control socket: %w", err)
	}
	return dir, nil
}
