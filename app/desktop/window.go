package desktop

import (
	"errors"
	"fmt"
	"time"

	"fyne.io/fyne/v2"

	"starling/app/editor"
	"starling/crdt"
	"starling/sync/peer"
)

const (
	// noticeLasts is how long a notice stays that needs no answer.
	noticeLasts = 6 * time.Second
	// moveWait is how long a space that has come may take to bring a document
	// before it is shown without one.
	moveWait = time.Second
)

// window is the main window. All of it belongs to the window's goroutine.
type window struct {
	fyne.Window
	peer   *peer.Peer
	bridge *bridge
	home   string // the folder where what the person likes is kept
	name   string // for the first start, if given

	world  world
	desk   desk
	shelf  shelf
	query  string // what is searched for
	asking bool   // it is not answered yet
	hasty  bool   // what it finds is to be opened
	hits   []peer.Hit
	// behind is how many documents the search has not caught up with.
	behind int
	seen   map[peer.SpaceID]bool // spaces that were there before
	// awaited are those with whom a pairing was confirmed here that may bring
	// a space of theirs, by the names that are shown.
	awaited map[peer.DeviceID]string
	joining int          // links that are being followed
	moving  peer.SpaceID // it is shown as soon as it has a document

	first   *first // while it is shown
	entered bool   // the three columns are shown
	places  *places
	header  *header
	page    *page
	people  *people
	// versions is in the place of people while past is shown.
	versions *versions
	past     *past // what was of the open document; nil while it is not shown
	outline  *outline
	aside    *aside
	side     side  // what the right column shows beside the text
	help     *help // nil while it is not shown
	status   *status
	keeper   *keeper // has the keyboard while a document is on its way
	making   bool    // that is a new one
	dialog   *sheet  // the one that lies over the window
	// opener had the keyboard before the dialog was opened; nil for nothing.
	opener   fyne.Focusable
	damage   string  // that was told
	damaged  *notice // in which it was told; nil for none
	watching func()  // what it does with news of the world; nil for nothing
	// watchNext is watching of the dialog that is about to be opened.
	watchNext func()
	// links are those of the invitations made here, by hash: they are kept nowhere else.
	links    map[string]string
	pair     *pairingDialog
	waiting  waitingTold             // of the open document
	gone     *notice                 // that one is no longer in its space; nil if that was not told
	refusal  *notice                 // why nobody may write in what is on the page, if it was said
	asked    map[uint64]peer.SpaceID // what is to be shared, by the pairing's key
	declined map[uint64]bool         // the pairings to which the person here said no, by key

	settings           settings
	keeping, keepAgain bool // they are being written; they have changed since
	spelling           spelling

	finding     *findBar // while one searches in the text
	sought      sought   // what was last
	replacement string

	columns   columns
	shared    *sharedText // the open document; nil if none
	editor    *editor.Editor
	readOnly  string        // why nobody may write in it here; "" if one may
	following peer.DeviceID // who is kept in view; zero for nobody
	tally     tally
	writers   *writers            // of the open document
	trail     *trail              // where one was in those opened before
	turn      int                 // counts what was asked to be opened
	made      map[crdt.DocID]bool // here, since the start
	bare      bool                // nothing is to be open but what arrives
	coming    peer.Arriving       // the document on the page while it arrives; zero for none
	branch    crdt.DocID          // the open document, if it was said to be one
	reright   int                 // the turn in which it is opened as the right to write has changed; 0 for none
	landing   int                 // the turn in which it is opened anew; 0 for none
}

