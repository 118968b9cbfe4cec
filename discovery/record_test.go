package discovery

import (
	"encoding/base64"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNewChecksTheConfig(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  Config
		ok   bool
	}{
		{"good", Config{Tag: annaTag, Name: "Anna", Port: 4001}, true},
		{"no name", Config{Tag: annaTag, Port: 1}, true},
		{"last port", Config{Tag: annaTag, Port: 65535}, true},
		{"no tag", Config{Port: 1}, false},
		{"short tag", Config{Tag: annaTag[1:], Port: 1}, false},
		{"long tag", Config{Tag: annaTag + "0", Port: 1}, false},
		{"upper case", Config{Tag: strings.ToUpper(annaTag), Port: 1}, false},
		{"not hex", Config{Tag: "00000000000000ag", Port: 1}, false},
		{"no port", Config{Tag: annaTag}, false},
		{"port too great", Config{Tag: annaTag, Port: 65536}, false},
	} {
		_, err := New(c.cfg)
		if (err == nil) != c.ok || !c.ok && !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestNamesAreCutAndCleaned(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "Zoë Ćirić", "Zoë Ćirić"},
		{"blanks around", "  Anna \t", "Anna"},
		{"controls", "An\x00n\x1ba\u0085", "Anna"},
		{"bidi", "\u202eannA\u2066", "annA"},
		{"zero width", "An\u200bn\u200da\ufeff", "Anna"},
		{"fillers and separators", "An\u3164n\u2028a\u034f", "Anna"},
		{"nothing visible", "\u200b \u200e", ""},
		{"64 code points", strings.Repeat("é", 65), strings.Repeat("é", 64)},
		{"189 bytes", strings.Repeat("🐦", 64), strings.Repeat("🐦", 47)},
		{"a blank at the cut", strings.Repeat("a", 63) + " b", strings.Repeat("a", 63)},
		{"not UTF-8", "An\xffna", "An\uFFFDna"},
	} {
		got := cleanName(c.in)
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		for _, s := range (record{tag: annaTag, name: got}).text() {
			if len(s) > 255 {
				t.Errorf("%s: a TXT string of %d bytes", c.name, len(s))
			}
		}
	}
}

// onLAN is the link of a host with one interface.
var onLAN = fakeLink(1, "e0", net.FlagUp, "10.0.0.1")

func fakeLink(index int, name string, flags net.Flags, addrs ...string) link {
	c := fakeCandidate(index, name, flags, strings.Join(addrs, " "))
	return link{c.iface, announced(c.addrs, flags&net.FlagLoopback != 0), c.addrs}
}

// goodAnswer is what Ben would say.
func goodAnswer() answer {
	return answer{
		instance: benTag,
		port:     4002,
		text:     record{benTag, "Ben", 4002}.text(),
		ips:      []net.IP{net.IPv4(10, 0, 0, 2).To4()},
	}
}

