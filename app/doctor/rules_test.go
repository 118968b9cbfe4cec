package doctor

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	now   = time.Unix(1_700_000_000, 0)
	there = netip.MustParseAddrPort("10.0.0.2:4002")
	far   = netip.MustParseAddrPort("192.0.2.7:4002")
)

// healthy is a machine without fault, and ben near and connected.
func healthy() (Facts, seen) {
	f := Facts{
		Running: true, Discovery: true, Port: 4001,
		Interfaces: []Interface{{Name: "wlan0", Addrs: []netip.Addr{netip.MustParseAddr("10.0.0.1")}, Sent: 9, Heard: 20, LastHeard: now.Add(-3 * time.Second)}},
		People: []Person{{
			Tag: "00000000000000bb", Name: "Ben", Nearby: true, Known: true, Connected: true,
			Addrs: []netip.AddrPort{there}, LastSeen: now,
		}},
	}
	s := seen{
		interfaces: []netInterface{{name: "wlan0", up: true, running: true, multicast: true, addrs: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/24")}}},
		portKnown:  true,
		port5353:   []listener{{program: "starling", pid: 1}, {program: "avahi-daemon", pid: 2}},
		firewalls:  []firewall{{name: "The firewall", multicast: passes, ours: passes}},
		neighbours: []neighbour{{there.Addr(), reachable}},
		routes:     []string{"wlan0"},
	}
	return f, s
}

// Each case spoils one thing; want are the findings that are not OK, as
// "topic level: some words of it", separated by bars.
func TestRules(t *testing.T) {
	ben := func(change func(*Person)) func(*Facts, *seen) {
		return func(f *Facts, _ *seen) { change(&f.People[0]) }
	}
	gone := func(f *Facts) {
		b := &f.People[0]
		b.Connected, b.Nearby, b.LastSeen = false, false, now.Add(-26*time.Hour)
	}
	refused := func(f *Facts) { f.People[0].Connected, f.People[0].DialError = false, "no answer" }
	for _, c := range []struct {
		name  string
		spoil func(*Facts, *seen)
		want  string
	}{
		{"healthy", func(*Facts, *seen) {}, ""},
		{"not running", func(f *Facts, _ *seen) { f.Running = false }, "peer problem: isn't running"},
		{"its key runs twice", func(f *Facts, _ *seen) { f.Problem = "another program runs with this device's key" }, "peer problem: Another program runs"},
		{"no discovery", func(f *Facts, _ *seen) { f.Discovery, f.Interfaces = false, nil }, "peer problem: switched off when Starling was started"},
		{"no discovery and no network", func(f *Facts, s *seen) {
			f.Discovery, f.Interfaces, s.interfaces[0].running = false, nil, false
		}, "interfaces problem: on no network. wlan0 isn't | peer problem: switched off when Starling was started"},
		{"invisible", func(f *Facts, _ *seen) { f.Invisible = true }, "invisible note: You are invisible"},
		{"no network", func(f *Facts, s *seen) {
			f.Interfaces = nil
			s.interfaces[0].running = false
		}, "interfaces problem: wlan0 isn't connected"},
		{"only loopback", func(f *Facts, _ *seen) {
			f.Interfaces = []Interface{{Name: "lo", Addrs: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Sent: 9}}
		}, "interfaces problem: on no network"},
		{"only loopback, which fails", func(f *Facts, _ *seen) {
			f.Interfaces = []Interface{{Name: "lo", Addrs: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Problem: "not heard"}}
		}, "interfaces problem: on no network"},
		{"no address from the network", func(f *Facts, _ *seen) {
			f.Interfaces[0].Addrs[0] = netip.MustParseAddr("169.254.7.7")
		}, "interfaces note: chose one itself"},
		{"an interface that fails", func(f *Facts, _ *seen) {
			f.Interfaces[0].Problem = "our own announcement was not heard"
		}, "interfaces problem: not heard."},
		{"two networks, one silent", func(f *Facts, _ *seen) {
			f.Interfaces = append(f.Interfaces, Interface{Name: "eth0", Addrs: f.Interfaces[0].Addrs, Sent: 9})
		}, "interfaces note: 2 networks | multicast note: On eth0 nobody else"},
		{"only ourselves are heard", func(f *Facts, _ *seen) { f.Interfaces[0].Heard = 0 }, "multicast problem: only yourself: 9 packets"},
		{"too early to say", func(f *Facts, _ *seen) { f.Interfaces[0].Heard, f.Interfaces[0].Sent = 0, 2 }, ""},
		{"port taken", func(f *Facts, s *seen) {
			f.Interfaces[0].Problem = "listen udp4 0.0.0.0:5353: bind: address already in use"
			s.port5353[1].program = "dnsproxy"
		}, "interfaces problem: already in use. | port problem: taken by dnsproxy"},
		{"port taken by who knows", func(f *Facts, s *seen) {
			f.Interfaces[0].Problem = "bind: Only one usage of each socket address is permitted."
			s.port5353, s.portKnown = nil, false
		}, "interfaces problem: permitted. | port problem: taken by a program"},
		{"port not known", func(_ *Facts, s *seen) { s.portKnown = false }, ""},
		{"firewall", func(_ *Facts, s *seen) { s.firewalls[0].multicast = blocked }, "firewall problem: UDP port 5353"},
		{"a firewall that drops answers too", func(f *Facts, s *seen) {
			refused(f)
			s.firewalls[0].ours, s.firewalls[0].deaf = blocked, true
		}, "firewall problem: answers too | person problem: the firewall of this computer drops the answers"},
		{"nothing goes out", func(f *Facts, s *seen) {
			refused(f)
			f.Interfaces[0].Problem = "sendmsg: operation not permitted"
		}, "interfaces problem: below of the firewall. | firewall problem: lets nothing out that Starling sends | person problem: a firewall on this computer lets nothing out"},
		{"a knock doesn't go out", func(f *Facts, s *seen) {
			f.People[0].Connected, s.refused = false, true
		}, "firewall problem: on outgoing packets | person problem: a firewall on this computer lets nothing out"},
		{"no firewall to be seen", func(_ *Facts, s *seen) { s.firewalls = nil }, "firewall note: can't be seen"},
		{"a public network", func(_ *Facts, s *seen) { s.public = []string{"Café"} }, "firewall note: Café"},
		{"a VPN by its name", func(_ *Facts, s *seen) { s.routes = []string{"wg0"} }, "vpn note: wg0"},
		{"a VPN by its kind", func(_ *Facts, s *seen) {
			s.interfaces = append(s.interfaces, netInterface{name: "corp", up: true, point: true})
			s.routes = []string{"corp"}
		}, "vpn note: corp"},
		{"nobody of that name", func(f *Facts, _ *seen) { f.People = nil }, "person problem: Nobody called ben"},
		{"not paired", ben(func(b *Person) { b.Known = false }), "person note: not paired"},
		{"no longer in a space", ben(func(b *Person) { b.Known, b.Was = false, "Tides" }), "person note: was in “Tides” and is no longer"},
		{"looks like another", ben(func(b *Person) { b.LooksLike = "Benn" }), "person note: not the Benn you know"},
		{"older", ben(func(b *Person) { b.TooOld = true }), "version problem: older"},
		{"newer", ben(func(b *Person) { b.TooNew = true }), "version problem: newer"},
		{"a clock ahead", ben(func(b *Person) { b.Skew, b.SkewKnown = 3*time.Hour, true }), "clock note: 3 hours ahead of"},
		{"a clock behind", ben(func(b *Person) { b.Skew, b.SkewKnown = -5*time.Minute, true }), "clock note: 5 minutes behind"},
		{"a clock a little off", ben(func(b *Person) { b.Skew, b.SkewKnown = time.Minute, true }), ""},
		{"not on this network", ben(func(b *Person) {
			b.Connected, b.Addrs, b.Refused = false, []netip.AddrPort{far}, []netip.AddrPort{far}
		}), "address problem: 192.0.2.7:4002"},
		{"not on this network, what to do", ben(func(b *Person) {
			b.Connected, b.Addrs, b.Refused = false, []netip.AddrPort{far}, []netip.AddrPort{far}
		}), "address problem: in the window under “Someone missing?”"},
		{"heard, not tried yet", ben(func(b *Person) { b.Connected = false }), "person note: not connected yet"},
		{"heard, its machine is there", func(f *Facts, _ *seen) { refused(f) }, "isolation problem: Starling there doesn't answer (no answer)"},
		{"heard, kept apart", func(f *Facts, s *seen) {
			refused(f)
			s.neighbours[0].state = unreachable
		}, "isolation problem: keeps its devices apart"},
		{"heard, nothing known", func(f *Facts, s *seen) {
			refused(f)
			s.neighbours = nil
		}, "isolation problem: can't be reached (no answer)"},
		{"gone", func(f *Facts, s *seen) {
			gone(f)
			s.neighbours = nil
		}, "person problem: last seen 1 day ago and isn't heard"},
		{"silent, but its machine is there", func(f *Facts, _ *seen) { gone(f) }, "isolation problem: doesn't announce itself"},
		{"gone, and allowed beyond this network", func(f *Facts, _ *seen) {
			gone(f)
			f.People[0].Addrs = []netip.AddrPort{far}
		}, "address problem: starlingd connect 192.0.2.7:4002"},
		{"gone, last beyond this network", func(f *Facts, _ *seen) {
			gone(f)
			f.People[0].Addrs, f.People[0].Refused = []netip.AddrPort{far}, []netip.AddrPort{far}
		}, "address problem: starlingd allow 192.0.2.7 and"},
		{"never seen", func(f *Facts, s *seen) {
			gone(f)
			f.People[0].LastSeen, s.neighbours = time.Time{}, nil
		}, "person problem: not been seen yet"},
	} {
		f, s := healthy()
		c.spoil(&f, &s)
		var got []string
		want := strings.Split(c.want, " | ")
		for _, found := range judge(f, s, "ben", now) {
			if found.Level == OK {
				if found.Do != "" {
					t.Errorf("%s: something to do where all is well: %+v", c.name, found)
				}
				continue
			}
			if found.Level == Problem && found.Do == "" {
				t.Errorf("%s: nothing to do about %+v", c.name, found)
			}
			line := fmt.Sprintf("%s %s: %s", found.Topic, found.Level, found.What)
			for _, w := range want {
				topic, words, _ := strings.Cut(w, ": ")
				if strings.HasPrefix(line, topic+": ") && strings.Contains(line+" "+found.Do, words) {
					line = w
					break
				}
			}
			got = append(got, line)
		}
		if strings.Join(got, " | ") != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWithoutANameOnlyThisMachineIsLookedAt(t *testing.T) {
	f, s := healthy()
	for _, found := range judge(f, s, "", now) {
		if found.Topic == "person" {
			t.Errorf("%+v", found)
		}
	}
}

// What is said of the devices of one name.
func TestTheDevicesOfAPerson(t *testing.T) {
	device := func(digit string, known, connected bool) Person {
		return Person{Tag: strings.Repeat(digit, 16), Name: "Anna", Known: known, Connected: connected, LastSeen: now.Add(-6 * time.Second)}
	}
	for name, c := range map[string]struct {
		people []Person
		want   []string
	}{
		"one is connected": {
			[]Person{device("a", true, false), device("b", true, true), device("c", true, true)},
			[]string{
				"You are connected with Anna.",
				"Another device of Anna's (cccccccc) is connected too.",
				"Another device of Anna's (aaaaaaaa) was last seen 6 seconds ago.",
				"You and Anna know each other.",
			},
		},
		"none is": {
			[]Person{device("a", true, false), device("b", true, false)},
			[]string{
				"Anna (aaaaaaaa) was last seen 6 seconds ago and isn't heard now.",
				"Anna (bbbbbbbb) was last seen 6 seconds ago and isn't heard now.",
				"You and Anna know each other.",
			},
		},
		"a stranger has the name": {
			[]Person{device("a", false, false), device("b", true, true)},
			[]string{
				"Anna (aaaaaaaa) was last seen 6 seconds ago and isn't heard now.",
				"You and Anna (aaaaaaaa) have not paired: nothing is shared yet.",
				"You are connected with Anna (bbbbbbbb).",
				"You and Anna (bbbbbbbb) know each other.",
			},
		},
	} {
		f, s := healthy()
		f.People = c.people
		var got []string
		for _, found := range aboutPerson(f, s, "anna", now) {
			got = append(got, found.What)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestChoose(t *testing.T) {
	whole := "00aa11bb22cc33dd" + strings.Repeat("e", 48)
	people := []Person{{Tag: whole[:16], ID: whole, Name: "Anna"}, {Tag: "ffff000000000000", Name: "anna"}, {Tag: "ffff111111111111"}}
	for who, want := range map[string]int{"Anna": 2, "ANNA": 2, "00AA": 1, "ffff": 2, "fff": 0, "Ann": 0, "": 0, whole: 1, strings.ToUpper(whole): 1, whole[:20]: 1, whole + "0": 0} {
		if got := len(choose(people, who)); got != want {
			t.Errorf("%q: %d, want %d", who, got, want)
		}
	}
}

func TestTunnelsByName(t *testing.T) {
	for name, want := range map[string]bool{
		"wg0": true, "tun0": true, "utun4": true, "ppp0": true, "tailscale0": true, "ProtonVPN TUN": true, "nordlynx": true,
		"eth0": false, "wlan0": false, "en0": false, "Wi-Fi": false, "wguest": false, "tunnelbear-lan": false,
	} {
		if got := tunnelName(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
