package desktop

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"starling/app/editor"
	"starling/assets"
	"starling/crdt"
	"starling/sync/peer"
)

// menuHeight is how high a menu may be; it scrolls if it has more.
const menuHeight = 384

// searchLimit is how many documents a search shows.
const searchLimit = 50

// behindPause is how long a search waits that has not caught up with all
// documents, before it is done again.
const behindPause = 2 * time.Second

// firstStart shows the first start while the person has no name, and makes the
// first space if there is none. It says whether the window waits for that.
func (w *window) firstStart() bool {
	switch {
	case !w.world.Named || w.first != nil && w.first.follows:
		if w.first == nil {
			w.first = newFirst(w.name, colourNumber(w.peer.Me().Colour), w.begin)
			w.SetContent(w.first.root)
			w.Show()
			w.Canvas().Focus(w.first.name)
		}
		w.first.show(&w.world)
		return true
	case w.world.Listed && len(w.world.Spaces) == 0:
		if w.turn == 0 {
			w.turn++
			w.makeFirst(w.world.Me.Name)
		}
		return true
	}
	w.enter()
	return false
}

// enter shows the three columns, filled.
func (w *window) enter() {
	if w.entered {
		return
	}
	w.entered, w.first = true, nil
	w.settle()
	w.render()
	w.SetContent(w.content())
	w.Show()
	w.focusText()
}

// begin gives the person a name, and follows the link of an invitation, if there
// is one: then no space of their own is made.
func (w *window) begin(name string, colour int, link string) {
	page := w.first
	page.start.setDisabled(true)
	page.follows = link != ""
	end := func(err error) {
		if err != nil {
			page.say(sentence(err, ""))
			page.start.setDisabled(false)
		}
		w.bridge.wake()
	}
	w.bridge.do(func(ctx context.Context) error {
		return w.peer.SetMe(ctx, name, colourText(colour))
	}, func(err error) {
		if err != nil || link == "" {
			end(err)
			return
		}
		page.say("Looking for the one who invited you. This may take a minute.")
		page.stop = w.join(link, func(err error) {
			switch {
			case errors.Is(err, context.Canceled):
				return // the person begins without it
			case err == nil:
				page.follows = false
				w.turn++ // so that no space is made
			}
			end(err)
		})
	})
}

// makeFirst makes the first space and a document that says what to do next.
func (w *window) makeFirst(name string) {
	var space peer.SpaceID
	var doc crdt.DocID
	w.bridge.do(func(ctx context.Context) (err error) {
		if space, err = w.peer.NewSpace(ctx, firstSpace(name)); err == nil {
			doc, err = w.peer.NewDocument(ctx, space, welcome(name))
		}
		return err
	}, func(err error) {
		if err != nil {
			w.enter()
			w.complain(err)
			w.showNothing()
			return
		}
		w.desk.Space = space
		w.openDocument(doc)
		w.bridge.wake()
	})
}

// firstSpace is the name of somebody's first space.
func firstSpace(name string) string {
	switch name = clean(name); {
	case name == "":
		return "My notes"
	case strings.HasSuffix(strings.ToLower(name), "s"):
		return name + "’ notes"
	}
	return name + "’s notes"
}

// welcome is the first document: what to do next, in three lines. Keys are code,
// so that no dictionary finds fault with them.
func welcome(name string) string {
	return fmt.Sprintf(`# Welcome, %s
Someone near you? Press Add beside their name on the right, and compare the code.

Write here. All is saved as you type, and stays on your computers.

Press %s for a new document; its first line is its title. %s shows the help.
`, nameOr(name, "friend"), "`"+hintOf(keyNew)+"`", "`"+hintOf(keyHelp)+"`")
}

// createDocument makes an empty document in the space, unless the person has one
// before them.
func (w *window) createDocument() {
	switch {
	case w.desk.Space == (peer.SpaceID{}):
	case w.keeper.Visible() && len(w.keeper.wishes) > 0:
		w.afterKeys(w.createDocument)
	case w.keeper.Visible() && w.making:
	case !w.keeper.Visible() && w.untouched():
		w.closeHelp()
		w.closePast()
		w.focusText()
	default:
		w.makeDocument(w.desk.Space)
	}
}

// untouched says whether the open document is the person's own to begin: nobody
// else is there, and nobody ever wrote in it.
func (w *window) untouched() bool {
	if w.editor == nil || w.readOnly != "" || w.editor.Text() != "" || len(w.desk.Others) > 0 {
		return false
	}
	if !w.made[w.desk.Doc] && len(insiders(w.world.space(w.desk.Space))) > 1 {
		return false // it may be another's
	}
	pieces, ok := w.shared.doc.Pieces(0, 0, w.shared.seen, true)
	return ok && len(pieces) == 0
}

