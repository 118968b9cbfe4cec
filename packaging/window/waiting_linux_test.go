package window

import (
	"image"
	"testing"

	"starling/packaging/lab"
)

// What is pressed to take in what waits beside a text.
var (
	see    = thing{"See…", image.Rect(people.Min.X-120, notice.Min.Y, people.Min.X-42, notice.Max.Y), tokens.Accent, 20, -5}
	takeIn = thing{"Take it in", middle, tokens.Accent, 70, 10}
)

// Somebody writes at a window while nobody is there, and is removed meanwhile and
// added again. As they meet, the window shows no more what came after the removal, and
// tells of it; a press takes it in, for both.
func TestWhatCameAfterARemovalIsTakenIn(t *testing.T) {
	t.Parallel()
	const before, all = "# Tide tables\n", "# Tide tables\nHigh at noon."
	ada, ben := lab.NewHome(t, "Ada", lab.Program(t)), newPerson(t, "Ben")
	space := ada.Line("--name", "Ada", "space", "new", "Field notes")
	doc := ada.Line("doc", "new", space)
	ada.Must("edit", doc, "--at", "0", "--insert", before)
	peer := ada.Serve("--no-discovery", "--listen", lab.Loopback(t))
	ben.open()
	ben.firstStart(0)
	ben.Must("space", "join", ada.Line("space", "invite", space))
	ben.awaitText(doc, before)
	ben.press(link) // the space is shared: open it
	ben.awaitTitle("Tide tables - Starling")

	peer.Stop()
	ben.into()
	ben.write("High at noon.")
	ben.awaitText(doc, all)
	ada.Must("space", "remove", space, "Ben")
	ada.Must("space", "add", space, "Ben")
	peer = ada.Serve("--no-discovery", "--listen", peer.Listen[0])
	ben.Must("connect", peer.Listen[0])
	ben.awaitText(doc, before)
	lab.Eventually(t, "it waits beside the text", func() bool { return ben.Must("doc", "waiting") != "" })
	ben.press(see)
	lab.Eventually(t, "it can be taken in", func() bool { return ben.sees(takeIn) })
	ben.shot("waiting-1-asked")
	ben.press(takeIn)
	ben.awaitText(doc, all)
	lab.Eventually(t, "Ada has it as well", func() bool { text, _ := ada.Cat(doc); return text == all })
	lab.Eventually(t, "it is told no more", func() bool { return ben.title() != "" && !ben.sees(see) })
	ben.shot("waiting-2-taken")
	ben.close()
	peer.Stop()
}
