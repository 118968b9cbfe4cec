package discovery

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// host is a process of this test binary in a network namespace. The namespace
// has no name: it goes with its last process, and the process ends when its
// standard input does, so nothing stays behind even if the test is killed.
type host struct {
	t      *testing.T
	cmd    *exec.Cmd
	in     io.WriteCloser
	lines  chan hostLine
	stderr bytes.Buffer
	killed chan struct{} // closed by kill
}

// newHost starts a host in a namespace of its own, with lo up, or in that of
// another one.
func newHost(t *testing.T, cfg hostConfig, within *host) *host {
	t.Helper()
	config, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	h := &host{t: t, cmd: exec.Command(self), lines: make(chan hostLine, 1000), killed: make(chan struct{})}
	if within == nil {
		h.cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	} else {
		h.cmd = exec.Command("nsenter", within.netns(), self)
	}
	h.cmd.Env = append(os.Environ(), hostEnv+"="+string(config), "GORACE=atexit_sleep_ms=0")
	h.cmd.Stderr = &h.stderr
	if h.in, err = h.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.cmd.Start(); err != nil {
		t.Fatalf("start a host: %v", err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for dec := json.NewDecoder(out); ; {
			var l hostLine
			if dec.Decode(&l) != nil {
				return
			}
			h.lines <- l
		}
	}()
	t.Cleanup(func() {
		h.in.Close()
		<-read
		err := h.cmd.Wait()
		select {
		case <-h.killed:
			err = nil
		default:
		}
		if err != nil || h.stderr.Len() > 0 {
			t.Errorf("host %q: %v, standard error %q", cfg.Tag, err, h.stderr.String())
		}
	})
	if within == nil {
		h.run("ip", "link", "set", "lo", "up")
	}
	return h
}

// kill ends the host's process without a goodbye.
func (h *host) kill() {
	h.t.Helper()
	close(h.killed)
	if err := h.cmd.Process.Kill(); err != nil {
		h.t.Fatal(err)
	}
}

func (h *host) netns() string { return fmt.Sprintf("--net=/proc/%d/ns/net", h.cmd.Process.Pid) }

// run runs a command in the host's namespace.
func (h *host) run(args ...string) {
	h.t.Helper()
	out, err := exec.Command("nsenter", append([]string{h.netns()}, args...)...).CombinedOutput()
	if err != nil {
		h.t.Fatalf("%s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// say writes a line to the host and returns when it began to.
func (h *host) say(line string) time.Time {
	h.t.Helper()
	began := time.Now()
	if _, err := io.WriteString(h.in, line+"\n"); err != nil {
		h.t.Fatal(err)
	}
	return began
}

// status asks for the host's interfaces.
func (h *host) status() string {
	h.t.Helper()
	h.say("status")
	return strings.Join(h.await("its interfaces", func(l hostLine) bool { return l.Status != nil }).Status, " ")
}

// patience is how long a test waits for what is to happen at once: the machine may be
// busy. How fast hosts find each other is tested in simulated time.
const patience = 30 * time.Second

// await returns the first line that fits and drops those before it.
func (h *host) await(what string, fits func(hostLine) bool) hostLine {
	h.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case l := <-h.lines:
			if fits(l) {
				return l
			}
		case <-deadline:
			h.t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// sees waits until the host reports tag with addr as its first address.
func (h *host) sees(tag, addr string) hostLine {
	h.t.Helper()
	return h.await(tag+" at "+addr, func(l hostLine) bool {
		hint := l.Event.Hint
		return hint.Tag == tag && !l.Event.Gone && hint.Addrs[0].String() == addr
	})
}

// lan is a bridge in a namespace of its own.
type lan struct {
	*host
	ports int
}

func newLAN(t *testing.T) *lan {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to make network namespaces")
	}
	for _, tool := range []string{"ip", "nsenter"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("needs %s, to make network namespaces", tool)
		}
	}
	l := &lan{host: newHost(t, hostConfig{}, nil)}
	l.run("ip", "link", "add", "name", "lan0", "type", "bridge")
	l.run("ip", "link", "set", "lan0", "up")
	return l
}

// plug gives h an interface on the network, down and without an address.
func (l *lan) plug(h *host, name string) {
	l.t.Helper()
	l.ports++
	port := fmt.Sprintf("p%d", l.ports)
	l.run("ip", "link", "add", "name", port, "master", "lan0", "type", "veth",
		"peer", "name", name, "netns", fmt.Sprint(h.cmd.Process.Pid))
	l.run("ip", "link", "set", port, "up")
}

func (h *host) up(name, addr string) time.Time {
	h.t.Helper()
	h.run("ip", "addr", "flush", "dev", name)
	h.run("ip", "addr", "add", addr, "dev", name)
	h.run("ip", "link", "set", name, "up")
	return time.Now()
}
