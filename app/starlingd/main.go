// Starlingd is Starling without a screen: a headless peer and a command line.
//
// "starlingd serve" runs a peer until it is told to stop. Every other command
// talks to the peer that runs on the same home, headless or desktop, and opens
// the store itself if none runs. Run "starlingd help" for the commands.
//
// It exits 0 on success, 1 on failure and 2 on wrong usage. Results go to
// standard output, messages to standard error.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"starling/crdt/judge"
)

func main() {
	judge.Main()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks for a clean end; a second one finds the system's
	// own handling again and ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}
