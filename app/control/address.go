package control

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	// addressFile in the home holds the path of the socket and a newline.
	addressFile = "socket"
	// temporaryPrefix starts the name of a socket folder of last resort, which
	// goes when the socket does.
	temporaryPrefix = "starling-tmp-"
)

// socketName is the socket's file name for a home: the start of a SHA-256 of
// its absolute path free of links, so that every way to the home leads there.
func socketName(home string) (string, error) {
	path, err := filepath.Abs(home)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return "", fmt.Errorf("name the control socket of %s: %w", home, err)
	}
	sum := sha256.Sum256([]byte(path))
	return hex.EncodeToString(sum[:10]) + ".sock", nil
}

// writeAddress notes in the home where its socket lies. The file is replaced
// at once, so that a client reads the old path or the new one whole.
func writeAddress(home, path string) error {
	file, err := os.CreateTemp(home, addressFile+"-*")
	if err != nil {
		return fmt.Errorf("note the control socket: %w", err)
	}
	defer os.Remove(file.Name()) // fails once it has its final name
	_, err = file.WriteString(path + "\n")
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("note the control socket: %w", err)
	}
	if err := os.Rename(file.Name(), filepath.Join(home, addressFile)); err != nil {
		return fmt.Errorf("note the control socket: %w", err)
	}
	return nil
}

// readAddress returns the path that [writeAddress] noted.
func readAddress(home string) (string, error) {
	text, err := os.ReadFile(filepath.Join(home, addressFile))
	if err != nil {
		return "", fmt.Errorf("find the control socket: %w", err)
	}
	path := strings.TrimSuffix(string(text), "\n")
	if !filepath.IsAbs(path) || len(path) > maxPath {
		return "", fmt.Errorf("find the control socket: %s holds no path", filepath.Join(home, addressFile))
	}
	return path, nil
}

// removeAddress takes back what [writeAddress] noted.
func removeAddress(home string) error {
	err := os.Remove(filepath.Join(home, addressFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("take back where the control socket was: %w", err)
	}
	return nil
}

// removeSocket removes a socket, and its folder if it was of last resort. What
// is not a socket stays.
func removeSocket(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove the control socket: %w", err)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("remove the control socket: %s is not a socket", path)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove the control socket: %w", err)
	}
	if dir := filepath.Dir(path); strings.HasPrefix(filepath.Base(dir), temporaryPrefix) {
		return os.Remove(dir)
	}
	return nil
}
