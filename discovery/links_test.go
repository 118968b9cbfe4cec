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
		c.addrs = append(c.addrs, netip.MustParseAddr(a))
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
		{"loopback alone", []candidate{lo}, "lo[127.0.0.1]"},
		{"a LAN address on loopback", []candidate{fakeCandidate(1, "lo", net.FlagUp|net.FlagLoopback, "10.255.255.254 127.0.0.1")}, "lo[127.0.0.1]"},
		{"loopback down", []candidate{fakeCandidate(1, "lo", net.FlagLoopback, "127.0.0.1")}, ""},
		{"IPv4 before all", []candidate{lo, eth}, "eth[10.0.0.1 10.0.0.9]"},
		{"wide IPv6 before link-local", []candidate{fakeCandidate(2, "eth", lan0, "fe80::1 fd00::1")}, "eth[fd00::1]"},
		{"link-local IPv6", []candidate{fakeCandidate(2, "eth", lan0, "fe80::1")}, "eth[fe80::1]"},
		{"no address", []candidate{lo, fakeCandidate(2, "eth", lan0, "")}, "lo[127.0.0.1]"},
		{"no cable", []candidate{lo, fakeCandidate(2, "eth", lan0&^net.FlagRunning, "10.0.0.1")}, "lo[127.0.0.1]"},
		{"down", []candidate{fakeCandidate(2, "eth", lan0&^net.FlagUp, "10.0.0.1")}, ""},
		{"no multicast", []candidate{fakeCandidate(2, "eth", lan0&^net.FlagMulticast, "10.0.0.1")}, ""},
		{"point to point", []candidate{fakeCandidate(2, "vpn", lan0|net.FlagPointToPoint, "10.0.0.1")}, ""},
		{
			"IPv4 interfaces first",
			[]candidate{fakeCandidate(2, "six", lan0, "fe80::1"), fakeCandidate(3, "four", lan0, "10.0.0.1")},
			"four[10.0.0.1] six[fe80::1]",
		},
	} {
		var got []string
		for _, l := range chooseLinks(c.all) {
			got = append(got, fmt.Sprint(l.name(), l.addrs))
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

func TestSameLinks(t *testing.T) {
	base := []link{fakeLink(2, "e0", lan0, "10.0.0.1")}
	for _, c := range []struct {
		name  string
		other []link
		same  bool
	}{
		{"itself", []link{fakeLink(2, "e0", lan0, "10.0.0.1")}, true},
		{"none", nil, false},
		{"another index", []link{fakeLink(3, "e0", lan0, "10.0.0.1")}, false},
		{"another name", []link{fakeLink(2, "e1", lan0, "10.0.0.1")}, false},
		{"another flag", []link{fakeLink(2, "e0", lan0&^net.FlagBroadcast, "10.0.0.1")}, false},
		{"another address", []link{fakeLink(2, "e0", lan0, "10.0.0.2")}, false},
		{"one more", []link{fakeLink(2, "e0", lan0, "10.0.0.1", "10.0.0.2")}, false},
	} {
		if sameLinks(base, c.other) != c.same {
			t.Error(c.name)
		}
	}
}
