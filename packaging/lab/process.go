package lab

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Process is a command that runs until it is told to stop.
type Process struct {
	Out, Err *Lines
	home     *Home
	cmd      *exec.Cmd
	done     chan struct{}
}

// Start starts a command. The end of the test kills it.
func (h *Home) Start(args ...string) *Process {
	h.T.Helper()
	cmd := h.command(h.T.Context(), args...)
	p := &Process{newLines(), newLines(), h, cmd, make(chan struct{})}
	out, err := cmd.StdoutPipe()
	if err != nil {
		h.T.Fatal(err)
	}
	errs, err := cmd.StderrPipe()
	if err != nil {
		h.T.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		h.T.Fatalf("start starlingd %q: %v", args, err)
	}
	var reading sync.WaitGroup
	reading.Go(func() { p.Out.read(out) })
	reading.Go(func() { p.Err.read(errs) })
	go func() {
		defer close(p.done)
		reading.Wait()
		_ = cmd.Wait()
	}()
	h.T.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-p.done
		p.report()
	})
	return p
}

// report looks for signs of faults in what the process said, and shows the end
// of it if the test has failed.
func (p *Process) report() {
	said := p.Err.All()
	checkLog(p.home.T, p.home.Name, strings.Join(said, "\n"))
	if p.home.T.Failed() {
		p.home.T.Logf("%s: starlingd %q said at the end:\n%s",
			p.home.Name, p.cmd.Args[1:], strings.Join(said[max(0, len(said)-40):], "\n"))
	}
}

// Wait waits for the end of p and returns its exit code, -1 after a signal.
func (p *Process) Wait() int {
	p.home.T.Helper()
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(Soon):
		p.home.T.Fatalf("%s: starlingd %q does not end", p.home.Name, p.cmd.Args[1:])
		return 0
	}
}

// Ended is closed when p has ended.
func (p *Process) Ended() <-chan struct{} { return p.done }

// Kill ends p as a crash does and waits until it is gone. It may have ended
// before.
func (p *Process) Kill() {
	p.home.T.Helper()
	_ = p.cmd.Process.Signal(os.Kill)
	p.Wait()
}

// Stop ends p as a service manager does; it must end well.
func (p *Process) Stop() {
	p.home.T.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.home.T.Fatalf("%s: stop starlingd: %v", p.home.Name, err)
	}
	if code := p.Wait(); code != 0 {
		p.home.T.Fatalf("%s: starlingd %q ended with %d", p.home.Name, p.cmd.Args[1:], code)
	}
}

// faults are what no process of ours may say, whatever is done to its peers.
var faults = []string{"DATA RACE", "panic: ", "fatal error: ", "level=ERROR", "the protocol was broken"}

func checkLog(t *testing.T, who, said string) {
	t.Helper()
	for _, fault := range faults {
		if at := strings.Index(said, fault); at >= 0 {
			from := strings.LastIndex(said[:at], "\n") + 1
			t.Errorf("%s said: %s", who, said[from:min(len(said), at+4000)])
		}
	}
}

// Lines are the lines that a process prints; a last one that is cut short is
// not among them. All methods are safe for concurrent use.
type Lines struct {
	mu    sync.Mutex
	list  []string
	taken int
	ended bool
	more  chan struct{} // closed and made anew when something changes
}

func newLines() *Lines { return &Lines{more: make(chan struct{})} }

func (l *Lines) read(from io.Reader) {
	r := bufio.NewReader(from)
	for {
		line, err := r.ReadString('\n')
		l.mu.Lock()
		if err == nil {
			l.list = append(l.list, line[:len(line)-1])
		}
		l.ended = err != nil
		close(l.more)
		l.more = make(chan struct{})
		l.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// All returns the lines so far.
func (l *Lines) All() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.list[:len(l.list):len(l.list)]
}

// Await waits until there are n lines in all, and reports whether they came.
func (l *Lines) Await(n int, within time.Duration) bool {
	timeout := time.After(within)
	for {
		l.mu.Lock()
		enough, ended, more := len(l.list) >= n, l.ended, l.more
		l.mu.Unlock()
		if enough || ended {
			return enough
		}
		select {
		case <-more:
		case <-timeout:
			return false
		}
	}
}

// Next returns the first line that it has not returned yet, which must come
// within [Soon].
func (l *Lines) Next(t *testing.T) string {
	t.Helper()
	l.mu.Lock()
	l.taken++
	n := l.taken
	l.mu.Unlock()
	if !l.Await(n, Soon) {
		t.Fatalf("no line %d, only %q", n, l.All())
	}
	return l.All()[n-1]
}
