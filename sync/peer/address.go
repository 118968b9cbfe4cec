package peer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"starling/sync/protocol"
)

// addresses lists where a device may be, the likeliest first.
func (n *network) addresses(ctx context.Context, id DeviceID, tag string) []netip.AddrPort {
	n.p.mu.Lock()
	var addrs []netip.AddrPort
	if near := n.nearby[tag]; near != nil {
		addrs = append(addrs, near.addrs...)
	}
	var others []string
	if who := n.p.people[id]; who != nil {
		others = append(others, who.address, who.typed)
	}
	n.p.mu.Unlock()
	for _, a := range others {
		if more, err := resolve(ctx, a); err == nil {
			addrs = append(addrs, more...)
		}
	}
	var unique []netip.AddrPort
	for _, a := range addrs {
		if !slices.Contains(unique, a) {
			unique = append(unique, a)
		}
	}
	return unique
}

// resolve reads "host:port".
func resolve(ctx context.Context, addr string) ([]netip.AddrPort, error) {
	if ap, err := netip.ParseAddrPort(addr); err == nil {
		return []netip.AddrPort{ap}, nil
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("address %q: want host:port, as the other device's status shows it: %w", addr, err)
	}
	number, err := net.DefaultResolver.LookupPort(ctx, "udp", port)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", addr, err)
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", cmp.Or(host, "localhost"))
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", addr, err)
	}
	var out []netip.AddrPort
	for _, ip := range ips {
		out = append(out, netip.AddrPortFrom(ip.Unmap(), uint16(number)))
	}
	return out, nil
}

// Connect dials an address that a person has typed, for networks on which
// neighbours don't hear each other. It is remembered and dialled again. An
// address that is not on this network is [ErrNotLocal] until [Peer.Allow] was
// called for it.
func (p *Peer) Connect(ctx context.Context, addr string) (PeerInfo, error) {
	n, err := p.network()
	if err != nil {
		return PeerInfo{}, err
	}
	addrs, err := resolve(ctx, addr)
	if err != nil {
		return PeerInfo{}, err
	}
	l, err := n.dial(ctx, addrs, DeviceID{})
	if err != nil {
		return PeerInfo{}, fmt.Errorf("connect to %s: %w", addr, err)
	}
	id := l.session.Peer()
	err = n.awaitReady(ctx, l)
	if err != nil && (errors.Is(err, protocol.ErrDuplicate) || duplicateCode(err)) {
		err = n.awaitLink(ctx, id)
	}
	if err != nil {
		return PeerInfo{}, fmt.Errorf("connect to %s: %w", addr, err)
	}
	if _, err := netip.ParseAddrPort(addr); err != nil {
		addr = l.address // a name is asked for once: the answer may come from far away
	}
	p.remember(id, func(w *person) { w.typed = addr })
	p.mu.Lock()
	defer p.mu.Unlock()
	return *p.infoLocked(id), nil
}
