package desktop

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"starling/app/control"
	"starling/app/doctor"
	"starling/assets"
	"starling/sync/peer"
)

// showMissing looks why somebody is not seen, and says what to do.
func (w *window) showMissing() {
	wide := w.wide()
	who := newField("Who? A name, or leave this empty", 36, faceText)
	who.most = maxName
	again := newButton(plain, "Look", nil)
	again.face = faceMedium
	found := newStack(10)
	look := func() {
		again.setDisabled(true)
		fillFindings(found, nil, wide)
		w.examine(strings.TrimSpace(who.Text()), func(all []doctor.Finding) {
			again.setDisabled(false)
			fillFindings(found, all, wide)
			if w.dialog != nil {
				w.dialog.Refresh()
			}
		})
	}
	again.do, who.onSubmit = look, look
	form := newAddressForm(wide)
	w.bindForm(form)
	bounds := newStack(4)
	var keys rowKeys
	fill := func() {
		if s := w.world.Status; keys.other(append([]string{boundsLine(s)}, s.Far...)) {
			w.fillBounds(bounds, wide)
		}
	}
	fill()
	results := newScrolling(wide, found, func() float32 { return findingsHeight(w.Canvas().Size().Height) })
	rows := newStack(12,
		newHeading("Someone missing?", wide),
		newGrowingLine(8, who, who, again),
		results,
		newHairline(),
		bounds,
		newHairline(),
		newOwnAddress(w.world.Status, w.copy), form.root)
	w.watchNext = fill
	foot := newEndLine(newButton(plain, "Close", w.closeDialog))
	w.openDialog(newDialog(w.newTallOver(wide, rows, foot), w.closeDialog))
	w.Canvas().Focus(who)
	look()
}

// findingsHeight is how high what is found may be in a window of a height, whatever
// that is: what stands above and below it stays in its place.
func findingsHeight(window float32) float32 {
	const others = 404 // all else in the dialog, and around it
	return max(min(window-others, 300), 120)
}

// examine has the doctor look, off the window's goroutine.
func (w *window) examine(who string, done func([]doctor.Finding)) {
	var all []doctor.Finding
	w.bridge.do(func(ctx context.Context) error {
		facts, err := control.Facts(ctx, w.peer)
		if err != nil {
			return err
		}
		all = doctor.Examine(ctx, facts, who)
		return nil
	}, func(err error) {
		if err != nil {
			all = []doctor.Finding{{Topic: "peer", Level: doctor.Problem, What: sentence(err, "")}}
		}
		done(all)
	})
}

// fillFindings shows what the doctor found, what matters most first; nil says
// that it looks.
func fillFindings(box *fyne.Container, all []doctor.Finding, wide float32) {
	box.Objects = nil
	if all == nil {
		box.Add(newFinding(doctor.Finding{Level: doctor.Note, What: "Looking. This takes up to three seconds."}, wide))
	}
	for _, level := range []doctor.Level{doctor.Problem, doctor.Note, doctor.OK} {
		for _, f := range all {
			if f.Level == level {
				box.Add(newFinding(f, wide))
			}
		}
	}
	box.Refresh()
}

// newFinding is what the matter is, and below it what to do.
func newFinding(f doctor.Finding, wide float32) *ground {
	icon, colour := assets.IconInfo, ink(inkDim)
	switch f.Level {
	case doctor.OK:
		icon = assets.IconCheck
	case doctor.Problem:
		icon, colour = assets.IconTriangleAlert, inkText
	}
	return newIconText(icon, colour, f.What, f.Do, wide)
}

// newIconText is a sentence beside an icon, and further words below it, if any.
func newIconText(icon assets.Icon, colour ink, words, further string, wide float32) *ground {
	const indent = 24
	picture := newPicture(icon, assets.SmallIcon, colour)
	what, below := newProse(words, wide-indent, faceText, inkText), newProse(further, wide-indent, faceSmall, inkDim)
	below.Hidden = further == ""
	text := newStack(1, what, below)
	return newGround(inkNone,
		func() fyne.Size { return fyne.NewSize(wide, text.MinSize().Height) },
		func(size fyne.Size) {
			place(picture, 0, 3, assets.SmallIcon, assets.SmallIcon)
			place(text, indent, 0, size.Width-indent, size.Height)
		}, picture, text)
}

// fillBounds says with whom the peer may speak, with a way to take that back.
func (w *window) fillBounds(box *fyne.Container, wide float32) {
	box.Objects = nil
	far := w.world.Status.Far
	box.Add(newIconText(boundsIcon(w.world.Status), inkDim, boundsLine(w.world.Status), "", wide))
	for _, address := range far {
		box.Add(newFarRow(address, func() {
			w.bridge.do(func(ctx context.Context) error { return w.peer.Disallow(ctx, address) }, func(err error) {
				if err != nil {
					w.complain(err)
				}
				w.bridge.wake()
			})
		}))
	}
	box.Refresh()
	if w.dialog != nil {
		w.dialog.Refresh()
	}
}

func boundsIcon(s peer.Status) assets.Icon {
	switch {
	case offline(s):
		return assets.IconWifiOff
	case len(s.Far) > 0:
		return assets.IconLink
	}
	return assets.IconWifi
}

// boundsLine says how far words travel.
func boundsLine(s peer.Status) string {
	switch {
	case offline(s):
		return "On no network just now."
	case len(s.Far) > 0:
		return "Also speaks with these addresses beyond this network:"
	case s.HopLimit == 1:
		return "On this network only: no router passes on what you send."
	}
	return "On this network only."
}

// newFarRow is an address beyond this network, with a switch to take it back.
func newFarRow(address string, onBack func()) *ground {
	words := newCutLabel(address, faceText, inkText)
	back := newButton(plain, "Take back", onBack).small()
	return newGround(inkNone,
		func() fyne.Size { return fyne.NewSize(200, 32) },
		func(size fyne.Size) {
			own := back.MinSize()
			place(back, size.Width-own.Width, middle(size.Height, own.Height), own.Width, own.Height)
			place(words, 24, 0, size.Width-own.Width-32, size.Height)
		}, words, back)
}
