package desktop

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"starling/assets"
	"starling/sync/peer"
)

// itself is everybody as a person of one device.
func itself(p peer.Person) peer.Person { return p }

var graceLaptop = peer.Person{ID: peer.DeviceID{22}, Name: "Grace", Colour: "#A23B3B"}

// twoDevices are the sample with a laptop of Grace's, as a device knows them: one
// with which it has spoken has been seen.
func twoDevices(as peer.Person, spoken ...peer.Person) (*world, desk) {
	w, d := sample()
	w.Me, w.Peers = as, nil
	heard := map[peer.DeviceID]bool{as.ID: true}
	for _, p := range spoken {
		heard[p.ID] = true
	}
	of := func(p peer.Person) peer.Device {
		out := peer.Device{ID: p.ID, Name: p.Name, This: p.ID == as.ID}
		if heard[p.ID] {
			out.LastSeen = noon
		}
		return out
	}
	for _, p := range []peer.Person{me, grace, graceLaptop} {
		if p.ID == as.ID {
			continue
		}
		if !heard[p.ID] {
			p.Colour = "#5B6B1E" // made up from its ID
		}
		w.Peers = append(w.Peers, peer.PeerInfo{ID: p.ID, Name: p.Name, Colour: p.Colour, Known: true})
	}
	w.Spaces[0].Members[0].Devices = []peer.Device{of(me)}
	w.Spaces[0].Members[1].Devices = []peer.Device{of(grace), of(graceLaptop)}
	d.Others = []peer.Cursor{{Person: grace}, {Person: graceLaptop, Typing: true}}
	return w, d
}

// A person with two devices has one colour, that of the first, on every device: on
// both of their own, and on another's.
func TestAPersonHasOneColour(t *testing.T) {
	want := colourNumber(grace.Colour)
	for name, as := range map[string]peer.Person{"the first": grace, "the second": graceLaptop, "another's": me} {
		w, d := twoDevices(as, me, grace, graceLaptop)
		rows := peopleOf(w, d, noon)
		n := 0
		for _, r := range append(rows.Here, rows.Members...) {
			if r.Person == grace.ID {
				if n++; r.Figure.Colour != want {
					t.Errorf("on %s device, the row %+v", name, r)
				}
			}
		}
		if n == 0 {
			t.Errorf("on %s device, Grace is nowhere", name)
		}
		for _, device := range []peer.Person{grace, graceLaptop} {
			if got := w.figureIn(field1, device, "Grace").Colour; got != want {
				t.Errorf("on %s device, %v has colour %d, want %d", name, device.ID[:1], got, want)
			}
			if got := authorOf(peer.Author{Person: device}, me.ID, func(p peer.Person) peer.Person { return w.personOf(field1, p) }); got.Figure.Colour != want {
				t.Errorf("on %s device, the author has colour %d, want %d", name, got.Figure.Colour, want)
			}
		}
	}
}

// A colour that nobody has told is none, and the first device chooses for all.
func TestWhoChoosesTheColour(t *testing.T) {
	for _, c := range []struct {
		as      peer.Person
		spoken  []peer.Person
		first   string // as which the first device's is known
		want    peer.Person
		chooses bool
	}{
		{me, []peer.Person{grace, graceLaptop}, grace.Colour, grace, true},
		{me, []peer.Person{graceLaptop}, "#5B6B1E", graceLaptop, true},
		{grace, []peer.Person{graceLaptop}, grace.Colour, grace, true},
		{graceLaptop, []peer.Person{grace}, grace.Colour, grace, false},
		{graceLaptop, nil, "#5B6B1E", graceLaptop, true},
	} {
		w, d := twoDevices(c.as, c.spoken...)
		w.Spaces, d.Others = w.Spaces[:1], nil
		w.Spaces[0].Members[1].Colour = c.first
		for _, r := range peopleOf(w, d, noon).Members {
			if r.Person == grace.ID && r.Figure.Colour != colourNumber(c.want.Colour) {
				t.Errorf("on %v: the row %+v", c.as.ID[:2], r)
			}
		}
		if got := w.chooser(w.Spaces[0].Members[1]); got.ID != c.want.ID || got.Colour != c.want.Colour {
			t.Errorf("on %v: %v chooses with %s", c.as.ID[:2], got.ID[:2], got.Colour)
		}
		if w.choosesColour() != c.chooses {
			t.Errorf("on %v, whether it chooses is %v", c.as.ID[:2], !c.chooses)
		}
	}
}

// Who is in a document with two devices is there once, where they type.
func TestAPersonIsHereOnce(t *testing.T) {
	w, d := twoDevices(me, grace, graceLaptop)
	for range 2 {
		if here := hereIn(w, d); len(here) != 1 || here[0].ID != graceLaptop.ID {
			t.Errorf("here are %+v", here)
		}
		rows := peopleOf(w, d, noon)
		if len(rows.Here) != 1 || rows.Here[0].ID != graceLaptop.ID {
			t.Errorf("the rows are %+v", rows.Here)
		}
		rows.mark(grace.ID, w.Spaces[0].Members[1])
		if r := rows.Here[0]; !r.Followed || r.ID != grace.ID {
			t.Errorf("followed on the first device, the row is %+v", r)
		}
		d.Others[0], d.Others[1] = d.Others[1], d.Others[0]
	}
}

// The text's colours and carets are the person's, too.
func TestTheTextHasThePersonsColour(t *testing.T) {
	s := writing(t, "High water")
	first := peer.Person{ID: peer.DeviceID{9}, Name: "Ada", Colour: colourText((colourNumber(s.world.Me.Colour) + 1) % assets.PeopleColours)}
	space := s.world.space(s.desk.Space)
	space.Members = []peer.Member{{Person: first, Role: "owner", Devices: []peer.Device{{ID: first.ID, LastSeen: noon}, {ID: s.world.Me.ID, This: true}}}}
	s.world.Spaces = []peer.Space{space}
	s.world.Peers = []peer.PeerInfo{{ID: first.ID, Name: "Ada", Colour: first.Colour}}
	s.writers.forget()
	want := look().Person(colourNumber(first.Colour))
	_, seen := s.editor.Snapshot()
	pieces, ok := s.writers.pieces(0, 4, seen, false)
	if !ok || pieces[0].Who.Colour != want.Fill || pieces[0].Who.ID != first.ID.String() || !pieces[0].Who.Self {
		t.Errorf("the text is %+v", pieces)
	}
	if got := s.visitor(peer.Cursor{Person: s.world.Me}, look()); got.Colour != want.Fill || got.ID != s.world.Me.ID.String() {
		t.Errorf("the caret is %+v", got)
	}
	s.showMe()
	if !strings.Contains(test.RenderToMarkup(s.Canvas()), "first device. Change it there.") {
		t.Error("it is not said where the colour is chosen")
	}
}
