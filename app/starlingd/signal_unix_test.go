//go:build unix

package main

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// An import that waits for a pipe into which nobody writes ends when it is told.
func TestImportOfAPipeEnds(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	h.must("space", "new", "Notes")
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		// The first file is refused once signals are heard.
		p := h.start("import", filepath.Join(h.home, "none"), pipe)
		if said := p.line(p.errs); !strings.Contains(said, "none") {
			t.Errorf("says %q", said)
		}
		p.signal(sig)
		if code := p.wait(); code != exitFailed {
			t.Errorf("%v: exit %d", sig, code)
		}
	}
	if docs := h.must("doc", "list"); strings.TrimSpace(docs) != "" {
		t.Errorf("there is %q", docs)
	}
}
