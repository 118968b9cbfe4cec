package desktop

import (
	"fmt"

	"fyne.io/fyne/v2"

	"starling/assets"
	"starling/sync/peer"
)

// pairingDialog compares the code on two screens.
type pairingDialog struct {
	*sheet
	name          string
	with          string // how the other's ID begins
	link          bool   // both devices are to be one person's
	key           uint64 // of the pairing; 0 until it is known
	they          *avatar
	title         *prose
	code          *label
	advice        *prose
	differs, same *button
	cancel        *button
	answers, only *fyne.Container
}

// pairingEvents are a person's answers.
type pairingEvents struct {
	onSame    func()
	onDiffers func()
	onCancel  func() // wants to compare no code
	// onClose is called by the one button that is there when there is nothing
	// to answer, by Escape, and by a click outside.
	onClose func()
}

func newPairingDialog(me, they figure, name string, e pairingEvents) *pairingDialog {
	const wide = 366
	d := &pairingDialog{
		name:   name,
		title:  newProse("", wide, faceTitle, inkText).centred(),
		code:   newLabel("", face{assets.MonoBold, 42}, inkText),
		advice: newProse("", 356, faceText, inkDim).centred(),
	}
	d.title.pitch = 26
	d.differs, d.same = newButton(plain, "It differs", e.onDiffers), newButton(primary, "It is the same", e.onSame)
	d.cancel = newButton(plain, "Cancel", e.onClose)
	d.answers, d.only = newLine(10, newButton(plain, "Cancel", e.onCancel), d.differs, d.same), newLine(10, d.cancel)
	d.they = newAvatar(they, 44)
	both := newLine(16, newAvatar(me, 44), newPicture(assets.IconArrowLeftRight, 18, inkDim), d.they)
	content := newCentredStack(0, both, newGap(1, 14), d.title, newGap(1, 8), d.code, d.advice, newGap(1, 19), d.answers, d.only)
	d.sheet = newDialog(content, e.onClose)
	d.connecting()
	return d
}

// say sets what the dialog says; a code of "" hides it.
func (d *pairingDialog) say(title, code, advice string, answers bool, close string) {
	d.title.set(title)
	d.code.set(spaced(code))
	d.advice.set(advice)
	d.code.Hidden = code == ""
	d.answers.Hidden, d.only.Hidden = !answers, answers
	d.cancel.set(close)
	d.Refresh()
}

// spaced sets a gap in the middle of six digits.
func spaced(code string) string {
	if len(code) != 6 {
		return code
	}
	return code[:3] + " " + code[3:]
}

func (d *pairingDialog) connecting() {
	d.say(fmt.Sprintf("Asking %s…", d.name), "",
		fmt.Sprintf("A code appears here as soon as you are connected. %s then presses “Show code” to see it, too.", d.name), false, "Cancel")
}

func (d *pairingDialog) compare(info peer.PairingInfo) {
	d.they.set(figureOf(d.name, info.Colour))
	if d.link {
		how := "If it does, confirm on both. "
		if !info.Incoming {
			how = "Press “Show code” there. If it is the same, confirm on both. "
		}
		d.say("Does your other device show this code?", info.Code, how+linkLead, true, "")
		return
	}
	how := "Compare it on both screens, or read it aloud."
	if !info.Incoming {
		how = fmt.Sprintf("Ask %s to press “Show code”, and compare.", d.name)
	}
	d.say(fmt.Sprintf("Does %s show this code?", d.name), info.Code, how+" If it differs, somebody is in between.", true, "")
}

func (d *pairingDialog) waiting(code string) {
	d.say(fmt.Sprintf("Waiting for %s…", d.name), code,
		"You have confirmed. Nothing is shared until the other side confirms, too.", false, "Close")
}

func (d *pairingDialog) failed(err error) {
	d.say("Nothing was shared", "", sentence(err, d.name), false, "Close")
}
