package desktop

import (
	"cmp"
	"image/color"
	"math/rand/v2"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"starling/assets"
	"starling/sync/peer"
)

// maxName is the longest name that one may choose, in code points.
const maxName = 40

// first is what the first start shows: a name, a colour, and nothing else.
type first struct {
	root   *ground
	name   *field
	colour *swatches
	start  *button
	nearby *label
	wifi   *picture
	note   *prose // what has to be said in place of who is near
	invite *link  // to join by a link
	link   *field
	joins  bool // one joins by the link
	// follows says that the link is being followed, or has led nowhere so far.
	follows bool
	said    string // how it goes
	stop    func() // ends the following
	sent    *label // above the link
}

// newFirst returns the page with a name and a colour to begin with; onStart gets
// the name and the number of the colour that were chosen, and the link of an
// invitation, "" for none.
func newFirst(name string, colour int, onStart func(name string, colour int, link string)) *first {
	f := &first{colour: newSwatches(colour), nearby: newLabel("", faceSmall, inkDim)}
	f.note = newProse("", 400, faceSmall, inkText).centred()
	f.note.Hide()
	begin := func() {
		if f.ready() {
			onStart(clean(f.name.Text()), f.colour.chosen, f.invitation())
		}
	}
	f.link = newField("starling:…", 45, face{assets.InterRegular, 15})
	f.link.most, f.link.onSubmit = maxLink, begin
	f.link.onChange = func(string) { f.start.setDisabled(!f.ready()) }
	f.link.Hide()
	f.sent = newLabel("The link that you were sent", faceMedium, inkText)
	f.sent.Hide()
	f.invite = newLink(byLink, faceSmall, func() { f.join(!f.joins) })
	f.start = newButton(primary, "Start writing", begin)
	f.start.face, f.start.height = face{assets.InterSemiBold, 15}, 44
	f.name = newField("Your name", 45, face{assets.InterRegular, 15})
	f.name.most, f.name.onSubmit = maxName, begin
	f.name.onChange = func(string) { f.start.setDisabled(!f.ready()) }
	f.start.setDisabled(true)
	f.name.SetText(name)

	bird := newEmblem(64)
	head := newLabel("Write together, right here", faceHead, inkText)
	head.centre = true
	lead := newProse("No account, no server, no internet. Your words stay on your computers.",
		400, face{assets.InterRegular, 14}, inkDim).centred()
	lead.pitch = 20
	ask, pick := newLabel("What should others call you?", faceMedium, inkText), newLabel("Your colour", faceMedium, inkText)
	f.wifi = newPicture(assets.IconWifi, 14, inkDim)
	f.root = newGround(inkPage,
		func() fyne.Size { return fyne.NewSize(360, 480) },
		func(size fyne.Size) {
			wide := min(420, size.Width-32)
			const below = 75 // the start, for a link
			drop := float32(below * btoi(f.joins))
			f.note.setWidth(wide)
			lead.setWidth(min(400, wide))
			more := float32(0) // that the note needs
			if f.note.Visible() {
				more = max(f.note.MinSize().Height-19, 0)
			}
			x, y := middle(size.Width, wide), max(middle(size.Height, 480+drop+more), 8)
			place(bird, x+middle(wide, 64), y, 64, 64)
			place(head, x, y+84, wide, 42)
			place(lead, x+middle(wide, lead.width), y+130, lead.width, 44)
			place(ask, x, y+198, wide, 18)
			place(f.name, x, y+223, wide, 45)
			place(pick, x, y+286, wide, 18)
			place(f.colour.root, x, y+313, wide, 30)
			place(f.sent, x, y+360, wide, 18)
			place(f.link, x, y+385, wide, 45)
			place(f.start, x, y+371+drop, wide, 44)
			own := f.invite.MinSize()
			place(f.invite, x+middle(wide, own.Width), y+462+drop+more, own.Width, own.Height)
			line := f.nearby.natural()
			at := x + middle(wide, line+18)
			place(f.note, x, y+431+drop, wide, 19+more)
			place(f.wifi, at, y+434+drop, 14, 14)
			place(f.nearby, at+18, y+431+drop, line, 19)
		},
		bird, head, lead, ask, f.name, pick, f.colour.root, f.sent, f.link, f.start, f.wifi, f.nearby, f.note, f.invite)
	return f
}

// What the way to a link says, and the way back.
const (
	byLink      = "I was sent a link"
	withoutLink = "Begin without a link"
)

// join asks for a link, or no longer does: then none is followed any more.
func (f *first) join(joins bool) {
	f.joins = joins
	setVisible(f.link, joins)
	setVisible(f.sent, joins)
	words, way, next := "Start writing", byLink, f.name
	if joins {
		words, way, next = "Join", withoutLink, f.link
	} else if f.stop != nil {
		f.stop()
	}
	f.say("")
	f.start.set(words)
	f.invite.set(way)
	f.start.setDisabled(!f.ready())
	f.root.Refresh()
	if c := fyne.CurrentApp().Driver().CanvasForObject(f.root); c != nil {
		c.Focus(next)
	}
}

