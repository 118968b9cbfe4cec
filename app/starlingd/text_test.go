package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"
)

// A signal ends a command that waits for its standard input.
func TestWriteEndsWhileItReads(t *testing.T) {
	t.Parallel()
	in, keyboard := io.Pipe()
	defer keyboard.Close()
	ctx, cancel := context.WithCancel(t.Context())
	var errs bytes.Buffer
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"--home", t.TempDir(), "write", "aa"}, streams{in, io.Discard, &errs})
	}()
	if _, err := io.WriteString(keyboard, "half a line"); err != nil {
		t.Fatal(err)
	}
	cancel()
	select {
	case got := <-code:
		if got != exitFailed || !strings.Contains(errs.String(), "stopped by a signal") {
			t.Errorf("exit %d: %s", got, &errs)
		}
	case <-time.After(soon):
		t.Error("the command still waits")
	}
}
