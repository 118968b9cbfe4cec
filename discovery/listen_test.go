package discovery

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// query makes a question for name, with the tags in known as known answers.
func query(t *testing.T, name string, kind, class uint16, known ...string) []byte {
	t.Helper()
	msg := new(dns.Msg)
	msg.Id = 77
	msg.Question = []dns.Question{{Name: name, Qtype: kind, Qclass: class}}
	for _, tag := range known {
		msg.Answer = append(msg.Answer, &dns.PTR{
			Hdr: dns.RR_Header{Name: serviceName, Rrtype: dns.TypePTR, Class: dns.ClassINET, Ttl: 100},
			Ptr: instanceName(tag),
		})
	}
	data, err := pack(msg)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// spellRRs names the kinds of records, with a bang where the cache-flush bit
// is.
func spellRRs(rrs []dns.RR) string {
	var words []string
	for _, rr := range rrs {
		w := dns.TypeToString[rr.Header().Rrtype]
		if rr.Header().Class&topBit != 0 {
			w += "!"
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}

// What Anna answers, alone or to all, once she is settled.
func TestAnswers(t *testing.T) {
	const (
		mdns   = "10.0.0.2:5353"
		plain  = "10.0.0.2:40000"
		all    = "PTR SRV! TXT! A! NSEC!"
		in     = dns.ClassINET
		alone  = dns.ClassINET | topBit
		host   = annaTag + "." + domain
		self   = annaTag + "." + serviceName
		unlike = "_other._udp.local."
	)
	for _, c := range []struct {
		name  string
		from  string
		query []byte
		want  string
		soon  bool // within 20 ms
	}{
		{"the service", mdns, query(t, serviceName, dns.TypePTR, in), "all: " + all, false},
		{"in other letters", mdns, query(t, "_STARLING._udp.LOCAL.", dns.TypeANY, in), "all: " + all, false},
		{"the service, known", mdns, query(t, serviceName, dns.TypePTR, in, annaTag), "", false},
		{"the service, others known", mdns, query(t, serviceName, dns.TypePTR, in, benTag, cyTag), "all: " + all, false},
		{"another service", mdns, query(t, unlike, dns.TypePTR, in), "", false},
		{"the service's text", mdns, query(t, serviceName, dns.TypeTXT, in), "", false},
		{"another class", mdns, query(t, serviceName, dns.TypePTR, dns.ClassCHAOS), "", false},
		{"all services", mdns, query(t, typesName, dns.TypePTR, in), "all: PTR", false},
		{"by name", mdns, query(t, self, dns.TypeSRV, in), "all: " + all, true},
		{"another's name", mdns, query(t, instanceName(benTag), dns.TypeANY, in), "", false},
		{"the host", mdns, query(t, host, dns.TypeAAAA, in), "all: " + all, true},
		{"alone, long after we told all", mdns, query(t, serviceName, dns.TypePTR, alone), "all: " + all, false},
		{
			"one-shot, one of ours", plain, query(t, serviceName, dns.TypePTR, alone),
			"alone: PTR + SRV! TXT! A! NSEC!, alone: PTR + SRV! TXT! A! NSEC!", false,
		},
		{
			"one-shot by name", plain, query(t, self, dns.TypeANY, alone),
			"alone: SRV! TXT! + PTR A! NSEC!, alone: SRV! TXT! + PTR A! NSEC!", true,
		},
		{"one-shot, known", plain, query(t, serviceName, dns.TypePTR, alone, annaTag), "", false},
		{"plain DNS", plain, query(t, self, dns.TypeSRV, in), "77 alone: SRV TXT + PTR A NSEC", true},
		{"plain DNS, all services", plain, query(t, typesName, dns.TypePTR, in), "77 alone: PTR", false},
		{"from elsewhere", "192.0.2.1:5353", query(t, serviceName, dns.TypePTR, in), "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			simulate(t, func(k *cable) {
				a := k.host(Config{Tag: annaTag, Name: "Anna", Port: 4001}, e0("10.0.0.1"))
				a.start()
				time.Sleep(43 * time.Second) // and the next question of hers is not near
				k.forget()
				began := time.Since(k.began)
				k.say(c.from, c.query)
				time.Sleep(200 * time.Millisecond)
				var got []string
				for _, e := range k.entries("10.0.0.1 says") {
					to := "all: "
					if e.to.IsValid() {
						to = "alone: "
					}
					if e.msg.Id != 0 {
						to = fmt.Sprint(e.msg.Id, " ", to)
						if len(e.msg.Question) != 1 || e.msg.Answer[0].Header().Ttl > 10 {
							t.Errorf("a plain client gets %v", e.msg)
						}
					}
					if len(e.msg.Extra) > 0 {
						to += spellRRs(e.msg.Answer) + " + " + spellRRs(e.msg.Extra)
					} else {
						to += spellRRs(e.msg.Answer)
					}
					got = append(got, to)
					if late := e.at - began; len(got) == 1 && (late < minDelay) != c.soon {
						t.Errorf("after %v", late)
					}
				}
				if s := strings.Join(got, ", "); s != c.want {
					t.Errorf("got %q, want %q", s, c.want)
				}
				a.stop()
			})
		})
	}
}

