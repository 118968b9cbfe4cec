package desktop

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"starling/crdt"
	"starling/sync/peer"
)

// What somebody wrote after they were removed, or could write no more, is kept beside
// its document and not shown. Nobody's text goes without a word: it is told above the
// open text, with what can be done.

// tellWaiting says above the open text whose writing waits beside it, and again when
// more has come. What it says goes with the text, or when nothing waits any more.
func (w *window) tellWaiting() {
	tips := waitingTips(w.desk.Waiting)
	switch told := &w.waiting; {
	case w.openDoc() == nil:
	case len(tips) == 0 || told.doc != w.desk.Doc && told.line != nil:
		w.forgetWaiting()
	case told.doc != w.desk.Doc || slices.ContainsFunc(tips, func(h crdt.Hash) bool { return !slices.Contains(told.tips, h) }):
		w.forgetWaiting()
		told.doc, told.tips = w.desk.Doc, tips
		told.line = w.announce(false, waitingLine(w.desk.Waiting), "See…", w.askWaiting)
		w.page.raise(w.gone) // which is graver
	}
}

// waitingTold is what was said of what waits beside a document.
type waitingTold struct {
	doc  crdt.DocID
	tips []crdt.Hash
	line *notice
}

func (w *window) forgetWaiting() {
	if w.waiting.line != nil {
		w.page.end(w.waiting.line)
	}
	w.waiting = waitingTold{}
}

// waitingTips are those of all that waits: who takes them in takes no more than that.
func waitingTips(all []peer.Waiting) (tips []crdt.Hash) {
	for _, one := range all {
		tips = append(tips, one.Tips...)
	}
	return tips
}

// waitingLine says in a line whose writing is not shown, one's own first.
func waitingLine(all []peer.Waiting) string {
	if i := slices.IndexFunc(all, func(one peer.Waiting) bool { return one.Mine }); i >= 0 {
		after := map[peer.WaitingSince]string{
			peer.SinceRemoval: "after you were removed", peer.SinceRole: "when you could not write here",
			peer.SinceDevice: "after its device was revoked",
		}[all[i].Since]
		return "Some of what you wrote here is not shown: it came " + after + ". It is kept."
	}
	var names []string
	for _, one := range all {
		if name := nameOr(one.Person.Name, "someone"); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return "Some of what " + listed(names, "others") + " wrote here is not shown: it came after they could write no more. It is kept."
}

// askWaiting tells of what waits beside the open document, and gives its text or has
// it come into the document.
func (w *window) askWaiting() {
	wide, doc, shown := w.wide(), w.desk.Doc, waitingTips(w.desk.Waiting)
	var lines []string
	for _, one := range w.desk.Waiting {
		lines = append(lines, one.String()+".")
	}
	answers := []fyne.CanvasObject{
		newButton(plain, "Close", w.closeDialog),
		newButton(plain, "Copy the text with it", func() { w.copyWaiting(doc) }),
	}
	if role := w.world.space(w.desk.Space).Role; role == roleOwner || role == roleEditor {
		answers = append(answers, newButton(primary, "Take it in", func() { w.takeIn(doc, shown) }))
	}
	w.openDialog(newDialog(newStack(14,
		newHeading("What is kept beside this document", wide),
		newProse(strings.Join(lines, "\n"), wide, faceText, inkDim),
		newProse("What is taken in comes back into the text, for everyone.", wide, faceText, inkDim),
		newAnswers(wide, answers...)), w.closeDialog))
}

// copyWaiting puts the text as it would be with what waits on the clipboard.
func (w *window) copyWaiting(doc crdt.DocID) {
	answer(w, func(ctx context.Context) (string, error) { return w.peer.TextWith(ctx, doc) }, func(text string) {
		w.copy(text)
		w.mention("The text with what is kept beside it is copied.")
	})
}

// takeIn has what waits come into its document, as far as it was shown.
func (w *window) takeIn(doc crdt.DocID, shown []crdt.Hash) {
	answer(w, func(ctx context.Context) (int, error) { return w.peer.TakeIn(ctx, doc, shown) }, func(n int) {
		if n == 1 {
			w.mention("1 change is taken in.")
			return
		}
		w.mention(fmt.Sprintf("%d changes are taken in.", n))
	})
}

// answer closes the dialog and has the peer do what was chosen in it; done is given
// what came of it, unless it went wrong.
func answer[T any](w *window, work func(context.Context) (T, error), done func(T)) {
	w.closeDialog()
	var got T
	w.bridge.do(func(ctx context.Context) (err error) {
		got, err = work(ctx)
		return err
	}, func(err error) {
		defer w.bridge.wake()
		if err != nil {
			w.complain(err)
			return
		}
		done(got)
	})
}
