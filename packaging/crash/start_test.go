package crash

import (
	"testing"
	"time"

	"starling/packaging/lab"
)

// A first start that is cut short must not leave a home that no later start
// can use, and a device that has shown its ID keeps it.
func TestKillTheFirstStart(t *testing.T) {
	program, r := lab.Program(t), dice(t)
	for range kills(20) {
		h := lab.NewHome(t, "Anna", program)
		id := ""
		for range 1 + r.IntN(3) {
			p := h.StartServe("--no-discovery", "--listen", "127.0.0.1:0")
			wait(moment(r, 60*time.Millisecond))
			p.Kill()
			if shown := h.Try("id"); shown.Code == 0 {
				if id != "" && shown.Out != id {
					t.Fatalf("the device was %s and is now %s", id, shown.Out)
				}
				id = shown.Out
			}
		}
		p := h.Serve("--no-discovery", "--listen", "127.0.0.1:0")
		doc := h.Line("doc", "new", h.Line("space", "new", "Notes"), "--title", "Here")
		if now := h.Must("id"); id != "" && now != id {
			t.Fatalf("the device was %s and is now %s", id, now)
		}
		p.Stop()
		if text := h.Must("cat", doc); text != "# Here\n" {
			t.Fatalf("the text is %q", text)
		}
	}
}

// Commands that open the store themselves are killed, too: what one has
// reported as done must be there, and what it has not is there whole or not at
// all.
func TestKillCommands(t *testing.T) {
	s := &side{Home: lab.NewHome(t, "Anna", lab.Program(t)), block: firstRune, next: firstRune}
	r := dice(t)
	s.begin()
	doc := s.Line("doc", "new", s.Line("space", "new", "Notes"))
	s.Must("edit", doc, "--at", "0", "--insert", noCounter)
	done := 0
	text := noCounter
	for range kills(20) {
		c := s.draw()
		p := s.Start("edit", doc, "--at", "10", "--insert", string(c))
		wait(moment(r, 120*time.Millisecond))
		p.Kill()
		after := s.Must("cat", doc)
		added := text[:counterDigits] + string(c) + text[counterDigits:]
		switch code := p.Wait(); {
		case after == added:
			done++
		case code == 0:
			t.Fatalf("edit ended well, but the text is still %q", after)
		case after != text:
			t.Fatalf("a killed edit made %q of %q", after, text)
		}
		text = after
	}
	t.Logf("%d edits were done before the kill", done)
}
