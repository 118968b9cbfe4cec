package desktop

import (
	"context"
	"errors"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"starling/sync/peer"
)

// connectTimeout is how long connecting to an address may take.
const connectTimeout = 15 * time.Second

// spaceWait is for how long after a pairing a space of the other's counts as
// what the pairing was for.
const spaceWait = 30 * time.Second

// comparison is one pairing as the person sees it: its code is found, both
// confirm, and it ends well or not. It belongs to the window's goroutine.
type comparison struct {
	*window
	dialog *pairingDialog
	name   string
	space  peer.SpaceID // that we share; zero for none
	info   peer.PairingInfo
	as     peer.Person // the known person whose new device it is; zero for nobody's
	link   bool        // both devices are to be one person's
	left   bool        // the dialog was closed before there was a code
}

// addPerson asks somebody nearby to compare a code, and shares the space with
// them once both have confirmed.
func (w *window) addPerson(row personRow) {
	pair := func(as peer.Person) { w.pairWith(row, as) }
	switch {
	case row.Paired:
		w.askAdd(peer.Person{ID: row.ID, Name: row.Name}, "You know "+row.Name+" already, so there is no code to compare.")
	case row.Like != "" && row.LikeID == w.world.Me.ID:
		w.askMine(row.Name, func() { w.linkDevice(row) }, pair)
	case row.Like != "":
		w.askLike(row.Name, peer.Person{ID: row.LikeID, Name: row.Like}, pair)
	default:
		pair(peer.Person{})
	}
}

// pairWith is addPerson for somebody with whom the person here has compared no code.
// as is the known person whose new device it is, the zero value for nobody's.
func (w *window) pairWith(row personRow, as peer.Person) {
	space := w.desk.Space
	if as != (peer.Person{}) {
		space = peer.SpaceID{} // it comes into that person's
	}
	c := w.compare(row.Figure, row.Name, row.Start, space)
	c.as = as
	w.ready(c, func(ctx context.Context) (peer.PairingInfo, error) {
		return w.peer.StartPairing(ctx, row.Start, c.space)
	})
}

// ready begins a pairing and goes on with it when its code is known.
func (w *window) ready(c *comparison, start func(context.Context) (peer.PairingInfo, error)) {
	var info peer.PairingInfo
	w.bridge.do(func(ctx context.Context) (err error) {
		info, err = start(ctx)
		return err
	}, func(err error) {
		c.info = info
		if err == nil {
			w.asked[info.Key] = c.space
		}
		c.known(err)
	})
}

// askLike asks whether one whose name looks like a known person's is that person's
// new device. pair goes on with whose it is, the zero value for somebody else. If
// like has no ID, nobody has compared a code here with whoever is called so, and then
// it can't be said to be theirs.
func (w *window) askLike(name string, like peer.Person, pair func(as peer.Person)) {
	who := like.Name
	question := "“" + name + "” looks like " + who + ", but nothing shows that it belongs to the " + who + " you know. Ask " + who + ". " +
		"The surest way: " + who + " links it from the device that you know, with the name at the lower left and “Link my other device”."
	yes := newButton(plain, "Yes, "+who+"’s", w.answer(func() { pair(like) }))
	if like.ID == (peer.DeviceID{}) {
		yes = nil
		question = "“" + name + "” looks like " + who + ", but nothing shows that it belongs to them. " +
			"You have compared a code with no one called " + who + ", so only they can say that it is theirs: from their other device, with the name at the lower left and “Link my other device”."
	}
	w.askWhose("Is this "+who+"’s new device?", question, yes, pair)
}

// askMine asks whether one who is called as the person here is a device of theirs.
// mine goes on if it is, pair if it is somebody else.
func (w *window) askMine(name string, mine func(), pair func(as peer.Person)) {
	w.askWhose("Is this your other device?",
		"“"+name+"” is called as you are, and is no device of yours so far. If it is yours, link it. "+linkLead,
		newButton(primary, "Yes, link it", w.answer(mine)), pair)
}

