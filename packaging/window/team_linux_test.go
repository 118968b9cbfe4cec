package window

import (
	"image"
	"strings"
	"testing"

	"starling/assets"
	"starling/packaging/lab"
)

// What is pressed in the windows of a team.
var (
	invite   = thing{"Invite", image.Rect(assets.PlacesWidth, 0, people.Min.X, assets.BarHeight), tokens.Accent, 50, 10}
	makeLink = thing{"Make a link", middle, tokens.Accent, 90, 10}
	copyLink = thing{"Copy the link", middle, tokens.Accent, 100, 10}
	sentLink = thing{"I was sent a link", image.Rect(400, 600, 880, 720), tokens.Accent, 60, -5}
	joinLink = thing{"Join", middle, tokens.Accent, 300, 10}
	codeDots = thing{"a corner of the code", middle, assets.Light.Panel, 120, 20}
)

// An owner makes a link at the window, somebody joins with it at the first start,
// and is made a viewer and removed: each window says so, and changes nothing.
func TestTeam(t *testing.T) {
	t.Parallel()
	ada, grace := newPerson(t, "Ada"), newPerson(t, "Grace")
	space, doc := ada.settleIn("# Tide tables\n")
	ada.open()
	ada.awaitTitle("Tide tables - Starling")
	ada.press(invite)
	ada.shot("team-1-invite")
	ada.press(makeLink)
	lab.Eventually(t, "the link is shown as a code", func() bool { return ada.sees(codeDots) && ada.sees(copyLink) })
	ada.shot("team-2-link")
	ada.press(copyLink)
	link := ada.copied(doc)
	if !strings.HasPrefix(link, "starling:") {
		t.Fatalf("what was copied is %q", link)
	}

	grace.open()
	grace.write("Grace")
	grace.press(sentLink)
	grace.write(link)
	grace.shot("team-3-first-start")
	grace.press(joinLink)
	grace.awaitTitle("Tide tables - Starling")
	grace.shot("team-4-joined")
	if m := ada.Members(space)["Grace"]; m.Role != "editor" {
		t.Errorf("she is %+v", m)
	}
	grace.into()
	grace.write("High at noon.")
	ada.awaitText(doc, "# Tide tables\nHigh at noon.")
	ada.shot("team-5-together")

	ada.Must("space", "role", space, "Grace", "viewer")
	lab.Eventually(t, "she is a viewer", func() bool { return grace.Members(space)["Grace"].Role == "viewer" })
	grace.shot("team-6-viewer")
	grace.into()
	grace.write("No.")
	ada.Must("space", "remove", space, "Grace")
	removed := thing{"a bar below the page", notice, tokens.Selected, 300, 5}
	lab.Eventually(t, "she is told", func() bool { return grace.sees(removed) })
	grace.shot("team-7-removed")
	grace.awaitText(doc, "# Tide tables\nHigh at noon.")
	ada.awaitText(doc, "# Tide tables\nHigh at noon.")
	ada.close()
	grace.close()
}

// copied closes what lies over the text, pastes what was copied into that, looks
// what it is, and takes it back.
func (p *person) copied(doc string) string {
	p.T.Helper()
	before, _ := p.Cat(doc)
	p.keys("Escape")
	p.into()
	p.keys("ctrl+v")
	var after string
	lab.Eventually(p.T, "it is pasted", func() bool {
		after, _ = p.Cat(doc)
		return len(after) > len(before)
	})
	p.keys("ctrl+z")
	p.awaitText(doc, before)
	return strings.TrimPrefix(after, before)
}
