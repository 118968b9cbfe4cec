package doctor

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// seen is what the probes have found.
type seen struct {
	interfaces []netInterface
	// port5353 are the programs that listen there; portKnown says that the
	// system told.
	port5353  []listener
	portKnown bool
	firewalls []firewall
	// refused says that this machine would not let a packet of ours out.
	refused bool
	// neighbours are what the system knows of machines on this network.
	neighbours []neighbour
	// routes are the interfaces of the default routes, the best first.
	routes []string
	// public are the networks that Windows takes for public ones.
	public []string
}

// netInterface is an interface of the machine.
type netInterface struct {
	name                                    string
	up, running, multicast, loopback, point bool
	addrs                                   []netip.Prefix
}

// listener is a program at port 5353.
type listener struct {
	program string // "" if we may not know
	pid     int
}

// judge applies all rules. It knows no clock and no machine.
func judge(f Facts, s seen, who string, now time.Time) []Finding {
	if !f.Running {
		return []Finding{{
			"peer", Problem, "Starling isn't running, so nobody can see you and you see nobody.",
			"Start Starling, or starlingd serve.",
		}}
	}
	var all []Finding
	if offline(f, s) {
		all = append(all, Finding{
			"interfaces", Problem, "This computer is on no network." + unused(s),
			"Plug in a cable, or join the Wi-Fi network that the others are on. What you write meanwhile is kept here.",
		})
		all = append(all, aboutPeer(f, false)...)
	} else {
		all = append(all, aboutPeer(f, true)...)
		all = append(all, aboutInterfaces(f)...)
		all = append(all, aboutMulticast(f, now)...)
		all = append(all, aboutPort(f, s)...)
		all = append(all, aboutFirewalls(f, s)...)
		all = append(all, aboutRoutes(f, s)...)
	}
	if who != "" {
		all = append(all, aboutPerson(f, s, who, now)...)
	}
	return all
}

// offline reports whether this machine is on no network: there is none on which
// neighbours are looked for, or, if they aren't, none with an address.
func offline(f Facts, s seen) bool {
	if f.Discovery {
		return !slices.ContainsFunc(f.Interfaces, func(i Interface) bool { return !loopbackOnly(i.Addrs) })
	}
	return !slices.ContainsFunc(s.interfaces, func(i netInterface) bool {
		return i.up && i.running && !i.loopback && len(i.addrs) > 0
	})
}

// aboutPeer is about the program itself. looks says that there is a network on which
// it can look for neighbours.
func aboutPeer(f Facts, looks bool) []Finding {
	switch {
	case f.Problem != "" && !slices.ContainsFunc(f.Interfaces, func(i Interface) bool { return i.Problem == f.Problem }):
		return []Finding{{
			"peer", Problem, strings.ToUpper(f.Problem[:1]) + strings.TrimSuffix(f.Problem[1:], ".") + ".",
			"When that is mended, this goes away by itself within two minutes.",
		}}
	case !f.Discovery:
		return []Finding{{
			"peer", Problem, "Looking for neighbours was switched off when Starling was started (--no-discovery).",
			"Start it without --no-discovery, or connect by address: in the window under “Someone missing?”, or starlingd connect.",
		}}
	case f.Invisible:
		return []Finding{{
			"invisible", Note, "You are invisible here: you see others, but those who don't know you can't see you.",
			"If others are to find you, be visible: in the window with your name at the lower left, or starlingd invisible off.",
		}}
	case looks:
		return []Finding{{"peer", OK, "Starling is running and looks for neighbours.", ""}}
	}
	return nil
}