// makeDocument makes an empty document in a space, and opens it unless another
// was asked for meanwhile.
func (w *window) makeDocument(space peer.SpaceID) {
	w.keepKeys(true)
	w.turn++
	turn := w.turn
	var id crdt.DocID
	w.bridge.do(func(ctx context.Context) (err error) {
		id, err = w.peer.NewDocument(ctx, space, "")
		return err
	}, func(err error) {
		switch {
		case err != nil && turn == w.turn:
			w.fail(err)
		case err != nil:
			w.complain(err)
		default:
			w.made[id] = true
			if turn == w.turn {
				w.openDocument(id)
			}
		}
	})
}

// search looks for a text in all documents. Only the answer to what is still
// asked for is shown.
func (w *window) search(query string) {
	query = strings.TrimSpace(query)
	w.query, w.asking = query, query != ""
	if query == "" {
		w.hits, w.behind = nil, 0
		w.render()
		return
	}
	var hits []peer.Hit
	var behind int
	w.bridge.do(func(ctx context.Context) (err error) {
		hits, behind, err = w.peer.Search(ctx, query, searchLimit)
		return err
	}, func(err error) {
		if err != nil {
			w.complain(err)
		}
		if w.query != query {
			return
		}
		w.asking = false
		if err == nil {
			w.hits, w.behind = hits, behind
			w.render()
			w.searchAgain(query)
		}
		if w.hasty {
			w.hasty = false
			w.openHit()
		}
	})
	w.render()
}

// openFound opens what was found, once the search has been answered: until then,
// what is listed may be what an earlier one found.
func (w *window) openFound() {
	switch {
	case w.query == "":
	case w.asking:
		w.hasty = true
		w.keepKeys(false)
	default:
		w.openHit()
	}
}

// openHit opens the document that the keys are at among those that were found.
func (w *window) openHit() {
	if list := w.places.found; list.cursor < len(list.rows) {
		wishes, lost := w.keeper.end() // they are for the document, too
		list.open()
		w.keeper.wishes, w.keeper.lost = append(w.keeper.wishes, wishes...), lost
		if !w.keeper.Visible() { // it is the open one
			w.handOver()
		}
		return
	}
	if !w.keeper.Visible() {
		return
	}
	words := "Nothing found." + w.giveUp()
	w.Canvas().Focus(w.places.search)
	w.mention(words)
}

// searchAgain asks again in a while if the search has not caught up.
func (w *window) searchAgain(query string) {
	if w.behind == 0 {
		return
	}
	w.bridge.later(behindPause, func() {
		if w.query == query {
			w.search(query)
		}
	})
}

// leaveSearch shows the documents again.
func (w *window) leaveSearch() {
	w.places.search.SetText("")
	w.focusBack()
}

// openSpace shows another space.
func (w *window) openSpace(id peer.SpaceID) {
	w.closeDialog()
	if d, ok := w.world.latest(id); ok && id != w.desk.Space {
		w.moving = peer.SpaceID{}
		w.openWanted(d.ID)
		return
	}
	w.enterSpace(id)
}

// enterSpace is openSpace under a dialog that stays.
func (w *window) enterSpace(id peer.SpaceID) {
	w.moving = peer.SpaceID{}
	if id == w.desk.Space && (w.editor != nil || w.arrives()) {
		return
	}
	if d, ok := w.world.latest(id); ok {
		w.openDocument(d.ID)
		return
	}
	w.clearDesk(id)
	w.render()
}

// clearDesk shows a space with nothing open.
func (w *window) clearDesk(space peer.SpaceID) {
	w.clearText()
	w.bridge.open.Store(nil)
	w.turn++
	w.bare = true // what arrives is opened
	w.giveUp()
	w.desk = desk{Space: space}
	w.page.showEmpty()
}

// openDialog lays a dialog or a menu over the window, in place of another.
func (w *window) openDialog(s *sheet) {
	if w.dialog == nil {
		w.opener = w.Canvas().Focused()
	}
	opener := w.opener
	w.closeDialog()
	w.opener = opener
	w.dialog, w.watching, w.watchNext = s, w.watchNext, nil
	s.show(w.Canvas())
}

// closeDialog takes it away and gives the keyboard back to what had it before: who
// has come to a row by the keyboard goes on from there, and writes nothing into the
// text by chance.
func (w *window) closeDialog() {
	if w.dialog != nil {
		w.dialog.hide()
		pairing := w.pair != nil
		w.dialog, w.pair, w.watching = nil, nil, nil
		if pairing {
			w.renderDesk() // it is a row again
		}
		w.focusOpener()
	}
}

