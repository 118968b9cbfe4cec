package desktop

import (
	"context"
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"starling/assets"
	"starling/sync/peer"
)

// memberMenuWidth is how wide the menu of a member is.
const memberMenuWidth = 262

// showMember opens the menu of somebody in the column of people, beside an
// object.
func (w *window) showMember(row personRow, beside fyne.CanvasObject) {
	space := w.world.space(w.desk.Space)
	m, ok := memberOf(space, row.Person)
	if !ok {
		return
	}
	rows := newStack(1)
	name := nameOr(m.Name, "Someone")
	mine := hasDevice(m, w.world.Me.ID)
	switch {
	case mine:
		rows.Add(newRowButton(assets.IconLaptop, "Your devices…", "", w.showMe))
		rows.Add(newRowButton(assets.IconLogOut, "Leave this space…", "", w.askLeave))
	case m.Removed && m.Left: // nobody adds them unasked
		rows.Add(newRowButton(assets.IconUserPlus, "Invite "+name+" to come back…", "", w.showInvite))
	case m.Removed:
		rows.Add(newRowButton(assets.IconUserPlus, "Add "+name+" again…", "", func() { w.askAdd(m.Person, againLead(m)) }))
	default:
		for _, line := range deviceLines(w.world.Peers, m, time.Now()) {
			rows.Add(newNote(line))
		}
		for _, role := range roles {
			button := newRowButton(roleIcon(role == m.Role), roleWord(role), roleDeeds[role], func() { w.setRole(m, role) })
			button.marked = role == m.Role
			rows.Add(button)
		}
		rows.Add(newRule())
		rows.Add(newRowButton(assets.IconTrash, "Remove "+name+"…", "", func() { w.askRemove(m) }))
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(beside)
	w.openDialog(newMenu(fixedWidth(memberMenuWidth, rows),
		at.AddXY(beside.Size().Width-memberMenuWidth-12, beside.Size().Height+4), w.closeDialog))
}

func memberOf(s peer.Space, person peer.DeviceID) (peer.Member, bool) {
	for _, m := range s.Members {
		if m.ID == person {
			return m, true
		}
	}
	return peer.Member{}, false
}

func roleIcon(chosen bool) assets.Icon {
	if chosen {
		return assets.IconCheck
	}
	return assets.IconUser
}

// deedsLine says what one of a role may do.
func deedsLine(role string) string { return roleWord(role) + ": " + roleDeeds[role] + "." }

// roleWord is a role as it is shown by itself.
func roleWord(role string) string {
	if role == "" {
		return ""
	}
	return strings.ToUpper(role[:1]) + role[1:]
}

// noteEdge is the room before the words of a note.
const noteEdge = 10

// newNote is a quiet line of a menu.
func newNote(words string) *ground {
	text := newCutLabel(words, faceSmall, inkDim)
	return newGround(inkNone,
		func() fyne.Size { return fyne.NewSize(120, 24) },
		func(size fyne.Size) { place(text, noteEdge, 0, size.Width-2*noteEdge, size.Height) }, text)
}

// deviceLines say which devices somebody has.
func deviceLines(peers []peer.PeerInfo, m peer.Member, now time.Time) []string {
	var lines []string
	for _, d := range m.Devices {
		p := peerOf(peers, d.ID)
		d.Connected, d.LastSeen = p.Connected, p.LastSeen
		lines = append(lines, "Device "+shortID(d.ID)+", "+deviceSeen(d, now))
	}
	return lines
}

// deviceSeen says whether a device is there.
func deviceSeen(d peer.Device, now time.Time) string {
	switch {
	case d.This:
		return "in use"
	case d.Revoked:
		return "revoked"
	case d.Connected:
		return "nearby"
	}
	return seenLine(d.LastSeen, now)
}

// shortID is enough of a device's ID to tell it from others of a person.
func shortID(id peer.DeviceID) string {
	text := id.String()
	return text[:4] + " " + text[4:8]
}

func (w *window) setRole(m peer.Member, role string) {
	w.closeDialog()
	if role == m.Role {
		return
	}
	space, name := w.desk.Space, nameOr(m.Name, "They")
	w.draw("make "+name+" "+aRole(role), fmt.Sprintf("%s is %s now.", name, aRole(role)), func(ctx context.Context, o peer.LineOptions) (peer.LineReport, error) {
		return w.peer.ChangeRole(ctx, space, m.ID.String(), role, o)
	})
}

// aRole is a role with its article.
func aRole(role string) string {
	if role != "" && strings.ContainsRune("aeiou", rune(role[0])) {
		return "an " + role
	}
	return "a " + role
}

// askRemove says what it means to remove somebody, and does it.
func (w *window) askRemove(m peer.Member) {
	space, name := w.world.space(w.desk.Space), nameOr(m.Name, "Someone")
	w.ask(fmt.Sprintf("Remove %s from “%s”?", name, nameOr(space.Name, "this space")), removalLine(name), "Remove", func() {
		w.draw("remove "+name, name+" is no longer in this space.", func(ctx context.Context, o peer.LineOptions) (peer.LineReport, error) {
			return w.peer.Remove(ctx, space.ID, m.ID.String(), o)
		})
	})
}

// removalLine says what a removal does, and what it doesn't.
func removalLine(name string) string {
	return fmt.Sprintf("%s gets nothing new from anyone who has heard of this, and can write here no more. "+
		"What %s wrote stays in the documents. What %s has stays with them: a removal takes nothing from another computer.", name, name, name)
}

// askLeave says what it means to leave, and does it.
func (w *window) askLeave() {
	space := w.world.space(w.desk.Space)
	name := nameOr(space.Name, "this space")
	if me, in := insider(space, w.world.Me.ID); in && onlyOwner(space, me.ID) {
		w.tellOf("You are the only owner", "A space needs an owner. Make somebody else an owner first: press … beside their name. Then you can leave.")
		return
	}
	w.ask(fmt.Sprintf("Leave “%s”?", name),
		"You get nothing new and can write here no more, on any of your devices. What you wrote stays with the others, and what is here stays with you, to be read and copied. An owner can add you again.",
		"Leave", func() {
			w.draw("leave", "", func(ctx context.Context, o peer.LineOptions) (peer.LineReport, error) {
				return w.peer.LeaveSpace(ctx, space.ID, o)
			})
		})
}

// againLead says who it is who would be added again.
func againLead(m peer.Member) string {
	lead := nameOr(m.Name, "Someone") + " was in this space before."
	if like := clean(m.NotTheOne); like != "" {
		lead += " This is " + notTheOne(like) + "."
	}
	return lead
}

// addedLine says what came of adding somebody, who may not be there to hear of it.
func addedLine(peers []peer.PeerInfo, space peer.Space, p peer.Person) string {
	name, to := nameOr(p.Name, "Someone"), nameOr(space.Name, "this space")
	m, ok := memberOf(space, p.ID)
	if !ok {
		m.ID = p.ID
	}
	if connected, _ := seenOf(peers, m); connected {
		return fmt.Sprintf("%s is in “%s” now.", name, to)
	}
	return fmt.Sprintf("%s is added, and sees “%s” as soon as their computer is near.", name, to)
}

// askAdd makes somebody whom the person here knows a member, in a role. lead says
// how they know each other.
func (w *window) askAdd(p peer.Person, lead string) {
	space, name, role := w.world.space(w.desk.Space), nameOr(p.Name, "Someone"), roleEditor
	deeds := newProse(deedsLine(role), w.wide(), faceSmall, inkDim)
	choice := newSegments([]string{"Owner", "Editor", "Commenter", "Viewer"}, 1, func(i int) {
		role = roles[i]
		deeds.set(deedsLine(role))
	})
	w.openDialog(newDialog(newStack(14,
		newHeading(fmt.Sprintf("Add %s to “%s”?", name, nameOr(space.Name, "this space")), w.wide()),
		newProse(lead, w.wide(), faceText, inkDim),
		newStack(6, newLine(0, choice), deeds),
		newEndLine(newButton(plain, "Cancel", w.closeDialog), newButton(primary, "Add", func() {
			w.closeDialog()
			w.try(addedLine(w.world.Peers, space, p), func(ctx context.Context) error {
				return w.peer.AddMember(ctx, space.ID, p.ID.String(), role)
			})
		}))), w.closeDialog))
}