func aboutInterfaces(f Facts) []Finding {
	var all []Finding
	used := 0
	for _, i := range f.Interfaces {
		switch {
		case loopbackOnly(i.Addrs): // nobody else is there
		case i.Problem != "":
			do := "See what is said below of the firewall and of port 5353; if nothing helps, switch the network off and on."
			if heldBack(i.Problem) {
				do = "See what is said below of the firewall."
			}
			all = append(all, Finding{
				"interfaces", Problem, fmt.Sprintf("On %s neighbours can't be looked for: %s.", i.Name, strings.TrimSuffix(i.Problem, ".")), do,
			})
		default:
			used++
			all = append(all, Finding{"interfaces", OK, fmt.Sprintf("On %s you are at %s.", i.Name, listAddrs(i.Addrs)), ""})
			if selfAssigned(i.Addrs) {
				all = append(all, Finding{
					"interfaces", Note, fmt.Sprintf("%s got no address from the network and chose one itself.", i.Name),
					"Check the cable or the Wi-Fi password. Others see you only if they are in the same state.",
				})
			}
		}
	}
	if used > 1 {
		all = append(all, Finding{
			"interfaces", Note, fmt.Sprintf("You are on %d networks at once; others see you only on the one that they are on too.", used), "",
		})
	}
	return all
}

// unused says why interfaces are not used.
func unused(s seen) string {
	var why []string
	for _, i := range s.interfaces {
		switch {
		case i.loopback:
		case !i.up:
			why = append(why, i.name+" is switched off")
		case !i.running:
			why = append(why, i.name+" isn't connected")
		case i.point:
			why = append(why, i.name+" is a tunnel")
		case !i.multicast:
			why = append(why, i.name+" can't send to all")
		case len(i.addrs) == 0:
			why = append(why, i.name+" has no address")
		}
	}
	if len(why) == 0 {
		return ""
	}
	return " " + strings.Join(why, "; ") + "."
}

func aboutMulticast(f Facts, now time.Time) []Finding {
	const enough = 3 // packets, before silence means anything
	var all []Finding
	heard := slices.ContainsFunc(f.Interfaces, func(i Interface) bool { return i.Heard > 0 })
	for _, i := range f.Interfaces {
		switch {
		case loopbackOnly(i.Addrs) || i.Problem != "":
		case i.Heard > 0:
			all = append(all, Finding{
				"multicast", OK, fmt.Sprintf("On %s other computers are heard (%d packets, the last %s ago).",
					i.Name, i.Heard, ago(now.Sub(i.LastHeard))), "",
			})
		case i.Sent < enough:
		case heard:
			all = append(all, Finding{
				"multicast", Note, fmt.Sprintf("On %s nobody else is heard, on another network someone is.", i.Name), "",
			})
		default:
			all = append(all, Finding{
				"multicast", Problem, fmt.Sprintf("On %s you hear only yourself: %d packets went out to all, and none came from anyone else.", i.Name, i.Sent),
				"Perhaps no one else is on this network. If there is someone, the Wi-Fi keeps its devices apart (\u201cclient isolation\u201d, " +
					"\u201cguest network\u201d) or drops multicast, or a firewall does: use another network, ask whoever runs it, or connect by address.",
			})
		}
	}
	return all
}

func aboutPort(f Facts, s seen) []Finding {
	var others []string
	for _, l := range s.port5353 {
		name := l.program
		if name == "" {
			name = "a program of another user"
		}
		if !slices.Contains(others, name) && !strings.HasPrefix(name, "starling") {
			others = append(others, name)
		}
	}
	if slices.ContainsFunc(f.Interfaces, func(i Interface) bool { return portTaken(i.Problem) }) {
		who := "a program"
		if len(others) > 0 {
			who = strings.Join(others, " or ")
		}
		return []Finding{{
			"port", Problem, fmt.Sprintf("Port 5353, where neighbours are found, is taken by %s, which shares it with no one.", who),
			"Quit that program; Starling then finds neighbours within seconds.",
		}}
	}
	if !s.portKnown {
		return nil
	}
	if len(others) == 0 {
		return []Finding{{"port", OK, "Port 5353, where neighbours are found, is free for Starling.", ""}}
	}
	return []Finding{{"port", OK, fmt.Sprintf("Port 5353, where neighbours are found, is shared with %s.", strings.Join(others, ", ")), ""}}
}

// portTaken knows what Unix and Windows say when a port is not to be had.
func portTaken(problem string) bool {
	return strings.Contains(problem, "address already in use") || strings.Contains(problem, "Only one usage of each socket address")
}

