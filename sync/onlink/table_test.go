package onlink

import (
	"net"
	"net/netip"
	"testing"
)

const lan = net.FlagUp | net.FlagRunning | net.FlagBroadcast | net.FlagMulticast

// on is a link with prefixes.
func on(index int, name string, flags net.Flags, prefixes ...string) Link {
	l := Link{Name: name, Index: index, Flags: flags}
	for _, p := range prefixes {
		l.Prefixes = append(l.Prefixes, netip.MustParsePrefix(p))
	}
	return l
}

func tunnel(l Link) Link {
	l.Tunnel = true
	return l
}

// office is a machine with everything: two networks, a pulled cable, VPNs.
func office() *Table {
	return NewTable([]Link{
		on(7, "wg0", net.FlagUp|net.FlagPointToPoint, "10.8.0.2/24", "fd99::2/64", "192.168.7.130/25"),
		on(1, "lo", net.FlagUp|net.FlagLoopback, "127.0.0.1/8", "::1/128", "10.255.0.1/32"),
		on(2, "eth0", lan, "192.168.7.20/24", "fe80::20/64", "fd12:3456::20/64", "2001:db8:7::20/64"),
		on(3, "wlan0", lan, "100.64.3.4/22", "172.16.5.1/20"),
		on(4, "eth1", lan&^net.FlagUp, "192.168.9.1/24"),
		tunnel(on(8, "tap0", lan, "10.9.0.1/24", "172.16.5.9/20", "169.254.77.1/24")),
		on(9, "ib0", net.FlagUp, "10.10.0.1/24"),
		tunnel(on(10, "tailscale0", lan, "100.100.1.1/32")),
		on(11, "br0", lan, "::ffff:192.168.30.1/120"),
	})
}

func TestLocal(t *testing.T) {
	for _, c := range []struct {
		addr  string
		local bool
		why   string
	}{
		{"127.0.0.1", true, "loopback"},
		{"127.255.3.4", true, "loopback"},
		{"::1", true, "loopback"},
		{"::ffff:127.0.0.1", true, "loopback in IPv6"},
		{"10.255.0.1", true, "an address of this machine"},
		{"192.168.7.1", true, "in a prefix of ours"},
		{"::ffff:192.168.7.1", true, "in a prefix of ours, in IPv6"},
		{"192.168.7.200", false, "a VPN's longer prefix takes it"},
		{"192.168.8.1", false, "private, but another network"},
		{"10.0.0.1", false, "private, but another network"},
		{"192.168.9.2", false, "the interface is down"},
		{"192.168.30.7", true, "an IPv4 prefix in IPv6"},
		{"172.16.1.1", false, "a VPN has the same prefix"},
		{"10.8.0.1", false, "point-to-point"},
		{"10.9.0.2", false, "a tunnel that looks like Ethernet"},
		{"10.10.0.2", false, "neither broadcast nor loopback"},
		{"100.64.0.9", true, "a carrier's address in a prefix of ours"},
		{"100.64.9.9", false, "a carrier's address elsewhere"},
		{"100.100.1.1", false, "our own end of a tunnel"},
		{"169.254.1.1", true, "link-local"},
		{"169.254.77.2", false, "link-local over a tunnel"},
		{"fe80::1%eth0", true, "link-local"},
		{"fe80::1%2", true, "link-local, zone by number"},
		{"fe80::1%wg0", false, "link-local over a VPN"},
		{"fe80::1%eth1", false, "link-local, interface down"},
		{"fe80::1%eth9", false, "link-local, no such interface"},
		{"fe80::1", true, "link-local without a zone"},
		{"fd12:3456::1", true, "unique local in a prefix of ours"},
		{"fd12:3457::1", false, "unique local elsewhere"},
		{"fd99::1", false, "unique local over a VPN"},
		{"2001:db8:7::1", true, "global in a prefix of ours"},
		{"2001:db8:8::1", false, "global elsewhere"},
		{"2001:db8:7::1%eth0", false, "a zone where none belongs"},
		{"8.8.8.8", false, "the internet"},
		{"0.0.0.0", false, "no address"},
		{"::", false, "no address"},
		{"224.0.0.251", false, "multicast"},
		{"ff02::fb%eth0", false, "multicast"},
	} {
		if got := office().Local(netip.MustParseAddr(c.addr)); got != c.local {
			t.Errorf("%s is local: %t, want %t: %s", c.addr, got, c.local, c.why)
		}
	}
	if office().Local(netip.Addr{}) {
		t.Error("no address at all is local")
	}
}

