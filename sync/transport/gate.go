package transport

import (
	"net"
	"net/netip"
	"sync/atomic"

	"starling/sync/onlink"
)

// Links tells where an address is; an [onlink.Watch] and an [onlink.Table] are
// ones. Both methods are called for each packet, from many goroutines.
type Links interface {
	// Local reports whether an address is on this network.
	Local(netip.Addr) bool
	// Own reports whether an address is one of this machine's.
	Own(netip.Addr) bool
}

var (
	_ Links = (*onlink.Table)(nil)
	_ Links = (*onlink.Watch)(nil)
)

// gate says with which addresses packets are exchanged. It is safe for
// concurrent use.
type gate struct {
	links Links
	far   atomic.Pointer[map[netip.Addr]struct{}] // allowed though they are not local
}

func newGate(links Links) *gate {
	if links == nil {
		links = new(onlink.Table)
	}
	g := &gate{links: links}
	g.allow(nil)
	return g
}

func (g *gate) allow(far []netip.Addr) {
	set := make(map[netip.Addr]struct{}, len(far))
	for _, a := range far {
		set[a.Unmap()] = struct{}{}
	}
	g.far.Store(&set)
}

// passes reports whether packets go to an address and come from it.
func (g *gate) passes(a netip.Addr) bool {
	a = a.Unmap()
	if g.links.Local(a) {
		return true
	}
	_, allowed := (*g.far.Load())[a]
	return allowed
}

func (g *gate) passesTo(a net.Addr) bool { return g.passes(addrPort(a).Addr()) }

// wide reports whether any far address is allowed.
func (g *gate) wide() bool { return len(*g.far.Load()) > 0 }
