package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// aloneEnv tells the command that it is alone in its network namespace.
const aloneEnv = "STARLING_BENCH_ALONE"

// alone runs this command again in a network namespace of its own, if it may
// make one and is not in one already.
func alone() (ran bool, err error) {
	if os.Getenv(aloneEnv) != "" {
		return false, raiseLoopback()
	}
	if os.Geteuid() != 0 {
		fmt.Fprintln(os.Stderr, "live: bytes on the wire are not measured: that needs root, to make a network namespace")
		return false, nil
	}
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Env = append(os.Environ(), aloneEnv+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	return true, cmd.Run()
}

// raiseLoopback switches the loopback interface of this namespace on.
func raiseLoopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return fmt.Errorf("switch the loopback on: %w", err)
	}
	defer unix.Close(fd)
	req, err := unix.NewIfreq("lo")
	if err != nil {
		return fmt.Errorf("switch the loopback on: %w", err)
	}
	req.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, req); err != nil {
		return fmt.Errorf("switch the loopback on: %w", err)
	}
	return nil
}

// linkHeader is what the kernel counts for each packet on the loopback beside
// the IP packet: an empty Ethernet header.
const linkHeader = 14

// readWire reads what has come over the loopback, on which each packet is sent
// once and comes once; nothing if others may use that loopback, too.
func readWire() (wire, error) {
	if os.Getenv(aloneEnv) == "" {
		return wire{}, nil
	}
	file, err := os.Open("/proc/self/net/dev")
	if err != nil {
		return wire{}, fmt.Errorf("count bytes: %w", err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		name, counts, _ := strings.Cut(lines.Text(), ":")
		if strings.TrimSpace(name) != "lo" {
			continue
		}
		var w wire
		if _, err := fmt.Sscan(counts, &w.bytes, &w.packets); err != nil {
			return wire{}, fmt.Errorf("count bytes: %w", err)
		}
		w.bytes -= w.packets * linkHeader
		return w, nil
	}
	return wire{}, errors.New("count bytes: there is no loopback")
}

// maxData is the length, IP header included, of the longest packet with which a
// connection begins. What is longer is a probe for the path's MTU, or comes after
// one that went through.
const maxData = 1280

// capture hears every packet on the loopback of this namespace.
type capture struct{ fd int }

// listenToWire begins to hear; nil where others may use the loopback, too.
func listenToWire() (*capture, error) {
	if os.Getenv(aloneEnv) == "" {
		return nil, nil
	}
	const everything = unix.ETH_P_ALL>>8 | unix.ETH_P_ALL&0xff<<8 // in network order
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, everything)
	if err != nil {
		return nil, fmt.Errorf("hear packets: %w", err)
	}
	return &capture{fd}, nil
}

func (c *capture) close() {
	if c != nil {
		_ = unix.Close(c.fd) // nothing was written
	}
}

// after sums up what was heard since the last call: the bytes, IP headers included,
// of packets behind QUIC's handshake (RFC 9000, 17.3), and apart from those the
// bytes of probes for the path's MTU.
func (c *capture) after() (data, probes int, err error) {
	if c == nil {
		return 0, 0, nil
	}
	packet := make([]byte, 1<<16)
	for {
		n, from, err := unix.Recvfrom(c.fd, packet, 0)
		if errors.Is(err, unix.EAGAIN) {
			return data, probes, nil
		}
		if err != nil {
			return 0, 0, fmt.Errorf("hear packets: %w", err)
		}
		const header = 20 + 8 // of IPv4 and UDP
		link, ok := from.(*unix.SockaddrLinklayer)
		if !ok || link.Pkttype != unix.PACKET_HOST || n <= header || packet[header]&0x80 != 0 {
			continue // sent, which is heard again as it comes; or of the handshake
		}
		if n > maxData {
			probes += n
		} else {
			data += n
		}
	}
}
