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
	// onConnect gets an address of the form host:port.
	onConnect func(address string)
}

func newAddressForm() *addressForm {
	f := &addressForm{
		address: newField("192.168.1.20:40123", 36, faceText),
		outcome: newProse("", formWidth, faceSmall, inkDim),
	}
	submit := func() {
		address := strings.TrimSpace(f.address.Text())
		if _, _, err := net.SplitHostPort(address); err != nil {
			f.say("An address is a number like 192.168.1.20, a colon, and the port that the other computer shows.")
			return
		}
		f.say("Connecting…")
		f.connect.setDisabled(true)
		f.onConnect(address)
	}
	f.connect = newButton(plain, "Connect", submit)
	f.connect.face = faceMedium
	f.address.onSubmit = submit
	f.root = newStack(8,
		newLabel("Connect to an address", faceSection, inkDim),
		newGrowingLine(8, f.address, f.address, f.connect),
		f.outcome)
	f.say("")
	return f
}

// say tells how it went.
func (f *addressForm) say(words string) {
	f.outcome.set(words)
	f.outcome.Hidden = words == ""
	f.connect.setDisabled(false)
	f.root.Refresh()
}

// done tells how connecting went.
func (f *addressForm) done(p peer.PeerInfo, err error) {
	if err != nil {
		f.say(sentence(err, ""))
		return
	}
	f.say("Connected to " + nameOr(p.Name, "a device") + ". You find them under Nearby.")
}

// newOwnAddress shows what somebody else types to find this computer, each
// address with a button that calls onCopy. There is nothing to see if it has none.
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
	rows.Hidden = len(s.Listen) == 0
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

// newNearbyHelp says what is known about this computer's place on the network.
func newNearbyHelp(w *world, form *addressForm, onCopy func(string), onClose func()) fyne.CanvasObject {
	rows := newStack(6)
	for _, fact := range networkFacts(w.Status) {
		what := newLabel(fact.what, faceSmall, inkDim)
		value := newProse(fact.value, formWidth-118, faceSmall, inkText)
		value.pitch = 18
		rows.Add(newFactLine(what, value))
	}
	title := newLabel("Someone missing?", faceTitle, inkText)
	lead := newProse("Starling sees computers on the same network that have it open. "+
		"Some networks, for guests above all, keep computers apart; then type the address that the other one shows here.",
		formWidth, faceText, inkDim)
	return newStack(16, title, lead, rows, newHairline(), newOwnAddress(w.Status, onCopy), form.root, newEndLine(newButton(plain, "Close", onClose)))
}

func newFactLine(what *label, value *prose) *ground {
	return newGround(inkNone,
		func() fyne.Size { return fyne.NewSize(formWidth, value.MinSize().Height) },
		func(size fyne.Size) {
			place(what, 0, 0, 112, 18)
			place(value, 118, 0, size.Width-118, size.Height)
		}, what, value)
}

// newEndLine puts buttons at the right.
func newEndLine(buttons ...fyne.CanvasObject) *fyne.Container {
	spring := newGap(0, 0)
	return newGrowingLine(10, spring, append([]fyne.CanvasObject{spring}, buttons...)...)
}

// fact is one thing that is known about the network.
type fact struct{ what, value string }

// networkFacts are what helps to find out why somebody is not seen.
func networkFacts(s peer.Status) []fact {
	facts := []fact{}
	switch {
	case !s.Running:
		facts = append(facts, fact{"Network", "Starling is not on the network."})
	case len(s.Networks) == 0:
		facts = append(facts, fact{"Network", "None. Switch on Wi-Fi or plug in a cable."})
	default:
		facts = append(facts, fact{"Network", strings.Join(s.Networks, ", ")})
	}
	seeing := "on"
	if !s.Discovery {
		seeing = "off: others are found by address alone"
	}
	facts = append(facts, fact{"Seeing others", seeing})
	if s.Problem != "" {
		facts = append(facts, fact{"Trouble", s.Problem})
	}
	return facts
}
