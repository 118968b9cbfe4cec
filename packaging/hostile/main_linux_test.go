// Package hostile sends what does harm to other programs to real peers: the
// bytes that kill the C library, spoilt changes with good signatures, bombs,
// frames that are none. It speaks the protocol with an encoder of its own, over
// quic-go, so that no check of ours stands before what it sends.
//
// Through all of it a peer must live, answer within a second, take no more than
// 64 MB, keep nothing that is bad and go on taking what is good.
package hostile

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"starling/packaging/lab"
)

// maxGrowth is how much resident memory a peer may take while it is attacked, in bytes.
const maxGrowth = 64 << 20

// victim is a peer under attack. Unlike the peers of package lab it may complain
// about the others.
type victim struct {
	*lab.Home
	Addr  string
	cmd   *exec.Cmd
	log   *lockedBuffer
	done  chan struct{}
	space string
	empty int // resident memory before the attack, in bytes
}

// attacked starts a peer with a space.
func attacked(t *testing.T, name string) *victim {
	t.Helper()
	program := lab.Program(t)
	v := &victim{Home: lab.NewHome(t, name, program), log: &lockedBuffer{}}
	v.serve(t, program)
	v.space = v.Line("space", "new", "Notes")
	return v
}

// serve starts the peer's process and waits until it listens.
func (v *victim) serve(t *testing.T, program string) {
	t.Helper()
	v.cmd = exec.Command(program, "--home", v.Dir, "--name", v.Name, "serve", "--listen", "127.0.0.1:0", "--no-discovery")
	// What it takes is measured: as little of that as can be is to be garbage.
	v.cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR=", "GOGC=25")
	v.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	v.cmd.Stderr = v.log
	if err := v.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	v.done = make(chan struct{})
	go func() {
		defer close(v.done)
		_ = v.cmd.Wait()
	}()
	t.Cleanup(func() { v.end(t) })
	lab.Eventually(t, "it listens", func() bool {
		var st struct{ Listen []string }
		if v.Try("status", "--json").Code != 0 {
			return false
		}
		v.JSON(&st, "status")
		if len(st.Listen) > 0 {
			v.Addr = st.Listen[0]
		}
		return v.Addr != ""
	})
}

// end stops the peer, which must still be able to end well.
func (v *victim) end(t *testing.T) {
	alive := v.alive()
	_ = v.cmd.Process.Signal(syscall.SIGTERM) // it may be dead
	select {
	case <-v.done:
	case <-time.After(lab.Soon):
		t.Error("it does not end")
		_ = v.cmd.Process.Kill()
		<-v.done
	}
	said := v.log.String()
	if !alive || v.cmd.ProcessState.ExitCode() != 0 {
		t.Errorf("it ended with %v", v.cmd.ProcessState)
	}
	for _, fault := range []string{"panic: ", "fatal error: ", "DATA RACE"} {
		if strings.Contains(said, fault) {
			t.Errorf("it said %q", fault)
		}
	}
	if t.Failed() {
		var told []string
		for line := range strings.Lines(said) {
			if !strings.Contains(line, "level=INFO") {
				told = append(told, line)
			}
		}
		t.Logf("the end of its log:\n%s", strings.Join(told[max(0, len(told)-20):], ""))
	}
}

func (v *victim) alive() bool {
	select {
	case <-v.done:
		return false
	default:
		return true
	}
}

// settle notes how much memory the peer takes, before an attack.
func (v *victim) settle(t *testing.T) {
	t.Helper()
	v.empty = v.memory(t, "VmRSS")
	// What was taken at most counts from here on (proc(5), clear_refs).
	if err := os.WriteFile(v.proc("clear_refs"), []byte("5"), 0); err != nil {
		t.Fatal(err)
	}
}

func (v *victim) proc(name string) string {
	return filepath.Join("/proc", strconv.Itoa(v.cmd.Process.Pid), name)
}

// memory reads a size from the peer's status, in bytes.
func (v *victim) memory(t *testing.T, field string) int {
	t.Helper()
	status, err := os.ReadFile(v.proc("status"))
	if err != nil {
		t.Fatalf("the peer is gone: %v", err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, field+":"); ok {
			kb, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return kb << 10
		}
	}
	t.Fatalf("no %s in %s", field, status)
	return 0
}

// check holds what the peer has taken at most since settle against the limit,
// and sees whether it answers in time.
func (v *victim) check(t *testing.T) {
	t.Helper()
	if !v.alive() {
		t.Fatalf("it died: %v", v.cmd.ProcessState)
	}
	v.answers(t, "status")
	grown := v.memory(t, "VmHWM") - v.empty
	if grown > maxGrowth {
		t.Errorf("it took %d MB more than the %d MB before", grown>>20, v.empty>>20)
	}
	t.Logf("took at most %d MB more than the %d MB before", grown>>20, v.empty>>20)
}

// said counts the lines of the log that hold all of these words.
func (v *victim) said(words ...string) int {
	n := 0
lines:
	for line := range strings.Lines(v.log.String()) {
		for _, w := range words {
			if !strings.Contains(line, w) {
				continue lines
			}
		}
		n++
	}
	return n
}

// lockedBuffer is a buffer for concurrent use.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
