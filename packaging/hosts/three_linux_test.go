package hosts

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"starling/packaging/lab"
)

// Three people find each other without an address, share a space and write at
// once. One loses the network and writes on, as the others do; later all three
// hold the same texts.
func TestThreeHosts(t *testing.T) {
	g := newThree(t)
	plan := g.document("Plan")
	for _, h := range g.hosts {
		h.watch = h.Watch(plan)
	}
	g.write(plan, "together")
	held := 1 + 3*lines
	g.agree(plan, held)
	for round := range rounds() {
		for _, way := range ways {
			name := fmt.Sprintf("%s (%d)", way.name, round)
			met, agreed := g.apart(plan, name, way.cut, way.mend)
			held += 3 * lines
			g.agree(plan, held)
			t.Logf("%s: once mended, connected after %v, all changes everywhere after %v", name, met, agreed)
		}
	}
	g.replay(plan)
}

// ways are the ways in which a host loses the network and finds it again.
var ways = []struct {
	name      string
	cut, mend func(*host)
}{
	{"the cable is out", (*host).pull, (*host).push},
	{"a switch fails", (*host).strand, (*host).join},
}

// rounds is how often a host is cut off in each way.
func rounds() int {
	if lab.Soak() {
		return 10
	}
	return 1
}

// apart cuts the last host off, lets all write, and mends the network. It
// returns how long it took until all were connected and until all agreed.
func (g *three) apart(plan, name string, cut, mend func(*host)) (met, agreed time.Duration) {
	g.t.Helper()
	anna, bo, cy := g.hosts[0], g.hosts[1], g.hosts[2]
	cut(cy.host)
	lab.Eventually(g.t, "Cy is missed", func() bool {
		return !anna.Peers()["Cy"].Connected && !bo.Peers()["Cy"].Connected && !cy.Peers()["Anna"].Connected
	})
	g.write(plan, name)
	docs := []string{
		anna.Line("doc", "new", g.space, "--title", "By Anna while "+name),
		cy.Line("doc", "new", g.space, "--title", "By Cy while "+name),
	}
	if text, _ := bo.Cat(plan); strings.Contains(text, "Cy "+name) {
		g.t.Fatalf("Cy is cut off, but Bo has\n%s", text)
	}
	begin := time.Now()
	mend(cy.host)
	lab.Eventually(g.t, "Cy is back", func() bool {
		return cy.ConnectedTo(anna.Home, bo.Home) && anna.ConnectedTo(cy.Home) && bo.ConnectedTo(cy.Home)
	})
	met = time.Since(begin)
	for _, doc := range docs {
		g.agree(doc, 1)
	}
	return met.Round(time.Millisecond), time.Since(begin).Round(time.Millisecond)
}

// lines is how many lines each person writes at a time.
const lines = 15

// three is three hosts that share a space.
type three struct {
	t     *testing.T
	hosts []*member
	space string
}

type member struct {
	*host
	watch *lab.Process
}

func newThree(t *testing.T) *three {
	t.Helper()
	need(t)
	n := newNetwork(t)
	g := &three{t: t}
	for i, name := range []string{"Anna", "Bo", "Cy"} {
		program := lab.Program(t)
		if i == 2 {
			program = lab.RaceProgram(t)
		}
		g.hosts = append(g.hosts, &member{host: n.newHost(name, program, i+1)})
	}
	for _, h := range g.hosts {
		h.serve()
	}
	took := lab.Eventually(t, "all are nearby", func() bool {
		for _, h := range g.hosts {
			if near := h.Peers(); len(near) != 2 || !allOf(near, func(n lab.Neighbour) bool { return n.Nearby && !n.Known }) {
				return false
			}
		}
		return true
	})
	t.Logf("all three knew each other %v after the last start", took.Round(time.Millisecond))
	g.space = g.hosts[0].Line("space", "new", "Notes")
	lab.Pair(g.hosts[0].Home, g.hosts[1].Home, g.space)
	lab.Pair(g.hosts[0].Home, g.hosts[2].Home, g.space)
	lab.Eventually(t, "those whom Anna brought together connect, too", func() bool {
		return g.hosts[1].ConnectedTo(g.hosts[2].Home) && g.hosts[2].ConnectedTo(g.hosts[1].Home)
	})
	return g
}

func allOf(near map[string]lab.Neighbour, ok func(lab.Neighbour) bool) bool {
	for _, n := range near {
		if !ok(n) {
			return false
		}
	}
	return true
}

// document makes a document on the first host and waits until all have it.
func (g *three) document(title string) string {
	g.t.Helper()
	doc := g.hosts[0].Line("doc", "new", g.space, "--title", title)
	g.agree(doc, 1)
	return doc
}

// write lets all hosts write lines at the beginning at once, each by a command
// of its own.
func (g *three) write(doc, what string) {
	g.t.Helper()
	var writers sync.WaitGroup
	for _, h := range g.hosts {
		writers.Go(func() {
			for n := range lines {
				line := fmt.Sprintf("%s %s %d 🐦\n", h.Name, what, n)
				if r := h.Try("edit", doc, "--at", "0", "--insert", line); r.Code != 0 {
					g.t.Errorf("%s: edit: %s", h.Name, r.Err)
				}
			}
		})
	}
	writers.Wait()
}

// agree waits until all hold the same text of n lines, and checks that no line
// is in it twice.
func (g *three) agree(doc string, n int) {
	g.t.Helper()
	var texts []string
	if !lab.Until(patience, func() bool {
		texts = texts[:0]
		for _, h := range g.hosts {
			text, ok := h.Cat(doc)
			if !ok {
				text = "(not here)"
			}
			texts = append(texts, text)
		}
		return len(slices.Compact(slices.Clone(texts))) == 1 && strings.Count(texts[0], "\n") >= n
	}) {
		g.t.Fatalf("the hosts do not come to one text of %d lines:\n%s", n, strings.Join(texts, "\n---\n"))
	}
	held := slices.Sorted(strings.SplitSeq(strings.TrimSuffix(texts[0], "\n"), "\n"))
	if len(slices.Compact(slices.Clone(held))) != len(held) || len(held) != n {
		g.t.Fatalf("the text should hold %d different lines:\n%s", n, texts[0])
	}
}

// replay holds what the watches printed against the text.
func (g *three) replay(doc string) {
	g.t.Helper()
	for _, h := range g.hosts {
		want, _ := h.Cat(doc)
		var got string
		lab.Eventually(g.t, h.Name+"'s watch leads to the text", func() bool {
			var err error
			if got, err = lab.Replay("# Plan\n", h.watch.Out.All()); err != nil {
				g.t.Fatalf("%s: %v", h.Name, err)
			}
			return got == want
		})
	}
}
