package hosts

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"starling/packaging/lab"
)

// condition is a state of a network that is put up with.
type condition struct {
	name string
	// begin brings it about and end undoes it; nil does nothing.
	begin, end func(*group)
	// met comes when all are connected.
	met func(*group)
	// during goes on while people write.
	during func(*group)
}

// hold brings the condition about, lets the last person start again and all
// write at once, and waits until all hold the same text.
func (c condition) hold(g *group) {
	g.t.Helper()
	if c.begin != nil {
		c.begin(g)
	}
	last := g.last()
	last.peer.Stop()
	began := time.Now()
	last.serve()
	g.connected()
	met := time.Since(began)
	doc := g.document("Plan")
	if c.met != nil {
		c.met(g)
	}
	lines := g.write(doc, "writes", func() {
		if c.during != nil {
			c.during(g)
		}
	})
	same := g.agree(doc, append(lines, "# Plan"))
	if c.end != nil {
		c.end(g)
	}
	converging.add(g.t, c.name, len(g.hosts), met, len(lines), same)
}

func (g *group) last() *host { return g.hosts[len(g.hosts)-1] }

// Three people write at once on networks that lose packets, carry only small
// ones, come and go. They come to one text.
func TestConverging(t *testing.T) {
	need(t, "nft")
	n := newNetwork(t)
	g := newGroup(t, n.newHost("Anna", lab.Program(t), 1), n.newHost("Bo", lab.Program(t), 2),
		n.newHost("Cy", lab.Program(t), 3))
	for _, c := range []condition{
		{name: "good"},
		lossy(1), lossy(10), lossy(30),
		{
			name:  "the last host's MTU is 1280",
			begin: func(g *group) { g.last().space.run("ip", "link", "set", "e0", "mtu", "1280") },
			end:   func(g *group) { g.last().space.run("ip", "link", "set", "e0", "mtu", "1500") },
		},
		{
			name: "the last host's MTU falls to 1280",
			met:  func(g *group) { g.last().space.run("ip", "link", "set", "e0", "mtu", "1280") },
			end:  func(g *group) { g.last().space.run("ip", "link", "set", "e0", "mtu", "1500") },
		},
		{name: "the last host's link flaps", during: func(g *group) {
			for range 3 {
				g.last().pull()
				pass(400 * time.Millisecond)
				g.last().push()
				pass(400 * time.Millisecond)
			}
		}},
		{
			name: "the last host gets another address",
			during: func(g *group) {
				pass(writeFor - writeEvery)
				g.last().address(13)
			},
			end: func(g *group) { g.last().address(3) },
		},
	} {
		c.hold(g)
	}
}

// pass lets time pass, as long as a state of the network is to last.
func pass(d time.Duration) { <-time.After(d) }

// lossy loses a share of the packets at the entrance of each host.
func lossy(percent int) condition {
	rule := fmt.Sprintf(`table netdev loss {
		chain in { type filter hook ingress device "e0" priority 0; numgen random mod 100 < %d counter drop; }
	}`, percent)
	return condition{
		name: fmt.Sprintf("%d %% loss at each host", percent),
		begin: func(g *group) {
			for _, h := range g.hosts {
				h.space.feed(rule, "nft", "-f", "-")
			}
		},
		end: func(g *group) {
			for _, h := range g.hosts {
				rules := h.space.output("nft", "list", "table", "netdev", "loss")
				if percent >= 10 && strings.Contains(rules, "counter packets 0 ") { // of 1 % it may be luck
					g.t.Errorf("%s has lost nothing: %s", h.Name, rules)
				}
				h.space.run("nft", "delete", "table", "netdev", "loss")
			}
		},
	}
}

// Two networks connect two people, and one of the interfaces goes away while
// they write.
func TestTwoInterfaces(t *testing.T) {
	need(t)
	n, other := newNetwork(t), newSubnet(t, 78)
	a, b := n.newHost("Anna", lab.Program(t), 1), n.newHost("Bo", lab.RaceProgram(t), 2)
	for i, h := range []*host{a, b} {
		other.plug(h.space, "e1")
		h.space.address(other, "e1", i+1)
	}
	condition{name: "two interfaces, one goes away", during: func(g *group) {
		pass(writeFor - writeEvery)
		g.last().space.run("ip", "link", "delete", g.interfaceOf(g.last()))
	}}.hold(newGroup(t, a, b))
}

// interfaceOf is that over which the host is connected with the first one.
func (g *group) interfaceOf(h *host) string {
	g.t.Helper()
	at := h.Peers()[g.hosts[0].Name].Address
	switch {
	case strings.HasPrefix(at, "10.77."), strings.Contains(at, "%e0]"):
		return "e0"
	case strings.HasPrefix(at, "10.78."), strings.Contains(at, "%e1]"):
		return "e1"
	}
	g.t.Fatalf("%s is connected at %q, over neither interface", h.Name, at)
	return ""
}

// No host has an address of IPv4.
func TestIPv6Only(t *testing.T) {
	need(t)
	n := newNetwork(t)
	condition{name: "IPv6 only, link-local"}.hold(newGroup(t,
		n.newHost("Anna", lab.Program(t), 0), n.newHost("Bo", lab.RaceProgram(t), 0)))
}
