package desktop

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"starling/assets"
	"starling/sync/peer"
)

// What an invitation can be.
var (
	invitedRoles = []string{roleEditor, roleCommenter, roleViewer}
	terms        = []term{{"In an hour", time.Hour}, {"In a day", 24 * time.Hour}, {"In a week", 7 * 24 * time.Hour}, {"Never", 0}}
)

// term is for how long an invitation holds; 0 for ever.
type term struct {
	words string
	time.Duration
}

// showInvite says how to get somebody into the space.
func (w *window) showInvite() {
	if size := w.Canvas().Size(); !w.rightShown(size) && roomForBoth(size) {
		w.showRight()
	}
	space := w.world.space(w.desk.Space)
	wide := w.wide()
	rows := newStack(10,
		newHeading("Invite to “"+nameOr(space.Name, "this space")+"”", wide),
		newProse(inviteLine(space), wide, faceText, inkDim))
	foot := newEndLine(newButton(plain, "Close", w.closeDialog))
	if owned(space) {
		for _, row := range peopleOf(&w.world, w.desk, time.Now()).Nearby {
			card := newPersonCard(peopleEvents{onAdd: w.addPerson})
			card.set(row)
			rows.Add(newOutdented(card, cardEdge, cardEdge))
		}
		rows.Add(newOutdented(newFindRow(w.showMissing), cardEdge, 0))
		rows.Add(newHairline())
		form, create := w.newInviteForm(space)
		rows.Add(form)
		rows.Add(w.newInviteList(space, rows))
		foot = newEndLine(newButton(plain, "Close", w.closeDialog), create)
	}
	w.openDialog(newDialog(w.newTallOver(wide, rows, foot), w.closeDialog))
}

// inviteLine says how people come into a space.
func inviteLine(space peer.Space) string {
	switch {
	case foreign(space):
		return readOnlyLine(space)
	case gone(space):
		return "You are no longer in this space."
	case !owned(space):
		return "This space belongs to " + ownerOf(space) + ", who can add people to it."
	}
	return "Ask them to open Starling on this network. They appear here and under Nearby; " +
		"press Add, and compare the code on both screens."
}

// newInviteForm asks for whom a link is; create makes it.
func (w *window) newInviteForm(space peer.Space) (form fyne.CanvasObject, create *button) {
	o := peer.InviteOptions{Role: roleEditor, Count: 1, Expires: terms[1].Duration}
	deeds := newProse(deedsLine(o.Role), w.wide(), faceSmall, inkDim)
	role := newSegments([]string{"Editor", "Commenter", "Viewer"}, 0, func(i int) {
		o.Role = invitedRoles[i]
		deeds.set(deedsLine(o.Role))
	})
	count := newSegments([]string{"One person", "Any number"}, 0, func(i int) { o.Count = 1 - i })
	var words []string
	for _, t := range terms {
		words = append(words, t.words)
	}
	expires := newSegments(words, 1, func(i int) { o.Expires = terms[i].Duration })
	create = newButton(primary, "Make a link", nil)
	create.do = func() {
		create.setDisabled(true)
		w.makeInvite(space, o)
	}
	return newStack(6,
		newLabel("Or send a link", faceSection, inkDim),
		newOutdented(newChoice("Role", role), choiceEdge, 0), deeds, newOutdented(newChoice("For", count), choiceEdge, 0),
		newOutdented(newChoice("Ends", expires), choiceEdge, 0), newGap(1, 2)), create
}

// makeInvite makes a link and shows it.
func (w *window) makeInvite(space peer.Space, o peer.InviteOptions) {
	asked := w.dialog
	var invite peer.Invite
	w.bridge.do(func(ctx context.Context) (err error) {
		invite, err = w.peer.Invite(ctx, space.ID, o)
		return err
	}, func(err error) {
		switch {
		case err != nil:
			w.closeDialog()
			w.complain(err)
			return
		case w.dialog == asked:
			w.showLink(space, invite)
		}
		w.links[invite.Hash] = invite.Link
	})
}

