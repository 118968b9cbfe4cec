package discovery

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"slices"
)

// maxLinks bounds how many interfaces are used. Linux lets a socket join 20
// groups (net.ipv4.igmp_max_memberships); a machine full of containers has
// more interfaces than that.
const maxLinks = 16

// candidate is an interface with all its addresses.
type candidate struct {
	iface net.Interface
	addrs []netip.Addr
}

// link is an interface that we announce and browse on.
type link struct {
	iface net.Interface
	// addrs are what is announced there: its IPv4 addresses; if it has none,
	// its wider IPv6 addresses; if it has none of those, its link-local ones.
	// They have no zone and there is at least one.
	addrs []netip.Addr
}

func (l link) name() string { return l.iface.Name }

func (l link) loopback() bool { return l.iface.Flags&net.FlagLoopback != 0 }

func (l link) hasIPv4() bool { return l.addrs[0].Is4() }

// sameLinks reports whether nothing changed that neighbours must be told. The
// index matters, for an interface made anew under its old name has lost the
// groups that were joined on it.
func sameLinks(a, b []link) bool {
	return slices.EqualFunc(a, b, func(a, b link) bool {
		return a.iface.Index == b.iface.Index && a.iface.Name == b.iface.Name &&
			a.iface.Flags == b.iface.Flags && slices.Equal(a.addrs, b.addrs)
	})
}

// chooseLinks picks the interfaces to use, those with IPv4 first.
func chooseLinks(all []candidate) []link {
	var links, loops []link
	for _, c := range all {
		l := link{c.iface, announced(c.addrs, c.iface.Flags&net.FlagLoopback != 0)}
		switch {
		case len(l.addrs) == 0:
		case l.loopback() && l.iface.Flags&net.FlagUp != 0:
			loops = append(loops, l)
		case carries(l.iface.Flags):
			links = append(links, l)
		}
	}
	if len(links) == 0 {
		return loops[:min(1, len(loops))]
	}
	slices.SortFunc(links, func(a, b link) int {
		return cmp.Or(
			cmp.Compare(a.addrs[0].BitLen(), b.addrs[0].BitLen()),
			cmp.Compare(a.iface.Index, b.iface.Index),
		)
	})
	return links[:min(maxLinks, len(links))]
}

// carries reports whether an interface can multicast right now. A cable that
// is not plugged in shows as up but not running.
func carries(f net.Flags) bool {
	const need = net.FlagUp | net.FlagRunning | net.FlagMulticast
	return f&need == need && f&(net.FlagPointToPoint|net.FlagLoopback) == 0
}

// announced picks from the addresses of an interface those to announce.
func announced(all []netip.Addr, loopback bool) []netip.Addr {
	var v4, v6, local []netip.Addr
	for _, a := range all {
		a = a.Unmap().WithZone("")
		switch {
		case a.IsLoopback() != loopback || !dialable(a):
		case a.Is4():
			v4 = append(v4, a)
		case a.IsLinkLocalUnicast():
			local = append(local, a)
		default:
			v6 = append(v6, a)
		}
	}
	for _, some := range [][]netip.Addr{v4, v6, local} {
		if len(some) > 0 {
			slices.SortFunc(some, netip.Addr.Compare)
			return some[:min(maxAddrs, len(some))]
		}
	}
	return nil
}

// systemCandidates asks the system. Addresses are read only of interfaces that
// could be used, because each costs a system call.
func systemCandidates() ([]candidate, error) {
	ifaces, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("list interfaces: %w", err)
	}
	var all []candidate
	for _, i := range ifaces {
		if !carries(i.Flags) && i.Flags&net.FlagLoopback == 0 {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue // it went away in between
		}
		c := candidate{iface: i}
		for _, a := range addrs {
			if p, ok := a.(*net.IPNet); ok {
				if ip, ok := netip.AddrFromSlice(p.IP); ok {
					c.addrs = append(c.addrs, ip)
				}
			}
		}
		all = append(all, c)
	}
	return all, nil
}
