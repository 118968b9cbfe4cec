package hosts

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// packetSeen is an IP packet on some interface of a host.
type packetSeen struct {
	at       time.Time
	sent     bool // by the host, rather than received
	protocol int  // IANA's number
	from, to netip.AddrPort
	hops     int // hop limit
}

func (p packetSeen) String() string {
	return fmt.Sprintf("protocol %d, %v to %v, hop limit %d", p.protocol, p.from, p.to, p.hops)
}

// capture sees every packet on all interfaces of a host, lo and those to come
// too (packet(7)).
type capture struct {
	mu   sync.Mutex
	seen []packetSeen
}

// capture begins to see packets, until the test ends.
func (s *space) capture(t *testing.T) *capture {
	t.Helper()
	c := &capture{}
	var socket int
	s.within(func() (err error) {
		socket, err = unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, int(networkOrder(unix.ETH_P_ALL)))
		if err != nil {
			return err
		}
		// Reading looks for the test's end from time to time.
		return errors.Join(
			unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1),
			unix.SetsockoptTimeval(socket, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 100_000}),
			unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 8<<20))
	})
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		c.read(socket, done)
	}()
	t.Cleanup(func() {
		close(done)
		<-ended
		unix.Close(socket)
	})
	return c
}

func networkOrder(n uint16) uint16 {
	return binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, n))
}

func (c *capture) read(socket int, done <-chan struct{}) {
	buf, aside := make([]byte, 65536), make([]byte, 256)
	for {
		select {
		case <-done:
			return
		default:
		}
		n, asideLen, _, from, err := unix.Recvmsg(socket, buf, aside, 0)
		if err != nil {
			continue // the time is over, or it was interrupted
		}
		if link, ok := from.(*unix.SockaddrLinklayer); ok {
			if p, ok := dissect(buf[:n], link); ok {
				p.at = stamp(aside[:asideLen])
				c.mu.Lock()
				c.seen = append(c.seen, p)
				c.mu.Unlock()
			}
		}
	}
}

// stamp is when the system saw a packet, which may be long before it is read
// here.
func stamp(aside []byte) time.Time {
	messages, err := unix.ParseSocketControlMessage(aside)
	if err != nil {
		return time.Now()
	}
	for _, m := range messages {
		var at unix.Timespec
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_TIMESTAMPNS && len(m.Data) >= binary.Size(at) {
			if _, err := binary.Decode(m.Data, binary.NativeEndian, &at); err == nil {
				return time.Unix(at.Unix())
			}
		}
	}
	return time.Now()
}

// since are the packets that the system has seen from a moment on.
func (c *capture) since(from time.Time) (seen []packetSeen) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.seen {
		if !p.at.Before(from) {
			seen = append(seen, p)
		}
	}
	return seen
}

// dissect reads an IP header (RFC 791; RFC 8200, without extension headers) and
// the ports after it.
func dissect(p []byte, link *unix.SockaddrLinklayer) (packetSeen, bool) {
	seen := packetSeen{sent: link.Pkttype == unix.PACKET_OUTGOING}
	var from, to netip.Addr
	var rest []byte
	switch networkOrder(link.Protocol) {
	case unix.ETH_P_IP:
		if len(p) < 20 || len(p) < int(p[0]&15)*4 {
			return seen, false
		}
		seen.hops, seen.protocol = int(p[8]), int(p[9])
		from, _ = netip.AddrFromSlice(p[12:16])
		to, _ = netip.AddrFromSlice(p[16:20])
		rest = p[int(p[0]&15)*4:]
	case unix.ETH_P_IPV6:
		if len(p) < 40 {
			return seen, false
		}
		seen.protocol, seen.hops = int(p[6]), int(p[7])
		from, _ = netip.AddrFromSlice(p[8:24])
		to, _ = netip.AddrFromSlice(p[24:40])
		rest = p[40:]
	default:
		return seen, false // ARP
	}
	var ports [2]uint16
	if (seen.protocol == unix.IPPROTO_UDP || seen.protocol == unix.IPPROTO_TCP) && len(rest) >= 4 {
		ports = [2]uint16{binary.BigEndian.Uint16(rest), binary.BigEndian.Uint16(rest[2:])}
	}
	seen.from, seen.to = netip.AddrPortFrom(from, ports[0]), netip.AddrPortFrom(to, ports[1])
	return seen, true
}

// byKernel reports whether the system sends such packets by itself, to find
// neighbours and groups: ICMP, IGMP and, behind a hop-by-hop header, MLD.
func (p packetSeen) byKernel() bool {
	switch p.protocol {
	case unix.IPPROTO_ICMP, unix.IPPROTO_ICMPV6, unix.IPPROTO_IGMP, unix.IPPROTO_HOPOPTS:
		return true
	default:
		return false
	}
}
