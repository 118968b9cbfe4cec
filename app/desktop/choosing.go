package desktop

import (
	"context"
	"slices"

	"starling/crdt"
	"starling/sync/peer"
)

// Of a forked document there are two texts: one goes on in the document, the other
// is a document of its own, its branch. An owner may have them change places.

// forkOf is the fork of which a document is the branch.
func (w *world) forkOf(branch crdt.DocID) (peer.ForkInfo, bool) {
	for _, f := range w.Forks {
		if f.Branch == branch {
			return f, true
		}
	}
	return peer.ForkInfo{}, false
}

// branchesBehind puts each branch behind its document where both have one title, in
// documents that are sorted by that.
func branchesBehind(documents []peer.Document, forks []peer.ForkInfo) {
	for _, f := range forks {
		i := slices.IndexFunc(documents, func(d peer.Document) bool { return d.ID == f.Branch })
		j := slices.IndexFunc(documents, func(d peer.Document) bool { return d.ID == f.Doc })
		if i < 0 || j < i || documents[i].Title != documents[j].Title {
			continue
		}
		branch := documents[i]
		copy(documents[i:j], documents[i+1:j+1])
		documents[j] = branch
	}
}

// nameFork says below the open text, once, that it is a branch, and who can choose
// it. What it says goes with the text, or as soon as it holds no more.
func (w *window) nameFork() {
	f, is := w.world.forkOf(w.desk.Doc)
	switch {
	case w.openDoc() == nil:
	case is && w.branch != f.Branch && w.page.notice == nil:
		w.branch = f.Branch
		words, action := branchLine(&w.world, f)
		w.notify(words, action, func() { w.askChoose(f) })
		w.refusal = w.page.notice
	case !is && w.branch == w.desk.Doc:
		w.branch = crdt.DocID{}
		w.forgive()
	}
}

// branchLine says what a branch is, and who can choose it, or what to press for that.
func branchLine(w *world, f peer.ForkInfo) (words, action string) {
	document := w.document(f.Doc)
	space := w.space(document.Space)
	words = "This is the other text of “" + titleOf(document) + "”. " + copiedLine(w, space, f.Device) + ", and both copies wrote."
	switch {
	case owned(space):
		return words, "Choose…"
	case gone(space):
		return words, ""
	}
	return words + " " + ownerOf(space) + " can choose which of the two goes on.", ""
}

// askChoose says what it means to choose a branch, and does it.
func (w *window) askChoose(f peer.ForkInfo) {
	wide := w.wide()
	title := titleOf(w.world.document(f.Doc))
	w.openDialog(newDialog(newStack(14,
		newHeading("Go on with this text in “"+title+"”?", wide),
		newProse("It takes the place of the text there, for everyone. That one is kept, too: it becomes a document of its own beside it. "+
			"You can choose again at any time.", wide, faceText, inkDim),
		newAnswers(wide,
			newButton(plain, "Cancel", w.closeDialog),
			newButton(plain, "Read the other one", func() {
				w.closeDialog()
				w.openWanted(f.Doc)
			}),
			newButton(primary, "Go on with this", func() { w.chooseBranch(f, title) }))), w.closeDialog))
}

// chooseBranch has the text of a branch go on in its document, and shows that.
func (w *window) chooseBranch(f peer.ForkInfo, title string) {
	w.closeDialog()
	w.bridge.do(func(ctx context.Context) error { return w.peer.ChooseBranch(ctx, f.Branch) }, func(err error) {
		defer w.bridge.wake()
		if err != nil {
			w.complain(err)
			return
		}
		w.openWanted(f.Doc)
		w.mention("“" + title + "” goes on with the text that you chose.")
	})
}
