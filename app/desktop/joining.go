package desktop

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"

	"starling/assets"
	"starling/sync/peer"
)

// maxLink is the longest link that a field takes, in code points.
const maxLink = 1000

// joinForm takes an invitation's link and follows it.
type joinForm struct {
	root    *fyne.Container
	link    *field
	join    *button
	outcome *prose
	onJoin  func(link string)
}

func newJoinForm(width float32) *joinForm {
	f := &joinForm{link: newField("starling:…", 38, faceText), outcome: newProse("", width, faceSmall, inkDim)}
	f.link.most = maxLink
	submit := func() {
		if link := strings.TrimSpace(f.link.Text()); link != "" && !f.join.disabled {
			f.say("Looking for the one who invited you. This may take a minute.")
			f.join.setDisabled(true)
			f.onJoin(link)
		}
	}
	f.join = newButton(primary, "Join", submit)
	f.join.face = faceMedium
	f.join.setDisabled(true)
	f.link.onSubmit = submit
	f.link.onChange = func(text string) { f.join.setDisabled(strings.TrimSpace(text) == "") }
	f.root = newStack(8, newGrowingLine(8, f.link, f.link, f.join), f.outcome)
	f.outcome.Hide()
	return f
}

// say tells how it goes.
func (f *joinForm) say(words string) {
	f.outcome.set(words)
	f.outcome.Hidden = words == ""
	f.root.Refresh()
}

// failed tells why it did not work.
func (f *joinForm) failed(err error) {
	f.say(sentence(err, ""))
	f.join.setDisabled(false)
}

// askLink asks for the link of an invitation.
func (w *window) askLink() {
	wide := w.wide()
	form := newJoinForm(wide)
	stop := w.bindJoin(form)
	leave := func() {
		stop()
		w.closeDialog()
	}
	w.openDialog(newDialog(newStack(14,
		newHeading("Join a space", wide),
		newProse("Put in the link that you were sent. Whoever sent it must have Starling open on this network.", wide, faceText, inkDim),
		form.root,
		newEndLine(newButton(plain, "Close", leave))), leave))
	w.Canvas().Focus(form.link)
}

// bindJoin lets a form join; stop ends that.
func (w *window) bindJoin(form *joinForm) (stop func()) {
	stop = func() {}
	form.onJoin = func(link string) {
		dialog := w.dialog
		stop = w.join(link, func(err error) {
			switch {
			case err == nil && w.dialog == dialog && dialog != nil:
				w.closeDialog()
			case err != nil && !errors.Is(err, context.Canceled):
				form.failed(err)
				if w.dialog != nil {
					w.dialog.Refresh()
				}
			}
		})
	}
	return func() { stop() }
}

// join follows a link until the person is in its space, which is then shown, or
// it is known why not. stop ends that.
func (w *window) join(link string, done func(error)) (stop func()) {
	w.joining++
	ctx, stop := context.WithCancel(w.bridge.ctx)
	var space peer.Space
	w.bridge.do(func(context.Context) error {
		id, err := w.peer.Join(ctx, link)
		if err != nil {
			return fmt.Errorf("join: %w", err)
		}
		all, err := w.peer.Spaces(ctx)
		for _, s := range all {
			if s.ID == id {
				space = s
			}
		}
		return err
	}, func(err error) {
		w.joining--
		stop()
		done(err)
		if space.ID != (peer.SpaceID{}) {
			w.welcomeTo(space, "You are in “"+nameOr(space.Name, "the space")+"” now, as "+aRole(space.Role)+".")
		}
		w.bridge.wake()
	})
	return stop
}

// welcomeTo shows a space that has just come, as soon as it has a document, and
// says something of it.
func (w *window) welcomeTo(s peer.Space, words string) {
	if w.seen != nil {
		w.seen[s.ID] = true // so that it is said once
	}
	w.mention(words)
	w.moving = s.ID
	w.bridge.later(moveWait, func() {
		if w.moving == s.ID {
			w.enterSpace(s.ID)
		}
	})
}

// plainly turns the message of an error that was made for people into sentences:
// what it wraps last says what went wrong and, after a semicolon, what to do.
func plainly(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			break
		}
		err = inner
	}
	text := strings.ReplaceAll(err.Error(), "; ", ". ")
	var out strings.Builder
	for part := range strings.SplitSeq(text, ". ") {
		if out.Len() > 0 {
			out.WriteString(". ")
		}
		first, size := utf8.DecodeRuneInString(part)
		out.WriteRune(unicode.ToUpper(first))
		out.WriteString(part[size:])
	}
	return strings.TrimSuffix(out.String(), ".") + "."
}

// newJoinRow is a row of a menu.
func (w *window) newJoinRow() *rowButton {
	return newRowButton(assets.IconLink, "Join with a link…", "", w.askLink)
}
