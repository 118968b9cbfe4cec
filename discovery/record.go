package discovery

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits on what is announced and what is believed. A TXT string holds at most
// 255 bytes (RFC 6763, section 6.1), of which "n=" takes 2, and base64 needs
// four bytes for three.
const (
	tagLen       = 16
	maxNameRunes = 64
	maxNameBytes = (255 - len("n=")) * 3 / 4
	maxAddrs     = 8
	maxTexts     = 32
	maxVersion   = 9999
)

var errRecord = errors.New("bad record")

// record is what we announce.
type record struct {
	tag, name string
	port      int
}

// sighting is an answer that has been checked.
type sighting struct {
	tag, name string
	version   int
	addrs     []netip.AddrPort // 1 to maxAddrs, all with one port
}

func newRecord(cfg Config) (record, error) {
	if !isTag(cfg.Tag) {
		return record{}, fmt.Errorf("tag %q is not %d lower-case hex digits: %w", cfg.Tag, tagLen, ErrConfig)
	}
	if cfg.Port < 1 || cfg.Port > 65535 {
		return record{}, fmt.Errorf("port %d: %w", cfg.Port, ErrConfig)
	}
	return record{cfg.Tag, cleanName(cfg.Name), cfg.Port}, nil
}

// text is the TXT record. base64url keeps a name clear of the library's
// presentation format, which eats backslashes.
func (r record) text() []string {
	return []string{
		"v=" + strconv.Itoa(Version),
		"t=" + r.tag,
		"n=" + base64.RawURLEncoding.EncodeToString([]byte(r.name)),
	}
}

// parse checks an answer. links are the interfaces that it may have come in
// on. The error wraps errRecord and quotes nothing that came from the network.
func parse(a answer, links []link) (sighting, error) {
	if !isTag(a.instance) || textValue(a.text, "t=") != a.instance {
		return sighting{}, fmt.Errorf("tag: %w", errRecord)
	}
	version, err := parseVersion(textValue(a.text, "v="))
	if err != nil {
		return sighting{}, err
	}
	name, err := parseName(textValue(a.text, "n="))
	if err != nil {
		return sighting{}, err
	}
	if a.port < 1 || a.port > 65535 {
		return sighting{}, fmt.Errorf("port: %w", errRecord)
	}
	addrs := addrPorts(a, links)
	if len(addrs) == 0 {
		return sighting{}, fmt.Errorf("no usable address: %w", errRecord)
	}
	return sighting{a.instance, name, version, addrs}, nil
}

// textValue returns what follows key in the first string that starts with it
// (RFC 6763, section 6.4).
func textValue(text []string, key string) string {
	for _, s := range text[:min(maxTexts, len(text))] {
		if v, ok := strings.CutPrefix(s, key); ok {
			return v
		}
	}
	return ""
}

func isTag(s string) bool {
	return len(s) == tagLen && strings.Trim(s, "0123456789abcdef") == ""
}

func parseVersion(s string) (int, error) {
	v, err := strconv.Atoi(s)
	if err != nil || v < 1 || v > maxVersion || strconv.Itoa(v) != s {
		return 0, fmt.Errorf("version: %w", errRecord)
	}
	return v, nil
}

// parseName accepts exactly what [record.text] can write.
func parseName(s string) (string, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || base64.RawURLEncoding.EncodeToString(b) != s || cleanName(string(b)) != string(b) {
		return "", fmt.Errorf("name: %w", errRecord)
	}
	return string(b), nil
}

// cleanName makes a name that can be announced: valid UTF-8 without invisible
// characters and outer blanks, cut at a code point.
func cleanName(name string) string {
	var b strings.Builder
	runes := 0
	for _, r := range strings.TrimSpace(strings.Map(visible, strings.ToValidUTF8(name, "\uFFFD"))) {
		if runes == maxNameRunes || b.Len()+utf8.RuneLen(r) > maxNameBytes {
			break
		}
		b.WriteRune(r)
		runes++
	}
	return strings.TrimSpace(b.String())
}

// visible drops control and format characters (bidi controls and zero-width
// joiners among them), line separators and fillers without a shape: with them
// a stranger could look like someone else. Unassigned code points stay, for
// they may be next year's emoji.
func visible(r rune) rune {
	if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point) {
		return -1
	}
	return r
}

// addrPorts returns the usable addresses of a, IPv4 first, then wider IPv6,
// then link-local IPv6 with a zone for each of links, for the library does not
// tell which of them the answer came in on.
func addrPorts(a answer, links []link) []netip.AddrPort {
	var v4, v6, local []netip.AddrPort
	add := func(to []netip.AddrPort, ip netip.Addr) []netip.AddrPort {
		ap := netip.AddrPortFrom(ip, uint16(a.port))
		if len(to) >= maxAddrs || slices.Contains(to, ap) {
			return to
		}
		return append(to, ap)
	}
	alone := len(links) == 1 && links[0].loopback()
	for _, ip := range a.v4 {
		if ip, ok := usable(ip.To4(), alone); ok {
			v4 = add(v4, ip)
		}
	}
	for _, raw := range a.v6 {
		ip, ok := usable(raw, alone)
		switch {
		case !ok || !ip.Is6():
		case ip.IsLinkLocalUnicast():
			for _, l := range links {
				local = add(local, ip.WithZone(l.name()))
			}
		default:
			v6 = add(v6, ip)
		}
	}
	all := slices.Concat(v4, v6, local)
	return all[:min(maxAddrs, len(all))]
}

// usable reports whether a neighbour may be dialled at ip. Loopback addresses
// are believed only when there is nothing but the loopback interface:
// otherwise a stranger could make us knock at our own doors.
func usable(raw net.IP, loopback bool) (netip.Addr, bool) {
	ip, ok := netip.AddrFromSlice(raw)
	if !ok || !dialable(ip) || ip.IsLoopback() && !loopback {
		return netip.Addr{}, false
	}
	return ip, true
}

// dialable leaves out what no machine can have: this-network, multicast and
// reserved addresses, and IPv4 in the clothes of IPv6.
func dialable(ip netip.Addr) bool {
	if ip.Is4() {
		b := ip.As4()
		return b[0] != 0 && b[0] < 224
	}
	return ip.IsValid() && !ip.Is4In6() && !ip.IsUnspecified() && !ip.IsMulticast()
}
