package doctor

import (
	"context"
	"net"
	"net/netip"
	"os/exec"
	"slices"
	"sync"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// look runs all probes at once, until ctx ends. people are those whose
// addresses are knocked at.
func look(ctx context.Context, f Facts, people []Person) seen {
	s := seen{interfaces: interfaces()}
	var running sync.WaitGroup
	running.Go(func() { s.routes = wayOut(s.interfaces) })
	running.Go(func() { s.port5353, s.portKnown = lookPort(ctx) })
	running.Go(func() { s.firewalls, s.public = lookFirewalls(ctx, f.Port) })
	running.Go(func() {
		sent, refused := knock(ctx, people)
		s.refused = refused
		if sent {
			s.neighbours = lookNeighbours(ctx)
		}
	})
	running.Wait()
	return s
}

// interfaces lists those of the machine.
func interfaces() []netInterface {
	all, err := net.Interfaces()
	if err != nil {
		return nil
	}
	var list []netInterface
	for _, i := range all {
		n := netInterface{
			name: i.Name, up: i.Flags&net.FlagUp != 0, running: i.Flags&net.FlagRunning != 0,
			multicast: i.Flags&net.FlagMulticast != 0, loopback: i.Flags&net.FlagLoopback != 0,
			point: i.Flags&net.FlagPointToPoint != 0,
		}
		addrs, _ := i.Addrs() // one that went away in between has none
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				n.addrs = append(n.addrs, p)
			}
		}
		list = append(list, n)
	}
	return list
}

// wayOut returns the interface over which packets to the internet would go. No
// packet is sent: connecting a UDP socket only asks for the route.
func wayOut(all []netInterface) []string {
	c, err := net.Dial("udp4", "203.0.113.1:9") // an address for examples (RFC 5737)
	if err != nil {
		return nil
	}
	defer c.Close()
	from, ok := c.LocalAddr().(*net.UDPAddr)
	if !ok {
		return nil
	}
	ip := from.AddrPort().Addr().Unmap()
	for _, i := range all {
		if slices.ContainsFunc(i.addrs, func(p netip.Prefix) bool { return p.Addr() == ip }) {
			return []string{i.name}
		}
	}
	return nil
}

// settle is how long the system may take to look for a neighbour: three
// questions, a second apart, are too many to wait for, so one or two must do.
const settle = 1500 * time.Millisecond

// knock sends an empty datagram to each address of those who aren't connected that
// the peer takes to be on this network, so that the system looks for its hardware
// address, and reports whether there was any, and whether this machine refused to send
// one. It waits until the system has looked. Starling passes over an empty datagram.
func knock(ctx context.Context, people []Person) (sent, refused bool) {
	var near []netip.AddrPort
	for _, p := range people {
		for _, a := range p.Addrs {
			if !p.Connected && !slices.Contains(p.Refused, a) {
				near = append(near, a)
			}
		}
	}
	if len(near) == 0 {
		return false, false
	}
	for _, a := range near[:min(8, len(near))] {
		c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(a))
		if err != nil {
			continue
		}
		// No router shall pass it on. If that can't be set, it isn't sent.
		if a.Addr().Is4() {
			err = ipv4.NewConn(c).SetTTL(1)
		} else {
			err = ipv6.NewConn(c).SetHopLimit(1)
		}
		if err == nil {
			_, err = c.Write(nil) // what comes of it is in the table of neighbours
			refused = refused || err != nil && heldBack(err.Error())
		}
		_ = c.Close()
	}
	select {
	case <-time.After(settle):
	case <-ctx.Done():
	}
	return true, refused
}

// output runs a command that only lists, and returns what it prints; ok says
// that it exists and succeeded.
func output(ctx context.Context, name string, args ...string) (string, bool) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = 100 * time.Millisecond
	out, err := cmd.Output()
	return string(out), err == nil
}
