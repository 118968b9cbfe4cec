package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Home is the home of one peer, and how commands on it are run.
type Home struct {
	T *testing.T
	// Dir is the folder; it is missing until the first serve.
	Dir string
	// Name is the person's name.
	Name    string
	program []string
}

// NewHome returns a home whose folder is missing yet. The words of program are
// the path of starlingd, after those of a command that runs it elsewhere.
func NewHome(t *testing.T, name string, program ...string) *Home {
	t.Helper()
	return &Home{t, filepath.Join(t.TempDir(), "home"), name, program}
}

// command is starlingd with the home before args.
func (h *Home) command(ctx context.Context, args ...string) *exec.Cmd {
	words := append(h.program[1:len(h.program):len(h.program)], "--home", h.Dir)
	cmd := exec.CommandContext(ctx, h.program[0], append(words, args...)...)
	// The race detector would let each process wait for a second at its end.
	cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR=", "GORACE=atexit_sleep_ms=0")
	cmd.SysProcAttr = attributes()
	return cmd
}

// Result is what a command that ended did.
type Result struct {
	Out, Err string
	// Code is the exit code, -1 after a signal.
	Code int
}

// Try runs a command to its end.
func (h *Home) Try(args ...string) Result {
	h.T.Helper()
	ctx, cancel := context.WithTimeout(h.T.Context(), Soon)
	defer cancel()
	cmd := h.command(ctx, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		h.T.Fatalf("run starlingd %q: %v", args, err)
	}
	checkLog(h.T, h.Name, errs.String())
	return Result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// Must runs a command that must succeed and returns what it printed.
func (h *Home) Must(args ...string) string {
	h.T.Helper()
	r := h.Try(args...)
	if r.Code != 0 {
		h.T.Fatalf("%s: starlingd %q: exit %d: %s", h.Name, args, r.Code, r.Err)
	}
	return r.Out
}

// Line is Must without the last newline, for commands that print an ID.
func (h *Home) Line(args ...string) string {
	h.T.Helper()
	return strings.TrimSuffix(h.Must(args...), "\n")
}

// JSON runs a command that must succeed and reads its value.
func (h *Home) JSON(value any, args ...string) {
	h.T.Helper()
	out := h.Must(append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), value); err != nil {
		h.T.Fatalf("%s: starlingd %q --json printed %q: %v", h.Name, args, out, err)
	}
}

// Cat is a document's text, and whether the document is here.
func (h *Home) Cat(doc string) (text string, ok bool) {
	h.T.Helper()
	r := h.Try("cat", doc)
	return r.Out, r.Code == 0
}

// ID is the device's ID.
func (h *Home) ID() string {
	h.T.Helper()
	return h.Line("id")
}
