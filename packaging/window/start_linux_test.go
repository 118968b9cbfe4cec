package window

import (
	"strings"
	"testing"

	"starling/packaging/lab"
)

// A person starts for the first time, gives a name and a colour, writes, ends,
// starts again, and finds everything there.
func TestFirstStart(t *testing.T) {
	p := newPerson(t, "Ada")
	p.open()
	p.shot("first-1-asks")
	p.write("Ada")
	p.press(swatch(3))
	p.shot("first-2-answered")
	p.press(startWriting)
	p.awaitTitle("Welcome, Ada - Starling")
	p.shot("first-3-welcome")

	space, doc := p.only()
	var spaces []struct {
		ID      string
		Members []struct{ Name, Colour string }
	}
	p.JSON(&spaces, "space", "list")
	if len(spaces) != 1 || spaces[0].ID != space || len(spaces[0].Members) != 1 {
		t.Fatalf("the spaces are %+v", spaces)
	}
	if me := spaces[0].Members[0]; me.Name != "Ada" || !strings.EqualFold(me.Colour, "#B4436C") {
		t.Errorf("the person is %+v", me)
	}
	welcome, _ := p.Cat(doc)
	if !strings.HasPrefix(welcome, "# Welcome, Ada\n") {
		t.Errorf("the first document is %q", welcome)
	}

	p.into()
	p.write("And this is mine.\n")
	p.awaitText(doc, welcome+"And this is mine.\n")
	p.close()

	p.open()
	p.awaitTitle("Welcome, Ada - Starling")
	p.shot("first-4-again")
	p.into()
	p.write("Still mine.")
	p.awaitText(doc, welcome+"And this is mine.\nStill mine.")
	p.close()
	p.awaitText(doc, welcome+"And this is mine.\nStill mine.") // read from the store itself
}

// The name may be confirmed by Enter; the colour is then as it was.
func TestFirstStartByKeys(t *testing.T) {
	p := newPerson(t, "Grace")
	p.open()
	p.keys("Return") // without a name nothing happens
	p.write("Grace")
	p.keys("Return")
	p.awaitTitle("Welcome, Grace - Starling")
	// Nothing needs to be clicked before writing.
	_, doc := p.only()
	welcome, _ := p.Cat(doc)
	p.keys("ctrl+End")
	p.write("Hello.")
	p.awaitText(doc, welcome+"Hello.")
	p.close()
}

// A home belongs to one process. A second one says so, on the screen and on
// standard error, and leaves the first alone.
func TestSecondStart(t *testing.T) {
	p := newPerson(t, "Ada")
	_, doc := p.settleIn("# Mine\n")
	p.open()
	p.awaitTitle("Mine - Starling")

	other := newPerson(t, "Ada")
	other.window.Dir = p.Dir
	other.run = other.start()
	lab.Eventually(t, "the second start says why it fails", func() bool {
		said := strings.Join(other.run.Err.All(), "\n")
		return strings.Contains(said, "starling: "+p.Dir+" is in use")
	})
	lab.Eventually(t, "the second start says so in a window, too", func() bool { return other.sees(closeAlert) })
	other.shot("second-start")
	other.press(closeAlert)
	other.awaitEnd(1)

	p.into()
	p.write("Still here.")
	p.awaitText(doc, "# Mine\nStill here.")
	p.close()
}
