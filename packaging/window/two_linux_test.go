package window

import (
	"strings"
	"sync"
	"testing"

	"starling/packaging/lab"
)

// Two people meet by address, compare the code, and write in one document:
// in turns, at once, after a restart, and apart from each other.
func TestTwoWindows(t *testing.T) {
	ada, grace := newPerson(t, "Ada"), newPerson(t, "Grace")
	ada.open()
	grace.open()
	ada.firstStart(3)
	grace.firstStart(7)
	_, doc := ada.only()

	ada.Must("connect", grace.listen)
	meet(t, ada, grace, "pair")
	text := writeInTurns(t, ada, grace, doc)
	text = writeAtOnce(t, ada, grace, doc, text)

	grace.close()
	grace.open()
	grace.awaitTitle("Welcome, Ada - Starling") // it was changed last
	grace.awaitText(doc, text)
	lab.Eventually(t, "they are connected again", func() bool { return grace.ConnectedTo(ada.Home) })
	grace.into()
	grace.write("\nBack.")
	text += "\nBack."
	ada.awaitText(doc, text)
	grace.awaitText(doc, text)
	grace.shot("two-5-restarted")

	writeApart(t, ada, grace, doc, text)
	ada.close()
	grace.close()
}

// meet adds b at a's window: Add on one side, a quiet row on the other, one
// code on both. In the end b looks at a's document. The pictures' names begin
// with shots.
func meet(t *testing.T, a, b *person, shots string) {
	t.Helper()
	a.press(add)
	var code string
	for _, p := range []*person{a, b} {
		lab.Eventually(t, p.Name+" is in a pairing", func() bool {
			var list []lab.Pairing
			p.JSON(&list, "pair", "--list")
			if len(list) == 0 {
				return false
			}
			if list[0].Incoming != (p == b) || (code != "" && list[0].Code != code) {
				t.Fatalf("%s's pairing is %+v, the other's code %s", p.Name, list[0], code)
			}
			code = list[0].Code
			return true
		})
	}
	lab.Eventually(t, "the request is a row that says nothing of the code", func() bool {
		return b.sees(showCode) && !b.sees(same)
	})
	b.shot(shots + "-1-asked")
	b.press(showCode)
	lab.Eventually(t, "both windows show one code", func() bool {
		left, right := a.picture(), b.picture()
		_, one := same.find(left)
		_, two := same.find(right)
		digits := largest(left)
		return one && two && digits.Rect.Dy() > 20 && alike(digits, largest(right))
	})
	a.shot(shots + "-2-code")
	b.shot(shots + "-3-code")
	a.press(same)
	lab.Eventually(t, a.Name+" has confirmed", func() bool {
		var list []lab.Pairing
		a.JSON(&list, "pair", "--list")
		return len(list) == 1 && list[0].Confirmed
	})
	a.shot(shots + "-4-waits")
	b.press(same)
	lab.Eventually(t, "the space is shared", func() bool { return strings.Contains(b.Must("doc", "list"), "Welcome, "+a.Name) })
	a.shot(shots + "-5-added")
	b.shot(shots + "-6-shared")
	lab.Eventually(t, b.Name+" looks at "+a.Name+"'s document", func() bool {
		if b.title() == "Welcome, "+a.Name+" - Starling" {
			return true
		}
		if at, ok := link.find(b.picture()); ok {
			b.click(at)
		}
		return false
	})
}

// writeInTurns lets each write something that the other must get.
func writeInTurns(t *testing.T, a, b *person, doc string) string {
	t.Helper()
	text, _ := a.Cat(doc)
	for _, turn := range []struct {
		from, to *person
		line     string
	}{
		{a, b, "Written by the one."},
		{b, a, " And by the other."},
	} {
		turn.from.into()
		turn.from.write(turn.line)
		text += turn.line
		turn.to.awaitText(doc, text)
		turn.from.awaitText(doc, text)
	}
	a.shot("two-1-in-turns")
	return text
}

