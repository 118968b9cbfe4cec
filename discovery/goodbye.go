package discovery

import (
	"errors"
	"fmt"
	"net"

	"github.com/miekg/dns"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

const (
	mdnsPort = 5353
	hopLimit = 255 // RFC 6762, section 11
)

// takeBack tells the neighbours on links to forget what tag announced (RFC
// 6762, section 10.1). The library could say it too, by closing a registration
// that was just made, but that can trip over its own goroutines, which may not
// have begun yet.
func takeBack(tag string, links []link) error {
	service := dns.Fqdn(Service + "." + domain)
	msg := new(dns.Msg)
	msg.Response, msg.Authoritative = true, true
	msg.Answer = []dns.RR{&dns.PTR{
		Hdr: dns.RR_Header{Name: service, Rrtype: dns.TypePTR, Class: dns.ClassINET, Ttl: 0},
		Ptr: tag + "." + service,
	}}
	packet, err := msg.Pack()
	if err != nil {
		return fmt.Errorf("take back %s: %w", tag, err)
	}
	var four, six []link
	for _, l := range links {
		if l.hasIPv4() {
			four = append(four, l)
		} else {
			six = append(six, l)
		}
	}
	if err := errors.Join(multicast4(packet, four), multicast6(packet, six)); err != nil {
		return fmt.Errorf("take back %s: %w", tag, err)
	}
	return nil
}

// multicast4 sends packet on every one of links. It listens on a multicast
// address because Go then shares the port with others.
func multicast4(packet []byte, links []link) error {
	if len(links) == 0 {
		return nil
	}
	sock, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(224, 0, 0, 0), Port: mdnsPort})
	if err != nil {
		return err
	}
	defer sock.Close()
	conn := ipv4.NewPacketConn(sock)
	errs := []error{conn.SetMulticastTTL(hopLimit)}
	for _, l := range links {
		err := conn.SetMulticastInterface(&l.iface)
		if err == nil {
			_, err = conn.WriteTo(packet, nil, &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: mdnsPort})
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func multicast6(packet []byte, links []link) error {
	if len(links) == 0 {
		return nil
	}
	sock, err := net.ListenUDP("udp6", &net.UDPAddr{IP: net.ParseIP("ff02::"), Port: mdnsPort})
	if err != nil {
		return err
	}
	defer sock.Close()
	conn := ipv6.NewPacketConn(sock)
	errs := []error{conn.SetMulticastHopLimit(hopLimit)}
	for _, l := range links {
		err := conn.SetMulticastInterface(&l.iface)
		if err == nil {
			_, err = conn.WriteTo(packet, nil, &net.UDPAddr{IP: net.ParseIP("ff02::fb"), Port: mdnsPort})
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
