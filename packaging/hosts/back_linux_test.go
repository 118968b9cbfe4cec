package hosts

import (
	"testing"
	"time"

	"starling/packaging/lab"
)

// trouble is what happens to the second of two hosts.
type trouble struct {
	name       string
	begin, end func(*host)
	// until is how long it lasts; with 0 until both, or the first one if the
	// second one is mute, miss the other.
	until time.Duration
	mute  bool // the second one can't write meanwhile
	ipv4  bool // it is about the addresses of IPv4, and there are no others
}

// Two people are connected again soon after the network is back, the machine
// wakes or the program runs again, and nothing of what they wrote meanwhile is
// lost.
func TestComingBack(t *testing.T) {
	need(t)
	for _, c := range []trouble{
		{name: "cable out for 2 s", begin: (*host).pull, end: (*host).push, until: 2 * time.Second},
		{name: "cable out for long", begin: (*host).pull, end: (*host).push},
		{name: "a switch fails for long", begin: (*host).strand, end: (*host).join},
		{name: "another address", begin: func(h *host) { h.address(9) }, end: func(*host) {}, until: time.Millisecond, ipv4: true},
		{name: "another address after a while without", begin: (*host).unaddressed, end: func(h *host) { h.address(9) }, until: 2 * time.Second, ipv4: true},
		{name: "interface renewed at once", begin: (*host).unplug, end: (*host).replug, until: time.Millisecond},
		{name: "interface gone for long", begin: (*host).unplug, end: (*host).replug},
		{name: "asleep for 2 s", begin: freeze, end: thaw, until: 2 * time.Second, mute: true},
		{name: "asleep for long", begin: freeze, end: thaw, mute: true},
		{name: "killed and started at once", begin: kill, end: (*host).serve, until: time.Millisecond, mute: true},
		{name: "killed and started later", begin: kill, end: (*host).serve, mute: true},
		{name: "stopped and started", begin: func(h *host) { h.peer.Stop() }, end: (*host).serve, mute: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n := newNetwork(t)
			hosts := []*host{n.newHost("Anna", lab.Program(t), 1), n.newHost("Bo", lab.Program(t), 2)}
			if c.ipv4 {
				hosts[0].withoutIPv6()
				hosts[1].withoutIPv6()
			}
			c.happen(newGroup(t, hosts...))
		})
	}
}

func (c trouble) happen(g *group) {
	a, b := g.hosts[0], g.hosts[1]
	doc := g.document("Plan")
	missed := time.Duration(-1)
	began := time.Now()
	c.begin(b)
	if c.until > 0 {
		pass(c.until)
	} else {
		g.await("they miss each other", func() bool {
			if missed < 0 && len(connectedWith(a)) == 0 {
				missed = time.Since(began)
			}
			return missed >= 0 && (c.mute || len(connectedWith(b)) == 0)
		})
	}
	lines := []string{"# Plan", "Anna was alone"}
	g.add(a, doc, lines[1])
	if !c.mute {
		lines = append(lines, "Bo was alone")
		g.add(b, doc, lines[2])
	}
	back := time.Now()
	c.end(b)
	g.connected()
	met := time.Since(back)
	g.agree(doc, lines)
	same := time.Since(back)
	g.add(b, doc, "Bo is back")
	g.agree(doc, append(lines, "Bo is back"))
	if c.until > 0 {
		met = -1 // it may never have been lost
	}
	comingBack.add(g.t, c.name, missed, met, same)
}

// add writes a line at the beginning.
func (g *group) add(h *host, doc, line string) {
	g.t.Helper()
	if err := h.Edit(doc, 0, 0, line+"\n"); err != nil {
		g.t.Fatalf("%s: edit: %v", h.Name, err)
	}
}

func kill(h *host)   { h.peer.Kill() }
func freeze(h *host) { h.peer.Freeze() }
func thaw(h *host)   { h.peer.Thaw() }

// unaddressed takes the computer's address.
func (h *host) unaddressed() { h.T.Helper(); h.space.run("ip", "-4", "addr", "flush", "dev", "e0") }

// unplug takes the computer's interface away; replug gives it another one.
func (h *host) unplug() { h.T.Helper(); h.space.run("ip", "link", "delete", "e0") }

func (h *host) replug() {
	h.T.Helper()
	h.port = h.net.plug(h.space, "e0")
	h.address(2)
}
