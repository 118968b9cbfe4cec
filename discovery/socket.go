package discovery

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"sync"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

const (
	mdnsPort = 5353
	// hopLimit keeps what we send on this network. RFC 6762, section 11,
	// recommends 255, for the sake of older receivers that tell by it what comes
	// from afar; with 1, no router passes it on.
	hopLimit = 1
)

// groups are where multicast DNS is spoken (RFC 6762, section 3).
var groups = [families]netip.AddrPort{
	netip.MustParseAddrPort("224.0.0.251:5353"),
	netip.MustParseAddrPort("[ff02::fb]:5353"),
}

// system is the wire of this machine.
type system struct{}

// station is a port with two sockets: one on 5353, shared with whoever else
// speaks multicast DNS on this machine, and one of our own. Of several programs
// on 5353 only one gets a packet that is not to all, so what is for us alone
// goes to the other socket.
type station struct {
	group, own conn
	to         *net.UDPAddr
	readers    sync.WaitGroup
}

// conn is what IPv4 and IPv6 have in common.
type conn interface {
	// read returns what came, from whom, and the index of the interface, or 0 if
	// the system does not tell.
	read(b []byte) (int, net.Addr, int, error)
	write(b []byte, to net.Addr) error
	Close() error
}

func (system) open(ctx context.Context, l link, f family, heard chan<- datagram) (socket, error) {
	to := net.UDPAddrFromAddrPort(groups[f])
	if f == overIPv6 {
		to.Zone = l.name()
	}
	group, err := listen(ctx, l, f, mdnsPort)
	if err != nil {
		return nil, err
	}
	own, err := listen(ctx, l, f, 0)
	if err != nil {
		return nil, errors.Join(err, group.Close())
	}
	s := &station{group: group, own: own, to: to}
	for _, c := range []conn{group, own} {
		s.readers.Go(func() { receive(c, portID{l.iface.Index, f}, heard) })
	}
	return s, nil
}

func (s *station) send(k packet) error {
	c := s.group
	if k.oneShot {
		c = s.own
	}
	if k.to.IsValid() {
		return c.write(k.data, net.UDPAddrFromAddrPort(k.to))
	}
	return c.write(k.data, s.to)
}

func (s *station) close() {
	_ = s.group.Close() // nothing waits to be written
	_ = s.own.Close()
	s.readers.Wait()
}

// receive passes on what comes until c is closed.
func receive(c conn, id portID, heard chan<- datagram) {
	buf := make([]byte, maxDatagram+1)
	for failures := 0; failures < 100; {
		n, from, index, err := c.read(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			failures++ // such as an answer of ours that was refused
			continue
		}
		failures = 0
		who, ok := from.(*net.UDPAddr)
		if !ok || index != 0 && index != id.index {
			continue
		}
		select {
		case heard <- datagram{id, unmap(who.AddrPort()), append([]byte(nil), buf[:n]...)}:
		default: // more than we can take
		}
	}
}

func unmap(ap netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// listen opens a socket for l. On port 5353 it joins the group; on port 0 the
// system chooses one.
func listen(ctx context.Context, l link, f family, port int) (conn, error) {
	config := net.ListenConfig{}
	// Go leaves a socket for a multicast address unbound to any.
	at := netip.AddrPortFrom([families]netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()}[f], uint16(port))
	if port != 0 {
		config.Control = share
		if runtime.GOOS == "windows" {
			// There a socket hears what came in at its address.
			at = netip.AddrPortFrom(l.addrs[f][0], uint16(port))
			if at.Addr().IsLinkLocalUnicast() && f == overIPv6 {
				at = netip.AddrPortFrom(at.Addr().WithZone(l.name()), uint16(port))
			}
		}
	}
	sock, err := config.ListenPacket(ctx, [families]string{"udp4", "udp6"}[f], at.String())
	if err != nil {
		return nil, err
	}
	var c conn
	if f == overIPv4 {
		c, err = setUp4(sock, l.iface, port != 0)
	} else {
		c, err = setUp6(sock, l.iface, port != 0)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("set up: %w", err), sock.Close())
	}
	return c, nil
}

type conn4 struct{ *ipv4.PacketConn }

func setUp4(sock net.PacketConn, iface net.Interface, join bool) (conn, error) {
	c := ipv4.NewPacketConn(sock)
	errs := []error{
		c.SetMulticastInterface(&iface),
		c.SetMulticastTTL(hopLimit),
		c.SetTTL(hopLimit),
		c.SetMulticastLoopback(true),
	}
	_ = c.SetControlMessage(ipv4.FlagInterface, true) // Windows can't, and needn't
	if join {
		errs = append(errs, c.JoinGroup(&iface, &net.UDPAddr{IP: groups[overIPv4].Addr().AsSlice()}))
	}
	return conn4{c}, errors.Join(errs...)
}

func (c conn4) read(b []byte) (int, net.Addr, int, error) {
	n, cm, from, err := c.ReadFrom(b)
	index := 0
	if cm != nil {
		index = cm.IfIndex
	}
	return n, from, index, err
}

func (c conn4) write(b []byte, to net.Addr) error {
	_, err := c.WriteTo(b, nil, to)
	return err
}

type conn6 struct{ *ipv6.PacketConn }

func setUp6(sock net.PacketConn, iface net.Interface, join bool) (conn, error) {
	c := ipv6.NewPacketConn(sock)
	errs := []error{
		c.SetMulticastInterface(&iface),
		c.SetMulticastHopLimit(hopLimit),
		c.SetHopLimit(hopLimit),
		c.SetMulticastLoopback(true),
	}
	_ = c.SetControlMessage(ipv6.FlagInterface, true)
	if join {
		errs = append(errs, c.JoinGroup(&iface, &net.UDPAddr{IP: groups[overIPv6].Addr().AsSlice()}))
	}
	return conn6{c}, errors.Join(errs...)
}

func (c conn6) read(b []byte) (int, net.Addr, int, error) {
	n, cm, from, err := c.ReadFrom(b)
	index := 0
	if cm != nil {
		index = cm.IfIndex
	}
	return n, from, index, err
}

func (c conn6) write(b []byte, to net.Addr) error {
	_, err := c.WriteTo(b, nil, to)
	return err
}
