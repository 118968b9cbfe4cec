package desktop

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"strings"

	"fyne.io/fyne/v2"

	"starling/assets"
	"starling/crdt"
	"starling/sync/peer"
)

// noticeHeight is how high the bar of a notice with one line is.
const noticeHeight = 40

// notice is a quiet bar below the text: a sentence and a way out.
type notice struct {
	root   *ground
	words  *prose
	icon   *picture
	action *link // nil for none
	close  *iconButton
	// paused says that it is about a disk that takes nothing.
	paused bool
}

// newNotice returns a bar. action may be "".
func newNotice(bad bool, words, action string, onAction, onClose func()) *notice {
	n := &notice{words: newProse(words, 400, faceText, inkText), close: newIconButton(assets.IconX, onClose)}
	back, icon := ink(inkSelected), assets.IconInfo
	if bad {
		back, icon = inkArrived, assets.IconTriangleAlert
	}
	n.icon = newPicture(icon, assets.IconSize, inkText)
	edge := newHairline()
	objects := []fyne.CanvasObject{edge, n.icon, n.words, n.close}
	if action != "" {
		n.action = newLink(action, faceMedium, onAction)
		objects = append(objects, n.action)
	}
	n.root = newGround(back,
		func() fyne.Size { return fyne.NewSize(200, noticeHeight) },
		func(size fyne.Size) {
			place(edge, 0, 0, size.Width, assets.HairlineSize)
			place(n.icon, 16, 12, assets.IconSize, assets.IconSize)
			place(n.close, size.Width-39, 6, 28, 28)
			if n.action != nil {
				own := n.action.MinSize()
				place(n.action, size.Width-49-own.Width, middle(noticeHeight, own.Height), own.Width, own.Height)
			}
			own := n.words.MinSize()
			place(n.words, 42, middle(size.Height, own.Height), own.Width, own.Height)
		}, objects...)
	return n
}

// fit breaks the sentence for a width of the bar and returns its height.
func (n *notice) fit(width float32) float32 {
	room := width - 42 - 49
	if n.action != nil {
		room -= n.action.MinSize().Width + 16
	}
	n.words.setWidth(max(room, 60))
	high := n.words.MinSize().Height
	if len(n.words.lines.Objects) > 1 { // lines of about one length, so that no word stands alone
		n.words.setWidth(evenWidth(n.words, max(room, 60)))
	}
	return max(noticeHeight, high+20)
}

// evenWidth is the least width, to some pixels, in which a text has as few lines as in
// a width.
func evenWidth(p *prose, width float32) float32 {
	lines := len(p.lines.Objects)
	for narrower := width - 8; narrower > width/2 && len(wrap(p.words, narrower, p.face.width)) == lines; narrower -= 8 {
		width = narrower
	}
	return width
}

// sentence says to a person what went wrong, and what to do about it. name is
// of whom it speaks, or "".
func sentence(err error, name string) string {
	silent := "Nobody answers there. Check the address, and that both computers are on one network."
	if name != "" {
		silent = name + " does not answer. Is Starling still open there, on this network?"
	} else {
		name = "They"
	}
	var file *fs.PathError
	switch {
	case errors.Is(err, peer.ErrRejected):
		return name + " said no, or that the code differs."
	case errors.Is(err, peer.ErrPairingTimeout):
		return "Nobody answered in time. You can add them again."
	case errors.Is(err, peer.ErrPairingEnded), errors.Is(err, peer.ErrNoPairing):
		return "The connection ended before both had confirmed. You can add them again."
	case errors.Is(err, peer.ErrNoPeer), errors.Is(err, peer.ErrUnreachable):
		return silent
	case errors.Is(err, peer.ErrAmbiguous):
		return "Several devices have this name. Connect to the address of the one you mean."
	case errors.Is(err, peer.ErrNotOwner):
		return "Only an owner of this space can do that."
	case errors.Is(err, peer.ErrLastOwner):
		return "A space needs an owner. Make somebody else one first."
	case errors.Is(err, peer.ErrNoMember):
		return name + " can't be found in this space. Perhaps somebody else has just removed them."
	case errors.Is(err, peer.ErrLeft):
		return name + " left this space. An invitation asks them to come back."
	case errors.Is(err, peer.ErrOffline):
		return "Starling is not on the network. Check the network, then try again."
	case errors.Is(err, peer.ErrStopped):
		return "The disk is full, or takes nothing more. Leave Starling open: what you wrote is kept, and stored by itself as soon as there is room."
	case errors.Is(err, peer.ErrFileDamaged):
		return "This can’t be read. " + damagedLine
	case errors.Is(err, peer.ErrDamaged):
		return lackingLine
	case errors.Is(err, peer.ErrBadName):
		return "This name can't be used. Choose a shorter one."
	case errors.Is(err, crdt.ErrNoContent):
		return "This document has not arrived yet. It comes when someone who has it is near."
	case errors.Is(err, fs.ErrPermission):
		return "Starling may not write to its folder. Check who owns it."
	case wasSaid(err):
		return plainly(err)
	case errors.As(err, &file): // before what follows: an error of the system may be one of a network, too
		return "“" + file.Path + "” can't be used: " + file.Err.Error() + "."
	case unanswered(err):
		return silent
	}
	return "That did not work: " + err.Error()
}

// unanswered says whether an error is that nobody answers.
func unanswered(err error) bool {
	var number net.Error
	return errors.Is(err, peer.ErrUnreachable) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, &number)
}

// wasSaid says whether an error's message was made for people.
func wasSaid(err error) bool {
	for _, made := range []error{
		peer.ErrReadOnly, peer.ErrRemoved, peer.ErrInviterAway, peer.ErrNoInvite, peer.ErrNoDevice, peer.ErrRevokeSelf, peer.ErrRevoked, peer.ErrAnswered,
		peer.ErrNotLocal, peer.ErrTooManyAllowed, peer.ErrSelf, peer.ErrSameCode,
	} {
		if errors.Is(err, made) {
			return true
		}
	}
	return strings.HasPrefix(err.Error(), "join: ")
}
