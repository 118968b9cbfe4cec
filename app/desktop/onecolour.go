package desktop

import (
	"starling/sync/peer"
)

// whose is who a device belongs to in a space or, if to nobody there, in another
// of ours; those who were removed are last.
func (w *world) whose(space peer.SpaceID, device peer.DeviceID) (peer.Member, bool) {
	if m, ok := insider(w.space(space), device); ok {
		return m, true
	}
	for _, s := range w.Spaces {
		if m, ok := insider(s, device); ok {
			return m, true
		}
	}
	for _, m := range outsiders(w.space(space)) {
		if hasDevice(m, device) {
			return m, true
		}
	}
	return peer.Member{}, false
}

// personOf is the person whose device somebody is in a space: named by the ID that
// names the person there, and in the person's one colour.
func (w *world) personOf(space peer.SpaceID, p peer.Person) peer.Person {
	if m, ok := w.whose(space, p.ID); ok {
		p.ID, p.Colour = m.ID, w.chooser(m).Colour
	}
	return p
}

// chooser is the device whose colour is its person's, whatever the others announce:
// the first in the order of the roster, which is the same everywhere, that has ever
// told one here.
func (w *world) chooser(m peer.Member) peer.Person {
	for _, d := range m.Devices {
		if d.ID == w.Me.ID {
			return w.Me
		}
		if p := peerOf(w.Peers, d.ID); p.ID == d.ID && p.Colour != "" && !d.LastSeen.IsZero() {
			return peer.Person{ID: p.ID, Name: p.Name, Colour: p.Colour}
		}
	}
	return m.Person
}

// choosesColour says whether the colour of this device is that of the person here in
// any space, so that it is for this device to change it.
func (w *world) choosesColour() bool {
	linked := false
	for _, s := range w.Spaces {
		if m, ok := insider(s, w.Me.ID); ok {
			if w.chooser(m).ID == w.Me.ID {
				return true
			}
			linked = true
		}
	}
	return !linked
}

// figureIn is how somebody is drawn in a space.
func (w *world) figureIn(space peer.SpaceID, p peer.Person, name string) figure {
	return figureOf(name, w.personOf(space, p).Colour)
}

// personHere is the person whose device somebody is in the space at the desk.
func (w *window) personHere(p peer.Person) peer.Person { return w.world.personOf(w.desk.Space, p) }

// present is somebody who is in the document, and who they are in its space.
type present struct {
	peer.Cursor
	as peer.Member
}

// presentIn are those who are in the document, each person once: where they type,
// or by the first of their devices.
func presentIn(w *world, d desk) []present {
	space := w.space(d.Space)
	at := map[peer.DeviceID]int{}
	var all []present
	for _, c := range d.Others {
		m, in := insider(space, c.ID)
		if !in && removed(space, c.ID) {
			continue
		}
		id := c.ID
		if in {
			id = m.ID
		}
		i, known := at[id]
		switch {
		case !known:
			at[id] = len(all)
			all = append(all, present{c, m})
		case c.Typing && !all[i].Typing:
			all[i] = present{c, m}
		}
	}
	return all
}