// writeAtOnce lets both write at once, at different places.
func writeAtOnce(t *testing.T, a, b *person, doc, text string) string {
	t.Helper()
	const above, below = "Both of us write, and at once. ", " So nobody waits for anybody here."
	a.keys("ctrl+Home", "Down", "Home")
	b.keys("ctrl+End")
	title, rest, _ := strings.Cut(text, "\n")
	var typing sync.WaitGroup
	errs := make(chan error, 2)
	kind := func(p *person, line string) {
		_, err := p.try("type", "--delay", "40", "--", line)
		errs <- err
	}
	typing.Go(func() { kind(a, above) })
	typing.Go(func() { kind(b, below) })
	typing.Wait()
	for range 2 {
		if err := <-errs; err != nil {
			t.Fatalf("type: %v", err)
		}
	}
	text = title + "\n" + above + rest + below
	a.awaitText(doc, text)
	b.awaitText(doc, text)
	a.keys("shift+End")
	b.shot("two-2-at-once")
	a.shot("two-3-at-once")
	return text
}

// writeApart lets each write while the other is not there, and both meet again.
func writeApart(t *testing.T, a, b *person, doc, text string) {
	t.Helper()
	b.close()
	a.into()
	a.write("\nWritten alone.")
	a.awaitText(doc, text+"\nWritten alone.")
	a.shot("two-6-alone")
	a.close()

	b.open()
	b.awaitTitle("Welcome, " + a.Name + " - Starling")
	b.awaitText(doc, text)
	b.keys("ctrl+Home", "End")
	b.write(", again")
	title, rest, _ := strings.Cut(text, "\n")
	b.awaitText(doc, title+", again\n"+rest)

	a.open()
	a.awaitTitle("Welcome, " + a.Name + ", again - Starling")
	text = title + ", again\n" + rest + "\nWritten alone."
	a.awaitText(doc, text)
	b.awaitText(doc, text)
	a.shot("two-7-merged")
}

// Two windows find each other by mDNS, in a network of their own so that
// nobody else is in it.
func TestTwoWindowsMeetByMDNS(t *testing.T) {
	desktopProgram(t)
	in := network(t)
	ada, grace := newPerson(t, "Ada", in...), newPerson(t, "Grace", in...)
	for _, p := range []*person{ada, grace} {
		p.listen, p.flags = "", nil
		p.open()
	}
	ada.firstStart(4)
	grace.firstStart(5)
	_, doc := ada.only()
	for _, p := range []*person{ada, grace} {
		lab.Eventually(t, p.Name+" sees the other by the name that was chosen", func() bool {
			peers := p.Peers()
			if len(peers) != 1 {
				return false
			}
			other, ok := peers[map[*person]string{ada: "Grace", grace: "Ada"}[p]]
			return ok && other.Nearby && !other.Known
		})
	}
	ada.shot("mdns-1-nearby")
	meet(t, grace, ada, "mdns-pair")
	grace.into()
	grace.write("Found without an address.")
	lab.Eventually(t, "the text arrives", func() bool {
		_, theirs := docOf(grace, "Welcome, Grace")
		got, _ := ada.Cat(theirs)
		return strings.HasSuffix(got, "Found without an address.")
	})
	if text, _ := ada.Cat(doc); strings.Contains(text, "Found") {
		t.Errorf("what is not shared has changed to %q", text)
	}
	ada.shot("mdns-2-together")
	grace.close()
	ada.close()
}

// docOf finds a document by its title.
func docOf(p *person, title string) (space, doc string) {
	p.T.Helper()
	var docs []struct{ ID, Space, Title string }
	p.JSON(&docs, "doc", "list")
	for _, d := range docs {
		if d.Title == title {
			return d.Space, d.ID
		}
	}
	p.T.Fatalf("%s has no %q but %+v", p.Name, title, docs)
	return "", ""
}
