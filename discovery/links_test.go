package discovery

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
)

const lan0 = net.FlagUp | net.FlagRunning | net.FlagMulticast | net.FlagBroadcast

func fakeCandidate(index int, name string, flags net.Flags, addrs string) candidate {
	c := candidate{iface: net.Interface{Index: index, Name: name, Flags: flags}}
	for a := range strings.FieldsSeq(addrs) {
		if p, err := netip.ParsePrefix(a); err == nil {
			c.addrs = append(c.addrs, p)
			continue
		}
		ip := netip.MustParseAddr(a)
		c.addrs = append(c.addrs, netip.PrefixFrom(ip, map[bool]int{true: 24, false: 64}[ip.Is4()]))
	}
	return c
}

func TestChooseLinks(t *testing.T) {
	lo := fakeCandidate(1, "lo", net.FlagUp|net.FlagRunning|net.FlagLoopback, "127.0.0.1 ::1")
	eth := fakeCandidate(2, "eth", lan0, "fe80::1 10.0.0.9 10.0.0.1 2001:db8::1")
	for _, c := range []struct {
		name string
		all  []candidate
		want string
	}{
		{"nothing", nil, ""},
		{"loopback alone", []candidate{lo}, "lo[127.0.0.1][]"},
		{"a LAN address on loopback", []candidate{fakeCandidate(1, "lo", net.FlagUp|net.FlagLoopback, "10.255.255.254 127.0.0.1")}, "lo[127.0.0.1][]"},
		{"loopback down", []candidate{fakeCandidate(1, "lo", net.FlagLoopback, "127.0.0.1")}, ""},
		{"IPv4 before all", []candidate{lo, eth}, "eth[10.0.0.1 10.0.0.9][2001:db8::1]"},
		{"wide IPv6 before link-local", []candidate{fakeCandidate(2, "eth", lan0, "fe80::1 fd00::1")}, "eth[][fd00::1]"},
		{"link-local IPv6", []candidate{fakeCandidate(2, "eth", lan0, "fe80::1")}, "eth[][fe80::1]"},
		{"no address", []candidate{lo, fakeCandidate(2, "eth", lan0, "")}, "lo[127.0.0.1][]"},
		{"no cable", []candidate{lo, fakeCandidate(2, "eth", lan0&^net.FlagRunning, "10.0.0.1")}, "lo[127.0.0.1][]"},
		{"down", []candidate{fakeCandidate(2, "eth", lan0&^net.FlagUp, "10.0.0.1")}, ""},
		{"no multicast", []candidate{fakeCandidate(2, "eth", lan0&^net.FlagMulticast, "10.0.0.1")}, ""},
		{"point to point", []candidate{fakeCandidate(2, "vpn", lan0|net.FlagPointToPoint, "10.0.0.1")}, ""},
		{
			"IPv4 interfaces first",
			[]candidate{fakeCandidate(2, "six", lan0, "fe80::1"), fakeCandidate(3, "four", lan0, "10.0.0.1")},
			"four[10.0.0.1][] six[][fe80::1]",
		},
	} {
		var got []string
		for _, l := range chooseLinks(c.all) {
			got = append(got, fmt.Sprintf("%s%v%v", l.name(), l.addrs[overIPv4], l.addrs[overIPv6]))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %v, want %s", c.name, got, c.want)
		}
	}
}

func TestManyInterfacesAreCut(t *testing.T) {
	var all []candidate
	for i := range 50 {
		all = append(all, fakeCandidate(i+1, fmt.Sprint("e", i), lan0, fmt.Sprintf("10.0.%d.1", i)))
	}
	if n := len(chooseLinks(all)); n != maxLinks {
		t.Errorf("%d links", n)
	}
}

func TestSameLink(t *testing.T) {
	base := fakeLink(2, "e0", lan0, "10.0.0.1")
	other := fakeLink(2, "e0", lan0, "10.0.0.1")
	other.nets[0] = netip.MustParsePrefix("10.0.0.1/16")
	for _, c := range []struct {
		name  string
		other link
		same  bool
	}{
		{"itself", fakeLink(2, "e0", lan0, "10.0.0.1"), true},
		{"another index", fakeLink(3, "e0", lan0, "10.0.0.1"), false},
		{"another name", fakeLink(2, "e1", lan0, "10.0.0.1"), false},
		{"another flag", fakeLink(2, "e0", lan0&^net.FlagBroadcast, "10.0.0.1"), false},
		{"another address", fakeLink(2, "e0", lan0, "10.0.0.2"), false},
		{"one more", fakeLink(2, "e0", lan0, "10.0.0.1", "10.0.0.2"), false},
		{"another network", other, false},
	} {
		if sameLink(base, c.other) != c.same {
			t.Error(c.name)
		}
	}
}

func TestWhoIsNear(t *testing.T) {
	l := fakeLink(2, "e0", lan0, "10.0.0.1", "fd00::1")
	for _, c := range []struct {
		addr      string
		near, own bool
	}{
		{"10.0.0.1", true, true},
		{"10.0.0.200", true, false},
		{"10.0.1.1", false, false},
		{"::ffff:10.0.0.7", true, false},
		{"fe80::9%e0", true, false},
		{"fd00::7", true, false},
		{"2001:db8::1", false, false},
		{"127.0.0.1", false, false},
	} {
		if ip := netip.MustParseAddr(c.addr); l.near(ip) != c.near || l.own(ip) != c.own {
			t.Errorf("%s: near %v, own %v", c.addr, l.near(ip), l.own(ip))
		}
	}
}

func TestPrefix(t *testing.T) {
	ip := netip.MustParseAddr("10.0.0.1")
	for _, c := range []struct {
		mask net.IPMask
		want string
	}{
		{net.CIDRMask(24, 32), "10.0.0.1/24"},
		{net.CIDRMask(96+24, 128), "10.0.0.1/24"},
		{net.IPMask{255, 0, 255, 0}, "10.0.0.1/32"},
		{nil, "10.0.0.1/32"},
	} {
		if got := prefix(ip, c.mask).String(); got != c.want {
			t.Errorf("%v: %s, want %s", c.mask, got, c.want)
		}
	}
}
