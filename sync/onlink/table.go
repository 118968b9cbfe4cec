package onlink

import (
	"cmp"
	"net"
	"net/netip"
	"slices"
	"strconv"
)

// Link is a network interface.
type Link struct {
	Name  string
	Index int
	Flags net.Flags
	// Tunnel says that it is a VPN, an overlay, a dialled line or a modem.
	Tunnel bool
	// Prefixes are its addresses, each with the length of its network's.
	Prefixes []netip.Prefix
}

// Local reports whether what lies in the link's prefixes is on this network.
func (l Link) Local() bool {
	const shared = net.FlagBroadcast | net.FlagLoopback
	return l.Flags&net.FlagUp != 0 && l.Flags&net.FlagPointToPoint == 0 && l.Flags&shared != 0 && !l.Tunnel
}

// Table is the interfaces of this machine at one moment. It never changes and
// is safe for concurrent use. The zero table knows loopback and link-local
// addresses without a zone.
type Table struct {
	links  []Link
	routes []route // the longest prefix first
}

// route is one prefix and whether it is on this network.
type route struct {
	prefix netip.Prefix // masked
	local  bool
}

// NewTable makes a table of links, which it keeps. Links that are down don't
// count.
func NewTable(links []Link) *Table {
	slices.SortFunc(links, func(a, b Link) int {
		return cmp.Or(cmp.Compare(a.Index, b.Index), cmp.Compare(a.Name, b.Name))
	})
	t := &Table{links: links}
	for _, l := range links {
		slices.SortFunc(l.Prefixes, comparePrefixes)
		if l.Flags&net.FlagUp == 0 {
			continue
		}
		for _, p := range l.Prefixes {
			if p = unmapped(p); p.IsValid() {
				t.routes = append(t.routes, route{p.Masked(), l.Local()})
			}
		}
	}
	// Of two equal prefixes the one that is not local comes first: where the
	// system sends its packets is its affair, and may be the tunnel.
	slices.SortStableFunc(t.routes, func(a, b route) int {
		return cmp.Or(cmp.Compare(b.prefix.Bits(), a.prefix.Bits()), boolOrder(a.local, b.local))
	})
	return t
}

func comparePrefixes(a, b netip.Prefix) int {
	return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Bits(), b.Bits()))
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// unmapped is p without a zone, and as IPv4 if it is IPv4 in IPv6.
func unmapped(p netip.Prefix) netip.Prefix {
	a, bits := p.Addr().WithZone(""), p.Bits()
	if a.Is4In6() {
		a, bits = a.Unmap(), bits-96
	}
	if bits < 0 || bits > a.BitLen() {
		return netip.Prefix{}
	}
	return netip.PrefixFrom(a, bits)
}

// Local reports whether an address is on this network: see the package.
func (t *Table) Local(a netip.Addr) bool {
	a = a.Unmap()
	switch {
	case !a.IsValid() || a.IsUnspecified() || a.IsMulticast():
		return false
	case a.IsLoopback():
		return true
	case a.Zone() != "":
		return a.IsLinkLocalUnicast() && t.zone(a.Zone())
	case a.IsLinkLocalUnicast() && a.Is6():
		return true // which link, its zone would tell: the prefix is everywhere
	}
	for _, r := range t.routes {
		if r.prefix.Contains(a) {
			return r.local
		}
	}
	return a.IsLinkLocalUnicast()
}

// zone reports whether a zone names a link of this network, by name or number.
func (t *Table) zone(zone string) bool {
	index, err := strconv.Atoi(zone)
	for _, l := range t.links {
		if l.Name == zone || err == nil && l.Index == index {
			return l.Local()
		}
	}
	return false
}

// Links lists all interfaces by index, those that are down too. The caller must
// not change them.
func (t *Table) Links() []Link { return t.links }

// Equal reports whether two tables tell the same of every interface, whether a
// cable is plugged in too.
func (t *Table) Equal(o *Table) bool {
	return slices.EqualFunc(t.links, o.links, func(a, b Link) bool {
		return a.Name == b.Name && a.Index == b.Index && a.Flags == b.Flags && a.Tunnel == b.Tunnel &&
			slices.Equal(a.Prefixes, b.Prefixes)
	})
}

// Own reports whether an address is one of this machine's.
func (t *Table) Own(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if a.IsLoopback() {
		return true
	}
	for _, l := range t.links {
		for _, p := range l.Prefixes {
			if p.Addr().Unmap() == a {
				return true
			}
		}
	}
	return false
}
