package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
)

// Serve ends well when it is told to stop while it waits for the home.
func TestServeStopsWhileItWaits(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	first := h.start("serve", "--no-discovery", "--listen", "127.0.0.1:0")
	first.line(first.errs)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var errs bytes.Buffer
	code := run(ctx, h.args([]string{"serve", "--no-discovery"}), streams{strings.NewReader(""), io.Discard, &errs})
	if code != exitDone || errs.Len() > 0 {
		t.Errorf("exit %d: %s", code, &errs)
	}
}
