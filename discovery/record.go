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
	"time"
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

// answer is what one instance of the service said, as it came from the
// network: nothing in it has been checked.
type answer struct {
	instance string
	port     int
	text     []string
	ips      []net.IP
}

// sighting is an answer that has been checked. Without addresses it is a
// goodbye.
type sighting struct {
	tag, name string
	version   int
	ttl       time.Duration
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

// text is the TXT record. base64url keeps a name clear of the presentation
// format of DNS libraries, which eats backslashes.
func (r record) text() []string {
	return []string{
		"v=" + strconv.Itoa(Version),
		"t=" + r.tag,
		"n=" + base64.RawURLEncoding.EncodeToString([]byte(r.name)),
	}
}

// parse checks an answer that came in on l. The error wraps errRecord and
// quotes nothing that came from the network.
func parse(a answer, l link) (sighting, error) {
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
	addrs := addrPorts(a, l)
	if len(addrs) == 0 {
		return sighting{}, fmt.Errorf("no usable address: %w", errRecord)
	}
	return sighting{tag: a.instance, name: name, version: version, addrs: addrs}, nil
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
// then link-local IPv6, whose zone is the interface that the answer came in on.
func addrPorts(a answer, l link) []netip.AddrPort {
	var v4, v6, local []netip.AddrPort
	for _, raw := range a.ips {
		ip, ok := usable(raw, l.loopback())
		switch {
		case !ok:
		case ip.Is4():
			v4 = append(v4, netip.AddrPortFrom(ip, uint16(a.port)))
		case ip.IsLinkLocalUnicast():
			local = append(local, netip.AddrPortFrom(ip.WithZone(l.name()), uint16(a.port)))
		default:
			v6 = append(v6, netip.AddrPortFrom(ip, uint16(a.port)))
		}
	}
	var all []netip.AddrPort
	for _, ap := range slices.Concat(v4, v6, local) {
		if len(all) < maxAddrs && !slices.Contains(all, ap) {
			all = append(all, ap)
		}
	}
	return all
}

// usable reports whether a neighbour may be dialled at ip. Loopback addresses
// are believed only on the loopback interface: otherwise a stranger could make
// us knock at our own doors.
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
