package onlink

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
)

// What linux/if_link.h and linux/if_arp.h call these, as far as package syscall
// does not.
const (
	linkInfo     = 18 // IFLA_LINKINFO
	linkInfoKind = 1  // IFLA_INFO_KIND
	nestedMask   = 0x3fff

	hardwareEther      = 1
	hardwareIEEE1394   = 24
	hardwareInfiniband = 32
	hardwareLoopback   = 772
)

// sharedHardware are the kinds of hardware that make a network of neighbours.
// WireGuard, tun, PPP and the tunnels of IP in IP are of others.
var sharedHardware = []uint16{hardwareEther, hardwareIEEE1394, hardwareInfiniband, hardwareLoopback}

// tunnelDrivers are the kinds of virtual interfaces that look like Ethernet and
// carry it elsewhere: tun is both tun and tap.
var tunnelDrivers = []string{
	"tun", "wireguard", "ovpn", "gretap", "ip6gretap", "erspan", "ip6erspan", "vxlan", "geneve", "bareudp", "gtp", "amt",
	"l2tpeth", "xfrm", "vti", "vti6", "ppp", "wwan", "rmnet", "nlmon", "can",
}

// read asks the kernel over rtnetlink(7): one question for the interfaces, one
// for their addresses.
func read() ([]Link, error) {
	byIndex := make(map[int]*Link)
	err := dump(syscall.RTM_GETLINK, func(m *syscall.NetlinkMessage) error {
		l, err := parseLink(m)
		if err != nil || l == nil {
			return err
		}
		byIndex[l.Index] = l
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list interfaces: %w", err)
	}
	err = dump(syscall.RTM_GETADDR, func(m *syscall.NetlinkMessage) error {
		index, prefix, err := parseAddress(m)
		if l := byIndex[index]; err == nil && l != nil && prefix.IsValid() {
			l.Prefixes = append(l.Prefixes, prefix)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list addresses: %w", err)
	}
	links := make([]Link, 0, len(byIndex))
	for _, l := range byIndex {
		links = append(links, *l)
	}
	return links, nil
}

// dump asks one question and hands out each message of the answer.
func dump(question int, each func(*syscall.NetlinkMessage) error) error {
	raw, err := syscall.NetlinkRIB(question, syscall.AF_UNSPEC)
	if err != nil {
		return err
	}
	messages, err := syscall.ParseNetlinkMessage(raw)
	if err != nil {
		return err
	}
	for i := range messages {
		if err := each(&messages[i]); err != nil {
			return err
		}
	}
	return nil
}

// parseLink reads an RTM_NEWLINK message; it returns nil for another.
func parseLink(m *syscall.NetlinkMessage) (*Link, error) {
	if m.Header.Type != syscall.RTM_NEWLINK || len(m.Data) < syscall.SizeofIfInfomsg {
		return nil, nil
	}
	// struct ifinfomsg: family, padding, type, index, flags, change
	hardware := binary.NativeEndian.Uint16(m.Data[2:])
	l := &Link{
		Index: int(int32(binary.NativeEndian.Uint32(m.Data[4:]))),
		Flags: flags(binary.NativeEndian.Uint32(m.Data[8:])),
	}
	attrs, err := syscall.ParseNetlinkRouteAttr(m)
	if err != nil {
		return nil, err
	}
	var driver string
	for _, a := range attrs {
		switch a.Attr.Type & nestedMask {
		case syscall.IFLA_IFNAME:
			l.Name = text(a.Value)
		case linkInfo:
			driver = driverOf(a.Value)
		}
	}
	l.Tunnel = isTunnel(l.Name, driver, hardware)
	return l, nil
}

// isTunnel judges by what the kernel says. A modem is hardware that looks like
// Ethernet, and only its name tells.
func isTunnel(name, driver string, hardware uint16) bool {
	if !slices.Contains(sharedHardware, hardware) || slices.Contains(tunnelDrivers, driver) {
		return true
	}
	return strings.HasPrefix(name, "wwan") || strings.HasPrefix(name, "wwp") || strings.HasPrefix(name, "rmnet")
}

// driverOf finds the kind in a nested IFLA_LINKINFO, "" if there is none.
func driverOf(nested []byte) string {
	for len(nested) >= syscall.SizeofRtAttr {
		size, kind := int(binary.NativeEndian.Uint16(nested)), binary.NativeEndian.Uint16(nested[2:])&nestedMask
		if size < syscall.SizeofRtAttr || size > len(nested) {
			return ""
		}
		if kind == linkInfoKind {
			return text(nested[syscall.SizeofRtAttr:size])
		}
		const align = syscall.RTA_ALIGNTO
		nested = nested[min((size+align-1)/align*align, len(nested)):]
	}
	return ""
}

// text is what stands before the zero byte.
func text(b []byte) string {
	b, _, _ = bytes.Cut(b, []byte{0})
	return string(b)
}

// parseAddress reads an RTM_NEWADDR message: the interface and its address with
// the length of the network's, which is not valid for another message.
func parseAddress(m *syscall.NetlinkMessage) (index int, prefix netip.Prefix, err error) {
	if m.Header.Type != syscall.RTM_NEWADDR || len(m.Data) < syscall.SizeofIfAddrmsg {
		return 0, netip.Prefix{}, nil
	}
	// struct ifaddrmsg: family, prefix length, flags, scope, index
	bits := int(m.Data[1])
	index = int(int32(binary.NativeEndian.Uint32(m.Data[4:])))
	attrs, err := syscall.ParseNetlinkRouteAttr(m)
	if err != nil {
		return 0, netip.Prefix{}, err
	}
	for _, a := range attrs {
		if a.Attr.Type != syscall.IFA_ADDRESS { // of the other end, where there is one
			continue
		}
		if addr, ok := netip.AddrFromSlice(a.Value); ok {
			prefix = netip.PrefixFrom(addr, bits)
		}
	}
	return index, prefix, nil
}

// flags are the kernel's as package net has them.
func flags(raw uint32) net.Flags {
	var f net.Flags
	for _, pair := range []struct {
		bit  uint32
		flag net.Flags
	}{
		{syscall.IFF_UP, net.FlagUp},
		{syscall.IFF_RUNNING, net.FlagRunning},
		{syscall.IFF_BROADCAST, net.FlagBroadcast},
		{syscall.IFF_LOOPBACK, net.FlagLoopback},
		{syscall.IFF_POINTOPOINT, net.FlagPointToPoint},
		{syscall.IFF_MULTICAST, net.FlagMulticast},
	} {
		if raw&pair.bit != 0 {
			f |= pair.flag
		}
	}
	return f
}