// back is what Escape does.
func (f *first) back() {
	if f.joins {
		f.join(false)
	}
}

// ready says whether all is filled in.
func (f *first) ready() bool {
	return clean(f.name.Text()) != "" && (!f.joins || f.invitation() != "")
}

// invitation is the link that was filled in, "" if it is not asked for.
func (f *first) invitation() string {
	if !f.joins {
		return ""
	}
	return strings.TrimSpace(f.link.Text())
}

// say tells below the button how it goes; "" is who is near.
func (f *first) say(words string) {
	f.said = words
	f.tell(words)
}

// tell says something in place of who is near; "" is that again.
func (f *first) tell(words string) {
	f.note.set(words)
	setVisible(f.note, words != "")
	setVisible(f.nearby, words == "")
	setVisible(f.wifi, words == "")
	f.root.Refresh()
}

// propose chooses a colour at random among those that nobody nearby has, if the
// present one is somebody's and was not chosen by the person.
func (f *first) propose(peers []peer.PeerInfo) {
	taken := map[int]bool{}
	for _, p := range peers {
		if p.Nearby || p.Connected {
			taken[colourNumber(p.Colour)] = true
		}
	}
	if f.colour.picked || f.colour.proposed && !taken[f.colour.chosen] {
		return
	}
	var free []int
	for i := range assets.PeopleColours {
		if !taken[i] {
			free = append(free, i)
		}
	}
	if len(free) == 0 && f.colour.proposed {
		return // one is as good as another
	}
	f.colour.proposed = true
	if len(free) > 0 {
		f.colour.choose(free[rand.IntN(len(free))])
	} else {
		f.colour.choose(rand.IntN(assets.PeopleColours))
	}
}

// show says who is near, or what is wrong.
func (f *first) show(w *world) {
	f.propose(w.Peers)
	if words := cmp.Or(f.said, damageLine(w.Damage)); words != f.note.words {
		f.tell(words)
	}
	icon := assets.IconWifi
	if offline(w.Status) {
		icon = assets.IconWifiOff
	}
	f.wifi.set(icon)
	if line := firstLine(w); line != f.nearby.words {
		f.nearby.set(line)
		f.root.Refresh()
	}
}

// swatches are the colours to choose from.
type swatches struct {
	root   *fyne.Container
	chosen int
	// proposed says that chosen was proposed, picked that the person chose it.
	proposed, picked bool
	all              []*swatch
}

func newSwatches(chosen int) *swatches {
	s := &swatches{chosen: chosen}
	s.root = newLine(10)
	for i := range assets.PeopleColours {
		one := &swatch{number: i, chosen: i == chosen}
		one.do = func() {
			s.picked = true
			s.choose(i)
		}
		one.ring, one.hole = canvas.NewCircle(color.Transparent), canvas.NewCircle(color.Transparent)
		one.disc = canvas.NewCircle(color.Transparent)
		one.own(one)
		s.all = append(s.all, one)
		s.root.Add(one)
	}
	return s
}

func (s *swatches) choose(n int) {
	s.chosen = n
	for i, one := range s.all {
		if one.chosen != (i == n) {
			one.chosen = i == n
			one.Refresh()
		}
	}
}

type swatch struct {
	press
	number           int
	chosen           bool
	ring, hole, disc *canvas.Circle
}

func (s *swatch) CreateRenderer() fyne.WidgetRenderer {
	return draw(piece{
		owner: s, objects: []fyne.CanvasObject{s.ring, s.hole, s.disc},
		min: func() fyne.Size { return fyne.NewSquareSize(30) },
		layout: func(size fyne.Size) {
			place(s.ring, -4, -4, size.Width+8, size.Height+8)
			place(s.hole, -2, -2, size.Width+4, size.Height+4)
			place(s.disc, 0, 0, size.Width, size.Height)
		},
		paint: func(t *assets.Tokens) {
			fill := t.Person(s.number).Fill
			s.ring.FillColor, s.hole.FillColor, s.disc.FillColor = color.Transparent, color.Transparent, fill
			switch {
			case s.chosen:
				s.ring.FillColor, s.hole.FillColor = t.Person(s.number).Caret, t.Page
			case s.hovered || s.focused:
				s.ring.FillColor, s.hole.FillColor = t.Line, t.Page
			}
			if s.focused {
				s.ring.StrokeWidth, s.ring.StrokeColor = 2, t.Accent
			} else {
				s.ring.StrokeWidth = 0
			}
		},
	})
}
