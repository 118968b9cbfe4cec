package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"starling/app/control"
)

// failure is what went wrong. With --json it is the last line of standard error, so
// that standard output holds a value or nothing. Its JSON is a contract with scripts.
type failure struct {
	Error string `json:"error"`
	// Hint is what to do about it, "" if nothing is known.
	Hint string `json:"hint"`
	// Kind is the name of [control.Kind], "usage", "interrupted", "told" if the value
	// says what failed, or "" for what has no name.
	Kind string `json:"kind"`
}

// String is the message to a person.
func (f failure) String() string {
	if f.Hint == "" {
		return f.Error
	}
	return f.Error + ": " + f.Hint
}

// failureOf says what happened and what to do next.
func failureOf(err error, home string) failure {
	if errors.Is(err, context.Canceled) {
		return failure{Error: "stopped by a signal before it was done", Kind: "interrupted"}
	}
	if errors.Is(err, errTold) {
		return failure{Error: "not all of it succeeded; the value says what failed", Kind: "told"}
	}
	f := failure{Error: err.Error(), Kind: control.Kind(err)}
	if i := slices.IndexFunc(hints, func(h hint) bool { return errors.Is(err, h.err) }); i >= 0 {
		f.Hint = strings.ReplaceAll(hints[i].next, "HOME", home)
	}
	return f
}

// fail says why the command failed and returns the exit code.
func (c *invocation) fail(std streams, err error) int {
	var misuse *usageError
	switch {
	case errors.As(err, &misuse):
		c.sayMisuse(std.err, misuse)
		return exitMisused
	case c.json:
		_ = printJSON(std.err, failureOf(err, c.home)) // there is nowhere else to say it
	case errors.Is(err, errTold):
	default:
		fmt.Fprintf(std.err, "starlingd: %s\n", failureOf(err, c.home))
	}
	return exitFailed
}

// sayMisuse says how the command is used, or where to read that if none was named:
// all commands would push what was wrong off the screen.
func (c *invocation) sayMisuse(w io.Writer, err *usageError) {
	more := fmt.Sprintf("see %q", c.helpCommand())
	switch {
	case c.json:
		_ = printJSON(w, failure{err.Error(), more, "usage"})
	case c.command == nil && c.group == "":
		fmt.Fprintf(w, "starlingd: %v: %s\n", err, more)
	default:
		fmt.Fprintf(w, "starlingd: %v\n%s", err, c.help())
	}
}

// helpCommand is the command line that tells of the command, or of all.
func (c *invocation) helpCommand() string {
	about := c.group
	if c.command != nil {
		about = c.command.name
	}
	return strings.TrimSpace("starlingd help " + about)
}

// asksJSON reports whether --json stands in a command line that could not be read to
// its end.
func asksJSON(args []string) bool {
	if i := slices.Index(args, "--"); i >= 0 {
		args = args[:i]
	}
	return slices.Contains(args, "--json")
}
