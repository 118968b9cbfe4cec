package desktop

import (
	"context"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"starling/assets"
	"starling/sync/peer"
)

// newDeviceList lists the devices of the person here, with a way to revoke one
// and to link another.
func (w *window) newDeviceList() fyne.CanvasObject {
	list := newStack(2)
	var keys rowKeys
	fill := func() {
		now := time.Now()
		var said []string
		for _, d := range w.world.Devices {
			said = append(said, deviceTitle(d)+", "+deviceSeen(d, now))
		}
		if !keys.other(said) {
			return
		}
		list.Objects = nil
		for _, d := range w.world.Devices {
			list.Add(newDeviceRow(d, now, func() { w.askRevoke(d) }))
		}
		list.Add(newRowButton(assets.IconLink, "Link my other device…", "", w.showLinking))
		list.Refresh()
		if w.dialog != nil {
			w.dialog.Refresh()
		}
	}
	fill()
	w.watchNext = fill
	return list
}

// newDeviceRow is a device of the person here.
func newDeviceRow(d peer.Device, now time.Time, onRevoke func()) *ground {
	colour := ink(inkText)
	if d.Revoked {
		colour = inkDim
	}
	icon := newPicture(assets.IconLaptop, assets.SmallIcon, inkDim)
	name := newCutLabel(deviceTitle(d), faceText, colour)
	below := newCutLabel(deviceSeen(d, now), faceSmall, inkDim)
	objects := []fyne.CanvasObject{icon, name, below}
	var revoke *button
	if !d.This && !d.Revoked {
		revoke = newButton(plain, "Revoke", onRevoke).small()
		objects = append(objects, revoke)
	}
	return newGround(inkNone,
		func() fyne.Size { return fyne.NewSize(200, 40) },
		func(size fyne.Size) {
			end := size.Width
			if revoke != nil {
				own := revoke.MinSize()
				end -= own.Width
				place(revoke, end, middle(size.Height, own.Height), own.Width, own.Height)
				end -= 8
			}
			place(icon, 8, 4, assets.SmallIcon, assets.SmallIcon)
			place(name, 31, 2, end-31, 18)
			place(below, 31, 21, end-31, 17)
		}, objects...)
}

// deviceTitle names a device among those of one person.
func deviceTitle(d peer.Device) string {
	if d.This {
		return "This device, " + shortID(d.ID)
	}
	return nameOr(d.Name, "Device") + "’s device, " + shortID(d.ID)
}

// askRevoke says what it means to revoke a device, and does it.
func (w *window) askRevoke(d peer.Device) {
	w.ask("Revoke device "+shortID(d.ID)+"?",
		"It no longer counts as yours and is taken out of all your spaces: it gets nothing new, and what is written on it reaches nobody. "+
			"What is on it stays there. You can link it again.",
		"Revoke", func() {
			w.draw("revoke device "+shortID(d.ID), "Device "+shortID(d.ID)+" is no longer yours.", func(ctx context.Context, o peer.LineOptions) (peer.LineReport, error) {
				return w.peer.Revoke(ctx, d.ID.String(), o)
			})
		})
}

// linkLead says what linking two devices means.
const linkLead = "Both will be the same person: each gets all your spaces, writes in your name, and can revoke the other."

// showLinking lets the person choose the device that is to be linked.
func (w *window) showLinking() {
	wide := w.wide()
	near := newStack(0)
	var shown []personRow
	fill := func() {
		strange, known := linkable(w.world.Peers)
		all := slices.Concat(strange, known)
		if len(near.Objects) > 0 && slices.Equal(shown, all) {
			return
		}
		shown = all
		near.Objects = nil
		for _, row := range strange {
			card := newPersonCard(peopleEvents{onAdd: w.linkDevice})
			card.add.words = "Link"
			card.set(row)
			near.Add(newOutdented(card, cardEdge, cardEdge))
		}
		if len(strange) == 0 {
			near.Add(newOutdented(newNote("No new device is near yet. It appears here by itself."), noteEdge, 0))
		}
		if len(known) > 0 {
			near.Add(newGap(1, 10))
			near.Add(newLabel("People you know", faceSection, inkDim))
			near.Add(newGap(1, 4))
		}
		for _, row := range known {
			near.Add(newOutdented(newRowButton(assets.IconUser, row.Name, "only if it is yours", func() { w.askOwn(row) }), choiceEdge, choiceEdge))
		}
		near.Refresh()
		if w.dialog != nil {
			w.dialog.Refresh()
		}
	}
	fill()
	rows := newStack(12,
		newHeading("Link my other device", wide),
		newProse("Open Starling on your other device, on this network, and choose it here. Then compare the code on both. "+linkLead, wide, faceText, inkDim),
		near,
		newOutdented(newFindRow(w.showMissing), cardEdge, 0),
		newEndLine(newButton(plain, "Close", w.closeDialog)))
	w.watchNext = fill
	w.openDialog(newDialog(w.newTall(wide, rows), w.closeDialog))
}

// askOwn asks whether a device of somebody known is the person's own, and links it.
func (w *window) askOwn(row personRow) {
	w.ask("Is this device your own?", row.Name+" is somebody you know. Link it only if it is yours. "+linkLead, "Link it", func() { w.linkDevice(row) })
}

// linkable are the devices nearby that could be one's own: those of strangers, and of
// those whom one knows, who are mostly somebody else.
func linkable(peers []peer.PeerInfo) (strange, known []personRow) {
	for _, p := range peers {
		if !p.Nearby && !p.Connected || p.Mine {
			continue
		}
		row := nearbyRow(p, true)
		row.Below, row.Like = "nearby", ""
		if p.Known {
			row.Below = "somebody you know"
			known = append(known, row)
		} else {
			strange = append(strange, row)
		}
	}
	return strange, known
}

// linkDevice compares a code with a device that is to be one's own.
func (w *window) linkDevice(row personRow) {
	w.linkBy(row, func(context.Context) error { return nil })
}

// linkBy is linkDevice after something else is done.
func (w *window) linkBy(row personRow, first func(context.Context) error) {
	c := w.compare(row.Figure, row.Name, row.Start, peer.SpaceID{})
	c.link = true
	c.dialog.link = true
	w.ready(c, func(ctx context.Context) (peer.PairingInfo, error) {
		if err := first(ctx); err != nil {
			return peer.PairingInfo{}, err
		}
		return w.peer.LinkDevice(ctx, row.Start)
	})
}
