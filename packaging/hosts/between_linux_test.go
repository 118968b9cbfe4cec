package hosts

import (
	"fmt"
	"net"
	"slices"
	"testing"

	"starling/packaging/lab"
)

// Anna and Cy can't reach each other. Bo, who reaches both, passes on between
// them without being told.
func TestOneBetween(t *testing.T) {
	need(t, "nft")
	t.Parallel()
	n := newNetwork(t)
	g := newGroup(t, n.newHost("Anna", lab.Program(t), 1), n.newHost("Bo", lab.Program(t), 2),
		n.newHost("Cy", lab.RaceProgram(t), 3))
	anna, bo, cy := g.hosts[0], g.hosts[1], g.hosts[2]
	doc := g.document("Plan")
	lines := append(g.write(doc, "together", nil), "# Plan")
	g.agree(doc, lines)
	deaf(anna, cy)
	deaf(cy, anna)
	// While both think that they reach each other, Bo passes nothing on; then
	// they learn better.
	lines = append(lines, g.write(doc, "cut off", nil)...)
	t.Logf("the same text %v after Anna and Cy were cut off from each other", g.agree(doc, lines))
	missed := g.await("Anna and Cy miss each other", func() bool {
		return slices.Equal(connectedWith(anna), []string{"Bo"}) && slices.Equal(connectedWith(cy), []string{"Bo"}) &&
			len(connectedWith(bo)) == 2
	})
	t.Logf("Anna and Cy miss each other %v after that", missed)
	lines = append(lines, g.write(doc, "through Bo", nil)...)
	t.Logf("the same text %v after writing through Bo", g.agree(doc, lines))
	// What either has the other hears by Bo's word.
	g.await("Anna and Cy are told of each other", func() bool {
		return hasBoth(anna.Line("status", doc), "Bo", "Cy (as Bo says)") && hasBoth(cy.Line("status", doc), "Bo", "Anna (as Bo says)")
	})
	fresh := cy.Line("doc", "new", g.space, "--title", "By Cy")
	t.Logf("a new document of Cy's is everywhere after %v", g.agree(fresh, []string{"# By Cy"}))
}

// hasBoth reports whether a status names these two, in either order, and nobody else.
func hasBoth(status, one, other string) bool {
	return status == "saved here; reached "+one+" and "+other || status == "saved here; reached "+other+" and "+one
}

// deaf has a host hear nothing of another one: each frame with its hardware
// address is dropped.
func deaf(h, other *host) {
	h.T.Helper()
	var mac net.HardwareAddr
	other.space.within(func() error {
		e0, err := net.InterfaceByName("e0")
		if err == nil {
			mac = e0.HardwareAddr
		}
		return err
	})
	h.space.feed(fmt.Sprintf(`table netdev deaf {
		chain in { type filter hook ingress device "e0" priority 0; ether saddr %s drop; }
	}`, mac), "nft", "-f", "-")
}
