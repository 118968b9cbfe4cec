package doctor

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// skewed is how far two clocks may be apart before it is worth a word.
const skewed = 2 * time.Minute

// choose returns those whom who means: all with that name, in any letters, or
// whose ID begins so.
func choose(people []Person, who string) []Person {
	var chosen []Person
	for _, p := range people {
		id := max(p.Tag, p.ID) // the tag is the start of the ID
		if who != "" && (strings.EqualFold(p.Name, who) || len(who) >= 4 && strings.HasPrefix(id, strings.ToLower(who))) {
			chosen = append(chosen, p)
		}
	}
	return chosen
}

func aboutPerson(f Facts, s seen, who string, now time.Time) []Finding {
	people := choose(f.People, who)
	if len(people) == 0 {
		return []Finding{{
			"person", Problem, fmt.Sprintf("Nobody called %s has been heard or met.", who),
			"Ask whether Starling is open there, on the same Wi-Fi network, not invisible, and under which name.",
		}}
	}
	own := ownFault(f, s)
	var all []Finding
	for _, devices := range byPerson(people) {
		name := called(devices[0], len(people) > len(devices))
		if !devices[0].Connected || len(devices) == 1 {
			for _, p := range devices {
				all = append(all, aboutDevice(s, p, called(p, len(people) > 1), own, now)...)
			}
		} else {
			all = append(all, aboutDevice(s, devices[0], name, own, now)...)
			for _, p := range devices[1:] {
				all = append(all, aboutOther(p, now))
			}
		}
		all = append(all, paired(devices[0], name)...)
	}
	return all
}

// ownFault is what on this machine keeps it from connecting to anybody, "" if nothing
// is known to.
func ownFault(f Facts, s seen) string {
	switch {
	case letsNothingOut(f, s):
		return "a firewall on this computer lets nothing out"
	case slices.ContainsFunc(s.firewalls, func(w firewall) bool { return w.deaf }):
		return "the firewall of this computer drops the answers"
	}
	return ""
}

// aboutDevice goes from the plainest reason to the rarest. own is that of [ownFault].
func aboutDevice(s seen, p Person, name, own string, now time.Time) []Finding {
	var all []Finding
	add := func(topic string, l Level, what, do string) { all = append(all, Finding{topic, l, what, do}) }
	if p.LooksLike != "" {
		add("person", Note, fmt.Sprintf("This %s is not the %s you know, only one with a like name.", name, p.LooksLike),
			"Compare the code on both screens before you trust it.")
	}
	versions(p, name, add)
	clock(p, name, add)
	switch {
	case p.Connected:
		add("person", OK, fmt.Sprintf("You are connected with %s.", name), "")
	case p.Nearby && len(p.Refused) > 0 && len(p.Refused) == len(p.Addrs):
		add("address", Problem, fmt.Sprintf("%s is heard, but says to be at %s, which is not on this network.", name, p.Refused[0]),
			fmt.Sprintf("If you trust that address, allow it: in the window under “Someone missing?”, or starlingd allow %s. Otherwise both must join one network.", p.Refused[0].Addr()))
	case p.Nearby && own != "" && (p.Known || p.DialError != ""):
		add("person", Problem, fmt.Sprintf("%s is heard, but can't be reached: %s.", name, own), "See what is said above of the firewall.")
	case p.Nearby:
		heardOnly(s, p, name, add)
	default:
		absent(s, p, name, now, add)
	}
	return all
}

type adder func(topic string, l Level, what, do string)

func versions(p Person, name string, add adder) {
	switch {
	case p.TooOld:
		add("version", Problem, fmt.Sprintf("%s has an older Starling, with which yours can't speak.", name),
			fmt.Sprintf("Bring Starling up to date on %s's computer.", name))
	case p.TooNew:
		add("version", Problem, fmt.Sprintf("%s has a newer Starling, with which yours can't speak.", name),
			"Bring Starling up to date on this computer.")
	}
}

func clock(p Person, name string, add adder) {
	if !p.SkewKnown || p.Skew.Abs() < skewed {
		return
	}
	way := "ahead of"
	if p.Skew < 0 {
		way = "behind"
	}
	add("clock", Note, fmt.Sprintf("The clock of %s is %s %s yours. Invitations may seem expired, and times are shown wrong.", name, ago(p.Skew.Abs()), way),
		"Set both clocks from the internet.")
}

