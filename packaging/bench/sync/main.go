//go:build linux

// Command sync measures how peers find one another and catch up.
//
//	go run ./packaging/bench/sync [CASE...]
//
// It prints lines for `bench report` on standard output and tells more on
// standard error. Without a CASE all are measured.
package main

import (
	"fmt"
	"io"
	"os"
	"slices"
)

// cases are all that there are, in the order of measuring. Each prints lines
// "name value" to out and what else it has to tell to talk.
var cases = []struct {
	name string
	run  func(out, talk io.Writer) error
}{
	{"discover", discover},
}

func main() {
	if config := os.Getenv(hostEnv); config != "" {
		os.Exit(discoverHost(config))
	}
	wanted := os.Args[1:]
	for _, c := range cases {
		if len(wanted) > 0 && !slices.Contains(wanted, c.name) {
			continue
		}
		if err := c.run(os.Stdout, os.Stderr); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", c.name, err)
			os.Exit(1)
		}
	}
}
