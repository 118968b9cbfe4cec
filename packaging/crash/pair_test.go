package crash

import (
	"os"
	"strings"
	"testing"
	"time"

	"starling/packaging/lab"
)

// Two people pair and one of their peers is killed on the way. However far they
// came, pairing again brings them together.
func TestKillWhilePairing(t *testing.T) {
	program, r := lab.Program(t), dice(t)
	shared := 0
	for range kills(8) {
		anna := &side{Home: lab.NewHome(t, "Anna", program), listen: lab.Loopback(t)}
		bo := &side{Home: lab.NewHome(t, "Bo", program), listen: lab.Loopback(t)}
		anna.serve()
		bo.serve()
		space := anna.Line("space", "new", "Notes")
		doc := anna.Line("doc", "new", space, "--title", "Shared")
		anna.Must("connect", bo.listen)
		victim := []*side{anna, bo}[r.IntN(2)]
		interrupt(anna, bo, space, victim.peer, moment(r, 150*time.Millisecond), r.IntN(2) == 0)
		victim.serve()
		anna.Must("connect", bo.listen)
		if strings.Contains(bo.Must("space", "list"), space) {
			shared++
		} else {
			lab.Pair(anna.Home, bo.Home, space)
		}
		lab.Eventually(t, "the document arrives", func() bool { text, _ := bo.Cat(doc); return text == "# Shared\n" })
		if err := bo.Edit(doc, 9, 0, "by Bo\n"); err != nil {
			t.Fatal(err)
		}
		lab.Eventually(t, "an edit arrives", func() bool { text, _ := anna.Cat(doc); return text == "# Shared\nby Bo\n" })
		anna.peer.Kill()
		bo.peer.Kill()
	}
	t.Logf("%d came to share the space before the kill or by themselves after it", shared)
}

// interrupt kills victim a while after a began to pair with b, or after both
// began to confirm.
func interrupt(a, b *side, space string, victim *lab.Peer, after time.Duration, early bool) {
	a.T.Helper()
	pair := a.Start("pair", b.ID(), "--space", space)
	if !early {
		code := pair.Out.Next(a.T)
		b.Request(code)
		a.Start("pair", "--confirm", code)
		b.Start("pair", "--confirm", code)
	}
	wait(after)
	victim.Kill()
	if victim == a.peer {
		pair.Wait() // its peer is gone, and so is what it could do
		return
	}
	pair.Kill()
}

// One peer finished pairing and the other forgot it, as when it is killed in
// between or its home comes from a backup. The first has it in the space and
// says so as soon as they are connected, before it can be believed.
func TestPairAgainWithOneWhoForgot(t *testing.T) {
	program := lab.Program(t)
	anna := &side{Home: lab.NewHome(t, "Anna", program), listen: lab.Loopback(t)}
	bo := &side{Home: lab.NewHome(t, "Bo", program), listen: lab.Loopback(t)}
	anna.serve()
	bo.serve()
	bo.peer.Stop()
	before := t.TempDir()
	if err := os.CopyFS(before, os.DirFS(bo.Dir)); err != nil {
		t.Fatal(err)
	}
	bo.serve()
	anna.Must("connect", bo.listen)
	space := anna.Line("space", "new", "Notes")
	doc := anna.Line("doc", "new", space, "--title", "Shared")
	lab.Pair(anna.Home, bo.Home, space)
	bo.peer.Kill()
	bo.Dir = before
	bo.serve()
	lab.Eventually(t, "Anna finds Bo again", func() bool { return bo.ConnectedTo(anna.Home) })
	if list := bo.Must("space", "list"); strings.Contains(list, space) {
		t.Fatalf("Bo forgot Anna, and is in %s", list)
	}
	lab.Pair(anna.Home, bo.Home, space)
	lab.Eventually(t, "the document arrives", func() bool { text, _ := bo.Cat(doc); return text == "# Shared\n" })
}
