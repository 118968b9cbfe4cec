package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"runtime/debug"

	"starling/app/control"
)

// The exit codes.
const (
	exitDone    = 0
	exitFailed  = 1
	exitMisused = 2
)

type streams struct {
	in       io.Reader
	out, err io.Writer
}

// run does what args, without the program's name, ask for and returns the exit
// code. The end of ctx is the wish to stop.
func run(ctx context.Context, args []string, std streams) int {
	call, err := parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(std.out, call.help())
		return exitDone
	case err != nil:
		call.json = call.json || asksJSON(args)
		return call.fail(std, err)
	case call.version:
		fmt.Fprintln(std.out, "starlingd", version())
		return exitDone
	}
	if err := call.run(ctx, std); err != nil {
		return call.fail(std, err)
	}
	return exitDone
}

// run finds the home and runs the command.
func (c *invocation) run(ctx context.Context, std streams) error {
	if c.home == "" {
		home, err := control.DefaultHome()
		if err != nil {
			return err
		}
		c.home = home
	}
	home, err := filepath.Abs(c.home)
	if err != nil {
		return fmt.Errorf("find the home %s: %w", c.home, err)
	}
	c.home = home
	if err := checkText("--name", c.name); err != nil {
		return err
	}
	return c.command.run(ctx, &job{invocation: c, streams: std})
}

// version is the module's version as the Go tool built it in.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown)"
}
