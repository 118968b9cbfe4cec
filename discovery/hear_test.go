package discovery

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/miekg/dns"
)

// bens returns a good announcement after change.
func bens(t testing.TB, change func(*dns.Msg)) []byte {
	t.Helper()
	data, err := record{benTag, "Ben", 4002}.announcement([]netip.Addr{netip.MustParseAddr("10.0.0.2")}, recordTTL)
	if err != nil {
		t.Fatal(err)
	}
	msg := new(dns.Msg)
	if err := msg.Unpack(data); err != nil {
		t.Fatal(err)
	}
	change(msg)
	if data, err = pack(msg); err != nil {
		t.Fatal(err)
	}
	return data
}

func TestHear(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*dns.Msg)
		want   string // "seen", "bye", "named", "bad", or nothing
	}{
		{"good", func(*dns.Msg) {}, "seen"},
		{"as additional records", func(m *dns.Msg) { m.Answer, m.Extra = m.Answer[:1], m.Answer[1:] }, "seen"},
		{"without a pointer", func(m *dns.Msg) { m.Answer = m.Answer[1:] }, "seen"},
		{"a pointer alone", func(m *dns.Msg) { m.Answer = m.Answer[:1] }, "named"},
		{"text alone", func(m *dns.Msg) { m.Answer = m.Answer[2:3] }, ""},
		{"no address", func(m *dns.Msg) { m.Answer = m.Answer[:3] }, "bad"},
		{"another's address", func(m *dns.Msg) { m.Answer[3].Header().Name = hostName(annaTag) }, "bad"},
		{"a goodbye", func(m *dns.Msg) { m.Answer[0].Header().Ttl = 0 }, "bye"},
		{"a goodbye for the text", func(m *dns.Msg) { m.Answer[2].Header().Ttl = 0 }, "bye"},
		{"another class", func(m *dns.Msg) { m.Answer[1].Header().Class = dns.ClassCHAOS }, "named"},
		{"another service", func(m *dns.Msg) {
			for _, rr := range m.Answer {
				rr.Header().Name = "x._other._udp.local."
			}
		}, ""},
		{"a name that is no tag", func(m *dns.Msg) {
			m.Answer[0].(*dns.PTR).Ptr = instanceName("ben")
			m.Answer[1].Header().Name = instanceName("ben")
			m.Answer[2].Header().Name = instanceName("ben")
		}, ""},
		{"a failure", func(m *dns.Msg) { m.Rcode = dns.RcodeNameError }, "bad"},
		{"an update", func(m *dns.Msg) { m.Opcode = dns.OpcodeUpdate }, "bad"},
		{"records as authorities", func(m *dns.Msg) { m.Answer, m.Ns = nil, m.Answer }, ""},
		{"as known answers of a question", func(m *dns.Msg) { m.Response = false }, ""},
	} {
		m, err := hear(bens(t, c.change), onLAN, annaTag)
		got := ""
		switch {
		case errors.Is(err, errRecord):
			got = "bad"
		case err != nil:
			t.Error(err)
		case len(m.named) > 0:
			got = "named"
		case len(m.seen) > 0 && len(m.seen[0].addrs) == 0:
			got = "bye"
		case len(m.seen) > 0:
			got = "seen"
			if s := m.seen[0]; s.tag != benTag || s.name != "Ben" || s.ttl != recordTTL || s.addrs[0].String() != "10.0.0.2:4002" {
				t.Errorf("%s: %+v", c.name, s)
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestLongLivesAreCut(t *testing.T) {
	m, err := hear(bens(t, func(m *dns.Msg) {
		for _, rr := range m.Answer {
			rr.Header().Ttl = 1 << 31
		}
	}), onLAN, annaTag)
	if err != nil || m.seen[0].ttl != recordTTL {
		t.Errorf("%+v, %v", m, err)
	}
}

// FuzzHear gives what any stranger may send to the parser and to a whole
// engine, and holds their bounds.
func FuzzHear(f *testing.F) {
	f.Add(bens(f, func(*dns.Msg) {}))
	f.Add(bens(f, func(m *dns.Msg) { m.Response = false }))
	f.Add(bens(f, func(m *dns.Msg) { m.Answer = m.Answer[:1] }))
	list, err := question([]known{{benTag, time.Minute}, {annaTag, time.Second}}, true)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(list[0])
	if named, err := askFor([]string{annaTag, benTag}, cyTag); err == nil {
		f.Add(named)
	}
	foreign, err := filepath.Glob("testdata/packets/*")
	if err != nil || len(foreign) == 0 {
		f.Fatal("the packets of others are missing", err)
	}
	for _, name := range foreign {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := hear(data, onLAN, annaTag)
		if err != nil && !reflect.DeepEqual(m, message{}) && len(m.seen)+len(m.named) > 0 {
			t.Fatalf("a failed parse returned %+v", m)
		}
		if len(m.seen) > maxInstances || len(m.named) > maxInstances || len(m.known) > maxPeers ||
			len(m.asked.questions) > maxInstances {
			t.Fatalf("out of bounds: %+v", m)
		}
		for _, s := range m.seen {
			if !isTag(s.tag) || !utf8.ValidString(s.name) || utf8.RuneCountInString(s.name) > maxNameRunes ||
				cleanName(s.name) != s.name || len(s.addrs) > maxAddrs || s.ttl < 0 || s.ttl > recordTTL {
				t.Fatalf("out of bounds: %+v", s)
			}
		}
		for _, from := range []string{"10.0.0.9:5353", "10.0.0.9:4000", "10.0.0.1:5353", "192.0.2.1:5353"} {
			e := newEngine(record{annaTag, "Anna", 4001}, false, nil)
			now := zero
			e.open(now, onLAN, overIPv4)
			e.act(now)
			sent := 0
			for range 3 {
				e.heard(now, datagram{portID{1, overIPv4}, netip.MustParseAddrPort(from), data})
			}
			for range 40 {
				now = now.Add(25 * time.Millisecond)
				out, _ := e.act(now)
				sent += len(out)
			}
			if sent > 40 {
				t.Fatalf("%d packets in a second for three", sent)
			}
		}
	})
}
