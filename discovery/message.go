package discovery

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/miekg/dns"
)

const (
	domain = "local."
	// serviceName is what is asked for, and typesName what asks for all
	// services (RFC 6763, sections 4 and 9).
	serviceName = Service + "." + domain
	typesName   = "_services._dns-sd._udp." + domain
	// recordTTL is what RFC 6762, section 10, gives records that name a host.
	recordTTL = 120 * time.Second
	// legacyTTL is the most that a plain DNS client may keep (section 6.7).
	legacyTTL = 10 * time.Second
	// topBit is, in a record's class, the cache-flush bit (section 10.2); in a
	// question's class, the wish for a unicast answer (section 5.4).
	topBit = 1 << 15
	// mostKnown is how many known answers of 31 bytes, or questions of 23, go
	// into one packet, to stay below 1,232 bytes: an IPv6 packet of 1,280 is
	// carried everywhere.
	mostKnown = 37
)

func instanceName(tag string) string { return tag + "." + serviceName }

func hostName(tag string) string { return tag + "." + domain }

// told are the records of one device as they go out at a port.
type told struct {
	pointer dns.RR
	service []dns.RR // SRV and TXT
	host    []dns.RR // A or AAAA, and NSEC, which denies the other
}

// records makes what neighbours keep for ttl. flush is for multicast, where
// what we say replaces all that was said before.
func (r record) records(addrs []netip.Addr, ttl time.Duration, flush bool) told {
	unique := uint16(dns.ClassINET)
	if flush {
		unique |= topBit
	}
	header := func(name string, kind, class uint16) dns.RR_Header {
		return dns.RR_Header{Name: name, Rrtype: kind, Class: class, Ttl: uint32(ttl / time.Second)}
	}
	instance, host := instanceName(r.tag), hostName(r.tag)
	t := told{
		pointer: &dns.PTR{Hdr: header(serviceName, dns.TypePTR, dns.ClassINET), Ptr: instance},
		service: []dns.RR{
			&dns.SRV{Hdr: header(instance, dns.TypeSRV, unique), Port: uint16(r.port), Target: host},
			&dns.TXT{Hdr: header(instance, dns.TypeTXT, unique), Txt: r.text()},
		},
	}
	kind := dns.TypeA
	for _, a := range addrs {
		if a.Is4() {
			t.host = append(t.host, &dns.A{Hdr: header(host, dns.TypeA, unique), A: net.IP(a.AsSlice())})
		} else {
			kind = dns.TypeAAAA
			t.host = append(t.host, &dns.AAAA{Hdr: header(host, dns.TypeAAAA, unique), AAAA: net.IP(a.AsSlice())})
		}
	}
	t.host = append(t.host, &dns.NSEC{Hdr: header(host, dns.TypeNSEC, unique), NextDomain: host, TypeBitMap: []uint16{kind}})
	return t
}

// announcement is a response that nobody asked for (RFC 6762, section 8.3). A
// ttl of zero makes it a goodbye (section 10.1).
func (r record) announcement(addrs []netip.Addr, ttl time.Duration) ([]byte, error) {
	t := r.records(addrs, ttl, true)
	msg := response(0)
	msg.Answer = append(append(append(msg.Answer, t.pointer), t.service...), t.host...)
	return pack(msg)
}

// types answers the question for all services.
func types(ttl time.Duration, id uint16, asked []dns.Question) ([]byte, error) {
	msg := response(id)
	msg.Question = asked
	msg.Answer = []dns.RR{&dns.PTR{
		Hdr: dns.RR_Header{Name: typesName, Rrtype: dns.TypePTR, Class: dns.ClassINET, Ttl: uint32(ttl / time.Second)},
		Ptr: serviceName,
	}}
	return pack(msg)
}

// answer says to one asker what it asked for, and the rest as additional
// records (RFC 6763, section 12).
func (r record) answer(addrs []netip.Addr, q asked) ([]byte, error) {
	ttl, flush := recordTTL, true
	msg := response(0)
	if q.legacy {
		ttl, flush = legacyTTL, false
		msg.Id, msg.Question = q.id, q.questions
	}
	t := r.records(addrs, ttl, flush)
	put := func(wanted bool, rrs ...dns.RR) {
		if wanted {
			msg.Answer = append(msg.Answer, rrs...)
		} else {
			msg.Extra = append(msg.Extra, rrs...)
		}
	}
	put(q.what&askService != 0, t.pointer)
	put(q.what&askInstance != 0, t.service...)
	put(q.what&askHost != 0, t.host...)
	return pack(msg)
}

// known is an answer that need not be given again.
type known struct {
	tag  string
	left time.Duration
}

// question asks for the service and lists what is known, in as many packets as
// that takes (RFC 6762, sections 7.1 and 7.2).
func question(list []known, unicast bool) ([][]byte, error) {
	var packets [][]byte
	for first := true; first || len(list) > 0; first = false {
		msg := new(dns.Msg)
		if first {
			msg.Question = []dns.Question{ask(serviceName, dns.TypePTR, unicast)}
		}
		n := min(mostKnown, len(list))
		for _, k := range list[:n] {
			msg.Answer = append(msg.Answer, &dns.PTR{
				Hdr: dns.RR_Header{Name: serviceName, Rrtype: dns.TypePTR, Class: dns.ClassINET, Ttl: uint32(k.left / time.Second)},
				Ptr: instanceName(k.tag),
			})
		}
		list = list[n:]
		msg.Truncated = len(list) > 0
		data, err := pack(msg)
		if err != nil {
			return nil, err
		}
		packets = append(packets, data)
	}
	return packets, nil
}

// askFor asks those named, at most mostKnown, for all that they have. self, if
// not empty, is whom the hearers may get to know by it.
func askFor(tags []string, self string) ([]byte, error) {
	msg := new(dns.Msg)
	for _, tag := range tags[:min(mostKnown-1, len(tags))] {
		msg.Question = append(msg.Question, ask(instanceName(tag), dns.TypeANY, true))
	}
	if self != "" {
		msg.Answer = []dns.RR{&dns.PTR{
			Hdr: dns.RR_Header{Name: serviceName, Rrtype: dns.TypePTR, Class: dns.ClassINET, Ttl: uint32(recordTTL / time.Second)},
			Ptr: instanceName(self),
		}}
	}
	return pack(msg)
}

func ask(name string, kind uint16, unicast bool) dns.Question {
	q := dns.Question{Name: name, Qtype: kind, Qclass: dns.ClassINET}
	if unicast {
		q.Qclass |= topBit
	}
	return q
}

func response(id uint16) *dns.Msg {
	msg := new(dns.Msg)
	msg.Id, msg.Response, msg.Authoritative = id, true, true
	return msg
}

func pack(msg *dns.Msg) ([]byte, error) {
	msg.Compress = true
	data, err := msg.Pack()
	if err != nil {
		return nil, fmt.Errorf("pack a message of %s records: %w", strconv.Itoa(len(msg.Answer)), err)
	}
	return data, nil
}
