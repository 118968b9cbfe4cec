package hosts

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"starling/packaging/lab"
)

const (
	// patience is how long a test waits for what a bad network delays, on a
	// machine that is busy with other things. It bounds hanging; what was seen
	// stands in the tables.
	patience = 90 * time.Second
	// writeFor is how long people write at once, and writeEvery their pace.
	writeFor   = 1500 * time.Millisecond
	writeEvery = 30 * time.Millisecond
)

// group is hosts whose people share a space.
type group struct {
	t     *testing.T
	hosts []*host
	space string
}

// newGroup starts the peers and lets the first person share a space with the
// others.
func newGroup(t *testing.T, hosts ...*host) *group {
	t.Helper()
	for _, h := range hosts {
		h.serve()
	}
	return gather(t, hosts...)
}

// gather is newGroup of peers that run.
func gather(t *testing.T, hosts ...*host) *group {
	t.Helper()
	first := hosts[0]
	g := &group{t: t, hosts: hosts, space: first.Line("space", "new", "Notes")}
	for _, h := range hosts[1:] {
		g.await("all find "+h.Name, func() bool { return knows(first, h) && knows(h, first) })
		lab.Pair(first.Home, h.Home, g.space)
	}
	t.Logf("all are connected %v after the last pairing", g.connected().Round(time.Millisecond))
	return g
}

// knows reports whether a has learnt who b is.
func knows(a, b *host) bool {
	near, err := a.Neighbours()
	return err == nil && near[b.Name].ID == b.ID()
}

// await waits for what must come, and returns how long that took.
func (g *group) await(what string, ok func() bool) time.Duration {
	g.t.Helper()
	begin := time.Now()
	if !lab.Until(patience, ok) {
		g.t.Fatalf("not within %v: %s", patience, what)
	}
	return time.Since(begin)
}

// connected waits until each says that it is connected with each other one.
func (g *group) connected() time.Duration {
	g.t.Helper()
	return g.await("all are connected", func() bool {
		for _, h := range g.hosts {
			if len(connectedWith(h)) < len(g.hosts)-1 {
				return false
			}
		}
		return true
	})
}

// connectedWith names those with whom h says that it is connected.
func connectedWith(h *host) (names []string) {
	near, _ := h.Neighbours() // none while it does not run
	for name, n := range near {
		if n.Connected {
			names = append(names, name)
		}
	}
	return names
}

// document makes a document and waits until all have it.
func (g *group) document(title string) string {
	g.t.Helper()
	doc := g.hosts[0].Line("doc", "new", g.space, "--title", title)
	g.agree(doc, []string{"# " + title})
	return doc
}

// write lets all write lines at the beginning at once while during runs, for
// writeFor at least. It returns the lines. Each person's first one is long.
func (g *group) write(doc, what string, during func()) []string {
	g.t.Helper()
	var (
		all     []string
		mu      sync.Mutex
		writers sync.WaitGroup
	)
	stop := make(chan struct{})
	for _, h := range g.hosts {
		writers.Go(func() {
			mine := g.writer(h, doc, what, stop)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, mine...)
		})
	}
	enough := time.After(writeFor)
	if during != nil {
		during()
	}
	<-enough
	close(stop)
	writers.Wait()
	return all
}

// writer writes lines on one host until it is told to stop.
func (g *group) writer(h *host, doc, what string, stop <-chan struct{}) (lines []string) {
	tick := time.NewTicker(writeEvery)
	defer tick.Stop()
	for n := 0; ; n++ {
		line := fmt.Sprintf("%s %s %d", h.Name, what, n)
		if n == 0 {
			line += " pastes " + paste()
		}
		if err := h.Edit(doc, 0, 0, line+"\n"); err != nil {
			g.t.Errorf("%s: edit: %v", h.Name, err)
			return lines
		}
		lines = append(lines, line)
		select {
		case <-stop:
			return lines
		case <-tick.C:
		}
	}
}

// paste is 10 kB that can't be packed smaller than by a quarter.
func paste() string {
	var b strings.Builder
	for b.Len() < 10_000 {
		b.WriteString(rand.Text())
	}
	return b.String()
}

// agree waits until all hold the same text of these lines in any order, and
// returns how long that took.
func (g *group) agree(doc string, lines []string) time.Duration {
	g.t.Helper()
	want := slices.Sorted(slices.Values(lines))
	texts := make([]string, len(g.hosts))
	begin := time.Now()
	same := lab.Until(patience, func() bool {
		for i, h := range g.hosts {
			var err error
			if texts[i], err = h.Text(doc); err != nil {
				texts[i] = err.Error()
			}
		}
		return len(slices.Compact(slices.Clone(texts))) == 1 && slices.Equal(linesOf(texts[0]), want)
	})
	if !same {
		for i, h := range g.hosts {
			g.t.Logf("%s has %s", h.Name, compared(linesOf(texts[i]), want))
		}
		g.t.Fatalf("not within %v: one text of %d lines everywhere", patience, len(want))
	}
	return time.Since(begin)
}

// linesOf are the lines of a text, sorted.
func linesOf(text string) []string {
	return slices.Sorted(strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n"))
}

// compared says how lines differ from those wanted; both are sorted.
func compared(got, want []string) string {
	missing := without(want, got)
	extra := without(got, want)
	return fmt.Sprintf("%d lines, lacks %d %.60q, has %d too many %.60q", len(got), len(missing), missing, len(extra), extra)
}

func without(list, other []string) (rest []string) {
	for _, l := range list {
		if !slices.Contains(other, l) {
			rest = append(rest, l)
		}
	}
	return rest
}
