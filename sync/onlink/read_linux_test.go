package onlink

import (
	"encoding/binary"
	"testing"
)

func TestIsTunnel(t *testing.T) {
	for _, c := range []struct {
		name, driver string
		hardware     uint16
		want         bool
	}{
		{"eth0", "", hardwareEther, false},
		{"br0", "bridge", hardwareEther, false},
		{"veth0", "veth", hardwareEther, false},
		{"eth0.5", "vlan", hardwareEther, false},
		{"bond0", "bond", hardwareEther, false},
		{"lo", "", hardwareLoopback, false},
		{"ib0", "", hardwareInfiniband, false},
		{"tunnelbar", "", hardwareEther, false},
		{"tun0", "tun", 65534, true},
		{"home", "wireguard", 65534, true},
		{"office", "tun", hardwareEther, true}, // tap
		{"ppp0", "ppp", 512, true},
		{"gre1", "gre", 778, true},
		{"gretap1", "gretap", hardwareEther, true},
		{"sit0", "sit", 776, true},
		{"vx0", "vxlan", hardwareEther, true},
		{"wwan0", "", hardwareEther, true},
		{"wwp0s20u4", "", hardwareEther, true},
		{"unknown", "", 65534, true},
	} {
		if got := isTunnel(c.name, c.driver, c.hardware); got != c.want {
			t.Errorf("%s, driver %q, hardware %d: a tunnel is %t", c.name, c.driver, c.hardware, got)
		}
	}
}

// attr is a route attribute, padded.
func attr(kind uint16, value string) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(value)))
	b = append(binary.NativeEndian.AppendUint16(b, kind), value...)
	return append(b, make([]byte, (4-len(b)%4)%4)...)
}

func TestDriverOf(t *testing.T) {
	const data = 2
	for name, c := range map[string]struct {
		nested []byte
		want   string
	}{
		"first":           {append(attr(linkInfoKind, "tun\x00"), attr(data, "xxxxx")...), "tun"},
		"after another":   {append(attr(data, "xxxxx"), attr(linkInfoKind, "wireguard\x00")...), "wireguard"},
		"none":            {attr(data, "x"), ""},
		"empty":           {nil, ""},
		"longer than all": {[]byte{200, 0, 1, 0}, ""},
		"shorter than it": {[]byte{1, 0, 1, 0}, ""},
		"cut padding":     {[]byte{5, 0, 2, 0, 'x'}, ""},
	} {
		if got := driverOf(c.nested); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