// Of a list of known answers in two parts, the second may name us.
func TestAnswersWaitForTheRestOfTheList(t *testing.T) {
	for _, named := range []bool{true, false} {
		simulate(t, func(k *cable) {
			a := k.host(annaConfig, e0("10.0.0.1"))
			a.start()
			time.Sleep(43 * time.Second)
			k.forget()
			first, last := new(dns.Msg), new(dns.Msg)
			if err := first.Unpack(query(t, serviceName, dns.TypePTR, dns.ClassINET, benTag)); err != nil {
				t.Fatal(err)
			}
			first.Truncated = true
			tag := cyTag
			if named {
				tag = annaTag
			}
			if err := last.Unpack(query(t, serviceName, dns.TypePTR, dns.ClassINET, tag)); err != nil {
				t.Fatal(err)
			}
			last.Question = nil
			for _, msg := range []*dns.Msg{first, last} {
				data, err := pack(msg)
				if err != nil {
					t.Fatal(err)
				}
				if n := len(k.entries("says")); n != 0 {
					t.Error("answered before the list was complete")
				}
				k.say("10.0.0.2:5353", data)
				time.Sleep(300 * time.Millisecond)
			}
			if n := len(k.entries("says")); (n == 0) != named {
				t.Errorf("named %v: %d answers", named, n)
			}
			a.stop()
		})
	}
}

func TestQuestionsOfManyAreAnsweredOnce(t *testing.T) {
	simulate(t, func(k *cable) {
		a := k.host(annaConfig, e0("10.0.0.1"))
		a.start()
		time.Sleep(43 * time.Second)
		k.forget()
		for i := range 200 {
			k.say(fmt.Sprintf("10.0.0.%d:5353", 2+i), query(t, serviceName, dns.TypePTR, dns.ClassINET))
			time.Sleep(50 * time.Millisecond)
		}
		if n := len(k.entries("says")); n < 9 || n > 12 {
			t.Errorf("%d answers in 10 s", n)
		}
		a.stop()
	})
}

func TestInvisible(t *testing.T) {
	simulate(t, func(k *cable) {
		a := k.host(Config{Tag: annaTag, Name: "Anna", Port: 4001, Invisible: true}, e0("10.0.0.1"))
		b, c := k.host(benConfig, e0("10.0.0.2")), k.host(Config{Tag: cyTag, Name: "Cy", Port: 4003}, e0("10.0.0.3"))
		b.start()
		a.start()
		time.Sleep(time.Second)
		c.start()
		time.Sleep(time.Minute)
		k.say("10.0.0.9:5353", query(t, instanceName(annaTag), dns.TypeANY, dns.ClassINET))
		k.say("10.0.0.9:40000", query(t, hostName(annaTag), dns.TypeANY, dns.ClassINET))
		k.say("10.0.0.9:5353", query(t, typesName, dns.TypePTR, dns.ClassINET))
		time.Sleep(time.Hour)
		a.stop()
		if got := a.told(); got != "found 10.0.0.2 at 0s, found 10.0.0.3 at 1s" {
			t.Error(got)
		}
		if b.knows() != 1 || c.knows() != 1 {
			t.Errorf("%s; %s", b.told(), c.told())
		}
		for _, e := range k.entries("10.0.0.1") {
			if e.msg.Response || strings.Contains(e.msg.String(), annaTag) {
				t.Errorf("Anna says %v", e.msg)
			}
		}
		b.stop()
		c.stop()
	})
}

