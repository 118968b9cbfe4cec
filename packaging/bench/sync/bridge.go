//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"starling/discovery"
)

// hostEnv makes the command a host in a namespace: it holds the host's tag.
const hostEnv = "STARLING_BENCH_HOST"

// discoverHost keeps its namespace and prints lines of a word and a time in
// nanoseconds: "ready" when it has a network, "start" once it was told to, then
// the tag of each neighbour. It ends with its standard input.
func discoverHost(tag string) int {
	in := bufio.NewScanner(os.Stdin)
	if tag == "bridge" {
		_, _ = io.Copy(io.Discard, os.Stdin)
		return 0
	}
	for tick := time.NewTicker(10 * time.Millisecond); ; <-tick.C {
		if e0, err := net.InterfaceByName("e0"); err == nil && e0.Flags&net.FlagRunning != 0 {
			break
		}
	}
	fmt.Println("ready", time.Now().UnixNano())
	if !in.Scan() {
		return 0
	}
	finder, err := discovery.New(discovery.Config{Tag: tag, Name: "Host " + tag, Port: 4000})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	fmt.Println("start", time.Now().UnixNano())
	_ = finder.Run(ctx, func(e discovery.Event) {
		if !e.Gone {
			fmt.Println(e.Hint.Tag, time.Now().UnixNano())
		}
	})
	return 0
}

// bridge is a bridge in a network namespace and hosts, each in another. The
// namespaces have no name and go with their processes.
type bridge struct {
	*child
	hosts []*child
}

// child is this program in a namespace of its own.
type child struct {
	tag   string
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines chan hostLine
}

type hostLine struct {
	from, word string
	at         time.Time
}

func newBridge(hosts, loss int) (*bridge, error) {
	lines := make(chan hostLine, hosts*hosts*4)
	b := &bridge{}
	var err error
	if b.child, err = newChild("bridge", lines); err != nil {
		return nil, err
	}
	batch := "link add name lan0 type bridge mcast_snooping 0\nlink set lan0 up\n"
	for i := range hosts {
		h, err := newChild(fmt.Sprintf("%016x", i+1), lines)
		if err != nil {
			b.close()
			return nil, err
		}
		b.hosts = append(b.hosts, h)
		batch += fmt.Sprintf("link add name p%d master lan0 type veth peer name e0 netns %d\nlink set p%d up\n", i, h.cmd.Process.Pid, i)
	}
	errs := []error{b.run(batch, "ip", "-batch", "-")}
	for i, h := range b.hosts {
		errs = append(errs,
			h.run(fmt.Sprintf("link set lo up\naddr add 10.77.0.%d/24 dev e0\nlink set e0 up\n", i+1), "ip", "-batch", "-"),
			h.run(rules(loss), "nft", "-f", "-"))
	}
	if err := errors.Join(errs...); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// rules count what a host sends, and lose some of what it gets.
func rules(loss int) string {
	drop := ""
	if loss > 0 {
		drop = fmt.Sprintf(`iifname "e0" numgen random mod 100 < %d drop;`, loss)
	}
	return fmt.Sprintf(`table inet bench {
	chain in { type filter hook prerouting priority -300; %s }
	chain out { type filter hook output priority 0; oifname "e0" udp sport 5353 counter; oifname "e0" udp sport != 5353 udp dport 5353 counter; }
}`, drop)
}

func newChild(tag string, lines chan hostLine) (*child, error) {
	c := &child{tag: tag, cmd: exec.Command("/proc/self/exe"), lines: lines}
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	c.cmd.Env = append(os.Environ(), hostEnv+"="+tag)
	c.cmd.Stderr = os.Stderr
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a host: %w", err)
	}
	go func() {
		for in := bufio.NewScanner(out); in.Scan(); {
			word, at, _ := strings.Cut(in.Text(), " ")
			if nano, err := strconv.ParseInt(at, 10, 64); err == nil {
				lines <- hostLine{tag, word, time.Unix(0, nano)}
			}
		}
	}()
	return c, nil
}

// run runs a command in the child's namespace.
func (c *child) run(input string, args ...string) error {
	cmd := exec.Command("nsenter", append([]string{fmt.Sprintf("--net=/proc/%d/ns/net", c.cmd.Process.Pid)}, args...)...)
	cmd.Stdin = strings.NewReader(input)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", args[0], err, out)
	}
	return nil
}

func (b *bridge) close() {
	for _, c := range append(b.hosts, b.child) {
		_ = c.in.Close()
	}
	for _, c := range append(b.hosts, b.child) {
		_ = c.cmd.Wait()
	}
}

// start starts all hosts at once and returns how long each pair took, and how
// many pairs did not meet in time. It takes that time whole.
func (b *bridge) start(within time.Duration) (times []time.Duration, missing int) {
	for range b.hosts {
		<-b.lines // "ready"
	}
	for _, h := range b.hosts {
		_, _ = io.WriteString(h.in, "start\n")
	}
	started, known := map[string]time.Time{}, map[[2]string]time.Time{}
	for end := time.After(within); ; {
		select {
		case l := <-b.lines:
			pair := [2]string{l.from, l.word}
			switch {
			case l.word == "start":
				started[l.from] = l.at
			case known[pair].IsZero():
				known[pair] = l.at
			}
			continue
		case <-end:
		}
		break
	}
	for pair, at := range known {
		later := started[pair[0]]
		if s := started[pair[1]]; s.After(later) {
			later = s
		}
		times = append(times, at.Sub(later))
	}
	return times, len(b.hosts)*(len(b.hosts)-1) - len(times)
}

// packets are those of multicast DNS that all hosts have sent.
func (b *bridge) packets() (int, error) {
	sum := 0
	for _, h := range b.hosts {
		rules, err := exec.Command("nsenter", fmt.Sprintf("--net=/proc/%d/ns/net", h.cmd.Process.Pid), "nft", "list", "ruleset").Output()
		if err != nil {
			return 0, fmt.Errorf("count packets: %w", err)
		}
		for _, m := range counted.FindAllSubmatch(rules, -1) {
			n, _ := strconv.Atoi(string(m[1]))
			sum += n
		}
	}
	return sum, nil
}

var counted = regexp.MustCompile(`counter packets (\d+)`)
