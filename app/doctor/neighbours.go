package doctor

import (
	"bufio"
	"net/netip"
	"slices"
	"strings"
)

// state is what the system knows of a machine on this network.
type state int

const (
	unknown     state = iota
	unreachable       // it did not answer when it was looked for
	reachable         // its hardware address is known
)

// neighbour is a row of the table of neighbours (ARP and its like).
type neighbour struct {
	addr  netip.Addr
	state state
}

// parseNeigh reads what `ip neigh` prints.
func parseNeigh(text string) []neighbour {
	var all []neighbour
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 3 {
			continue
		}
		n := neighbour{addr: parseAddr(words[0])}
		switch {
		case slices.Contains(words, "FAILED"), slices.Contains(words, "INCOMPLETE"):
			n.state = unreachable
		case slices.Contains(words, "lladdr"):
			n.state = reachable
		}
		if n.addr.IsValid() {
			all = append(all, n)
		}
	}
	return all
}

// parseProcARP reads /proc/net/arp.
func parseProcARP(text string) []neighbour {
	var all []neighbour
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) < 6 || !parseAddr(words[0]).IsValid() {
			continue
		}
		n := neighbour{parseAddr(words[0]), reachable}
		if words[2] == "0x0" || words[3] == "00:00:00:00:00:00" {
			n.state = unreachable
		}
		all = append(all, n)
	}
	return all
}

// parseARP reads what `arp -an` prints on macOS and the BSDs, and `arp -a` on
// Windows.
func parseARP(text string) []neighbour {
	var all []neighbour
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		switch {
		case len(words) >= 4 && words[0] == "?":
			n := neighbour{parseAddr(strings.Trim(words[1], "()")), reachable}
			if words[3] == "(incomplete)" {
				n.state = unreachable
			}
			if n.addr.IsValid() {
				all = append(all, n)
			}
		case len(words) == 3 && strings.Count(words[1], "-") == 5:
			if a := parseAddr(words[0]); a.IsValid() && !a.IsMulticast() && words[1] != "ff-ff-ff-ff-ff-ff" {
				all = append(all, neighbour{a, reachable})
			}
		}
	}
	return all
}

// parseAddr returns an address without a zone, invalid if it is none.
func parseAddr(s string) netip.Addr {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}

// number reads the digits that s begins with.
func number(s string) int {
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' || n > 1<<40 {
			return n
		}
		n = 10*n + int(r-'0')
	}
	return n
}
