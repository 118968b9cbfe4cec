package desktop

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"starling/sync/peer"
)

// action is what can be done with a person in a row.
type action int

const (
	actNone action = iota
	actGoTo        // go to where they write, or follow them
	actAdd         // ask them into the space
)

// personRow is one person in the column of people.
type personRow struct {
	ID     peer.DeviceID
	Start  string // what names them when pairing starts
	Figure figure
	Name   string
	Below  string
	Action action
	// Followed says that the text goes where they go.
	Followed bool
	// Person names who it is in the space; zero for one who is not in it.
	Person peer.DeviceID
	// Menu says that there is more to do with them.
	Menu bool
	// Like is the name of somebody known for whom they could be taken, "" for none,
	// and LikeID says who that is, as in [peer.PeerInfo].
	Like   string
	LikeID peer.DeviceID
	// Paired says that the person here has compared a code with them.
	Paired bool
}

// requestRow is a stranger who would like to write with us, or whom we asked.
type requestRow struct {
	Key    uint64
	ID     peer.DeviceID
	Figure figure
	Name   string
	Title  string // what stands above: the name, or that we wait for them
	Below  string
	Asked  bool   // by the person here
	Link   bool   // both devices are to be one person's
	Like   string // as in personRow
	LikeID peer.DeviceID
	// New says that this is about a device that somebody says is a known person's.
	New bool
}

// peopleView is the column of people.
type peopleView struct {
	Requests              []requestRow
	Here, Members, Nearby []personRow
	Removed               []personRow
}

// peopleOf says who is where: in the document, in the space, or only near.
func peopleOf(w *world, d desk, now time.Time) peopleView {
	var v peopleView
	asking := map[peer.DeviceID]bool{}
	for _, p := range w.Pairings {
		asking[p.ID] = true
		v.Requests = append(v.Requests, requestOf(p))
	}
	for _, n := range w.NewDevices {
		if len(n.Mine) > 0 {
			v.Requests = append(v.Requests, newDeviceRequest(n))
		}
	}
	space := w.space(d.Space)
	here := map[peer.DeviceID]bool{} // devices, and those whose they are
	for _, p := range presentIn(w, d) {
		here[p.ID], here[p.as.ID] = true, true
		row := hereRow(p.Cursor, p.as, w.Me.ID, d.State, owned(space))
		row.Figure = w.figureIn(d.Space, p.Person, nameOr(p.Name, "Someone"))
		v.Here = append(v.Here, row)
	}
	theirs := map[peer.DeviceID]bool{w.Me.ID: true} // devices that have a row above
	for _, m := range insiders(space) {
		if !here[m.ID] && !hasDevice(m, w.Me.ID) {
			v.Members = append(v.Members, memberRow(w, m, d.State, owned(space), now))
		}
		mark(theirs, m)
	}
	for _, m := range outsiders(space) {
		if !hasDevice(m, w.Me.ID) {
			v.Removed = append(v.Removed, removedRow(w, m, owned(space)))
			mark(theirs, m)
		}
	}
	for _, rows := range [][]personRow{v.Here, v.Members, v.Removed} {
		sortByName(rows)
	}
	if m, in := insider(space, w.Me.ID); in && len(space.Members) > 1 {
		v.Members = append(v.Members, ownRow(w, m))
	}
	for _, p := range w.Peers {
		known := p.ID != peer.DeviceID{}
		if (p.Nearby || p.Connected) && !(known && (theirs[p.ID] || asking[p.ID])) {
			p.Colour = w.personOf(d.Space, peer.Person{ID: p.ID, Colour: p.Colour}).Colour
			v.Nearby = append(v.Nearby, nearbyRow(p, owned(space)))
		}
	}
	v.tellOwnName(w.Me)
	sortByName(v.Nearby)
	tellApart(v.Nearby)
	return v
}

// sortByName sorts people as one looks for them.
func sortByName(rows []personRow) {
	slices.SortStableFunc(rows, func(a, b personRow) int {
		return cmp.Or(cmp.Compare(sortKey(a.Name), sortKey(b.Name)), bytes.Compare(a.ID[:], b.ID[:]), cmp.Compare(a.Start, b.Start))
	})
}

