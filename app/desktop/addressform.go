package desktop

import (
	"net"
	"strings"

	"fyne.io/fyne/v2"

	"starling/assets"
	"starling/sync/peer"
)

// addressForm connects to an address that a person types.
type addressForm struct {
	root    *fyne.Container
	address *field
	connect *button
	outcome *prose
	allow   *button // a way to an address beyond this network; hidden unless one was typed
	far     bool    // the address is beyond this network, and was just allowed
	// onConnect gets an address of the form host:port.
	onConnect func(address string)
	// onAllow gets one that the person has just allowed.
	onAllow func(address string)
}

func newAddressForm(width float32) *addressForm {
	f := &addressForm{
		address: newField("192.168.1.20:40123", 36, faceText),
		outcome: newProse("", width, faceSmall, inkDim),
	}
	submit := func() {
		address := strings.TrimSpace(f.address.Text())
		if _, _, err := net.SplitHostPort(address); err != nil {
			f.say("An address is a number like 192.168.1.20, a colon, and the port that the other computer shows.")
			return
		}
		f.say("Connecting…")
		f.far = false
		f.connect.setDisabled(true)
		f.onConnect(address)
	}
	f.connect = newButton(plain, "Connect", submit)
	f.allow = newButton(plain, "Allow it and connect", nil).small()
	f.connect.face = faceMedium
	f.address.onSubmit = submit
	f.root = newStack(8,
		newLabel("Connect to an address", faceSection, inkDim),
		newGrowingLine(8, f.address, f.address, f.connect),
		f.outcome, newEndLine(f.allow))
	f.say("")
	return f
}

// say tells how it went.
func (f *addressForm) say(words string) {
	f.outcome.set(words)
	f.outcome.Hidden = words == ""
	f.allow.Hide()
	f.connect.setDisabled(false)
	f.root.Refresh()
}

// offer asks whether an address that is not on this network may be spoken with.
func (f *addressForm) offer(address string, allow func()) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	f.say(host + " is not on this network. If you mean it, Starling may speak with it from now on, until you take that back; " +
		"your words then travel beyond this network. The other side must allow your address, too.")
	f.allow.do = func() {
		f.far = true
		allow()
	}
	f.allow.Show()
	f.root.Refresh()
}

// done tells how connecting went.
func (f *addressForm) done(p peer.PeerInfo, err error) {
	if err != nil && f.far && unanswered(err) {
		f.say("Nobody answers there. Check the address, and that the other side has allowed yours.")
		return
	}
	if err != nil {
		f.say(sentence(err, ""))
		return
	}
	f.say("Connected to " + nameOr(p.Name, "a device") + ". You find them under Nearby.")
}

// newOwnAddress shows what somebody else types to find this computer, each
// address with a button that calls onCopy. There is nothing to see if it has none
// that others could reach.
func newOwnAddress(s peer.Status, onCopy func(string)) *fyne.Container {
	rows := newStack(6)
	for i, address := range s.Listen {
		what := "Your address"
		if i > 0 {
			what = ""
		}
		copied := newIconButton(assets.IconCopy, nil)
		copied.do = func() {
			onCopy(address)
			copied.set(assets.IconCheck)
		}
		rows.Add(newAddressLine(newLabel(what, faceSmall, inkDim), newCutLabel(address, faceSmall, inkText), copied))
	}
	rows.Hidden = len(s.Listen) == 0 || offline(s) // else it would be one that leads nowhere
	return rows
}

func newAddressLine(what, address *label, copied *iconButton) *ground {
	return newGround(inkNone,
		func() fyne.Size { return fyne.NewSize(formWidth, 28) },
		func(size fyne.Size) {
			place(what, 0, 5, 112, 18)
			words := min(address.natural(), size.Width-118-36)
			place(address, 118, 5, words+1, 18)
			place(copied, 118+words+6, 0, 28, 28)
		}, what, address, copied)
}

// newEndLine puts buttons at the right.
func newEndLine(buttons ...fyne.CanvasObject) *fyne.Container {
	spring := newGap(0, 0)
	return newGrowingLine(10, spring, append([]fyne.CanvasObject{spring}, buttons...)...)
}
