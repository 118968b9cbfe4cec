// Command gotest runs `go test` with the arguments given and says plainly what
// came of it:
//
//	go run ./packaging/gotest -race ./...
//
// It prints a line for each package, the output of what failed, and at the end
// each skipped test with its reason, which go test hides. Where the variable
// CI is set a skipped test is a failure: a bare machine has been made ready
// for all of them. It exits 1 on a failure.
//
// With -race the detector is spared what would only cost time, and what it gives up
// is tested once more: see race.go.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
)

func main() {
	ok, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "gotest:", err)
	}
	if !ok || err != nil {
		os.Exit(1)
	}
}

// run reports whether all tests passed. An error means that this can't be
// known. What only the race detector has stopped is tested once more.
func run(args []string) (bool, error) {
	log := newLog(os.Stdout)
	ok, err := test(args, log)
	if err == nil && !ok && len(log.gaveUp) > 0 && len(log.gaveUp) == len(log.bad) {
		packages := log.gaveUp
		log.bad, log.gaveUp = nil, nil
		ok, err = test(again(args, packages), log)
	}
	log.summarise()
	if err == nil && ok && os.Getenv("CI") != "" && len(log.skipped) > 0 {
		return false, fmt.Errorf("%d tests were skipped; with CI set none may be", len(log.skipped))
	}
	return ok, err
}

// test is one run of go test.
func test(args []string, log *testLog) (bool, error) {
	flags := []string{"test", "-json"}
	if slices.Contains(args, "-race") {
		flags = append(flags, unwatched()...)
	}
	cmd := exec.Command("go", append(flags, args...)...)
	cmd.Env = append(os.Environ(), raceOptions(os.Getenv("GORACE")))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return false, fmt.Errorf("run go test: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return false, fmt.Errorf("run go test: %w", err)
	}
	readErr := readEvents(out, log)
	if readErr != nil {
		// Let go test end: it blocks on a full pipe otherwise.
		_, _ = io.Copy(io.Discard, out)
	}
	waitErr := cmd.Wait()
	if readErr != nil {
		return false, fmt.Errorf("read the output of go test: %w", readErr)
	}
	return waitErr == nil, nil // what failed is printed
}

func readEvents(r io.Reader, log *testLog) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil {
				// go test itself prints some errors as plain text.
				fmt.Fprintf(log.out, "%s", line)
			} else {
				log.take(e)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
