package desktop

import (
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
}

// requestRow is a stranger who would like to write with us, or whom we asked.
type requestRow struct {
	Key    uint64
	ID     peer.DeviceID
	Figure figure
	Name   string
	Title  string // what stands above: the name, or that we wait for them
	Below  string
	Asked  bool // by the person here
}

// peopleView is the column of people.
type peopleView struct {
	Requests              []requestRow
	Here, Members, Nearby []personRow
}

// peopleOf says who is where: in the document, in the space, or only near.
func peopleOf(w *world, d desk, now time.Time) peopleView {
	var v peopleView
	asking := map[peer.DeviceID]bool{}
	for _, p := range w.Pairings {
		asking[p.ID] = true
		v.Requests = append(v.Requests, requestOf(p))
	}
	here := map[peer.DeviceID]bool{}
	for _, c := range d.Others {
		if !here[c.ID] {
			here[c.ID] = true
			v.Here = append(v.Here, hereRow(c, d.State))
		}
	}
	space := w.space(d.Space)
	members := map[peer.DeviceID]bool{w.Me.ID: true}
	for _, m := range space.Members {
		if !members[m.ID] && !here[m.ID] {
			v.Members = append(v.Members, memberRow(m, peerOf(w.Peers, m.ID), d.State, now))
		}
		members[m.ID] = true
	}
	for _, p := range w.Peers {
		known := p.ID != peer.DeviceID{}
		if (p.Nearby || p.Connected) && !(known && (members[p.ID] || asking[p.ID])) {
			v.Nearby = append(v.Nearby, nearbyRow(p, owned(space)))
		}
	}
	tellApart(v.Nearby)
	return v
}

// hide leaves out the pairing whose dialog is open, whoever asked. While key is
// not known (0), it is any with somebody whose ID begins with start, "" for
// nobody.
func (v *peopleView) hide(key uint64, start string) {
	v.Requests = slices.DeleteFunc(v.Requests, func(r requestRow) bool {
		if key != 0 {
			return r.Key == key
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
	r := requestRow{Key: p.Key, ID: p.ID, Figure: figureOf(name, p.Colour), Name: name, Title: name, Asked: !p.Incoming}
	if r.Asked {
		r.Title = "Waiting for " + name
	}
	switch {
	case p.Confirmed && r.Asked:
		r.Below = "you have confirmed"
	case p.Confirmed:
		r.Below = "waiting for their answer"
	case p.Incoming:
		r.Below = "would like to write with you"
	default:
		r.Below = "compare the code"
	}
	return r
}

func hereRow(c peer.Cursor, s peer.DocState) personRow {
	name := nameOr(c.Name, "Someone")
	below := reachLine(c.ID, s)
	if c.Typing {
		below = "typing, " + below
	}
	return personRow{ID: c.ID, Figure: figureOf(name, c.Colour), Name: name, Below: below, Action: actGoTo}
}

func memberRow(m peer.Member, p peer.PeerInfo, s peer.DocState, now time.Time) personRow {
	name := nameOr(m.Name, "Someone")
	row := personRow{ID: m.ID, Figure: figureOf(name, m.Colour), Name: name}
	switch {
	case p.Connected:
		row.Below = "nearby, " + reachLine(m.ID, s)
		return row
	case contains(s.Missing, m.ID):
		row.Below = "not yet reached, " + seenLine(p.LastSeen, now)
	default:
		row.Below = seenLine(p.LastSeen, now)
	}
	row.Figure.Away = true
	return row
}

// owned says whether we may add people to a space.
func owned(s peer.Space) bool { return s.Role == "owner" }

// ownerOf is the name of who may.
func ownerOf(s peer.Space) string {
	for _, m := range s.Members {
		if m.Role == "owner" {
			return nameOr(m.Name, "its owner")
		}
	}
	return "its owner"
}

func nearbyRow(p peer.PeerInfo, may bool) personRow {
	row := personRow{
		ID: p.ID, Start: p.ID.String(), Name: nameOr(p.Name, "A device nearby"),
		Below: elsewhere(p),
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
	case len(p.Spaces) > 0:
		return "in other spaces"
	case p.Known:
		return "known, not in this space"
	}
	return "not in this space"
}

// reachLine says whether somebody has all of the document.
func reachLine(id peer.DeviceID, s peer.DocState) string {
	if contains(s.Missing, id) {
		return "catching up"
	}
	return "up to date"
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

// hereIn are those who are in the document, each once.
func hereIn(d desk) []hereNow {
	var all []hereNow
	for _, c := range d.Others {
		if !slices.ContainsFunc(all, func(h hereNow) bool { return h.ID == c.ID }) {
			all = append(all, hereNow{c.ID, figureOf(c.Name, c.Colour)})
		}
	}
	return all
}

// mark says whom of those in the document the text follows.
func (v *peopleView) mark(id peer.DeviceID) {
	for i := range v.Here {
		v.Here[i].Followed = id != (peer.DeviceID{}) && v.Here[i].ID == id
	}
}
