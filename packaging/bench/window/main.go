// Command window measures the desktop program on a screen of its own (Xvfb):
// how long it takes from its start to a window that is ready, how much memory it
// holds, idle, above an empty Fyne window, how soon a key is seen, and what it
// costs to leave a window alone in which one has just written, beside what
// Fyne's own loop costs in the empty one.
//
//	go run ./packaging/bench/window [-runs N] PROGRAM EMPTY
//
// EMPTY is testdata/empty, built as PROGRAM is. The home has been started
// before, as it is on every day but the first. It prints lines for `bench
// report` on standard output, medians of all runs, and each run on standard
// error.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
)

func main() {
	runs := flag.Int("runs", 3, "how often each program is started")
	flag.Parse()
	if flag.NArg() != 2 || *runs < 1 {
		fmt.Fprintln(os.Stderr, "usage: window [-runs N] PROGRAM EMPTY")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := measure(ctx, *runs, flag.Arg(0), flag.Arg(1), os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "window:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, runs int, program, empty string, results, say io.Writer) error {
	dir, err := os.MkdirTemp("", "starling-window-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	s, err := openScreen(dir)
	if err != nil {
		return err
	}
	ours := []string{program, "-home", filepath.Join(dir, "home"), "-name", "Ada", "-no-discovery", "-geometry", "1100x760+0+0"}
	_, err = s.try(ctx, ours...) // makes the home
	var first, above []float64
	for run := 0; run < runs && err == nil; run++ {
		var window, nothing sample
		if window, err = s.try(ctx, ours...); err == nil {
			nothing, err = s.try(ctx, empty)
		}
		if err == nil {
			first = append(first, window.usable.Seconds())
			above = append(above, window.memory-nothing.memory)
			fmt.Fprintf(say, "run %d: %v; empty: %v\n", run+1, window, nothing)
		}
	}
	var f feel
	var loop float64 // what Fyne takes with nothing to do
	if err == nil {
		f, err = s.write(ctx, ours...)
	}
	if err == nil {
		loop, err = s.rest(ctx, empty)
	}
	if err := errors.Join(err, s.close()); err != nil {
		return err
	}
	fmt.Fprintf(say, "%v; an empty window takes %.2f %%\n", f, loop*100)
	fmt.Fprintf(results, "desktop.first_window %.3f\ndesktop.idle_memory %.1f\n", median(first), median(above))
	fmt.Fprintf(results, "editor.idle %.2f\n", f.idle*100)
	fmt.Fprintf(results, `{"name": "editor.idle_empty", "value": %.2f, "unit": "%% of a core"}`+"\n", loop*100)
	fmt.Fprintf(results, `{"name": "editor.blink", "value": %.2f, "unit": "%% of a core"}`+"\n", f.blink*100)
	fmt.Fprintf(results, `{"name": "editor.frame", "value": %.1f, "unit": "ms"}`+"\n", f.frame.Seconds()*1000)
	return nil
}

// median is the middle one of values, of which there is at least one.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
