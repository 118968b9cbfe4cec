package onlink

import "strings"

// tunnelNames begin the names of tunnels, dialled lines and modems, and nothing
// but a number follows.
var tunnelNames = []string{
	"tun", "tap", "utun", "wg", "ppp", "ipsec", "gif", "gre", "gretap", "stf", "sit", "vti", "l2tp", "xfrm", "feth",
	"wwan", "rmnet", "ccmni", "pdp_ip",
}

// tunnelWords stand in the names of tunnels, on Windows often beside others.
var tunnelWords = []string{
	"tailscale", "zerotier", "wireguard", "openvpn", "wintun", "tap-windows", "nordlynx", "mullvad", "proton", "hamachi",
	"vpn", "cscotun",
}

// tunnelName reports whether an interface is, by its name, a tunnel. Where the
// system says what an interface is, that counts instead.
func tunnelName(name string) bool {
	name = strings.ToLower(name)
	if strings.HasPrefix(name, "zt") && len(name) > 8 { // ZeroTier: zt and letters
		return true
	}
	for _, word := range tunnelWords {
		if strings.Contains(name, word) {
			return true
		}
	}
	bare := strings.TrimRight(name, "0123456789")
	for _, start := range tunnelNames {
		if bare == start {
			return true
		}
	}
	return false
}
