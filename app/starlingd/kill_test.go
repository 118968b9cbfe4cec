package main

import (
	"strings"
	"syscall"
	"testing"

	"starling/app/control"
)

// A peer that is killed while somebody writes leaves documents of which only the
// search is behind. Verify says so, finds nothing wrong, and mends it.
func TestVerifyAfterAKill(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	doc := h.must("doc", "new", h.must("space", "new", "Notes"))
	server := h.serve("Anna")
	h.mustRead("first\nthe last words\n", "write", doc)
	server.signal(syscall.SIGKILL)
	server.wait()
	for range 2 {
		out := h.must("verify", doc)
		if !strings.HasPrefix(out, "ok") || strings.Contains(out, "problem") {
			t.Errorf("verify prints %q", out)
		}
	}
	var found struct {
		Documents []control.Verified `json:"documents"`
		Checked   int                `json:"checked"`
		Wrong     int                `json:"wrong"`
	}
	if h.json(&found, "verify", doc); found.Checked != 1 || found.Wrong != 0 || len(found.Documents[0].Problems) > 0 {
		t.Errorf("verify finds %+v", found)
	}
}