// showLink shows an invitation's link, to be sent or held before a camera, and
// who comes by it.
func (w *window) showLink(space peer.Space, invite peer.Invite) {
	wide := w.wide()
	code, err := newQRCode(invite.Link)
	if err != nil {
		w.complain(err)
		return
	}
	copied := newButton(primary, "Copy the link", nil)
	copied.wide = copied.MinSize().Width
	copied.do = func() {
		w.copy(invite.Link)
		copied.set("Copied")
	}
	came := newProse(cameLine(invite), wide, faceText, inkText)
	rows := newStack(12,
		newHeading("A link to “"+nameOr(space.Name, "this space")+"”", wide),
		newProse(linkLine(invite, time.Now()), wide, faceText, inkDim),
		newCentredStack(0, code),
		newCutLabel(invite.Link, faceHint, inkDim),
		came,
		newAnswers(wide, newButton(plain, "Take it back", func() { w.cancelInvite(space.ID, invite) }), newButton(plain, "Done", w.closeDialog), copied))
	w.openDialog(newDialog(w.newTall(wide, rows), w.closeDialog))
	dialog := w.dialog
	w.watch(func() {
		w.invites(space.ID, func(all []peer.Invite) {
			i := slices.IndexFunc(all, func(i peer.Invite) bool { return i.Hash == invite.Hash })
			if i >= 0 && w.dialog == dialog {
				invite.Came = all[i].Came
				came.set(cameLine(invite))
				dialog.Refresh()
			}
		})
	})
}

// linkLine says what a link is good for.
func linkLine(i peer.Invite, now time.Time) string {
	who, when := "Whoever has it may come in as "+aRole(i.Role), "you take it back"
	if i.Count == 1 {
		who = "The first who uses it comes in as " + aRole(i.Role)
	}
	if !i.Expiry.IsZero() {
		when = momentLine(i.Expiry, now)
	}
	return "Good until " + when + ", on this network and while Starling is open here. " + who + ". Send it only to those you mean."
}

// momentLine names a time to come.
func momentLine(at, now time.Time) string {
	at = at.In(now.Location())
	if at.Sub(now) < 20*time.Hour {
		return at.Format("15:04")
	}
	return at.Format("2 January, 15:04")
}

// shortMoment is the same where there is little room.
func shortMoment(at, now time.Time) string {
	at = at.In(now.Location())
	if at.Sub(now) < 20*time.Hour {
		return at.Format("15:04")
	}
	return at.Format("2 Jan, 15:04")
}

// cameLine says who has come by an invitation.
func cameLine(i peer.Invite) string {
	if len(i.Came) == 0 {
		return "Nobody has come by it yet."
	}
	var names []string
	for _, p := range i.Came {
		names = append(names, nameOr(p.Name, "somebody"))
	}
	if len(names) == 1 {
		return names[0] + " has come by it."
	}
	return listed(names, "others") + " have come by it."
}

// invites reads the invitations to a space and gives them to f.
func (w *window) invites(space peer.SpaceID, f func([]peer.Invite)) {
	var all []peer.Invite
	w.bridge.do(func(ctx context.Context) (err error) {
		all, err = w.peer.Invites(ctx, space)
		return err
	}, func(err error) {
		if err == nil { // else the space is gone, which is told elsewhere
			f(all)
		}
	})
}

// cancelInvite takes a link back.
func (w *window) cancelInvite(space peer.SpaceID, i peer.Invite) {
	w.closeDialog()
	delete(w.links, i.Hash)
	done := "The link is good for nobody now."
	if len(i.Came) > 0 {
		done = "The link is good for nobody any more. Who has come stays."
	}
	w.try(done, func(ctx context.Context) error { return w.peer.CancelInvite(ctx, space, i.Hash) })
}

