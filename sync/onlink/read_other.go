//go:build !linux

package onlink

import (
	"fmt"
	"net"
	"net/netip"
)

// read asks through package net, which does not say what an interface is: its
// flags and its name must do. On Windows a VPN's adapter has no broadcast.
func read() ([]Link, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("list interfaces: %w", err)
	}
	var links []Link
	for _, i := range interfaces {
		l := Link{Name: i.Name, Index: i.Index, Flags: i.Flags, Tunnel: tunnelName(i.Name)}
		addrs, err := i.Addrs()
		if err != nil {
			continue // it went away in between
		}
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok {
				if addr, ok := netip.AddrFromSlice(n.IP); ok {
					bits, _ := n.Mask.Size()
					l.Prefixes = append(l.Prefixes, netip.PrefixFrom(addr.Unmap(), bits))
				}
			}
		}
		links = append(links, l)
	}
	return links, nil
}
