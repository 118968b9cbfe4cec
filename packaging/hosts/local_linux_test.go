package hosts

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"starling/packaging/lab"
)

// routed is two networks with a router between them. Anna and Bo are on one, Cy
// on the other; all would send through the router what isn't for their own.
type routed struct {
	anna, bo, cy *host
	near         []netip.Prefix // of Anna's and Bo's network
	atAnna       *capture
	atCy         *capture
}

func newRouted(t *testing.T) *routed {
	t.Helper()
	here, there := newNetwork(t), newSubnet(t, 78)
	w := &routed{
		anna: here.newHost("Anna", lab.Program(t), 1), bo: here.newHost("Bo", lab.Program(t), 2),
		cy:   there.newHost("Cy", lab.RaceProgram(t), 3),
		near: []netip.Prefix{netip.MustParsePrefix("10.77.0.0/24"), netip.MustParsePrefix("fd00:77::/64")},
	}
	router := newSpace(t)
	for _, at := range []struct {
		n      *network
		device string
		hosts  []*host
	}{{here, "e0", []*host{w.anna, w.bo}}, {there, "e1", []*host{w.cy}}} {
		at.n.plug(router, at.device)
		router.address(at.n, at.device, 254)
		v4, v6 := at.n.prefix+".254", "fd00:"+strings.Split(at.n.prefix, ".")[1]+"::"
		router.run("ip", "addr", "add", v6+"fe/64", "dev", at.device, "nodad")
		for i, h := range at.hosts {
			h.space.run("ip", "addr", "add", v6+string('1'+rune(i))+"/64", "dev", "e0", "nodad")
			h.space.run("ip", "route", "add", "default", "via", v4)
			h.space.run("ip", "-6", "route", "add", "default", "via", v6+"fe")
		}
	}
	router.run("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding")
	w.atAnna, w.atCy = w.anna.space.capture(t), w.cy.space.capture(t)
	return w
}

// kept fails unless each packet that Anna has sent from a moment on was for her
// network or the group of multicast DNS, and could not have gone further; and
// unless none of them came to Cy. It returns how many there were.
func (w *routed) kept(t *testing.T, from time.Time) int {
	t.Helper()
	sent := 0
	for _, p := range w.atAnna.since(from) {
		if !p.sent || p.byKernel() {
			continue
		}
		sent++
		if !w.isNear(p.to.Addr()) {
			t.Fatalf("Anna has sent a packet away: %v", p)
		}
		if p.hops != 1 {
			t.Fatalf("Anna has sent a packet that a router would pass on: %v", p)
		}
	}
	for _, p := range w.atCy.since(from) {
		if !p.sent && slices.ContainsFunc(w.near, func(n netip.Prefix) bool { return n.Contains(p.from.Addr()) }) {
			t.Fatalf("a packet came to Cy: %v", p)
		}
	}
	return sent
}

// isNear reports whether a packet may go to an address: by the test's own
// reckoning, not the program's.
func (w *routed) isNear(a netip.Addr) bool {
	group := a == netip.MustParseAddr("224.0.0.251") || a == netip.MustParseAddr("ff02::fb")
	return group || a.IsLoopback() || netip.MustParsePrefix("fe80::/10").Contains(a) ||
		slices.ContainsFunc(w.near, func(n netip.Prefix) bool { return n.Contains(a) })
}

// Nothing leaves the network, though there is a way, until both sides allow it.
func TestThisNetworkOnly(t *testing.T) {
	need(t)
	t.Parallel()
	w := newRouted(t)
	w.cy.serve()
	g := newGroup(t, w.anna, w.bo)
	doc := g.document("Plan")
	g.agree(doc, append(g.write(doc, "stays", nil), "# Plan"))
	port := w.cy.peer.Listen[0][strings.LastIndex(w.cy.peer.Listen[0], ":"):]
	for _, at := range []string{"10.78.0.3" + port, "[fd00:78::1]" + port} {
		r := w.anna.Try("connect", at)
		if r.Code != 1 || !strings.Contains(r.Err, "not on this network") || !strings.Contains(r.Err, "allow") {
			t.Errorf("connect %s ended with %d: %s", at, r.Code, r.Err)
		}
	}
	if sent := w.kept(t, time.Time{}); sent < 30 {
		t.Fatalf("only %d packets of Anna's were seen", sent)
	}

	at := "10.78.0.3" + port
	w.anna.Must("allow", "10.78.0.3")
	if r := w.anna.Try("connect", at); r.Code != 1 {
		t.Fatalf("Anna connects though Cy has not allowed it: %d %s", r.Code, r.Out)
	}
	w.cy.Must("allow", "10.77.0.1")
	w.anna.Must("connect", at)
	far := gather(t, w.anna, w.cy)
	plan := far.document("Far plan")
	far.agree(plan, append(far.write(plan, "goes far", nil), "# Far plan"))
	if went := w.atAnna.since(time.Time{}); !slices.ContainsFunc(went, func(p packetSeen) bool {
		return p.sent && p.to.String() == at && p.hops == 64
	}) {
		t.Error("what Anna sends to Cy is not seen, so that nothing was proved")
	}

	w.anna.Must("allow", "--remove", "10.78.0.3")
	removed := time.Now()
	for _, h := range far.hosts {
		other := map[*host]string{w.anna: "Cy", w.cy: "Anna"}[h]
		far.await(h.Name+" is no longer connected with "+other, func() bool {
			return !slices.Contains(connectedWith(h), other)
		})
	}
	again := g.document("Again")
	g.agree(again, append(g.write(again, "stays again", nil), "# Again"))
	pass(2 * time.Second) // Anna knows Cy's address and would dial it
	if sent := w.kept(t, removed); sent < 30 {
		t.Fatalf("only %d packets of Anna's were seen at the end", sent)
	}
}
