package desktop

import (
	"fmt"
	"maps"
	"time"

	"starling/app/editor"
	"starling/assets"
	"starling/crdt"
	"starling/sync/peer"
)

// A document with a long history comes as a snapshot. Its text is on the page as
// soon as it can be read, to be read only, while the peer checks who wrote all of
// it. Then the same view of it becomes the document's, and nothing in it moves.

// progressPause is the time between two looks at how much of a snapshot is here, and
// restPause if no more has come by the last one: whoever sends it may have gone.
const (
	progressPause = 500 * time.Millisecond
	restPause     = 5 * time.Second
)

// arrivingLine is why nobody may write in a text that arrives.
const arrivingLine = "This text has just come and is still being checked. You can read it, and write in it in a moment."

// arrivingTitle is what a document is called of which only that is known.
func arrivingTitle(a peer.Arriving) string {
	if a.Readable {
		return a.Title
	}
	return "Arriving…"
}

// arrivingNote says in a word how far a document has come.
func arrivingNote(a peer.Arriving) string {
	if a.Readable {
		return "being checked"
	}
	return fmt.Sprintf("%d %%", percentOf(a))
}

func percentOf(a peer.Arriving) int { return 100 * a.Held / max(a.Size, 1) }

// withArriving are documents, which are in order, and among them those that arrive.
// All that it is given stays as it is.
func withArriving(documents []peer.Document, arriving map[crdt.DocID]peer.Arriving, forks []peer.ForkInfo) []peer.Document {
	if len(arriving) == 0 {
		return documents
	}
	all := make([]peer.Document, 0, len(documents)+len(arriving))
	for _, d := range documents {
		if _, ok := arriving[d.ID]; !ok {
			all = append(all, d)
		}
	}
	for _, a := range arriving {
		all = append(all, peer.Document{ID: a.Doc, Space: a.Space, Title: arrivingTitle(a)})
	}
	sortByTitle(all)
	branchesBehind(all, forks)
	return all
}

// readArriving reads what comes, and has the lists read soon if something has come. It
// reports whether anything is not as it was.
func (g *gatherer) readArriving() bool {
	g.arriving = false
	now, comes, more := map[crdt.DocID]peer.Arriving{}, false, false
	for _, s := range g.world.Spaces {
		for _, a := range g.bridge.source.AllArriving(s.ID) {
			now[a.Doc] = a
			if !a.Readable {
				was, known := g.world.Arriving[a.Doc]
				comes, more = true, more || !known || a.Held != was.Held
			}
		}
	}
	g.lookAgain(comes, more)
	if maps.Equal(now, g.world.Arriving) {
		return false
	}
	for doc := range g.world.Arriving {
		if _, still := now[doc]; !still {
			g.lists, g.listsAt = true, time.Time{}
		}
	}
	g.world.Arriving = now
	g.world.Documents = withArriving(g.stored, now, g.world.Forks)
	return true
}

// lookAgain says when to look how much has come, if something comes of which not all
// is here: soon where more has come since the last look. A look that is due sooner
// stays, as others come between for other reasons.
func (g *gatherer) lookAgain(comes, more bool) {
	if !comes {
		g.arrivingAt = time.Time{}
		return
	}
	now, pause := time.Now(), restPause
	if more {
		pause = progressPause
	}
	if at := now.Add(pause); !g.arrivingAt.After(now) || at.Before(g.arrivingAt) {
		g.arrivingAt = at
	}
}

// arrives says whether what is on the page still arrives.
func (w *window) arrives() bool { return w.coming.Doc != (crdt.DocID{}) }

// showArriving puts a document on the desk that still arrives.
func (w *window) showArriving(a peer.Arriving, counted size) {
	w.landing = 0
	if w.coming.Doc != a.Doc || w.coming.Text != a.Text || w.shared == nil {
		w.clearText()
		w.bridge.open.Store(nil)
		w.desk = desk{Space: a.Space, Doc: a.Doc, State: peer.DocState{Saved: true}, Counts: counted}
	}
	w.coming = a
	switch {
	case !a.Readable:
		w.page.showBody(newArrivingPage(a))
	case w.shared == nil:
		w.readOnly = arrivingLine
		w.shared = &sharedText{id: a.Doc, arrived: a.Text}
		w.writers = newWriters(nil, w.world.Me.ID, w.personHere)
		w.editor = editor.New(w.editorConfig(w.shared, a.Text))
		w.page.showBody(w.editor)
		w.editor.Begin()
	}
	w.bridge.wake() // it may have come meanwhile
	w.render()
	w.handOver()
}

// newArrivingPage is shown where a document is on its way that can't be read yet.
func newArrivingPage(a peer.Arriving) *ground {
	words := newLabel("On its way", faceName, inkText)
	words.centre = true
	below := newProse(fmt.Sprintf("%d %% of this document is here. You can read it as soon as all of it is.", percentOf(a)), 300, faceText, inkDim).centred()
	return newMiddle(newCentredStack(12, newPicture(assets.IconClock, 32, inkFaint), words, below))
}

// land goes on with the document on the page that arrives: its text can be read, or
// it is here.
func (w *window) land() {
	if !w.arrives() || w.landing == w.turn {
		return
	}
	a, still := w.world.Arriving[w.coming.Doc]
	switch {
	case !still, a.Readable && w.shared == nil:
		w.openDocument(w.coming.Doc)
		w.landing = w.turn
	case w.shared == nil && a.Held != w.coming.Held:
		w.coming = a
		w.page.showBody(newArrivingPage(a))
	}
}

// adopt makes the text on the page, which has been checked, the open document's:
// what one sees stays where it is.
func (w *window) adopt(doc *peer.Doc, text string, seen uint64, counted size) {
	shared := w.shared
	w.coming, w.landing = peer.Arriving{}, 0
	shared.doc, shared.seen, shared.arrived = doc, seen, ""
	w.writers.doc = doc
	w.bridge.open.Store(doc)
	w.desk.Counts = counted
	w.readOnly = readOnlyLine(w.world.space(w.desk.Space))
	w.forgive()
	w.editor.SetReadOnly(w.readOnly)
	w.editor.Reset(text, seen)
	w.editor.ForgetWriters()
	w.onDesk(shared)
}

// drop tells that the document on the page does not come after all.
func (w *window) drop() {
	words := "It stopped coming; it comes again from somebody who has it."
	if w.coming.Readable {
		words = "“" + nameOr(w.coming.Title, "Untitled") + "” did not pass the check and is not shown any more. It comes again from somebody who has it whole."
	}
	w.clearDesk(w.desk.Space)
	w.page.showNotice(newNotice(true, words, "", nil, func() { w.page.showNotice(nil) }))
	w.render()
}
