package desktop

import (
	"fmt"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"starling/assets"
	"starling/sync/peer"
)

// peopleEvents are what a person does in the right column.
type peopleEvents struct {
	onGoTo    func(peer.DeviceID)
	onFollow  func(peer.DeviceID)
	onAdd     func(personRow)
	onMenu    func(personRow, fyne.CanvasObject) // wants to see what else there is, beside an object
	onShow    func(requestRow)                   // wants to see the code
	onDecline func(requestRow)
	onFind    func() // someone is missing
}

// people is the right column while it tells who is here.
type people struct {
	root   *container.Scroll
	events peopleEvents
	view   peopleView
	cards  map[string]fyne.CanvasObject // of the view, by section and person
	rows   *fyne.Container
}

func newPeople(e peopleEvents) *people {
	p := &people{events: e, cards: map[string]fyne.CanvasObject{}, rows: newStack(0)}
	p.root = container.NewVScroll(p.rows)
	p.fill()
	return p
}

// show takes a new view; the cards of those who stay stay.
func (p *people) show(v peopleView) {
	same := slices.Equal(p.view.Requests, v.Requests) && slices.Equal(p.view.Here, v.Here) &&
		slices.Equal(p.view.Members, v.Members) && slices.Equal(p.view.Nearby, v.Nearby) &&
		slices.Equal(p.view.Removed, v.Removed)
	if !same {
		p.view = v
		p.fill()
	}
}

func (p *people) fill() {
	old := p.cards
	p.cards = map[string]fyne.CanvasObject{}
	p.rows.Objects = nil
	section := func(title string, rows []personRow) {
		if len(rows) == 0 {
			return
		}
		p.rows.Objects = append(p.rows.Objects, newSection(title))
		for i, row := range rows {
			key := fmt.Sprint(title, row.ID, row.Start, i*btoi(row.ID == peer.DeviceID{}))
			card, ok := old[key].(*personCard)
			if !ok {
				card = newPersonCard(p.events)
			}
			card.set(row)
			p.cards[key] = card
			p.rows.Objects = append(p.rows.Objects, card)
		}
	}
	if len(p.view.Requests) > 0 {
		p.rows.Objects = append(p.rows.Objects, newSection("Asking"))
	}
	for _, row := range p.view.Requests {
		key := fmt.Sprint("asking", row.Key, row.New, row.ID)
		card, ok := old[key].(*requestCard)
		if !ok {
			card = newRequestCard(p.events)
		}
		card.set(row)
		p.cards[key] = card
		p.rows.Objects = append(p.rows.Objects, card)
	}
	section("Here now", p.view.Here)
	section("Members", p.view.Members)
	section("Nearby", p.view.Nearby)
	section("No longer here", p.view.Removed)
	p.rows.Objects = append(p.rows.Objects, newFindRow(p.events.onFind))
	p.rows.Refresh()
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// newSection is a small title above rows.
func newSection(title string) *ground {
	text := newLabel(title, faceSection, inkDim)
	return newGround(inkNone,
		func() fyne.Size { return fyne.NewSize(60, 27) },
		func(size fyne.Size) { place(text, 20, 8, size.Width-36, 15) },
		text)
}

// newFindRow helps those who miss somebody.
func newFindRow(do func()) *ground {
	icon := newPicture(assets.IconCircleHelp, assets.SmallIcon, inkDim)
	text := newLabel("Someone missing?", faceSmall, inkDim)
	why := newLink("Find out why", faceSmall, do)
	return newGround(inkNone,
		func() fyne.Size { return fyne.NewSize(230, 46) },
		func(size fyne.Size) {
			place(icon, 17, middle(size.Height, assets.SmallIcon), assets.SmallIcon, assets.SmallIcon)
			place(text, 41, 0, text.natural(), size.Height)
			own := why.MinSize()
			place(why, 41+text.natural()+5, middle(size.Height, own.Height), own.Width, own.Height)
		},
		icon, text, why)
}
