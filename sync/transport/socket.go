package transport

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"syscall"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

const (
	// nearHops is the hop limit of all packets while only this network is
	// spoken with: the first router drops them. farHops is the usual one.
	nearHops = 1
	farHops  = 64
)

// guard is a UDP socket through which packets are exchanged only with addresses
// that its gate lets pass. What comes from others is as if it had not come, and
// what goes to them as if it had been lost, so nothing that QUIC answers by
// itself to a stranger (a Retry, a reset, its versions) leaves this network.
//
// It keeps all that the socket can do: quic-go reads batches and sends GSO
// segments through it as through the bare socket.
type guard struct {
	*net.UDPConn
	batches *ipv4.PacketConn // of the same socket; its messages fit IPv6 too
	gate    *gate
}

func newGuard(socket *net.UDPConn, g *gate) (*guard, error) {
	s := &guard{UDPConn: socket, batches: ipv4.NewPacketConn(socket), gate: g}
	return s, s.setHops(nearHops)
}

// setHops sets the hop limit of IPv4 and IPv6. On a socket of both families some
// systems take it for both at once and refuse it for IPv4 alone.
func (s *guard) setHops(n int) error {
	err4 := s.batches.SetTTL(n)
	if addrPort(s.LocalAddr()).Addr().Is4() {
		return wrapHops(n, err4)
	}
	return wrapHops(n, ipv6.NewPacketConn(s.UDPConn).SetHopLimit(n))
}

func wrapHops(n int, err error) error {
	if err != nil {
		return fmt.Errorf("set the hop limit to %d: %w", n, err)
	}
	return nil
}

// ReadBatch is what quic-go reads with where it can. A message that may not pass
// becomes an empty one, which it drops.
func (s *guard) ReadBatch(ms []ipv4.Message, flags int) (int, error) {
	n, err := s.batches.ReadBatch(ms, flags)
	for i := range ms[:max(n, 0)] {
		if !s.gate.passesTo(ms[i].Addr) {
			ms[i].N = 0
		}
	}
	return n, err
}

// ReadFrom is what quic-go reads with elsewhere.
func (s *guard) ReadFrom(b []byte) (int, net.Addr, error) { return readFrom(s.UDPConn, s.gate, b) }

// WriteMsgUDP is what quic-go sends with where it can.
func (s *guard) WriteMsgUDP(b, oob []byte, to *net.UDPAddr) (n, oobn int, err error) {
	if s.gate.passesTo(to) {
		n, oobn, err = s.UDPConn.WriteMsgUDP(b, oob, to)
		if !away(err) {
			return n, oobn, err
		}
	}
	return len(b), len(oob), nil
}

// WriteTo is what quic-go sends with elsewhere.
func (s *guard) WriteTo(b []byte, to net.Addr) (int, error) { return writeTo(s.UDPConn, s.gate, b, to) }

// plainGuard is a guard before a socket of another kind, as of a simulated
// network.
type plainGuard struct {
	net.PacketConn
	gate *gate
}

func (s plainGuard) ReadFrom(b []byte) (int, net.Addr, error) {
	return readFrom(s.PacketConn, s.gate, b)
}

func (s plainGuard) WriteTo(b []byte, to net.Addr) (int, error) {
	return writeTo(s.PacketConn, s.gate, b, to)
}

func readFrom(s net.PacketConn, g *gate, b []byte) (int, net.Addr, error) {
	for {
		n, from, err := s.ReadFrom(b)
		if err != nil || g.passesTo(from) {
			return n, from, err
		}
	}
}

func writeTo(s net.PacketConn, g *gate, b []byte, to net.Addr) (int, error) {
	if g.passesTo(to) {
		if n, err := s.WriteTo(b, to); !away(err) {
			return n, err
		}
	}
	return len(b), nil
}

// away reports whether a packet could not be sent because the network is not
// there at the moment. That counts as a loss: a cable that is pulled and put
// back must not end a connection that would go on.
func away(err error) bool {
	return err != nil && slices.ContainsFunc(awayErrors, func(e syscall.Errno) bool { return errors.Is(err, e) })
}