// focusOpener gives the keyboard to what had it before the dialog was opened, or,
// if that was the text or is no longer there, to what the person is about.
func (w *window) focusOpener() {
	opener := w.opener
	w.opener = nil
	_, text := opener.(*editor.Editor)
	if opener == nil || text || w.keeper.Visible() || !w.entered {
		w.focusBack()
		return
	}
	w.Canvas().Unfocus()
	w.Canvas().Focus(opener)
	if w.Canvas().Focused() != opener {
		w.focusBack()
	}
}

// showSpaces opens the menu of spaces.
func (w *window) showSpaces() {
	rows := newStack(2)
	for _, s := range w.world.Spaces {
		row := newRowButton(assets.IconFolder, nameOr(s.Name, "A space"), membersLine(s), func() { w.openSpace(s.ID) })
		row.marked = s.ID == w.desk.Space
		rows.Add(row)
	}
	if space := w.world.space(w.desk.Space); gone(space) {
		rows.Add(w.newSaveRow(space))
		if foreign(space) {
			rows.Add(newRowButton(assets.IconLink, "Link my other device…", "", w.showLinking))
		}
	}
	rows.Add(newRowButton(assets.IconFolderPlus, "New space…", "", w.askSpace))
	rows.Add(w.newJoinRow())
	scroll := container.NewVScroll(rows)
	box := newGround(inkNone,
		func() fyne.Size { return fyne.NewSize(235, min(rows.MinSize().Height, menuHeight)) },
		func(size fyne.Size) { place(scroll, 0, 0, size.Width, size.Height) }, scroll)
	w.openDialog(newMenu(box, fyne.NewPos(8, 50), w.closeDialog))
}

// askSpace asks for the name of a new space.
func (w *window) askSpace() {
	name := newField("A name, such as “Field notes”", 40, face{assets.InterRegular, 14})
	name.most = maxName
	create := newButton(primary, "Make the space", nil)
	create.do = func() { w.createSpace(clean(name.Text())) }
	name.onSubmit = create.do
	name.onChange = func(text string) { create.setDisabled(clean(text) == "") }
	create.setDisabled(true)
	w.openDialog(newDialog(newStack(14,
		newLabel("A new space", faceTitle, inkText),
		newProse("A space holds documents, and the people who write them together.", formWidth, faceText, inkDim),
		name,
		newEndLine(newButton(plain, "Cancel", w.closeDialog), create)), w.closeDialog))
	w.Canvas().Focus(name)
}

func (w *window) createSpace(name string) {
	if name == "" {
		return
	}
	w.closeDialog()
	w.keepKeys(false)
	var space peer.SpaceID
	var doc crdt.DocID
	w.bridge.do(func(ctx context.Context) (err error) {
		if space, err = w.peer.NewSpace(ctx, name); err == nil {
			doc, err = w.peer.NewDocument(ctx, space, "# "+name+"\n\n")
		}
		return err
	}, func(err error) {
		if err != nil {
			w.fail(err)
			return
		}
		w.desk.Space = space
		w.openDocument(doc)
	})
}

// showMe lets the person change name and colour, see and link devices, and say
// whether they want to be seen.
func (w *window) showMe() {
	wide := w.wide()
	name := newField("Your name", 40, face{assets.InterRegular, 14})
	name.most = maxName
	colour := newSwatches(colourNumber(w.world.Me.Colour))
	shown := fyne.CanvasObject(colour.root)
	if !w.world.choosesColour() {
		shown = newProse("Your colour is the one of your first device. Change it there.", wide, faceText, inkDim)
	}
	save := newButton(primary, "Save", nil)
	save.do = func() {
		chosen, number := clean(name.Text()), colour.chosen
		if chosen == "" {
			return
		}
		w.closeDialog()
		w.try("", func(ctx context.Context) error { return w.peer.SetMe(ctx, chosen, colourText(number)) })
	}
	name.onSubmit = save.do
	name.onChange = func(text string) { save.setDisabled(clean(text) == "") }
	name.SetText(w.world.Me.Name)
	rows := newStack(10,
		newHeading("You", wide),
		newProse("This is how others see you.", wide, faceText, inkDim),
		name, newGap(1, 0), shown, newGap(1, 0),
		newHairline(),
		newLabel("Your devices", faceSection, inkDim),
		w.newDeviceList(),
		newHairline(),
		w.newInvisible(),
		newEndLine(newButton(plain, "Close", w.closeDialog), save))
	w.openDialog(newDialog(w.newTall(wide, rows), w.closeDialog))
	w.Canvas().Focus(name)
}

// newInvisible is the switch that keeps the person from being seen.
func (w *window) newInvisible() fyne.CanvasObject {
	box := newCheck("Be invisible here", "only people you know see you", w.world.Status.Invisible, func(on bool) {
		w.try("", func(ctx context.Context) error { return w.peer.SetInvisible(ctx, on) })
	})
	return box
}