// askWhose asks whose device a stranger is. yes is nil if it can't be said.
func (w *window) askWhose(heading, question string, yes *button, pair func(as peer.Person)) {
	wide := w.wide()
	answers := []fyne.CanvasObject{
		newButton(plain, "Cancel", w.closeDialog),
		newButton(plain, "No, somebody else", w.answer(func() { pair(peer.Person{}) })),
	}
	if yes != nil {
		answers = append(answers, yes)
	}
	w.openDialog(newDialog(newStack(14,
		newHeading(heading, wide),
		newProse(question, wide, faceText, inkDim),
		newAnswers(wide, answers...)), w.closeDialog))
}

// answer closes the dialog and goes on.
func (w *window) answer(then func()) func() {
	return func() {
		w.closeDialog()
		then()
	}
}

// showRequest shows the code of a pairing that waits.
func (w *window) showRequest(row requestRow) {
	if row.New {
		w.try("This is "+row.Name+"’s device now.", func(ctx context.Context) error {
			return w.peer.AcceptDevice(ctx, row.ID.String())
		})
		return
	}
	info, ok := w.pairing(row.Key)
	if !ok {
		return
	}
	show := func(as peer.Person) {
		c := w.compare(row.Figure, row.Name, row.ID.String(), w.asked[row.Key])
		c.info, c.link, c.dialog.link, c.as = info, info.Link, info.Link, as
		c.known(nil)
	}
	switch {
	case row.Like == "" || row.Asked || info.Link:
		show(peer.Person{})
	case row.LikeID == w.world.Me.ID:
		w.askMine(row.Name, func() { w.linkInstead(row, info) }, show)
	default:
		w.askLike(row.Name, peer.Person{ID: row.LikeID, Name: row.Like}, show)
	}
}

// linkInstead says no to a pairing and asks the device to be linked.
func (w *window) linkInstead(row requestRow, info peer.PairingInfo) {
	w.forget(info.Key)
	w.declined[info.Key] = true
	w.linkBy(personRow{Figure: row.Figure, Name: row.Name, Start: row.ID.String()}, func(ctx context.Context) error {
		if err := w.peer.RejectPairing(info.Code); err != nil {
			return err
		}
		_ = w.peer.WaitPairing(ctx, info.Key) // it says that we have rejected it
		return ctx.Err()
	})
}

// decline says no to a pairing.
func (w *window) decline(row requestRow) {
	if row.New {
		w.try("", func(ctx context.Context) error { return w.peer.RefuseDevice(ctx, row.ID.String()) })
		return
	}
	if info, ok := w.pairing(row.Key); ok {
		w.reject(info, "")
	}
}

func (w *window) pairing(key uint64) (peer.PairingInfo, bool) {
	for _, info := range w.world.Pairings {
		if info.Key == key {
			return info, true
		}
	}
	return peer.PairingInfo{}, false
}

// forget leaves a pairing out that is over, before the peer tells so.
func (w *window) forget(key uint64) {
	delete(w.asked, key)
	w.world.Pairings = slices.DeleteFunc(slices.Clone(w.world.Pairings), func(p peer.PairingInfo) bool { return p.Key == key })
}

// compare opens the dialog of a pairing with somebody whose ID begins with start.
func (w *window) compare(they figure, name, start string, space peer.SpaceID) *comparison {
	c := &comparison{window: w, name: name, space: space}
	c.dialog = newPairingDialog(w.world.figureIn(w.desk.Space, w.world.Me, w.world.Me.Name), they, name,
		pairingEvents{onSame: c.same, onDiffers: func() { c.refuse(c.name) }, onCancel: func() { c.refuse("") }, onClose: c.leave})
	w.openDialog(c.dialog.sheet)
	c.dialog.with = start
	w.pair = c.dialog
	w.renderDesk()
	return c
}

// known goes on when the code is known, or it is known that none comes.
func (c *comparison) known(err error) {
	if err != nil {
		c.dialog.with = "" // none is under way: who asks now is a row
	}
	c.dialog.key = c.info.Key
	c.renderDesk()
	switch {
	case err != nil && c.dialog.shown():
		c.dialog.failed(err)
		return
	case err != nil:
		return // the person has left it
	case c.left:
		c.reject(c.info, "")
		return
	case c.info.Confirmed:
		c.dialog.waiting(c.info.Code)
	default:
		c.dialog.compare(c.info)
	}
	c.bridge.do(func(ctx context.Context) error {
		return c.peer.WaitPairing(ctx, c.info.Key)
	}, c.ended)
}

