package peer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"starling/sync/onlink"
)

// keyAllowed is the setting with the far addresses, one a line.
const keyAllowed = "allowed addresses"

// maxAllowed bounds the far addresses.
const maxAllowed = 64

var (
	// ErrNotLocal says that an address is not on this network. People are
	// asked before the peer speaks beyond it; see [Peer.Allow].
	ErrNotLocal = errors.New("the address is not on this network; if you mean it, allow it, and have them allow yours")
	// ErrNotAllowed says that an address was not among those allowed.
	ErrNotAllowed = errors.New("the address was not allowed before")
	// ErrTooManyAllowed says that there is no room for another far address.
	ErrTooManyAllowed = fmt.Errorf("at most %d addresses beyond this network can be allowed", maxAllowed)
)

// errNoHost says what can't be an address, so that nobody is asked where it is.
var errNoHost = errors.New("neither an IP address, such as 10.8.0.7, nor the full name of a computer, which has a dot; give one such address at a time")

// bounds say with whom on the network the peer speaks.
type bounds struct {
	// links are this machine's interfaces, nil on a network that the peer was
	// given: that has no bounds.
	links    *onlink.Watch
	changing sync.Mutex // one change of far at a time; before Peer.mu

	// under Peer.mu
	far       []netip.Addr // sorted
	invisible bool
}

// local reports whether an address is on this network.
func (b *bounds) local(a netip.Addr) bool { return b.links == nil || b.links.Local(a) }

// gated is an endpoint that keeps to this network, as [transport.Endpoint] does.
type gated interface {
	Allow(far []netip.Addr) error
	Passes(netip.Addr) bool
	HopLimit() int
}

// Allow lets the peer speak with an address (an IP address or a name, with or
// without a port) that is not on this network. It is kept until [Peer.Disallow].
// A name is looked up now and never again. An address on this network needs no
// leave, and is not kept.
func (p *Peer) Allow(ctx context.Context, addr string) error {
	ips, err := hosts(ctx, addr)
	if err != nil {
		return err
	}
	return p.changeAllowed(ctx, func(far []netip.Addr) ([]netip.Addr, error) {
		for _, ip := range ips {
			if !slices.Contains(far, ip) && !p.bounds.local(ip) {
				far = append(far, ip)
			}
		}
		if len(far) > maxAllowed {
			return nil, ErrTooManyAllowed
		}
		return far, nil
	})
}

// Disallow takes back what [Peer.Allow] allowed, and ends connections with the
// address.
func (p *Peer) Disallow(ctx context.Context, addr string) error {
	ips, err := hosts(ctx, addr)
	if err != nil {
		return err
	}
	return p.changeAllowed(ctx, func(far []netip.Addr) ([]netip.Addr, error) {
		left := slices.DeleteFunc(slices.Clone(far), func(a netip.Addr) bool { return slices.Contains(ips, a) })
		if len(left) == len(far) {
			return nil, fmt.Errorf("disallow %s: %w", addr, ErrNotAllowed)
		}
		return left, nil
	})
}

// Allowed lists the far addresses with which the peer may speak, sorted.
func (p *Peer) Allowed() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]string, 0, len(p.bounds.far))
	for _, a := range p.bounds.far {
		out = append(out, a.String())
	}
	return out
}

// changeAllowed stores another list of far addresses and then keeps to it.
func (p *Peer) changeAllowed(ctx context.Context, change func([]netip.Addr) ([]netip.Addr, error)) error {
	p.bounds.changing.Lock() // one change at a time
	defer p.bounds.changing.Unlock()
	p.mu.Lock()
	far := slices.Clone(p.bounds.far)
	p.mu.Unlock()
	far, err := change(far)
	if err != nil {
		return err
	}
	slices.SortFunc(far, netip.Addr.Compare)
	lines := make([]string, 0, len(far))
	for _, a := range far {
		lines = append(lines, a.String())
	}
	if err := p.store.Set(ctx, keyAllowed, []byte(strings.Join(lines, "\n"))); err != nil {
		return err
	}
	p.mu.Lock()
	p.bounds.far = far
	n := p.net
	p.mu.Unlock()
	p.hub.emit(PeersChanged{})
	if n == nil {
		return nil
	}
	defer n.nudge()
	return n.keepTo(far)
}

// loadBounds reads with whom the peer may speak.
func (p *Peer) loadBounds(ctx context.Context) error {
	if p.config.Network == nil {
		p.bounds.links = onlink.NewWatch(p.log)
	}
	invisible, err := p.store.Get(ctx, keyInvisible)
	if err != nil {
		return err
	}
	p.bounds.invisible = len(invisible) > 0
	text, err := p.store.Get(ctx, keyAllowed)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		if a, err := netip.ParseAddr(strings.TrimSpace(line)); err == nil {
			p.bounds.far = append(p.bounds.far, a)
		}
	}
	return nil
}

// keepTo has the endpoint speak beyond this network with far addresses alone.
func (n *network) keepTo(far []netip.Addr) error {
	if e, ok := n.endpoint.(gated); ok {
		return e.Allow(far)
	}
	return nil
}

// passing drops the addresses with which we may not speak.
func (n *network) passing(addrs []netip.AddrPort) []netip.AddrPort {
	e, ok := n.endpoint.(gated)
	if !ok {
		return addrs
	}
	return slices.DeleteFunc(addrs, func(a netip.AddrPort) bool { return !e.Passes(a.Addr()) })
}

// fullName reports whether a name may be that of a computer with its domain: a bare
// word would be asked for with the domain of whatever network this is.
func fullName(name string) bool {
	name = strings.TrimSuffix(name, ".")
	last := name[strings.LastIndexByte(name, '.')+1:]
	odd := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
	}
	return strings.Contains(name, ".") && !strings.Contains("."+name, "..") &&
		!strings.ContainsFunc(name, odd) && strings.Trim(last, "0123456789-") != ""
}

// hosts are the IP addresses of a host, which may stand before a port.
func hosts(ctx context.Context, addr string) ([]netip.Addr, error) {
	addr = strings.TrimSpace(addr)
	if host, _, err := net.SplitHostPort(addr); err == nil {
		addr = host
	}
	if ip, err := netip.ParseAddr(strings.Trim(addr, "[]")); err == nil {
		return []netip.Addr{ip.Unmap()}, nil
	}
	if !fullName(addr) {
		return nil, fmt.Errorf("%q is %w", addr, errNoHost)
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", addr)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", addr, err)
	}
	for i := range ips {
		ips[i] = ips[i].Unmap()
	}
	return ips, nil
}
