package desktop

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"starling/assets"
	"starling/crdt"
)

// placesEvents are what a person does in the left column.
type placesEvents struct {
	onSpaces func() // wants to see the spaces
	onCreate func() // wants a new document
	onOpen   func(crdt.DocID)
	onSearch func(query string)
	onFound  func() // wants what was found
	onLeave  func() // done with searching
	onCalm   func() // has taken the mouse off the documents
	onMe     func() // wants to change the own name
}

// places is the left column: the space, the search, the documents, oneself.
type places struct {
	root     *ground
	events   placesEvents
	switcher *switcher
	search   *field
	create   *rowButton
	section  *label
	list     *list
	found    *list  // what a search found, with a second line
	behind   *label // how many documents the search lacks; "" for none
	ids      []crdt.DocID
	foundIDs []crdt.DocID
	me       *meRow
}

func newPlaces(e placesEvents) *places {
	p := &places{events: e}
	p.switcher = newSwitcher(e.onSpaces)
	p.search = newField("Search", 33, faceText)
	p.search.icon, p.search.hint = newGlyph(assets.IconSearch), hintOf(keySearch)
	p.search.onChange = e.onSearch
	p.search.onKey = p.searchKey
	p.search.onSubmit = e.onFound
	p.create = newRowButton(assets.IconPlus, "New document", hintOf(keyNew), e.onCreate)
	p.section = newLabel("Documents", faceSection, inkDim)
	p.list = newList(assets.RowHeight, func(i int) { e.onOpen(p.ids[i]) })
	p.list.onOut = e.onCalm
	p.found = newList(48, func(i int) { e.onOpen(p.foundIDs[i]) })
	p.found.led = true
	p.found.Hide()
	p.behind = newCutLabel("", faceSmall, inkDim)
	p.me = newMeRow(e.onMe)
	edge, rule := newHairline(), newHairline()
	p.root = newGround(inkSide,
		func() fyne.Size { return fyne.NewSize(assets.PlacesWidth, 320) },
		func(size fyne.Size) {
			wide := size.Width - 21
			place(edge, size.Width-1, 0, 1, size.Height)
			place(p.switcher, 10, 12, wide, 36)
			place(p.search, 12, 56, size.Width-25, 33)
			place(p.create, 10, 98, wide, assets.RowHeight)
			place(p.section, 18, 139, wide-16, 14)
			place(p.list, 10, 157, wide, size.Height-157-66)
			foot := float32(66)
			if p.behind.words != "" {
				place(p.behind, 18, size.Height-foot-18, wide-16, 17)
				foot += 24
			}
			place(p.found, 10, 157, wide, size.Height-157-foot)
			place(rule, 10, size.Height-59, wide, 1)
			place(p.me, 10, size.Height-53, wide, 46)
		},
		edge, p.switcher, p.search, p.create, p.section, p.list, p.found, p.behind, rule, p.me)
	return p
}

// searchKey moves through what was found while the field keeps the focus.
func (p *places) searchKey(key fyne.KeyName) bool {
	switch key {
	case fyne.KeyEscape:
		p.events.onLeave()
		return true
	case fyne.KeyUp, fyne.KeyDown:
		return p.found.Visible() && p.found.step(key)
	}
	return false
}

// showDocuments lists the documents of the space.
func (p *places) showDocuments(rows []listRow, ids []crdt.DocID) {
	p.ids = ids
	p.list.set(rows)
}

// showFound lists what a search found, in place of the documents; nil rows end
// that.
func (p *places) showFound(rows []listRow, ids []crdt.DocID, searching bool) {
	p.foundIDs = ids
	p.found.set(rows)
	setVisible(p.found, searching)
	setVisible(p.list, !searching)
	switch {
	case !searching:
		p.section.set("Documents")
	case len(rows) == 0:
		p.section.set("Nothing found")
	default:
		p.section.set("Found")
	}
}

// showBehind says how many documents a search lacks, "" for none.
func (p *places) showBehind(words string) {
	if p.behind.words != words {
		p.behind.set(words)
		p.root.Refresh()
	}
}

func setVisible(o fyne.CanvasObject, visible bool) {
	if visible && !o.Visible() {
		o.Show()
	} else if !visible && o.Visible() {
		o.Hide()
	}
}

// switcher names the space and opens the menu of spaces.
type switcher struct {
	press
	emblem   *emblem
	name     *label
	chevrons *glyph
	back     *canvas.Rectangle
}

func newSwitcher(do func()) *switcher {
	s := &switcher{
		emblem: newEmblem(24), name: newCutLabel("", faceName, inkText),
		chevrons: newGlyph(assets.IconChevronsUpDown), back: canvas.NewRectangle(color.Transparent),
	}
	s.do = do
	s.own(s)
	return s
}

func (s *switcher) CreateRenderer() fyne.WidgetRenderer {
	return draw(piece{
		owner: s, objects: []fyne.CanvasObject{s.back, s.emblem, s.name, s.chevrons.Image},
		min: func() fyne.Size { return fyne.NewSize(120, 36) },
		layout: func(size fyne.Size) {
			s.back.CornerRadius = assets.RowRadius
			place(s.back, 0, 0, size.Width, size.Height)
			place(s.emblem, 8, 6, 24, 24)
			place(s.name, 41, 0, size.Width-41-32, size.Height)
			place(s.chevrons, size.Width-23, 10, assets.IconSize, assets.IconSize)
		},
		paint: func(t *assets.Tokens) { paintRow(s.back, &s.press, t); s.chevrons.ink(t.Dim) },
	})
}

// paintRow lights what can be pressed.
func paintRow(back *canvas.Rectangle, p *press, t *assets.Tokens) {
	back.FillColor, back.StrokeWidth = color.Transparent, 0
	if p.hovered {
		back.FillColor = t.Hover
	}
	if p.focused {
		back.StrokeWidth, back.StrokeColor = 1.5, t.Accent
	}
}

// meRow is oneself, at the foot of the column.
type meRow struct {
	press
	avatar      *avatar
	name, below *label
	back        *canvas.Rectangle
}

func newMeRow(do func()) *meRow {
	m := &meRow{
		avatar: newAvatar(figure{}, 26), name: newCutLabel("", faceStrong, inkText),
		below: newCutLabel("", faceSmall, inkDim), back: canvas.NewRectangle(color.Transparent),
	}
	m.do = do
	m.own(m)
	return m
}

func (m *meRow) CreateRenderer() fyne.WidgetRenderer {
	return draw(piece{
		owner: m, objects: []fyne.CanvasObject{m.back, m.avatar, m.name, m.below},
		min: func() fyne.Size { return fyne.NewSize(120, 46) },
		layout: func(size fyne.Size) {
			m.back.CornerRadius = assets.RowRadius
			place(m.back, 0, 0, size.Width, size.Height)
			place(m.avatar, 8, 10, 26, 26)
			place(m.name, 43, 5, size.Width-51, 18)
			place(m.below, 43, 23, size.Width-51, 17)
		},
		paint: func(t *assets.Tokens) { paintRow(m.back, &m.press, t) },
	})
}
