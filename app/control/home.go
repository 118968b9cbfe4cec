package control

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// DefaultHome is the folder of the platform for this user's data:
// $XDG_DATA_HOME/starling or ~/.local/share/starling, on macOS
// ~/Library/Application Support/Starling, on Windows %LOCALAPPDATA%\Starling.
// It makes nothing.
func DefaultHome() (string, error) {
	if runtime.GOOS == "windows" {
		if dir := os.Getenv("LOCALAPPDATA"); dir != "" {
			return filepath.Join(dir, "Starling"), nil
		}
		return "", errors.New("find the data folder: LOCALAPPDATA is not set")
	}
	// The XDG Base Directory Specification tells us to ignore relative paths.
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) && runtime.GOOS != "darwin" {
		return filepath.Join(dir, "starling"), nil
	}
	user, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the data folder: %w", err)
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(user, "Library", "Application Support", "Starling"), nil
	}
	return filepath.Join(user, ".local", "share", "starling"), nil
}
