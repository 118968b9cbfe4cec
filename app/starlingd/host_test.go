package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// soon is how long a test waits for what should come at once, or after a passphrase was
// made a key, which is meant to be slow and with the race detector takes ten times as
// long.
const soon = 3 * time.Minute

// runMain in the environment makes the test binary the program itself.
const runMain = "STARLINGD_TEST_RUN_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(runMain) != "" {
		main()
		return
	}
	os.Exit(testAll(m))
}

// testAll runs the tests with a folder of their own for sockets, since those of
// processes that the tests kill stay.
func testAll(m *testing.M) int {
	dir, err := os.MkdirTemp("/tmp", "starlingd-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Setenv("XDG_RUNTIME_DIR", dir); err != nil {
		panic(err)
	}
	return m.Run()
}

// host is a home and the processes on it.
type host struct {
	t    *testing.T
	home string
}

// newHost returns a host whose home is missing yet.
func newHost(t *testing.T) *host {
	return &host{t, filepath.Join(t.TempDir(), "home")}
}

// result is what one command did.
type result struct {
	out, err string
	code     int
}

func program(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	// The race detector would hold each process up for a second at its end.
	race := "GORACE=" + os.Getenv("GORACE") + " atexit_sleep_ms=0"
	cmd.Env = append(os.Environ(), runMain+"=1", race)
	return cmd
}

// execute runs the program with exactly these arguments.
func execute(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	cmd := program(ctx, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("starlingd %q: %v", args, err)
	}
	return result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

func (h *host) args(args []string) []string { return append([]string{"--home", h.home}, args...) }

// run runs one command on the home.
func (h *host) run(args ...string) result {
	h.t.Helper()
	return execute(h.t, "", h.args(args)...)
}

// must runs a command that must succeed, and returns what it printed without
// the last newline.
func (h *host) must(args ...string) string {
	h.t.Helper()
	return h.mustRead("", args...)
}

// mustRead is must with a standard input.
func (h *host) mustRead(stdin string, args ...string) string {
	h.t.Helper()
	r := execute(h.t, stdin, h.args(args)...)
	if r.code != 0 {
		h.t.Fatalf("starlingd %q: exit %d: %s", args, r.code, r.err)
	}
	return strings.TrimSuffix(r.out, "\n")
}

// json runs a command that must succeed with --json and reads its value.
func (h *host) json(value any, args ...string) {
	h.t.Helper()
	out := h.must(append(args, "--json")...)
	d := json.NewDecoder(strings.NewReader(out))
	d.DisallowUnknownFields()
	if err := d.Decode(value); err != nil {
		h.t.Fatalf("starlingd %q --json printed %q: %v", args, out, err)
	}
	if d.More() {
		h.t.Fatalf("starlingd %q --json printed more than one value: %q", args, out)
	}
}

// process is a command that runs until it is told to stop.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	out  chan string // lines of standard output, closed at its end
	errs chan string // lines of standard error, closed at its end
	done chan struct{}
}

// start starts a command; the test's end kills it.
func (h *host) start(args ...string) *process {
	h.t.Helper()
	cmd := program(h.t.Context(), h.args(args)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	errs, err := cmd.StderrPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	p := &process{h.t, cmd, make(chan string, 1<<16), make(chan string, 1<<16), make(chan struct{})}
	read := func(lines chan<- string, s *bufio.Scanner) {
		defer close(lines)
		s.Buffer(nil, 1<<24)
		for s.Scan() {
			if strings.Contains(s.Text(), "DATA RACE") {
				h.t.Errorf("starlingd %q has a data race", args)
			}
			lines <- s.Text()
		}
	}
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		read(p.errs, bufio.NewScanner(errs))
	}()
	go func() {
		defer close(p.done)
		read(p.out, bufio.NewScanner(out))
		<-finished
		_ = cmd.Wait()
	}()
	h.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-p.done
	})
	return p
}

// line returns the next line of a channel of p.
func (p *process) line(lines <-chan string) string {
	p.t.Helper()
	select {
	case line, ok := <-lines:
		if !ok {
			p.t.Fatalf("starlingd %q ended early: %s", p.cmd.Args[1:], p.rest())
		}
		return line
	case <-time.After(soon):
		p.t.Fatalf("starlingd %q says nothing", p.cmd.Args[1:])
	}
	return ""
}

// wait waits for the end of p and returns its exit code.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(soon):
		p.t.Fatalf("starlingd %q does not end", p.cmd.Args[1:])
		return 0
	}
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// rest returns the lines of standard error that were not read yet.
func (p *process) rest() string {
	var lines []string
	for {
		select {
		case line, ok := <-p.errs:
			if !ok {
				return strings.Join(lines, "\n")
			}
			lines = append(lines, line)
		default:
			return strings.Join(lines, "\n")
		}
	}
}

// server is a process that serves.
type server struct {
	*process
	address string
}

// serve starts a peer on loopback and waits until it is ready.
func (h *host) serve(name string) *server {
	h.t.Helper()
	p := h.start("--name", name, "serve", "--listen", "127.0.0.1:0", "--no-discovery")
	for {
		line := p.line(p.errs)
		if rest, ok := strings.CutPrefix(line, "starlingd: serving "+h.home+" on "); ok {
			return &server{p, strings.Fields(rest)[0]}
		}
	}
}

// stop ends a server as a service manager does.
func (s *server) stop() {
	s.t.Helper()
	s.signal(syscall.SIGTERM)
	if code := s.wait(); code != 0 {
		s.t.Fatalf("serve ended with %d: %s", code, s.rest())
	}
}

// kill ends a server as a crash does.
func (s *server) kill() {
	s.t.Helper()
	s.signal(syscall.SIGKILL)
	s.wait()
}

// awaitAlone waits until the peer has heard that nobody is connected any more.
func (h *host) awaitAlone() {
	h.t.Helper()
	eventually(h.t, "it hears that the other has gone", func() bool {
		var s statusJSON
		h.json(&s, "status")
		return s.Running && s.Connected == 0
	})
}

// eventually polls until ok or until time is up.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(soon); !ok(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("in vain: %s", what)
		}
	}
}