// heardOnly is about one who announces itself, yet isn't connected.
func heardOnly(s seen, p Person, name string, add adder) {
	if p.DialError == "" && p.Known {
		add("person", Note, fmt.Sprintf("%s is heard and not connected yet.", name), "Wait some seconds and look again.")
		return
	}
	if p.DialError == "" {
		add("person", OK, fmt.Sprintf("%s is near.", name), "")
		return
	}
	switch state := stateOf(s.neighbours, p.Addrs); state {
	case reachable:
		add("isolation", Problem,
			fmt.Sprintf("%s is heard and its computer is on this network, but Starling there doesn't answer (%s).", name, p.DialError),
			fmt.Sprintf("Most likely a firewall on %s's computer drops Starling's UDP port: allow Starling there. Or the Wi-Fi keeps its devices apart.", name))
	case unreachable:
		add("isolation", Problem,
			fmt.Sprintf("%s is heard, but no direct packet reaches its computer: this network keeps its devices apart.", name),
			"Ask whoever runs the network to switch client isolation off, or use another one, such as a phone's hotspot.")
	default:
		add("isolation", Problem, fmt.Sprintf("%s is heard, but can't be reached (%s).", name, p.DialError),
			"A firewall on either side may drop Starling's UDP port, or the Wi-Fi may keep its devices apart.")
	}
}

// absent is about one who doesn't announce itself.
func absent(s seen, p Person, name string, now time.Time, add adder) {
	last := "has not been seen yet"
	if !p.LastSeen.IsZero() {
		last = "was last seen " + ago(now.Sub(p.LastSeen)) + " ago"
	}
	switch stateOf(s.neighbours, p.Addrs) {
	case reachable:
		add("isolation", Problem,
			fmt.Sprintf("%s %s. A computer answers at its last address, but it doesn't announce itself.", name, last),
			fmt.Sprintf("Is Starling open there, and not invisible? If so, a firewall there or the Wi-Fi drops multicast: connect by address, %s.", p.Addrs[0]))
	default:
		if a, beyond := lastBeyond(s, p); beyond {
			aboutBeyond(p, a, name, last, add)
			return
		}
		add("person", Problem, fmt.Sprintf("%s %s and isn't heard now.", name, last),
			"Is Starling open there, on the same Wi-Fi network, and not invisible?")
	}
}

// lastBeyond is the address of one of whom no address on this network is known.
func lastBeyond(s seen, p Person) (netip.AddrPort, bool) {
	if len(p.Addrs) == 0 || len(s.interfaces) == 0 {
		return netip.AddrPort{}, false
	}
	near := slices.ContainsFunc(p.Addrs, func(a netip.AddrPort) bool { return onLink(s, a.Addr().Unmap().WithZone("")) })
	return p.Addrs[0], !near
}

func onLink(s seen, a netip.Addr) bool {
	return slices.ContainsFunc(s.interfaces, func(i netInterface) bool {
		return slices.ContainsFunc(i.addrs, func(p netip.Prefix) bool { return p.Contains(a) })
	})
}

// aboutBeyond is about one who is not heard and whose address is beyond this network.
func aboutBeyond(p Person, a netip.AddrPort, name, last string, add adder) {
	if slices.Contains(p.Refused, a) {
		add("address", Problem, fmt.Sprintf("%s %s and isn't heard now; the last address, %s, is not on this network.", name, last, a),
			fmt.Sprintf("Join one network. Or speak beyond it, if you trust that address, and both allow the other's: starlingd allow %s and starlingd connect %s, or in the window under “Someone missing?”.", a.Addr(), a))
		return
	}
	add("address", Problem, fmt.Sprintf("%s %s and doesn't answer at %s, which is beyond this network.", name, last, a),
		fmt.Sprintf("Is Starling open there, is that still the address, and is yours allowed there? Try starlingd connect %s; for another address, starlingd allow and starlingd connect with that.", a))
}

func paired(p Person, name string) []Finding {
	switch {
	case p.Mine:
		return []Finding{{"person", OK, fmt.Sprintf("%s is a device of your own.", name), ""}}
	case p.Known:
		return []Finding{{"person", OK, fmt.Sprintf("You and %s know each other.", name), ""}}
	case p.Was != "":
		return []Finding{{
			"person", Note, fmt.Sprintf("%s was in “%s” and is no longer: %s was removed, or has left.", name, p.Was, name),
			"An owner of that space may add them again: in the window with … beside their name under “No longer here”, or starlingd space add.",
		}}
	default:
		return []Finding{{
			"person", Note, fmt.Sprintf("You and %s have not paired: nothing is shared yet.", name),
			fmt.Sprintf("Pair with %s, and compare the code: in the window with Add beside the name under “Nearby”, or starlingd pair %s.", name, p.Tag),
		}}
	}
}

// stateOf is the best of what the system knows of those addresses.
func stateOf(all []neighbour, addrs []netip.AddrPort) state {
	best := unknown
	for _, a := range addrs {
		for _, n := range all {
			if n.addr == a.Addr().Unmap().WithZone("") && n.state > best {
				best = n.state
			}
		}
	}
	return best
}