func TestParse(t *testing.T) {
	b64 := base64.RawURLEncoding.EncodeToString
	for _, c := range []struct {
		name  string
		spoil func(*answer)
		ok    bool
	}{
		{"good", func(*answer) {}, true},
		{"a newer version with more keys", func(a *answer) { a.text = append([]string{"x=1", ""}, a.text...); a.text[2] = "v=12" }, true},
		{"the first of two equal keys counts", func(a *answer) { a.text = append(a.text, "n=!") }, true},
		{"no instance", func(a *answer) { a.instance = "" }, false},
		{"another's tag", func(a *answer) { a.instance = annaTag }, false},
		{"a tag that is none", func(a *answer) { a.instance, a.text[1] = "Ben", "t=Ben" }, false},
		{"no text", func(a *answer) { a.text = nil }, false},
		{"no version", func(a *answer) { a.text[0] = "v=" }, false},
		{"version 0", func(a *answer) { a.text[0] = "v=0" }, false},
		{"version +1", func(a *answer) { a.text[0] = "v=+1" }, false},
		{"version too great", func(a *answer) { a.text[0] = "v=10000" }, false},
		{"key out of reach", func(a *answer) { a.text = append(make([]string, 40), a.text...) }, false},
		{"name with padding", func(a *answer) { a.text[2] = "n=QQ==" }, false},
		{"name with a newline", func(a *answer) { a.text[2] = "n=QUFB\n" }, false},
		{"name with stray bits", func(a *answer) { a.text[2] = "n=QR" }, false},
		{"name with bidi control", func(a *answer) { a.text[2] = "n=" + b64([]byte("\u202eneB")) }, false},
		{"name with zero width", func(a *answer) { a.text[2] = "n=" + b64([]byte("B\u200ben")) }, false},
		{"name not UTF-8", func(a *answer) { a.text[2] = "n=" + b64([]byte("B\xff")) }, false},
		{"name too long", func(a *answer) { a.text[2] = "n=" + b64([]byte(strings.Repeat("b", 65))) }, false},
		{"port 0", func(a *answer) { a.port = 0 }, false},
		{"no address", func(a *answer) { a.ips = nil }, false},
		{"loopback", func(a *answer) { a.ips[0] = net.IPv4(127, 0, 0, 1).To4() }, false},
		{"multicast", func(a *answer) { a.ips[0] = net.IPv4(224, 0, 0, 251).To4() }, false},
		{"broadcast", func(a *answer) { a.ips[0] = net.IPv4bcast.To4() }, false},
		{"no bytes", func(a *answer) { a.ips[0] = nil }, false},
		{"IPv4 as IPv6", func(a *answer) { a.ips[0] = a.ips[0].To16() }, false},
	} {
		a := goodAnswer()
		c.spoil(&a)
		s, err := parse(a, onLAN)
		if (err == nil) != c.ok || !c.ok && !errors.Is(err, errRecord) {
			t.Errorf("%s: %+v, %v", c.name, s, err)
		}
		if c.ok && (s.tag != benTag || s.name != "Ben" || s.addrs[0].String() != "10.0.0.2:4002") {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
}

func TestAddresses(t *testing.T) {
	lo := fakeLink(1, "lo", net.FlagUp|net.FlagLoopback, "127.0.0.1")
	for _, c := range []struct {
		name string
		ips  string
		link link
		want string
	}{
		{"in order", "fe80::2 2001:db8::2 10.0.0.2", onLAN, "10.0.0.2:1 [2001:db8::2]:1 [fe80::2%e0]:1"},
		{"once each", "10.0.0.2 10.0.0.2", onLAN, "10.0.0.2:1"},
		{
			"at most eight", "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5 10.0.0.6 10.0.0.7 fe80::1 fe80::2", onLAN,
			"10.0.0.1:1 10.0.0.2:1 10.0.0.3:1 10.0.0.4:1 10.0.0.5:1 10.0.0.6:1 10.0.0.7:1 [fe80::1%e0]:1",
		},
		{"loopback where there is nothing else", "127.0.0.1", lo, "127.0.0.1:1"},
		{"loopback elsewhere", "127.0.0.1 ::1 10.0.0.2", onLAN, "10.0.0.2:1"},
	} {
		a := answer{port: 1}
		for ip := range strings.FieldsSeq(c.ips) {
			a.ips = append(a.ips, netip.MustParseAddr(ip).AsSlice())
		}
		var got []string
		for _, ap := range addrPorts(a, c.link) {
			got = append(got, ap.String())
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %v, want %s", c.name, got, c.want)
		}
	}
}

// FuzzParse holds what follows from an accepted answer: all limits, and that
// announcing it again gives the same.
func FuzzParse(f *testing.F) {
	seed := func(a answer, v4, v6 string) {
		f.Add(a.instance, strings.Join(a.text, "\n"), a.port, []byte(v4), []byte(v6))
	}
	seed(goodAnswer(), "\x0a\x00\x00\x02", "")
	seed(goodAnswer(), "\x7f\x00\x00\x01\xff\xff\xff\xff", "\xfe\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02")
	seed(answer{instance: benTag, port: 70000, text: []string{"v=2", "t=" + benTag, "n=8J-Qpg", "n="}}, "", "")
	f.Fuzz(func(t *testing.T, instance, text string, port int, v4, v6 []byte) {
		a := answer{instance: instance, port: port, text: strings.Split(text, "\n"), ips: append(chunks(v4, 4), chunks(v6, 16)...)}
		s, err := parse(a, onLAN)
		if err != nil {
			if s.tag != "" || s.addrs != nil {
				t.Fatalf("a failed parse returned %+v", s)
			}
			return
		}
		if !isTag(s.tag) || !utf8.ValidString(s.name) || utf8.RuneCountInString(s.name) > maxNameRunes ||
			len(s.name) > maxNameBytes || s.version < 1 || len(s.addrs) < 1 || len(s.addrs) > maxAddrs {
			t.Fatalf("out of bounds: %+v", s)
		}
		for _, ap := range s.addrs {
			ip := ap.Addr()
			if ap.Port() == 0 || ip.IsLoopback() || ip.IsMulticast() || ip.IsUnspecified() ||
				ip.IsLinkLocalUnicast() && ip.Is6() && ip.Zone() == "" {
				t.Fatalf("address %v", ap)
			}
		}
		again := a
		again.text = record{s.tag, s.name, port}.text()
		s2, err := parse(again, onLAN)
		if err != nil || s2.tag != s.tag || s2.name != s.name || !slices.Equal(s2.addrs, s.addrs) {
			t.Fatalf("%+v became %+v, %v", s, s2, err)
		}
	})
}

func chunks(b []byte, size int) []net.IP {
	var ips []net.IP
	for c := range slices.Chunk(b, size) {
		ips = append(ips, c)
	}
	return ips
}