// Someone who has IPv6 alone is found by those who speak over IPv4, and finds
// them; over IPv4 nothing is said twice for that.
func TestMixedFamilies(t *testing.T) {
	simulate(t, func(k *cable) {
		a := k.host(annaConfig, e0("10.0.0.1 fe80::1"))
		b := k.host(benConfig, e0("10.0.0.2 fe80::2"))
		a.start()
		b.start()
		time.Sleep(time.Minute)
		if n := len(k.entries("IPv6")); n != 0 {
			t.Errorf("%d packets over IPv6", n)
		}
		c := k.host(Config{Tag: cyTag, Name: "Cy", Port: 4003}, e0("fe80::3"))
		c.start()
		time.Sleep(time.Second)
		if a.knows() != 2 || b.knows() != 2 || c.knows() != 2 {
			t.Errorf("%s; %s; %s", a.told(), b.told(), c.told())
		}
		c.do(func() {
			if h := c.known[annaTag]; len(h.Addrs) != 1 || h.Addrs[0].String() != "[fe80::1%e0]:4001" {
				t.Errorf("%v", h.Addrs)
			}
		})
		for _, h := range []*simHost{a, b, c} {
			h.stop()
		}
	})
}

// A stranger's lies: a crowd that isn't there, names without end, goodbyes for
// others. It costs few packets and no memory, and the others stay known.
func TestLies(t *testing.T) {
	simulate(t, func(k *cable) {
		a, b := k.host(annaConfig, e0("10.0.0.1")), k.host(benConfig, e0("10.0.0.2"))
		a.start()
		b.start()
		time.Sleep(40 * time.Second)
		k.forget()
		for i := range 60 {
			var ghosts []string
			for j := range 30 {
				ghosts = append(ghosts, fmt.Sprintf("%016x", 1_000_000+100*i+j))
			}
			k.say("10.0.0.6:5353", query(t, serviceName, dns.TypePTR, dns.ClassINET, append(ghosts, annaTag, benTag)...))
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(4 * time.Second)
		if n := len(k.entries("10.0.0.1 asks")); n > 80 {
			t.Errorf("%d questions in 10 s for those who don't exist", n)
		}
		for i := range 3000 {
			data, err := record{fmt.Sprintf("%016x", 2_000_000+i), "Mallory", 4000}.announcement(onLAN.addrs[overIPv4], recordTTL)
			if err != nil {
				t.Fatal(err)
			}
			k.say("10.0.0.6:5353", data)
			if i%50 == 0 {
				time.Sleep(100 * time.Millisecond)
			}
		}
		if n := a.knows(); n != maxPeers {
			t.Errorf("%d neighbours", n)
		}
		bye, err := record{benTag, "Ben", 4002}.announcement([]netip.Addr{b.ifaces[0].addrs[0].Addr()}, 0)
		if err != nil {
			t.Fatal(err)
		}
		k.say("10.0.0.6:5353", bye)
		time.Sleep(2 * time.Second)
		if got := a.told(); strings.Contains(got, "gone 10.0.0.2") {
			t.Error("a stranger's goodbye for Ben counts")
		}
		time.Sleep(5 * time.Minute)
		if n := a.knows(); n != 1 {
			t.Errorf("%d neighbours are left", n)
		}
		a.stop()
		b.stop()
	})
}

func TestPacketsFitAnywhere(t *testing.T) {
	simulate(t, func(k *cable) {
		hosts := k.crowd(45)
		for _, h := range hosts {
			h.start()
		}
		time.Sleep(2 * time.Second)
		for _, e := range k.entries("") {
			if e.size > 1232 {
				t.Errorf("%v: %d bytes", e, e.size)
			}
		}
		if parts := slices.ContainsFunc(k.entries("asks"), func(e entry) bool { return e.msg.Truncated }); !parts {
			t.Error("no question had to be sent in parts")
		}
		for _, h := range hosts {
			h.stop()
		}
	})
	long := record{annaTag, strings.Repeat("🐦", 47), 65535}
	six := fakeLink(1, "e0", lan0, "fd00::1", "fd00::2", "fd00::3", "fd00::4", "fd00::5", "fd00::6", "fd00::7", "fd00::8")
	data, err := long.announcement(six.addrs[overIPv6], recordTTL)
	if err != nil || len(data) > 1232 {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	m, err := hear(data, six, benTag)
	if err != nil || len(m.seen) != 1 || len(m.seen[0].addrs) != maxAddrs || m.seen[0].name != long.name {
		t.Errorf("%+v, %v", m, err)
	}
}
