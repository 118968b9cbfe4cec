package peer

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
)

// The loopback interface is no network, and what is wrong with it tells nothing.
func TestLoopbackIsNoNetwork(t *testing.T) {
	failed := errors.New("our own announcement was not heard")
	lo := Interface{Name: "lo", Addrs: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Err: failed}
	eth := Interface{Name: "eth0", Addrs: []netip.Addr{netip.MustParseAddr("10.0.0.1")}}
	broken := Interface{Name: "wlan0", Err: failed}
	for _, c := range []struct {
		all     []Interface
		names   []string
		problem string
	}{
		{nil, nil, ""},
		{[]Interface{lo}, nil, ""},
		{[]Interface{lo, eth}, []string{"eth0"}, ""},
		{[]Interface{eth, broken}, []string{"eth0", "wlan0"}, failed.Error()},
	} {
		names, problem := networksOf(c.all)
		if !slices.Equal(names, c.names) || problem != c.problem {
			t.Errorf("%v: %q, %q", c.all, names, problem)
		}
	}
}
