//go:build unix

package spell

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestNobodyWaitsForTheDisk holds a word in a file that takes long to read: what
// is drawn meanwhile asks for other words.
func TestNobodyWaitsForTheDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "words")
	c, err := New(path, openTest(t, "small"))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	added := make(chan error, 1)
	go func() { added <- c.Add("starlng") }()
	disk, err := os.OpenFile(path, os.O_WRONLY, 0) // returns once Add reads
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan bool, 1)
	go func() {
		c.Suggest("starlng", 1)
		asked <- c.Right("starlng")
	}()
	select {
	case right := <-asked:
		if right {
			t.Error("a word is right before it is kept")
		}
	case <-time.After(30 * time.Second):
		t.Error("a word waits for the disk")
	}
	if err := disk.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-added; err != nil || !c.Right("starlng") {
		t.Errorf("the word is not kept: %v", err)
	}
}
