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

// candidate is an interface with all its addresses and their networks.
type candidate struct {
	iface net.Interface
	addrs []netip.Prefix
}

// link is an interface that we announce and browse on.
type link struct {
	iface net.Interface
	// addrs are what is announced over each family: its IPv4 addresses; its
	// wider IPv6 addresses or, if it has none, its link-local ones. They have no
	// zone, and of one family at least there is one.
	addrs [families][]netip.Addr
	// nets are all its addresses with their networks.
	nets []netip.Prefix
}

func (l link) name() string { return l.iface.Name }

func (l link) loopback() bool { return l.iface.Flags&net.FlagLoopback != 0 }

// first is the family that we ask and announce over: IPv4 where there is IPv4,
// for both would double the packets.
func (l link) first() family {
	if len(l.addrs[overIPv4]) > 0 {
		return overIPv4
	}
	return overIPv6
}

// own reports whether ip is one of this machine's addresses there.
func (l link) own(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return slices.ContainsFunc(l.nets, func(p netip.Prefix) bool { return p.Addr() == ip })
}

// near reports whether ip is on this network (RFC 6762, section 11).
func (l link) near(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return ip.Is6() && ip.IsLinkLocalUnicast() ||
		slices.ContainsFunc(l.nets, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// sameLink reports whether nothing changed that neighbours must be told. The
// index matters, for an interface made anew under its old name has lost the
// groups that were joined on it.
func sameLink(a, b link) bool {
	return a.iface.Index == b.iface.Index && a.iface.Name == b.iface.Name && a.iface.Flags == b.iface.Flags &&
		slices.Equal(a.addrs[overIPv4], b.addrs[overIPv4]) && slices.Equal(a.addrs[overIPv6], b.addrs[overIPv6]) &&
		slices.Equal(a.nets, b.nets)
}

// chooseLinks picks the interfaces to use, those with IPv4 first.
func chooseLinks(all []candidate) []link {
	var links, loops []link
	for _, c := range all {
		l := link{c.iface, announced(c.addrs, c.iface.Flags&net.FlagLoopback != 0), c.addrs}
		switch {
		case len(l.addrs[l.first()]) == 0:
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
		return cmp.Or(cmp.Compare(a.first(), b.first()), cmp.Compare(a.iface.Index, b.iface.Index))
	})
	return links[:min(maxLinks, len(links))]
}

// carries reports whether an interface can multicast right now. A cable that
// is not plugged in shows as up but not running.
func carries(f net.Flags) bool {
	const need = net.FlagUp | net.FlagRunning | net.FlagMulticast
	return f&need == need && f&(net.FlagPointToPoint|net.FlagLoopback) == 0
}

// announced picks from the addresses of an interface those to announce. On the
// loopback interface one family is enough.
func announced(all []netip.Prefix, loopback bool) [families][]netip.Addr {
	var v4, v6, local []netip.Addr
	for _, p := range all {
		a := p.Addr()
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
	if len(v6) == 0 {
		v6 = local
	}
	if loopback && len(v4) > 0 {
		v6 = nil
	}
	both := [families][]netip.Addr{v4, v6}
	for f, some := range both {
		slices.SortFunc(some, netip.Addr.Compare)
		both[f] = some[:min(maxAddrs, len(some))]
	}
	return both
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
					c.addrs = append(c.addrs, prefix(ip.Unmap().WithZone(""), p.Mask))
				}
			}
		}
		all = append(all, c)
	}
	return all, nil
}

// prefix is ip in its network; of a mask that is none, ip alone.
func prefix(ip netip.Addr, mask net.IPMask) netip.Prefix {
	ones, bits := mask.Size()
	if ones -= bits - ip.BitLen(); bits == 0 || ones < 0 {
		ones = ip.BitLen()
	}
	return netip.PrefixFrom(ip, ones)
}
