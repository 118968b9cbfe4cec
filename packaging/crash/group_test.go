package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"starling/packaging/lab"
)

// group is peers that share a space and write in one document of it.
type group struct {
	t     *testing.T
	dice  *rand.Rand
	sides []*side
	space string
	doc   string
	slow  time.Duration // the longest time to come together again
}

// newGroup starts peers on loopback, each connected to all others by address,
// and lets the first share a space with them.
func newGroup(t *testing.T, programs ...string) *group {
	t.Helper()
	g := &group{t: t, dice: dice(t)}
	for i, program := range programs {
		s := &side{
			Home:   lab.NewHome(t, []string{"Anna", "Bo", "Cy"}[i], program),
			listen: lab.Loopback(t), block: firstRune + rune(i)*blockSize,
		}
		s.next = s.block
		s.serve()
		for _, o := range g.sides {
			s.Must("connect", o.listen)
		}
		g.sides = append(g.sides, s)
	}
	g.space = g.sides[0].Line("space", "new", "Notes")
	for _, s := range g.sides[1:] {
		lab.Pair(g.sides[0].Home, s.Home, g.space)
	}
	g.newDocument()
	return g
}

// newDocument begins an empty text everywhere.
func (g *group) newDocument() {
	g.t.Helper()
	g.doc = g.sides[0].Line("doc", "new", g.space)
	g.sides[0].Must("edit", g.doc, "--at", "0", "--insert", noCounter)
	for _, s := range g.sides {
		s.begin()
	}
	g.converge()
}

// write lets people write on all sides until the function that it returns is
// called.
func (g *group) write() (stop func()) {
	ctx, cancel := context.WithCancel(g.t.Context())
	var writers sync.WaitGroup
	for i, s := range g.sides {
		for range 2 {
			r := rand.New(rand.NewPCG(g.dice.Uint64(), 0))
			writers.Go(func() { s.keep(ctx, func() error { return s.insert(g.doc, r) }) })
		}
		if i == 0 {
			writers.Go(func() { s.keep(ctx, func() error { return s.count(g.doc) }) })
		}
	}
	var once sync.Once
	stop = func() { once.Do(func() { cancel(); writers.Wait() }) }
	g.t.Cleanup(stop)
	return stop
}

// converge waits until all sides hold the same text, and checks it.
func (g *group) converge() string {
	g.t.Helper()
	var texts []string
	begin := time.Now()
	if !lab.Until(lab.Soon, func() bool {
		texts = texts[:0]
		for _, s := range g.sides {
			text, ok := s.Cat(g.doc)
			if !ok || text != append(texts, text)[0] {
				return false
			}
			texts = append(texts, text)
		}
		return true
	}) {
		g.explain()
		g.t.Fatalf("the sides do not come to one text within %v", lab.Soon)
	}
	g.slow = max(g.slow, time.Since(begin))
	for _, s := range g.sides {
		held, counter := s.duties()
		if err := audit(texts[0], held, counter); err != nil {
			g.t.Fatalf("after all came together, of what %s had: %v", s.Name, err)
		}
	}
	_, runes, err := split(texts[0])
	if err != nil {
		g.t.Fatal(err)
	}
	for _, s := range g.sides {
		s.expect(runes, 0)
	}
	return texts[0]
}

// explain logs how the sides stand.
func (g *group) explain() {
	g.t.Helper()
	for _, s := range g.sides {
		text, ok := s.Cat(g.doc)
		said := fmt.Sprintf("%d characters (%v), counter %.10q", len([]rune(text)), ok, text)
		for name, n := range s.Peers() {
			said += fmt.Sprintf(", %s connected %v", name, n.Connected)
		}
		g.t.Logf("%s: %s", s.Name, said)
	}
}

// check holds what a killed side has stored against what it must hold, and
// against what the others received from it.
func (g *group) check(s *side, seen string) {
	g.t.Helper()
	held, counter := s.duties()
	for _, o := range g.sides {
		text, ok := o.Cat(g.doc)
		if !ok || o == s {
			continue
		}
		_, runes, err := split(text)
		if err != nil {
			g.t.Fatalf("%s: %v", o.Name, err)
		}
		for _, c := range runes {
			if c >= s.block && c < s.block+blockSize {
				held[c] = true
			}
		}
	}
	text := s.Must("cat", g.doc)
	err := audit(text, held, counter)
	if err == nil && seen != "" {
		err = grewFrom(seen, text)
	}
	if err != nil {
		g.t.Fatalf("%s was killed: %v", s.Name, err)
	}
	if _, runes, err := split(text); err == nil {
		s.expect(runes, counter)
	}
}