func aboutFirewalls(f Facts, s seen) []Finding {
	var all []Finding
	shut := letsNothingOut(f, s)
	if shut {
		all = append(all, Finding{
			"firewall", Problem, "A firewall on this computer lets nothing out that Starling sends: the system does not permit it.",
			fmt.Sprintf("Let out what goes to UDP port 5353 and what comes from %s: look for a rule on outgoing packets (OUTPUT), or for a security program.", portName(f.Port)),
		})
	}
	for _, w := range s.firewalls {
		for _, found := range w.findings(f.Port) {
			if !shut || found.Level != OK { // that it lets in would sound as if all were well
				all = append(all, found)
			}
		}
	}
	for _, name := range s.public {
		all = append(all, Finding{
			"firewall", Note, fmt.Sprintf("Windows takes the network %s for a public one and hides this computer there.", name),
			"If it is your own network, open Settings, Network, and make it a private one.",
		})
	}
	if len(s.firewalls) == 0 && !shut {
		all = append(all, Finding{
			"firewall", Note, "Whether a firewall is in the way can't be seen from here.",
			fmt.Sprintf("If there is one, it must let in UDP port 5353 and %s.", portName(f.Port)),
		})
	}
	return all
}

// letsNothingOut reports whether a packet of ours was refused before it left.
func letsNothingOut(f Facts, s seen) bool {
	return s.refused || slices.ContainsFunc(f.Interfaces, func(i Interface) bool { return heldBack(i.Problem) })
}

// heldBack knows what Unix and Windows say when a firewall of their own holds back a
// packet.
func heldBack(problem string) bool {
	return strings.Contains(problem, "operation not permitted") || strings.Contains(problem, "forbidden by its access permissions")
}

func portName(port int) string {
	if port == 0 {
		return "Starling's own UDP port"
	}
	return fmt.Sprintf("UDP port %d", port)
}

func aboutRoutes(f Facts, s seen) []Finding {
	tunnels := map[string]bool{}
	for _, i := range s.interfaces {
		if i.up && (i.point || tunnelName(i.name)) && !i.loopback {
			tunnels[i.name] = true
		}
	}
	if len(s.routes) == 0 || !tunnels[s.routes[0]] && !tunnelName(s.routes[0]) {
		return nil
	}
	return []Finding{{
		"vpn", Note, fmt.Sprintf("All traffic goes through a VPN (%s). Some VPNs cut a computer off from its own network.", s.routes[0]),
		"Allow local network access in the VPN's settings, or switch it off while you write together.",
	}}
}

// tunnelName reports whether an interface is by its name that of a VPN.
func tunnelName(name string) bool {
	name = strings.ToLower(name)
	for _, start := range []string{"tun", "wg", "ppp", "utun", "ipsec", "tailscale", "nordlynx", "proton", "mullvad", "zt"} {
		if rest, ok := strings.CutPrefix(name, start); ok && strings.Trim(rest, "0123456789-") == "" {
			return true
		}
	}
	return strings.Contains(name, "wireguard") || strings.Contains(name, "vpn")
}

func loopbackOnly(addrs []netip.Addr) bool {
	return len(addrs) > 0 && !slices.ContainsFunc(addrs, func(a netip.Addr) bool { return !a.IsLoopback() })
}

func selfAssigned(addrs []netip.Addr) bool {
	return len(addrs) > 0 && !slices.ContainsFunc(addrs, func(a netip.Addr) bool { return !a.Is4() || !a.IsLinkLocalUnicast() })
}

func listAddrs(addrs []netip.Addr) string {
	var words []string
	for _, a := range addrs {
		words = append(words, a.String())
	}
	return strings.Join(words, ", ")
}

// ago is a length of time in round words.
func ago(d time.Duration) string {
	for _, u := range []struct {
		d    time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if n := int(d / u.d); n > 1 {
			return fmt.Sprintf("%d %ss", n, u.name)
		} else if n == 1 {
			return "1 " + u.name
		}
	}
	return "a moment"
}