// newWindow builds the window's content. It shows nothing until the first news.
// home is the peer's folder, and like how the person likes to read, as it was
// kept there; t remembers where one was.
func newWindow(win fyne.Window, p *peer.Peer, home, name string, like settings, t *trail) *window {
	w := &window{Window: win, peer: p, home: home, name: name, settings: like, columns: columns{left: true, right: true}, awaited: map[peer.DeviceID]string{}, trail: t, made: map[crdt.DocID]bool{}, links: map[string]string{}, asked: map[uint64]peer.SpaceID{}, declined: map[uint64]bool{}}
	w.places = newPlaces(placesEvents{
		onSpaces: w.showSpaces, onCreate: w.createDocument, onOpen: w.choose,
		onSearch: w.search, onFound: w.openFound, onCalm: w.render, onLeave: w.leaveSearch, onMe: w.showMe,
	})
	w.header = newHeader(headerEvents{
		onInvite: w.showInvite, onPlaces: w.togglePlaces, onPeople: w.togglePeople, onView: w.showView, onGoTo: w.goTo, onStop: w.stopFollowing,
		onReach: w.showReach,
	})
	w.page = newPage(w.createDocument)
	w.people = newPeople(peopleEvents{
		onGoTo: w.goTo, onFollow: w.follow, onAdd: w.addPerson, onMenu: w.showMember, onShow: w.showRequest, onDecline: w.decline, onFind: w.showMissing,
	})
	w.versions = newVersions(w.versionEvents())
	w.outline = newOutline(w.openHeading)
	w.aside = newAside(w.people.root, w.outline.root, w.versions.root, w.showSide)
	w.status = newStatus()
	w.keeper = newKeeper()
	w.shortcuts()
	return w
}

// show takes news from the bridge.
func (w *window) show(n news) {
	if n.world != nil {
		w.world = *n.world
		if w.editor != nil {
			w.writers.forget() // somebody may be called another name
			w.editor.ForgetWriters()
		}
	}
	if w.editor != nil && n.doc == w.desk.Doc {
		w.showDesk(n)
	}
	if n.err != nil {
		w.complain(n.err)
	}
	if w.firstStart() {
		return
	}
	if n.world == nil {
		w.renderDesk()
		return
	}
	w.arrive()
	w.tellDamage()
	w.tellForks()
	w.land()
	w.settle()
	w.checkRight()
	w.nameFork()
	w.render()
	if w.watching != nil {
		w.watching()
	}
}

// checkRight opens the document anew when the right to write in it has come or
// gone.
func (w *window) checkRight() {
	space := w.world.space(w.desk.Space)
	if w.editor == nil || w.arrives() || space.ID != w.desk.Space || readOnlyLine(space) == w.readOnly {
		return
	}
	w.readOnly = readOnlyLine(space) // so that it is done once
	w.openDocument(w.desk.Doc)
	w.reright = w.turn
}

// tellRight says what the person may do here from now on, after that has changed.
func (w *window) tellRight() {
	if w.reright != w.turn || w.reright == 0 {
		return
	}
	w.reright = 0
	space := w.world.space(w.desk.Space)
	switch {
	case gone(space): // tellGone says it
	case w.readOnly != "":
		w.refuse(w.readOnly)
	default:
		w.mention("You are " + aRole(space.Role) + " here now: you may write.")
	}
}

// tellGone says below the text that the person is no longer in its space, and who
// did that.
func (w *window) tellGone() {
	w.forgetGone()
	space := w.world.space(w.desk.Space)
	switch {
	case !gone(space) || w.readOnly == "":
	case foreign(space):
		w.gone = w.announce(false, w.readOnly, "Link…", w.showLinking)
	default:
		w.gone = w.announce(false, w.readOnly, "Save…", func() { w.askSave(space) })
	}
}

// forgetGone takes that away: it goes with the text.
func (w *window) forgetGone() {
	if w.gone != nil {
		w.page.end(w.gone)
		w.gone = nil
	}
}

// showDesk takes news of the open document.
func (w *window) showDesk(n news) {
	if n.state != nil {
		w.takeState(*n.state)
	}
	if n.reach != nil { // never older than the state: all is drawn from it
		w.takeState(stateOf(n.reach))
		w.desk.Reach = n.reach
	}
	if n.waiting != nil {
		w.desk.Waiting = *n.waiting
		w.tellWaiting()
	}
	if n.others != nil {
		w.desk.Others = *n.others
	}
	switch {
	case w.past != nil:
		if n.text {
			w.past.changed()
		}
	case n.text || n.others != nil:
		w.catchUp()
	}
	if n.reading != nil {
		w.read(*n.reading)
	}
}

func (w *window) takeState(s peer.DocState) {
	before := w.desk.State.Err
	w.desk.State = s
	w.showDisk(before)
}