// unkept says why a link that is listed is not shown.
const unkept = "A link is kept nowhere: only one that was made here, since Starling was opened, can be shown again."

// newInviteList lists the links that are still good; it is filled when they are
// known. Those that this window has made can be shown again. within is where it
// stands.
func (w *window) newInviteList(space peer.Space, within *fyne.Container) fyne.CanvasObject {
	list := newStack(4)
	list.Hide()
	var keys rowKeys
	fill := func() {
		w.invites(space.ID, func(all []peer.Invite) {
			now := time.Now()
			all = slices.DeleteFunc(all, func(i peer.Invite) bool { return !openInvite(i, now) })
			var said []string
			for _, i := range all {
				said = append(said, i.Hash+w.links[i.Hash]+inviteTitle(i)+inviteLife(i, now))
			}
			if !keys.other(said) {
				return
			}
			list.Objects = []fyne.CanvasObject{newHairline(), newGap(1, 2), newLabel("Links that are still good", faceSection, inkDim)}
			lost := false
			for _, i := range slices.Backward(all) {
				var show func()
				if i.Link = w.links[i.Hash]; i.Link != "" {
					show = func() { w.showLink(space, i) }
				}
				lost = lost || show == nil
				list.Add(newInviteRow(i, now, show, func() { w.cancelInvite(space.ID, i) }))
			}
			if lost {
				list.Add(newProse(unkept, w.wide(), faceSmall, inkDim))
			}
			list.Add(newGap(1, 6))
			setVisible(list, len(all) > 0)
			list.Refresh()
			within.Refresh()
			if w.dialog != nil {
				w.dialog.Refresh()
			}
		})
	}
	fill()
	w.watchNext = fill
	return list
}

// openInvite says whether somebody may still come by an invitation.
func openInvite(i peer.Invite, now time.Time) bool {
	switch {
	case i.Cancelled, !i.Expiry.IsZero() && i.Expiry.Before(now):
		return false
	}
	return i.Count == 0 || len(i.Came) < i.Count
}

// newInviteRow is an invitation in a list, with a button that takes it back, and one
// that shows its link; onShow is nil where that is not known.
func newInviteRow(i peer.Invite, now time.Time, onShow, onCancel func()) *ground {
	icon := newPicture(assets.IconLink, assets.SmallIcon, inkDim)
	title := newCutLabel(inviteTitle(i), faceText, inkText)
	below := newCutLabel(inviteLife(i, now), faceSmall, inkDim)
	buttons := newLine(8, newButton(plain, "Take back", onCancel).small())
	if onShow != nil {
		buttons.Objects = slices.Insert(buttons.Objects, 0, fyne.CanvasObject(newButton(plain, "Show", onShow).small()))
	}
	return newGround(inkNone,
		func() fyne.Size { return fyne.NewSize(200, 50) },
		func(size fyne.Size) {
			own := buttons.MinSize()
			place(buttons, size.Width-own.Width, 2, own.Width, own.Height)
			place(icon, 1, 2+middle(own.Height, assets.SmallIcon), assets.SmallIcon, assets.SmallIcon)
			place(title, 24, 2, size.Width-own.Width-32, own.Height)
			place(below, 24, 29, size.Width-24, 17)
		}, icon, title, below, buttons)
}

// inviteTitle says in short what an invitation is.
func inviteTitle(i peer.Invite) string {
	who := "one person"
	switch {
	case i.Count == 0:
		who = "any number"
	case i.Count > 1:
		who = fmt.Sprintf("%d people", i.Count)
	}
	return roleWord(i.Role) + ", " + who
}

// inviteLife says until when an invitation is good, and who has come by it.
func inviteLife(i peer.Invite, now time.Time) string {
	until := "you take it back"
	if !i.Expiry.IsZero() {
		until = shortMoment(i.Expiry, now)
	}
	return "Good until " + until + ". " + cameLine(i)
}
