package hosts

import (
	"strings"
	"testing"

	"starling/packaging/lab"
)

// newTeam is three people on a network without multicast: Anna has a space, and
// the others have come by links, in which her address stands.
func newTeam(t *testing.T, n *network) *group {
	t.Helper()
	anna := n.quietHost("Anna", lab.Program(t), 1)
	g := &group{t: t, hosts: []*host{anna}, space: anna.Line("space", "new", "Team")}
	used := ""
	for i, name := range []string{"Bo", "Cy"} {
		h := n.quietHost(name, lab.RaceProgram(t), i+2)
		link := anna.Line("space", "invite", g.space)
		if used != "" {
			if r := h.Try("space", "join", used); r.Code != 1 {
				t.Errorf("%s joins by a used link: %d %s", name, r.Code, r.Out)
			}
		}
		if joined := h.Line("space", "join", link); !strings.HasPrefix(joined, g.space) || !strings.Contains(joined, "Team") {
			t.Fatalf("%s joined %q", name, joined)
		}
		g.hosts, used = append(g.hosts, h), link
	}
	g.hosts[1].Must("connect", g.hosts[2].peer.Listen[0])
	g.connected()
	return g
}

// quietHost is a host that serves and neither hears nor sends multicast.
func (n *network) quietHost(name, program string, last int) *host {
	n.t.Helper()
	h := n.newHost(name, program, last)
	h.space.feed(dropMulticast, "nft", "-f", "-")
	h.serve()
	return h
}

// A team comes together by links, changes roles and removes someone while the
// one who removes is cut off. All draw the same line then.
func TestTeam(t *testing.T) {
	need(t, "nft")
	t.Parallel()
	g := newTeam(t, newNetwork(t))
	anna, bo, cy := g.hosts[0], g.hosts[1], g.hosts[2]
	for _, h := range g.hosts {
		g.await(h.Name+" knows the members", func() bool {
			m := h.Members(g.space)
			return m["Anna"].Role == "owner" && m["Bo"].Role == "editor" && m["Cy"].Role == "editor"
		})
	}
	doc := g.document("Plan")
	lines := append(g.write(doc, "together", nil), "# Plan")
	g.agree(doc, lines)

	anna.Must("space", "role", g.space, "Cy", "viewer")
	g.await("Cy may only read", func() bool {
		return cy.Members(g.space)["Cy"].Role == "viewer"
	})
	if r := cy.Try("edit", doc, "--at", "0", "--insert", "Cy may not\n"); r.Code != 1 || !strings.Contains(r.Err, "viewer") {
		t.Errorf("a viewer's edit ended with %d: %s", r.Code, r.Err)
	}
	g.add(bo, doc, "Bo goes on")
	lines = append(lines, "Bo goes on")
	g.agree(doc, lines)
	anna.Must("space", "role", g.space, "Cy", "editor")
	g.await("Cy may write again", func() bool { return cy.Edit(doc, 0, 0, "Cy is back\n") == nil })
	lines = append(lines, "Cy is back")
	g.agree(doc, lines)

	anna.strand()
	apart := &group{t: t, hosts: []*host{bo, cy}, space: g.space}
	for _, l := range []struct {
		by   *host
		line string
	}{{cy, "Cy early"}, {bo, "Bo on top of it"}, {cy, "Cy late"}} {
		apart.add(l.by, doc, l.line)
		lines = append(lines, l.line)
		apart.agree(doc, lines)
	}
	anna.Must("space", "remove", g.space, "Cy")
	g.add(anna, doc, "Anna alone")
	anna.join()
	lines = append(without(lines, []string{"Cy late"}), "Anna alone")
	stay := &group{t: t, hosts: []*host{anna, bo}, space: g.space}
	t.Logf("all draw the same line after %v", stay.agree(doc, lines))

	g.await("Cy hears of it", func() bool { return cy.Members(g.space)["Cy"].Removed })
	if r := cy.Try("edit", doc, "--at", "0", "--insert", "Cy again\n"); r.Code != 1 || !strings.Contains(r.Err, "removed") {
		t.Errorf("a removed person's edit ended with %d: %s", r.Code, r.Err)
	}
	g.await("Cy draws the line, too, and reads on", func() bool {
		text, err := cy.Text(doc)
		return err == nil && strings.Contains(text, "Cy early") && !strings.Contains(text, "Cy late")
	})
	lines = append(lines, stay.write(doc, "without Cy", nil)...)
	stay.agree(doc, lines)
	if text, _ := cy.Text(doc); strings.Contains(text, "without Cy") {
		t.Error("Cy still gets what is written")
	}
}

// A second device becomes the same person's, writes, and is lost.
func TestSecondDevice(t *testing.T) {
	need(t, "nft")
	t.Parallel()
	n := newNetwork(t)
	anna, bo := n.newHost("Anna", lab.Program(t), 1), n.newHost("Bo", lab.Program(t), 2)
	g := newGroup(t, anna, bo)
	doc := g.document("Plan")
	tablet := n.newHost("Tablet", lab.RaceProgram(t), 3)
	tablet.serve()
	all := &group{t: t, hosts: []*host{anna, bo, tablet}, space: g.space}
	all.await("Anna finds her tablet", func() bool { return knows(anna, tablet) && knows(tablet, anna) })
	lab.Link(anna.Home, tablet.Home)
	all.connected()
	all.agree(doc, []string{"# Plan"})
	lines := append(all.write(doc, "three devices", nil), "# Plan")
	all.agree(doc, lines)
	for _, h := range all.hosts {
		all.await(h.Name+" knows that Anna has two devices", func() bool {
			m := h.Members(g.space)
			return len(m) == 2 && len(m["Anna"].Devices) == 2
		})
	}

	anna.Must("device", "revoke", tablet.ID())
	all.await("the tablet is no longer Anna's", func() bool {
		r := tablet.Try("edit", doc, "--at", "0", "--insert", "Lost\n")
		return r.Code == 1 && strings.Contains(r.Err, "removed")
	})
	text, err := tablet.Text(doc)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d edits of the tablet's came before it knew", strings.Count(text, "Lost\n"))
	g.await("Bo hears of it", func() bool { return len(bo.Members(g.space)["Anna"].Devices) == 1 })
	g.add(bo, doc, "Bo goes on") // on nothing of the tablet's
	lines = append(lines, "Bo goes on")
	after := anna.Must("device", "list")
	if !strings.Contains(after, "revoked") {
		t.Errorf("Anna's devices are %q", after)
	}
	g.agree(doc, lines)
}