// showDisk says that the disk takes nothing, once, until it does again; before is
// why it did not until now.
func (w *window) showDisk(before error) {
	err := w.desk.State.Err
	switch {
	case errors.Is(err, peer.ErrFileDamaged):
		w.tellDamage() // there is no room to wait for
	case err == nil && w.page.notice != nil && w.page.notice.paused:
		w.page.showNotice(nil)
	case err != nil && before == nil:
		w.complain(fmt.Errorf("%w: %w", peer.ErrStopped, err))
	}
}

// arrive notices spaces that have come from others.
func (w *window) arrive() {
	if len(w.world.Spaces) == 0 {
		return
	}
	first := w.seen == nil
	if first {
		w.seen = map[peer.SpaceID]bool{}
	}
	for _, s := range w.world.Spaces {
		if !first && !w.seen[s.ID] && !owned(s) && w.joining == 0 && !w.expected(s) {
			w.notify("“"+nameOr(s.Name, "A space")+"” is now shared with you.", "Open it", func() { w.openSpace(s.ID) })
		}
		w.seen[s.ID] = true
	}
}

// expected shows a space that comes from somebody with whom the person here has
// just confirmed a pairing, and says whether it is such a one.
func (w *window) expected(s peer.Space) bool {
	for id, name := range w.awaited {
		if _, in := insider(s, id); !in {
			continue
		}
		delete(w.awaited, id)
		w.welcomeTo(s, pairedLine(name, s))
		return true
	}
	return false
}

// settle opens something if nothing is open, or what has been waited for.
func (w *window) settle() {
	if d, ok := w.world.latest(w.moving); ok && w.moving != (peer.SpaceID{}) {
		w.openDocument(d.ID)
	}
	if w.desk.Space == (peer.SpaceID{}) {
		d, ok := w.last(peer.SpaceID{})
		if !ok && len(w.world.Spaces) > 0 {
			w.desk.Space = w.world.Spaces[0].ID
		}
		if ok {
			w.desk.Space = d.Space
		}
	}
	if w.desk.Doc == (crdt.DocID{}) && (w.turn == 0 || w.bare) {
		if d, ok := w.last(w.desk.Space); ok {
			w.openDocument(d.ID)
		} else if w.world.Listed {
			w.showNothing()
		}
	}
}

// last is the document to open where none is, in a space or, for the zero ID, in
// any: at the start the one that was open at the end.
func (w *window) last(space peer.SpaceID) (peer.Document, bool) {
	for _, d := range w.world.Documents {
		if w.turn == 0 && w.trail.opened(d.ID) && (d.Space == space || space == (peer.SpaceID{})) {
			return d, true
		}
	}
	return w.world.latest(space)
}

// render brings what the window says up to date. Each part changes only what
// is new to it.
func (w *window) render() {
	w.renderDesk()
	w.renderPlaces(w.world.space(w.desk.Space))
}

// renderDesk is render without the lists on the left, which may be long.
func (w *window) renderDesk() {
	if p := w.past; p != nil && p.doc != w.openDoc() {
		w.closePast() // another is open
	}
	space, document := w.world.space(w.desk.Space), w.world.document(w.desk.Doc)
	open := w.editor != nil
	title := ""
	if open || w.arrives() {
		title = titleOf(document)
	}
	if w.help != nil {
		w.header.show("Starling", "Help")
	} else {
		w.header.show(clean(space.Name), title)
	}
	w.header.showOwned(owned(space))
	w.places.create.setDisabled(readOnlyLine(space) != "")
	chip := chipOf(w.desk.State, catchingUp(w.desk.Reach), w.readOnly != "")
	if w.arrives() {
		chip = arrivingChip
	}
	w.header.showState(chip, open && w.help == nil, hereIn(&w.world, w.desk), w.followedName())
	w.renderStatus()
	people := peopleOf(&w.world, w.desk, time.Now())
	followed, _ := insider(space, w.following)
	people.mark(w.following, followed)
	if w.pair != nil {
		people.hide(w.pair.key, w.pair.with)
	}
	w.people.show(people)
	if name := windowTitle(title); name != w.Title() {
		w.SetTitle(name)
	}
}

