package desktop

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

	"starling/sync/peer"
)

// connectTimeout is how long connecting to an address may take.
const connectTimeout = 15 * time.Second

// addPerson asks somebody nearby to compare a code, and shares the space with
// them once both have confirmed.
func (w *window) addPerson(row personRow) {
	space := w.desk.Space
	w.comparing(row.Figure, row.Name, space, func(ctx context.Context) (peer.PairingInfo, error) {
		return w.peer.StartPairing(ctx, row.Start, space)
	})
}

// showRequest shows the code of a pairing that waits.
func (w *window) showRequest(row requestRow) {
	for _, info := range w.world.Pairings {
		if info.Key == row.Key {
			w.comparing(row.Figure, row.Name, peer.SpaceID{}, func(context.Context) (peer.PairingInfo, error) {
				return info, nil
			})
		}
	}
}

// decline says no to a pairing.
func (w *window) decline(row requestRow) {
	for _, info := range w.world.Pairings {
		if info.Key == row.Key {
			w.reject(info, "")
		}
	}
}

// comparing leads through one pairing: its code is found, both confirm, and it
// ends well or not.
func (w *window) comparing(they figure, name string, space peer.SpaceID, start func(context.Context) (peer.PairingInfo, error)) {
	var info peer.PairingInfo
	var d *pairingDialog
	cancelled := false
	d = newPairingDialog(figureOf(w.world.Me.Name, w.world.Me.Colour), they, name, pairingEvents{
		onSame: func() {
			d.waiting(info.Code)
			w.bridge.do(func(context.Context) error {
				return w.peer.ConfirmPairing(info.Code, space)
			}, func(err error) {
				if err != nil {
					d.failed(err)
				}
			})
		},
		onDiffers: func() {
			w.closeDialog()
			w.reject(info, name)
		},
		onClose: func() {
			cancelled = true
			w.closeDialog()
		},
	})
	w.openDialog(d.sheet)
	w.pair = d
	w.bridge.do(func(ctx context.Context) (err error) {
		info, err = start(ctx)
		return err
	}, func(err error) {
		switch {
		case err != nil && d.shown():
			d.failed(err)
		case err != nil:
			w.complain(err)
		case cancelled && !info.Incoming:
			w.reject(info, "")
		default:
			if info.Confirmed {
				d.waiting(info.Code)
			} else {
				d.compare(info)
			}
			w.await(d, info, space, name)
		}
	})
}

// await tells how a pairing ends.
func (w *window) await(d *pairingDialog, info peer.PairingInfo, space peer.SpaceID, name string) {
	w.bridge.do(func(ctx context.Context) error {
		return w.peer.WaitPairing(ctx, info.Key)
	}, func(err error) {
		switch {
		case err != nil && d.shown():
			d.failed(err)
		case err != nil:
			return // the person knows, or has left it
		default:
			if d.shown() {
				w.closeDialog()
			}
			// That a space has come says more, and has a way to it.
			if n := w.page.notice; n == nil || n.action == nil {
				w.notify(pairedLine(name, w.world.space(space)), "", nil)
			}
		}
		w.bridge.wake()
	})
}

// pairedLine says what follows from a pairing.
func pairedLine(name string, space peer.Space) string {
	if clean(space.Name) == "" {
		return "You and " + name + " can write together now."
	}
	return name + " can write in “" + clean(space.Name) + "” now."
}

// reject says that the codes differ, or that one does not want to. name is ""
// if nothing needs to be said about it.
func (w *window) reject(info peer.PairingInfo, name string) {
	w.bridge.do(func(context.Context) error {
		return w.peer.RejectPairing(info.Code)
	}, func(err error) {
		if err == nil && name != "" {
			w.notify("Nothing was shared with "+name+". If the codes differed, somebody may be in between.", "", nil)
		}
		w.bridge.wake()
	})
}

// showFind helps to find somebody who is not seen.
func (w *window) showFind() {
	form := newAddressForm()
	w.bindForm(form)
	w.openDialog(newDialog(newNearbyHelp(&w.world, form, w.closeDialog), w.closeDialog))
}

// showInvite says how to get somebody into the space.
func (w *window) showInvite() {
	if !w.showPeople {
		w.togglePeople()
	}
	space := w.world.space(w.desk.Space)
	form := newAddressForm()
	w.bindForm(form)
	rows := newStack(10,
		newLabel("Invite to “"+nameOr(space.Name, "this space")+"”", faceTitle, inkText),
		newProse(inviteLine(space), formWidth, faceText, inkDim))
	for _, row := range peopleOf(&w.world, w.desk, time.Now()).Nearby {
		if row.Action == actAdd {
			card := newPersonCard(peopleEvents{onAdd: w.addPerson})
			card.set(row)
			rows.Add(card)
		}
	}
	rows.Add(newGap(1, 0))
	rows.Add(newHairline())
	rows.Add(form.root)
	rows.Add(newEndLine(newButton(plain, "Close", w.closeDialog)))
	w.openDialog(newDialog(fixedWidth(formWidth, rows), w.closeDialog))
}

// inviteLine says how people come into a space.
func inviteLine(space peer.Space) string {
	if !owned(space) {
		return "This space belongs to " + ownerOf(space) + ", who can add people to it."
	}
	return "Ask them to open Starling on this network. They appear here and under Nearby; " +
		"press Add, and compare the code on both screens."
}

// bindForm lets a form connect.
func (w *window) bindForm(form *addressForm) {
	form.onConnect = func(address string) {
		var found peer.PeerInfo
		w.bridge.do(func(ctx context.Context) (err error) {
			ctx, cancel := context.WithTimeout(ctx, connectTimeout)
			defer cancel()
			found, err = w.peer.Connect(ctx, address)
			return err
		}, func(err error) {
			form.done(found, err)
			if w.dialog != nil {
				w.dialog.Refresh()
			}
		})
	}
}

// fixedWidth gives an object a width.
func fixedWidth(width float32, o fyne.CanvasObject) *ground {
	return newGround(inkNone,
		func() fyne.Size { return fyne.NewSize(width, o.MinSize().Height) },
		func(size fyne.Size) { place(o, 0, 0, size.Width, size.Height) }, o)
}
