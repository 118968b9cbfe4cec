package discovery

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/grandcat/zeroconf"
)

const (
	domain = "local"
	// recordTTL is what RFC 6762, section 10, gives records that name a host,
	// in seconds.
	recordTTL = 120
)

// library is grandcat/zeroconf as a wire.
type library struct{}

func (library) announce(rec record, links []link) (func(), error) {
	// If it fails, neighbours hear of what is new in their next browse.
	taken := takeBack(rec.tag, links)
	server, err := zeroconf.RegisterProxy(rec.tag, Service, domain, rec.port, rec.tag, ownAddrs(links), rec.text(), interfaces(links))
	if err != nil {
		return nil, fmt.Errorf("announce %s: %w", rec.tag, errors.Join(err, taken))
	}
	setTTL(server)
	return server.Shutdown, nil
}

// ownAddrs returns nil when there are several links: the library then answers
// with the addresses of the interface that asked.
func ownAddrs(links []link) []string {
	if len(links) != 1 {
		return nil
	}
	var ips []string
	for _, a := range links[0].addrs {
		ips = append(ips, a.String())
	}
	return ips
}

// setTTL writes one aligned word that goroutines of the library may be reading
// and that they offer no way to set sooner. Go's memory model lets such a read
// see the old or the new value, and either will do, so the race detector is
// not to count it against the programs that use us.
//
//go:norace
func setTTL(s *zeroconf.Server) { s.TTL(recordTTL) }

// browse speaks one family only: the library answers on both anyway, and its
// resolver leaks a socket when it is asked for both and IPv6 fails.
func (library) browse(ctx context.Context, f family, links []link, got func(answer)) error {
	ipType := zeroconf.IPType(zeroconf.IPv4)
	if f == overIPv6 {
		ipType = zeroconf.IPv6
	}
	resolver, err := zeroconf.NewResolver(zeroconf.SelectIPTraffic(ipType), zeroconf.SelectIfaces(interfaces(links)))
	if err != nil {
		return fmt.Errorf("browse: %w", err)
	}
	// Lookup without an instance is Browse, except that it stops repeating the
	// question once somebody answered, as we do ourselves. When to repeat it is
	// the Finder's affair.
	entries := make(chan *zeroconf.ServiceEntry)
	failed := resolver.Lookup(ctx, "", Service, domain, entries)
	// The channel is drained until the library closes it, which it does after
	// ctx ended or Lookup failed: unread, it would hold goroutines and sockets.
	for e := range entries {
		if ctx.Err() == nil {
			got(answer{e.Instance, e.Port, e.Text, e.AddrIPv4, e.AddrIPv6})
		}
	}
	if failed != nil {
		return fmt.Errorf("browse: %w", failed)
	}
	return nil
}

func interfaces(links []link) []net.Interface {
	ifaces := make([]net.Interface, 0, len(links))
	for _, l := range links {
		ifaces = append(ifaces, l.iface)
	}
	return ifaces
}
