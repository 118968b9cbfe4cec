package crash

import (
	"strings"
	"testing"
	"time"

	"starling/packaging/lab"
)

const (
	// maxLines and maxMoment bound how long a peer lives before it is killed:
	// so many changes are printed, then so much time passes.
	maxLines  = 250
	maxMoment = 8 * time.Millisecond
	// maxText is how many characters a text has before the next one begins:
	// enough for its history to be compacted, and no more, since each kill
	// means to read it again.
	maxText = 6000
)

func TestKillOneOfTwo(t *testing.T) {
	program := lab.Program(t)
	newGroup(t, program, program).run(kills(20))
}

func TestKillSomeOfThree(t *testing.T) {
	program := lab.Program(t)
	newGroup(t, program, program, lab.RaceProgram(t)).run(kills(5))
}

func (g *group) run(kills int) {
	done, edits := 0, 0
	for done < kills {
		killed, length := g.round()
		done += killed
		if length > maxText {
			g.newDocument()
		}
	}
	for _, s := range g.sides {
		edits += s.ackedEdits()
	}
	g.t.Logf("%d kills, %d edits; the sides held one text again after %v at most",
		done, edits, g.slow.Round(time.Millisecond))
}

// round kills some sides while all write and lets them come back. It returns how
// many kills that were, and how many code points the text has then.
func (g *group) round() (killed, length int) {
	g.t.Helper()
	begin := g.converge()
	victims := g.draw()
	clock := newClock()
	watches := make([]*lab.Process, len(victims))
	// A watch is in force when all that was read before, which is begin, is
	// committed: from here on the victims owe it.
	for i, s := range victims {
		watches[i] = s.Watch(g.doc)
	}
	stop := g.write()
	lines := g.dice.IntN(maxLines)
	if !watches[0].Out.Await(lines, lab.Soon) {
		g.t.Fatalf("%s: the watch printed %d lines, not %d", victims[0].Name, len(watches[0].Out.All()), lines)
	}
	wait(moment(g.dice, maxMoment))
	for _, s := range victims {
		s.peer.Kill()
	}
	clock.lap("killed")
	for i, s := range victims {
		seen := g.seen(s, begin, watches[i])
		// Sometimes the next to open the store is a command, sometimes the peer.
		if g.dice.IntN(3) > 0 {
			g.check(s, seen)
		}
	}
	killed = len(victims)
	clock.lap("checked")
	for _, s := range victims {
		killed += g.restart(s)
	}
	clock.lap("restarted")
	g.progress(victims)
	clock.lap("written")
	stop()
	length = len([]rune(g.converge()))
	clock.lap("together")
	g.t.Logf("%d victims, %d characters:%s", len(victims), length, clock.said)
	for _, s := range victims {
		g.works(s)
	}
	return killed, length
}

// draw chooses whom to kill: mostly one, never all of more than two.
func (g *group) draw() []*side {
	order := g.dice.Perm(len(g.sides))
	n := 1
	if g.dice.IntN(4) == 0 {
		n = max(2, len(g.sides)-1)
	}
	var victims []*side
	for _, i := range order[:n] {
		victims = append(victims, g.sides[i])
	}
	return victims
}

// seen is the text to which the watch of a killed side had come. The side must
// hold it from now on.
func (g *group) seen(s *side, begin string, watch *lab.Process) string {
	g.t.Helper()
	if code := watch.Wait(); code != 1 {
		g.t.Errorf("%s: the watch of a killed peer ended with %d", s.Name, code)
	}
	text, err := lab.Replay(begin, watch.Out.All())
	if err != nil {
		g.t.Fatalf("%s: %v", s.Name, err)
	}
	counter, runes, err := split(text)
	if err == nil {
		err = audit(text, nil, 0) // it told nothing twice
	}
	if err != nil {
		g.t.Fatalf("%s: what the watch leads to: %v", s.Name, err)
	}
	s.expect(runes, counter)
	return text
}

// restart starts a killed side again, and sometimes kills it while it starts or
// catches up. It returns how many kills that were.
func (g *group) restart(s *side) (killed int) {
	g.t.Helper()
	for g.dice.IntN(3) == 0 {
		p := s.startServe()
		if g.dice.IntN(2) == 0 {
			p.Out.Next(g.t) // it listens
		}
		wait(moment(g.dice, 400*time.Millisecond))
		p.Kill()
		killed++
		g.check(s, "")
	}
	s.serve()
	return killed
}

// progress waits until people write on these sides again.
func (g *group) progress(sides []*side) {
	g.t.Helper()
	for _, s := range sides {
		before := s.ackedEdits()
		lab.Eventually(g.t, s.Name+" can write again", func() bool { return s.ackedEdits() > before+5 })
	}
}

// works holds that a side that was killed answers as if nothing had been.
func (g *group) works(s *side) {
	g.t.Helper()
	var status struct {
		Running   bool `json:"running"`
		Documents int  `json:"documents"`
		Spaces    int  `json:"spaces"`
	}
	if s.JSON(&status, "status"); !status.Running || status.Documents == 0 || status.Spaces == 0 {
		g.t.Errorf("%s: after the kill status is %+v", s.Name, status)
	}
	if list := s.Must("doc", "list", g.space); !strings.Contains(list, g.doc) {
		g.t.Errorf("%s: after the kill the documents are %q", s.Name, list)
	}
}