// renderStatus brings the line below the page up to date.
func (w *window) renderStatus() {
	network, icon := networkLine(&w.world)
	v := statusView{Words: w.readingLine(), Network: network, Icon: icon, Open: w.editor != nil && w.help == nil}
	if v.Past = w.past != nil && w.past.showed; !v.Past {
		v.Characters = characterLine(w.desk.Counts, w.desk.Chosen)
		if space := w.world.space(w.desk.Space); len(insiders(space)) > 1 && w.readOnly == "" {
			v.Who, v.Brief = whoHas(w.desk.Reach, time.Now()), whoHasBriefly(w.desk.Reach)
		}
	}
	w.status.show(v)
}

func windowTitle(document string) string {
	if document == "" {
		return "Starling"
	}
	return document + " - Starling"
}

func (w *window) renderPlaces(space peer.Space) {
	p := w.places
	p.switcher.name.set(nameOr(space.Name, "No space"))
	p.me.avatar.set(w.world.figureIn(space.ID, w.world.Me, w.world.Me.Name))
	p.me.name.set(nameOr(w.world.Me.Name, "You"))
	p.me.below.set(presenceLine(&w.world))
	p.showDocuments(documentRows(&w.world, w.desk, w.shelf.arrange(space.ID, w.world.inSpace(w.desk.Space), w.still())))
	if w.query != "" {
		rows, ids := foundRows(&w.world, w.desk, w.query, w.hits)
		p.showFound(rows, ids, true)
		p.showBehind(behindLine(w.behind))
	} else {
		p.showFound(nil, nil, false)
		p.showBehind("")
	}
}

// notify shows a quiet sentence below the text.
func (w *window) notify(words, action string, do func()) {
	w.page.showNotice(newNotice(false, words, action, func() {
		w.page.showNotice(nil)
		do()
	}, func() { w.page.showNotice(nil) }))
}

// announce shows a sentence that stays until it is answered or closed, whatever else
// is said meanwhile, and returns it, to be ended. action may be "".
func (w *window) announce(bad bool, words, action string, do func()) *notice {
	var n *notice
	end := func() { w.page.end(n) }
	n = newNotice(bad, words, action, func() {
		end()
		do()
	}, end)
	w.page.stand(n)
	return n
}

// mention shows a quiet sentence that leaves by itself.
func (w *window) mention(words string) {
	w.notify(words, "", nil)
	shown := w.page.notice
	w.bridge.later(noticeLasts, func() {
		if w.page.notice == shown {
			w.page.showNotice(nil)
		}
	})
}

// refuse says why nobody may write in what is on the page, while that is there.
func (w *window) refuse(words string) {
	if w.gone != nil && w.page.notice == w.gone && w.help == nil {
		return // it stands there
	}
	w.mention(words)
	w.refusal = w.page.notice
}

// forgive takes that away: something else comes to the page.
func (w *window) forgive() {
	if w.refusal != nil && w.page.notice == w.refusal {
		w.page.showNotice(nil)
	}
	w.refusal = nil
}

// complain shows what went wrong.
func (w *window) complain(err error) {
	if errors.Is(err, crdt.ErrStale) {
		return // the text is read again
	}
	w.complainOf(err, "")
}

// complainOf shows what went wrong, and a further sentence.
func (w *window) complainOf(err error, further string) {
	action, do := "", func() {}
	if errors.Is(err, peer.ErrLeft) {
		action, do = "Invite…", w.showInvite
	}
	end := func() { w.page.showNotice(nil) }
	n := newNotice(true, sentence(err, "")+further, action, func() {
		end()
		do()
	}, end)
	n.paused = errors.Is(err, peer.ErrStopped)
	w.page.showNotice(n)
}

// restyle gives the text the colours of another variant.
func (w *window) restyle() {
	if w.editor != nil {
		w.writers.forget()
		w.editor.SetTheme(pageTheme(look()))
		w.showOthers()
	}
	if w.help != nil {
		w.help.text.SetTheme(pageTheme(look()))
	}
	if w.past != nil && w.past.page != nil {
		w.past.page.restyle()
	}
}
