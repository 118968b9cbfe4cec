package discovery

import (
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/miekg/dns"
)

const (
	maxDatagram  = 9000 // RFC 6762, section 17
	maxInstances = 64   // of one packet are looked at
)

// what is a set of things that one may be asked for.
type what int

const (
	askService  what = 1 << iota // PTR of our service type
	askInstance                  // SRV and TXT of ours
	askHost                      // our addresses
	askTypes                     // which services there are
)

// asked is what a query wants of us.
type asked struct {
	what what
	// unicast is the wish to be answered alone; legacy marks a plain DNS
	// client, which wants its question and ID back (RFC 6762, section 6.7).
	unicast, legacy bool
	id              uint16
	questions       []dns.Question // those that we answer
}

// message is what a packet means to us.
type message struct {
	query bool
	asked asked
	// more says that further known answers follow (section 7.2).
	more bool
	// service says that a query asks for our service type.
	service bool
	// known are the instances that the asker lists.
	known []string
	// seen are complete records, and named the tags of incomplete ones.
	seen  []sighting
	named []string
}

// hear reads a packet that came in on l, for the device with the tag self. It
// accepts anything: what is bad or not about us leaves no trace in the message.
// The error wraps errRecord and quotes nothing of the packet.
func hear(data []byte, l link, self string) (message, error) {
	var msg dns.Msg
	if len(data) > maxDatagram {
		return message{}, fmt.Errorf("length: %w", errRecord)
	}
	if err := msg.Unpack(data); err != nil {
		return message{}, fmt.Errorf("not DNS: %w", errRecord)
	}
	if msg.Opcode != dns.OpcodeQuery || msg.Rcode != dns.RcodeSuccess {
		return message{}, fmt.Errorf("operation: %w", errRecord) // section 18
	}
	if msg.Response {
		return hearResponse(&msg, l)
	}
	return hearQuery(&msg, self), nil
}

func hearQuery(msg *dns.Msg, self string) message {
	m := message{query: true, more: msg.Truncated}
	m.asked.id = msg.Id
	for _, q := range msg.Question[:min(maxInstances, len(msg.Question))] {
		if class := q.Qclass &^ topBit; class != dns.ClassINET && class != dns.ClassANY {
			continue
		}
		want := wants(q, self)
		if want == 0 {
			m.service = m.service || isName(q.Name, serviceName)
			continue
		}
		m.service = m.service || want&askService != 0
		m.asked.what |= want
		m.asked.unicast = m.asked.unicast || q.Qclass&topBit != 0
		m.asked.questions = append(m.asked.questions, q)
	}
	for _, rr := range msg.Answer[:min(maxPeers, len(msg.Answer))] {
		if tag, ok := pointsTo(rr); ok {
			m.known = append(m.known, tag)
		}
	}
	return m
}

// wants tells which of our records a question asks for.
func wants(q dns.Question, self string) what {
	of := func(kinds ...uint16) bool {
		for _, k := range kinds {
			if q.Qtype == k {
				return true
			}
		}
		return q.Qtype == dns.TypeANY
	}
	switch {
	case isName(q.Name, serviceName) && of(dns.TypePTR):
		return askService
	case isName(q.Name, typesName) && of(dns.TypePTR):
		return askTypes
	case isName(q.Name, instanceName(self)) && of(dns.TypeSRV, dns.TypeTXT):
		return askInstance
	case isName(q.Name, hostName(self)) && of(dns.TypeA, dns.TypeAAAA):
		return askHost
	}
	return 0
}

// isName compares as DNS does (RFC 6762, section 16).
func isName(a, b string) bool { return strings.EqualFold(a, b) }

// pointsTo returns the tag of the instance that a PTR record of our service
// names.
func pointsTo(rr dns.RR) (string, bool) {
	p, ok := rr.(*dns.PTR)
	if !ok || !isName(p.Hdr.Name, serviceName) {
		return "", false
	}
	return tagOf(p.Ptr)
}

// tagOf returns the tag in the name of an instance.
func tagOf(name string) (string, bool) {
	tag, rest, _ := strings.Cut(name, ".")
	return tag, isTag(tag) && isName(rest, serviceName)
}

// gathered are the records of one instance in a packet.
type gathered struct {
	tag     string
	pointer bool
	ttl     uint32 // the least
	srv     *dns.SRV
	text    []string
}

func hearResponse(msg *dns.Msg, l link) (message, error) {
	var m message
	var err error
	found, addrs := gather(msg)
	for _, g := range found {
		if g.ttl == 0 {
			m.seen = append(m.seen, sighting{tag: g.tag})
			continue
		}
		if g.srv == nil || g.text == nil {
			if g.pointer {
				m.named = append(m.named, g.tag)
			}
			continue
		}
		a := answer{instance: g.tag, port: int(g.srv.Port), text: g.text, ips: addrs[strings.ToLower(g.srv.Target)]}
		s, bad := parse(a, l)
		if bad != nil {
			err = bad
			continue
		}
		s.ttl = min(recordTTL, time.Duration(g.ttl)*time.Second)
		m.seen = append(m.seen, s)
	}
	if len(m.seen)+len(m.named) > 0 {
		err = nil
	}
	return m, err
}

// gather sorts the records of a response by instance, and addresses by host.
func gather(msg *dns.Msg) ([]*gathered, map[string][]net.IP) {
	var found []*gathered
	addrs := map[string][]net.IP{}
	of := func(name string, ttl uint32) *gathered {
		tag, ok := tagOf(name)
		if !ok {
			return nil
		}
		for _, g := range found {
			if g.tag == tag {
				g.ttl = min(g.ttl, ttl)
				return g
			}
		}
		if len(found) == maxInstances {
			return nil
		}
		g := &gathered{tag: tag, ttl: ttl}
		found = append(found, g)
		return g
	}
	address := func(name string, ip net.IP) {
		if name = strings.ToLower(name); len(addrs[name]) < 2*maxAddrs {
			addrs[name] = append(addrs[name], ip)
		}
	}
	for _, section := range [][]dns.RR{msg.Answer, msg.Extra} {
		for _, rr := range section {
			if rr.Header().Class&^topBit != dns.ClassINET {
				continue
			}
			switch rr := rr.(type) {
			case *dns.PTR:
				if isName(rr.Hdr.Name, serviceName) {
					if g := of(rr.Ptr, rr.Hdr.Ttl); g != nil {
						g.pointer = true
					}
				}
			case *dns.SRV:
				if g := of(rr.Hdr.Name, rr.Hdr.Ttl); g != nil && g.srv == nil {
					g.srv = rr
				}
			case *dns.TXT:
				if g := of(rr.Hdr.Name, rr.Hdr.Ttl); g != nil && g.text == nil {
					g.text = rr.Txt
				}
			case *dns.A:
				address(rr.Hdr.Name, rr.A)
			case *dns.AAAA:
				address(rr.Hdr.Name, rr.AAAA)
			}
		}
	}
	return found, addrs
}