// same is the person's yes. What space then comes from the other is shown at
// once, if none of ours is shared.
func (c *comparison) same() {
	c.dialog.waiting(c.info.Code)
	if c.space == (peer.SpaceID{}) && !c.link && c.as == (peer.Person{}) {
		c.awaited[c.info.ID] = c.name
	}
	c.bridge.do(func(context.Context) error {
		if c.as != (peer.Person{}) {
			return c.peer.ConfirmAs(c.info.Code, c.as.ID.String(), c.space)
		}
		return c.peer.ConfirmPairing(c.info.Code, c.space)
	}, func(err error) {
		if err != nil {
			c.dialog.failed(err)
		}
	})
}

// refuse is the person's no. name is as for reject.
func (c *comparison) refuse(name string) {
	c.forget(c.info.Key)
	c.closeDialog()
	c.reject(c.info, name)
}

// leave closes the dialog without an answer. A pairing whose code is known
// waits on, as a row; one that has none yet is given up.
func (c *comparison) leave() {
	c.left = c.info.Code == ""
	c.closeDialog()
}

// ended tells how the pairing has ended.
func (c *comparison) ended(err error) {
	defer c.bridge.wake()
	c.forget(c.info.Key)
	if err != nil {
		delete(c.awaited, c.info.ID)
		switch {
		case c.dialog.shown():
			c.dialog.failed(err)
		case !c.declined[c.info.Key]:
			c.mention(sentence(err, c.name)) // the row has just gone
		}
		return
	}
	if c.dialog.shown() {
		c.closeDialog()
	}
	if c.as != (peer.Person{}) {
		c.mention("This counts as " + c.as.Name + "’s device in the spaces that you own. In others it waits for " + c.as.Name + " or an owner.")
	} else if c.link {
		c.mention("“" + c.name + "” is a device of yours now. Your spaces are on both.")
	} else if c.space != (peer.SpaceID{}) {
		c.mention(pairedLine(c.name, c.world.space(c.space)))
	} else if _, awaits := c.awaited[c.info.ID]; awaits {
		c.mention(pairedLine(c.name, peer.Space{}))
		c.bridge.later(spaceWait, func() { delete(c.awaited, c.info.ID) })
	} // else the space has come before this, which says more
}

// pairedLine says what follows from a pairing.
func pairedLine(name string, space peer.Space) string {
	if clean(space.Name) == "" {
		return "You and " + name + " can write together now."
	}
	return "You write with " + name + " in “" + clean(space.Name) + "” now."
}

// reject says that the codes differ, or that one does not want to. name is ""
// if nothing needs to be said about it.
func (w *window) reject(info peer.PairingInfo, name string) {
	w.declined[info.Key] = true
	w.bridge.do(func(context.Context) error {
		return w.peer.RejectPairing(info.Code)
	}, func(err error) {
		if err == nil && name != "" {
			w.notify("Nothing was shared with "+name+". If the codes differed, somebody may be in between.", "", nil)
		}
		w.bridge.wake()
	})
}

// copy puts words on the clipboard.
func (w *window) copy(words string) { fyne.CurrentApp().Clipboard().SetContent(words) }

// bindForm lets a form connect. An address that is not on this network is asked
// about once.
func (w *window) bindForm(form *addressForm) {
	refresh := func() {
		if w.dialog != nil {
			w.dialog.Refresh()
		}
	}
	connect := func(address string, allow bool) {
		var found peer.PeerInfo
		w.bridge.do(func(ctx context.Context) (err error) {
			ctx, cancel := context.WithTimeout(ctx, connectTimeout)
			defer cancel()
			if allow {
				if err := w.peer.Allow(ctx, address); err != nil {
					return err
				}
			}
			found, err = w.peer.Connect(ctx, address)
			return err
		}, func(err error) {
			defer refresh()
			if errors.Is(err, peer.ErrNotLocal) && !allow {
				form.offer(address, func() {
					form.say("Connecting…")
					form.connect.setDisabled(true)
					form.onAllow(address)
				})
				return
			}
			form.done(found, err)
		})
	}
	form.onConnect = func(address string) { connect(address, false) }
	form.onAllow = func(address string) { connect(address, true) }
}