func mark(all map[peer.DeviceID]bool, m peer.Member) {
	all[m.ID] = true
	for _, d := range m.Devices {
		all[d.ID] = true
	}
}

// hide leaves out the pairing whose dialog is open, whoever asked. While key is
// not known (0), it is any with somebody whose ID begins with start, "" for
// nobody.
func (v *peopleView) hide(key uint64, start string) {
	v.Requests = slices.DeleteFunc(v.Requests, func(r requestRow) bool {
		if key != 0 || r.New {
			return !r.New && r.Key == key
		}
		return start != "" && strings.HasPrefix(r.ID.String(), start)
	})
}

// tellApart adds the start of the device's ID where two names are the same.
func tellApart(rows []personRow) {
	count := map[string]int{}
	for _, r := range rows {
		count[r.Name]++
	}
	for i, r := range rows {
		if count[r.Name] > 1 {
			rows[i].Below = r.Below + ", " + r.Start[:min(len(r.Start), 4)]
		}
	}
}

func requestOf(p peer.PairingInfo) requestRow {
	name := nameOr(p.Name, "Someone")
	r := requestRow{
		Key: p.Key, ID: p.ID, Figure: figureOf(name, p.Colour), Name: name, Title: name,
		Asked: !p.Incoming, Link: p.Link, Like: clean(p.LooksLike), LikeID: p.LooksLikeID,
	}
	if r.Asked {
		r.Title = "Waiting for " + name
	}
	switch {
	case p.Confirmed && r.Asked:
		r.Below = "you have confirmed"
	case p.Confirmed:
		r.Below = "waiting for their answer"
	case p.Incoming && p.Link:
		r.Below = "would like to be linked as yours"
	case p.Incoming && r.Like != "":
		r.Below = notTheOne(r.Like)
	case p.Incoming:
		r.Below = "would like to write with you"
	default:
		r.Below = "compare the code"
	}
	return r
}

// newDeviceRequest asks whether a device is a known person's.
func newDeviceRequest(n peer.NewDevice) requestRow {
	of, by := nameOr(n.Of.Name, "somebody"), nameOr(n.By.Name, "somebody")
	return requestRow{
		ID: n.Device.ID, Figure: figureOf(of, n.Of.Colour), Name: of, Title: of + "’s new device?",
		Below: by + " says so, " + shortID(n.Device.ID), New: true,
	}
}

// notTheOne says of somebody that they are not who they could be taken for.
func notTheOne(like string) string { return "not the " + like + " you know" }

// hasYourName is said of one who is called as the person here: mostly that is their
// own other device.
const hasYourName = "has your name: link if yours"

// tellOwnName says that of all in the column.
func (v *peopleView) tellOwnName(me peer.Person) {
	change := func(below *string, like string, id peer.DeviceID) {
		if like != "" && (id == me.ID || like == clean(me.Name)) {
			*below = strings.Replace(*below, notTheOne(like), hasYourName, 1)
		}
	}
	for i := range v.Requests {
		change(&v.Requests[i].Below, v.Requests[i].Like, v.Requests[i].LikeID)
	}
	for _, rows := range [][]personRow{v.Here, v.Members, v.Nearby} {
		for i := range rows {
			change(&rows[i].Below, rows[i].Like, rows[i].LikeID)
		}
	}
}

// hereRow is somebody in the document, not drawn yet; m is who they are in the space.
func hereRow(c peer.Cursor, m peer.Member, me peer.DeviceID, s peer.DocState, owner bool) personRow {
	name := nameOr(c.Name, "Someone")
	below := reachLine(m, s)
	switch {
	case hasDevice(m, me):
		name, below = "You", "on another device"
	case m.NotTheOne != "":
		below = notTheOne(clean(m.NotTheOne))
	case m.Role != "" && m.Role != roleEditor:
		below = strings.TrimSuffix(m.Role+", "+below, ", ")
	}
	switch {
	case c.Typing && below == "":
		below = "typing"
	case c.Typing:
		below = "typing, " + below
	}
	return personRow{
		ID: c.ID, Person: m.ID, Name: name, Below: below,
		Action: actGoTo, Menu: owner && !hasDevice(m, me) && m.ID != (peer.DeviceID{}), Like: clean(m.NotTheOne),
	}
}

