// Package hosts runs real peers on several hosts of one network: network
// namespaces on a bridge, with real mDNS and QUIC between them. It needs root.
//
// The namespaces have no name. Each is held by a process that ends with its
// standard input, so that nothing stays behind even if the test is killed.
package hosts

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"starling/packaging/lab"
)

// keeper makes the test binary hold a namespace instead of running tests.
const keeper = "HOSTS_TEST_KEEPER"

func TestMain(m *testing.M) {
	if os.Getenv(keeper) != "" {
		_, _ = io.Copy(io.Discard, os.Stdin)
		return
	}
	flag.Parse()
	// Parallel tests wait for the network most of the time, not for a core.
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	code := m.Run()
	if testing.Verbose() || os.Getenv("STARLING_TABLE") != "" {
		printTables(os.Stdout)
	}
	os.Exit(code)
}

// need skips the test unless namespaces can be made and the tools are here.
func need(t *testing.T, tools ...string) {
	t.Helper()
	if os.Geteuid() != 0 {
		lab.Unable(t, "needs root, to make network namespaces")
	}
	for _, tool := range append(tools, "ip", "nsenter") {
		if _, err := exec.LookPath(tool); err != nil {
			lab.Unable(t, fmt.Sprintf("needs %s, to make a network: make deps-test installs it", tool))
		}
	}
}

// space is a network namespace.
type space struct {
	t   *testing.T
	pid int
}

func newSpace(t *testing.T) *space {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), keeper+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		lab.Unable(t, fmt.Sprintf("can't make a network namespace: %v", err))
	}
	t.Cleanup(func() {
		in.Close()
		_ = cmd.Wait()
	})
	s := &space{t, cmd.Process.Pid}
	s.run("ip", "link", "set", "lo", "up")
	return s
}

// enter are the words that run a command within s.
func (s *space) enter() []string {
	return []string{"nsenter", fmt.Sprintf("--net=/proc/%d/ns/net", s.pid)}
}

// run runs a command within s.
func (s *space) run(args ...string) {
	s.t.Helper()
	s.feed("", args...)
}

// feed is run with a standard input.
func (s *space) feed(stdin string, args ...string) {
	s.t.Helper()
	s.command(stdin, args)
}

// output is run for what the command prints.
func (s *space) output(args ...string) string {
	s.t.Helper()
	return s.command("", args)
}

func (s *space) command(stdin string, args []string) string {
	s.t.Helper()
	words := append(s.enter(), args...)
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("%s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// network is a bridge in a namespace of its own.
type network struct {
	*space
	prefix string // the first three numbers of its addresses
	ports  int
}

func newNetwork(t *testing.T) *network { t.Helper(); return newSubnet(t, 77) }

// newSubnet is a network with the addresses 10.n.0.0/24.
func newSubnet(t *testing.T, number int) *network {
	t.Helper()
	n := &network{space: newSpace(t), prefix: fmt.Sprintf("10.%d.0", number)}
	n.run("ip", "link", "add", "name", "lan0", "type", "bridge")
	n.run("ip", "link", "set", "lan0", "up")
	return n
}

// plug gives a computer an interface on the network, and returns the port of
// the bridge.
func (n *network) plug(s *space, device string) (port string) {
	n.t.Helper()
	n.ports++
	port = fmt.Sprintf("p%d", n.ports)
	n.run("ip", "link", "add", "name", port, "master", "lan0", "type", "veth",
		"peer", "name", device, "netns", fmt.Sprint(s.pid))
	n.run("ip", "link", "set", port, "up")
	return port
}

// host is a computer on the network with one person's home.
type host struct {
	*lab.Home
	space *space
	net   *network
	port  string // of the bridge
	peer  *lab.Peer
}

// newHost plugs a computer in and gives it an address of the network's, or none
// of IPv4 for 0.
func (n *network) newHost(name, program string, last int) *host {
	n.t.Helper()
	s := newSpace(n.t)
	h := &host{Home: lab.NewHome(n.t, name, append(s.enter(), program)...), space: s, net: n}
	h.port = n.plug(s, "e0")
	if last > 0 {
		h.address(last)
	} else {
		s.run("ip", "link", "set", "e0", "up")
	}
	return h
}

// address gives the computer this address and no other, IPv6 apart.
func (h *host) address(last int) {
	h.T.Helper()
	h.space.run("ip", "-4", "addr", "flush", "dev", "e0")
	h.space.address(h.net, "e0", last)
}

// address adds an address to an interface on a network, and has it up.
func (s *space) address(n *network, device string, last int) {
	s.t.Helper()
	s.run("ip", "addr", "add", fmt.Sprintf("%s.%d/24", n.prefix, last), "dev", device)
	s.run("ip", "link", "set", device, "up")
}

// withoutIPv6 leaves the computer only what it has of IPv4. On a busy machine two may
// else be connected over IPv6, link-local, and a change of their other addresses
// would change nothing.
func (h *host) withoutIPv6() {
	h.T.Helper()
	h.space.run("sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6")
}

// pull takes the cable out, push puts it back.
func (h *host) pull() { h.T.Helper(); h.net.run("ip", "link", "set", h.port, "down") }
func (h *host) push() { h.T.Helper(); h.net.run("ip", "link", "set", h.port, "up") }

// strand takes the host off the network without a sign of it on the host, as
// when a switch further away fails; join undoes it.
func (h *host) strand() { h.T.Helper(); h.net.run("ip", "link", "set", h.port, "nomaster") }
func (h *host) join()   { h.T.Helper(); h.net.run("ip", "link", "set", h.port, "master", "lan0") }

// serve starts the peer as people do, without an address.
func (h *host) serve() {
	h.T.Helper()
	h.peer = h.Home.Serve()
}
