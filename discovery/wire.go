package discovery

import (
	"context"
	"net/netip"
)

// family is an IP version.
type family int

const (
	overIPv4 family = iota
	overIPv6
	families // how many there are
)

func (f family) String() string { return [...]string{"IPv4", "IPv6"}[f] }

// portID names one family on one interface, by the interface's index.
type portID struct {
	index  int
	family family
}

// datagram is what came in at a port. Nothing in it has been checked.
type datagram struct {
	port portID
	from netip.AddrPort
	data []byte
}

// packet is what goes out at a port.
type packet struct {
	port portID
	// to is whom it goes to; the zero value is the multicast group.
	to netip.AddrPort
	// oneShot says that answers shall come back to us alone: it is sent from a
	// port of our own instead of 5353 (RFC 6762, section 5.1).
	oneShot bool
	data    []byte
}

// wire carries multicast DNS packets.
type wire interface {
	// open joins the group at a port and passes on to heard what comes in,
	// until ctx ends or the socket is closed. It drops what heard has no room
	// for.
	open(ctx context.Context, l link, f family, heard chan<- datagram) (socket, error)
}

// socket is an open port.
type socket interface {
	// send is called from one goroutine only and does not wait for the network.
	send(packet) error
	// close returns when nothing more is passed on.
	close()
}