// memberRow is somebody in the space who is not in the document.
func memberRow(w *world, m peer.Member, s peer.DocState, owner bool, now time.Time) personRow {
	name := nameOr(m.Name, "Someone")
	row := personRow{ID: m.ID, Person: m.ID, Figure: figureOf(name, w.chooser(m).Colour), Name: name, Menu: owner, Like: clean(m.NotTheOne)}
	connected, last := seenOf(w.Peers, m)
	how := seenLine(last, now)
	switch {
	case connected && contains(s.Missing, m.ID):
		how = "nearby, catching up"
	case connected:
		how = "nearby"
	}
	row.Figure.Away = !connected
	row.Below = m.Role + ", " + how
	if row.Like != "" {
		row.Below = notTheOne(row.Like)
	}
	return row
}

// ownRow is the person here among the members.
func ownRow(w *world, m peer.Member) personRow {
	row := personRow{
		ID: m.ID, Person: m.ID, Figure: figureOf(w.Me.Name, w.chooser(m).Colour), Name: "You", Below: m.Role, Menu: true,
	}
	if n := len(m.Devices); n > 1 {
		row.Below = fmt.Sprintf("%s, on %d devices", m.Role, n)
	}
	return row
}

// removedRow is somebody who is no longer in the space.
func removedRow(w *world, m peer.Member, owner bool) personRow {
	name := nameOr(m.Name, "Someone")
	row := personRow{ID: m.ID, Person: m.ID, Figure: figureOf(name, w.chooser(m).Colour), Name: name, Below: "keeps what they had", Menu: owner}
	row.Figure.Away = true
	return row
}

func nearbyRow(p peer.PeerInfo, may bool) personRow {
	row := personRow{
		ID: p.ID, Start: p.ID.String(), Name: nameOr(p.Name, "A device nearby"),
		Below: elsewhere(p), Like: clean(p.LooksLike), LikeID: p.LooksLikeID, Paired: p.Paired,
	}
	if may {
		row.Action = actAdd
	}
	if p.ID == (peer.DeviceID{}) {
		row.Start = p.Tag
	}
	row.Figure = figureOf(row.Name, p.Colour)
	row.Figure.Device = !p.Known
	return row
}

// elsewhere says where somebody is who is not in the space at the desk.
func elsewhere(p peer.PeerInfo) string {
	switch {
	case p.Mine:
		return "your other device"
	case clean(p.NewDeviceOf) != "":
		return "said to be " + clean(p.NewDeviceOf) + "’s"
	case clean(p.LooksLike) != "":
		return notTheOne(clean(p.LooksLike))
	case len(p.Spaces) > 0:
		return "in other spaces"
	case p.Known:
		return "known, not in this space"
	}
	return "not in this space"
}

// reachLine says whether somebody has all of the document, as far as that is known:
// nothing of one who does not belong to its space.
func reachLine(m peer.Member, s peer.DocState) string {
	switch {
	case contains(s.Missing, m.ID):
		return "catching up"
	case contains(s.Reached, m.ID):
		return "up to date"
	}
	return ""
}

func contains(members []peer.Member, id peer.DeviceID) bool {
	return slices.ContainsFunc(members, func(m peer.Member) bool { return m.ID == id })
}

func peerOf(peers []peer.PeerInfo, id peer.DeviceID) peer.PeerInfo {
	for _, p := range peers {
		if p.ID == id {
			return p
		}
	}
	return peer.PeerInfo{}
}

// hereNow is somebody who is in the document.
type hereNow struct {
	ID     peer.DeviceID
	Figure figure
}

// hereIn are those who are in the document, each person once.
func hereIn(w *world, d desk) []hereNow {
	var all []hereNow
	for _, p := range presentIn(w, d) {
		all = append(all, hereNow{p.ID, w.figureIn(d.Space, p.Person, p.Name)})
	}
	return all
}

// mark says whom of those in the document the text follows, by the device on which
// they are followed and who they are in the space.
func (v *peopleView) mark(id peer.DeviceID, who peer.Member) {
	for i := range v.Here {
		r := &v.Here[i]
		if id != (peer.DeviceID{}) && (r.ID == id || r.Person == who.ID && r.Person != (peer.DeviceID{})) {
			r.ID, r.Followed = id, true
		}
	}
}