func TestZeroTable(t *testing.T) {
	var zero Table
	for addr, want := range map[string]bool{"127.0.0.1": true, "169.254.0.1": true, "192.168.0.1": false, "fe80::1%eth0": false} {
		if got := zero.Local(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %t", addr, got)
		}
	}
}

func TestEqual(t *testing.T) {
	eth := func() Link { return on(2, "eth0", lan, "192.168.7.20/24", "fe80::20/64") }
	lo := on(1, "lo", net.FlagUp|net.FlagLoopback, "127.0.0.1/8")
	change := func(f func(*Link)) []Link {
		l := eth()
		f(&l)
		return []Link{lo, l}
	}
	base := NewTable([]Link{lo, eth()})
	for name, c := range map[string]struct {
		links []Link
		equal bool
	}{
		"the same":                  {[]Link{lo, eth()}, true},
		"in another order":          {[]Link{on(2, "eth0", lan, "fe80::20/64", "192.168.7.20/24"), lo}, true},
		"another address":           {change(func(l *Link) { l.Prefixes[1] = netip.MustParsePrefix("192.168.7.21/24") }), false},
		"one address less":          {change(func(l *Link) { l.Prefixes = l.Prefixes[:1] }), false},
		"another length":            {change(func(l *Link) { l.Prefixes[0] = netip.MustParsePrefix("192.168.7.20/23") }), false},
		"the cable pulled":          {change(func(l *Link) { l.Flags &^= net.FlagRunning }), false},
		"made anew under its name":  {change(func(l *Link) { l.Index = 5 }), false},
		"another name":              {change(func(l *Link) { l.Name = "eth1" }), false},
		"a tunnel now":              {change(func(l *Link) { l.Tunnel = true }), false},
		"one interface less":        {[]Link{lo}, false},
		"one interface more, empty": {[]Link{lo, eth(), on(3, "eth1", lan)}, false},
	} {
		if got := base.Equal(NewTable(c.links)); got != c.equal {
			t.Errorf("%s: equal is %t", name, got)
		}
	}
}

func TestTunnelName(t *testing.T) {
	for name, want := range map[string]bool{
		"utun4": true, "tun0": true, "tap12": true, "wg0": true, "ppp0": true, "ipsec0": true, "tailscale0": true,
		"Tailscale": true, "ZeroTier One [8056c2e21c000001]": true, "ztabcdefghi": true, "feth2345": true, "gif0": true,
		"OpenVPN TAP-Windows6": true, "Mullvad": true, "NordLynx": true, "wwan0": true, "pdp_ip1": true, "My VPN": true,
		"eth0": false, "en0": false, "Ethernet 2": false, "Wi-Fi": false, "wlan0": false, "bridge100": false, "awdl0": false,
		"tunnelbar": false, "zt": false, "lo0": false, "vEthernet (Default Switch)": false, "": false,
	} {
		if got := tunnelName(name); got != want {
			t.Errorf("%q is a tunnel: %t", name, got)
		}
	}
}

func BenchmarkLocal(b *testing.B) {
	t := office()
	for name, addr := range map[string]string{"IPv4": "100.64.0.9", "link-local": "fe80::1%eth0", "IPv6": "2001:db8:8::1"} {
		a := netip.MustParseAddr(addr)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				t.Local(a)
			}
		})
	}
}
