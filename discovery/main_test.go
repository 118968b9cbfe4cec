package discovery

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"
)

const (
	annaTag = "00000000000000aa"
	benTag  = "00000000000000bb"
	cyTag   = "00000000000000cc"
)

// hostEnv makes the test binary a host in a namespace instead of running tests:
// it holds a hostConfig as JSON.
const hostEnv = "DISCOVERY_TEST_HOST"

// hostConfig is what a host does. Without a tag it only keeps its namespace.
type hostConfig struct {
	Tag, Name string
	Port      int
}

// hostLine is one line of a host's standard output.
type hostLine struct {
	Event  Event
	Status []string // after "status" on standard input
	At     time.Time
}

func TestMain(m *testing.M) {
	if cfg := os.Getenv(hostEnv); cfg != "" {
		os.Exit(runHost(cfg))
	}
	os.Exit(m.Run())
}

// runHost obeys standard input line by line and ends with it.
func runHost(config string) int {
	var cfg hostConfig
	if err := json.Unmarshal([]byte(config), &cfg); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	lines := make(chan hostLine)
	go func() {
		for l := range lines {
			_ = json.NewEncoder(os.Stdout).Encode(l)
		}
	}()
	var f *Finder
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		switch in.Text() {
		case "start":
			var err error
			if f, err = New(Config{Tag: cfg.Tag, Name: cfg.Name, Port: cfg.Port}); err != nil {
				fmt.Fprintln(os.Stderr, err)
				return 2
			}
			go func() { done <- f.Run(ctx, func(e Event) { lines <- hostLine{Event: e, At: time.Now()} }) }()
		case "status":
			line := hostLine{Status: []string{}, At: time.Now()}
			for _, s := range f.Interfaces() {
				line.Status = append(line.Status, fmt.Sprintf("%s%v: %v", s.Name, s.Addrs, s.Err))
			}
			lines <- line
		}
	}
	cancel()
	if f != nil {
		if err := <-done; err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return 0
}
