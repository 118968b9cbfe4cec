package desktop

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"starling/assets"
)

// listRow is what one row of a list says.
type listRow struct {
	Icon     assets.Icon // "" for none
	Indent   int         // how deep it stands below others
	Title    string
	Below    string // a second, dim line; "" for none
	Note     string // a word at the right, where nobody is; "" for none
	Quiet    bool   // the title is dim
	Selected bool
	Figures  [3]figure // who is there; the first People of them
	People   int
}

// list is rows of one height that scroll. Only those that are seen are drawn,
// so it may have many thousands.
type list struct {
	widget.BaseWidget
	rows   []listRow
	pitch  float32
	onOpen func(i int)
	// onOut, if not nil, is told that the mouse has left.
	onOut func()

	// led says that the keys come from a field: their row is then lit and has
	// no ring.
	led     bool
	offset  float32
	hover   int // -1 for none
	cursor  int // the row that the keys are at
	focused bool
	cells   []*listCell
	box     *fyne.Container
	bar     *canvas.Rectangle
}

func newList(pitch float32, onOpen func(i int)) *list {
	l := &list{pitch: pitch, onOpen: onOpen, hover: -1, box: &fyne.Container{}, bar: canvas.NewRectangle(color.Transparent)}
	l.ExtendBaseWidget(l)
	return l
}

// set replaces the rows.
func (l *list) set(rows []listRow) {
	if slices.Equal(l.rows, rows) {
		return
	}
	l.rows = rows
	l.cursor = min(l.cursor, max(len(rows)-1, 0))
	l.Refresh()
}

func (l *list) CreateRenderer() fyne.WidgetRenderer {
	return draw(piece{
		owner: l, objects: []fyne.CanvasObject{l.box, l.bar},
		min:    func() fyne.Size { return fyne.NewSize(40, l.pitch) },
		layout: l.layout,
		paint:  func(t *assets.Tokens) { l.bar.FillColor = t.Line },
	})
}

func (l *list) layout(size fyne.Size) {
	l.offset = min(max(l.offset, 0), l.most())
	l.box.Resize(size)
	first := int(l.offset / l.pitch)
	seen := min(int(size.Height/l.pitch)+2, len(l.rows)-first)
	for len(l.cells) < seen {
		l.cells = append(l.cells, newListCell())
	}
	t := look()
	l.box.Objects = l.box.Objects[:0]
	for i := range max(seen, 0) {
		n, cell := first+i, l.cells[i]
		state := cellState{hovered: n == l.hover, focused: l.focused && n == l.cursor}
		row := l.rows[n]
		if l.led {
			row.Selected, state.focused = n == l.cursor, false
		}
		cell.show(row, state, t)
		cell.layout(fyne.NewPos(0, float32(n)*l.pitch-l.offset), fyne.NewSize(size.Width, l.pitch))
		l.box.Objects = append(l.box.Objects, cell.objects...)
	}
	l.layoutBar(size)
}

// layoutBar shows how much of the list is seen, if not all is.
func (l *list) layoutBar(size fyne.Size) {
	whole := l.pitch * float32(len(l.rows))
	l.bar.Hidden = whole <= size.Height
	if l.bar.Hidden {
		return
	}
	l.bar.CornerRadius = 2
	length := max(size.Height*size.Height/whole, 24)
	place(l.bar, size.Width-3, l.offset/l.most()*(size.Height-length), 3, length)
}

// most is the largest offset.
func (l *list) most() float32 {
	return max(l.pitch*float32(len(l.rows))-l.Size().Height, 0)
}

// Scrolled moves the rows.
func (l *list) Scrolled(event *fyne.ScrollEvent) {
	offset := min(max(l.offset-event.Scrolled.DY, 0), l.most())
	if offset != l.offset {
		l.offset = offset
		l.hover = l.at(event.Position.Y)
		l.Refresh()
	}
}

// at is the row at a height, -1 if there is none.
func (l *list) at(y float32) int {
	if i := int((y + l.offset) / l.pitch); y >= 0 && i < len(l.rows) {
		return i
	}
	return -1
}

// MouseIn lights the row under the mouse.
func (l *list) MouseIn(event *desktop.MouseEvent) { l.MouseMoved(event) }

// MouseMoved lights the row under the mouse.
func (l *list) MouseMoved(event *desktop.MouseEvent) { l.setHover(l.at(event.Position.Y)) }

// MouseOut lights none.
func (l *list) MouseOut() {
	l.setHover(-1)
	if l.onOut != nil {
		l.onOut()
	}
}

func (l *list) setHover(i int) {
	if l.hover != i {
		l.hover = i
		l.Refresh()
	}
}

// Cursor is the pointer of the mouse over it.
func (l *list) Cursor() desktop.Cursor { return desktop.PointerCursor }

// Tapped opens the row under the mouse.
func (l *list) Tapped(event *fyne.PointEvent) {
	if i := l.at(event.Position.Y); i >= 0 {
		l.cursor = i
		l.onOpen(i)
	}
}

// FocusGained shows which row the keys are at.
func (l *list) FocusGained() {
	l.focused = true
	if i := slices.IndexFunc(l.rows, func(r listRow) bool { return r.Selected }); i >= 0 {
		l.cursor = i
	}
	l.Refresh()
	l.reveal(l.cursor)
}

// FocusLost hides it.
func (l *list) FocusLost() {
	l.focused = false
	l.Refresh()
}

// TypedRune does nothing.
func (l *list) TypedRune(rune) {}

// TypedKey moves among the rows and opens one.
func (l *list) TypedKey(event *fyne.KeyEvent) {
	if l.step(event.Name) {
		return
	}
	switch event.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		l.open()
	default:
		passKeyOn(l, event)
	}
}

// open opens the row that the keys are at.
func (l *list) open() {
	if l.cursor < len(l.rows) {
		l.onOpen(l.cursor)
	}
}

// step moves the keys' row and says whether the key does so.
func (l *list) step(key fyne.KeyName) bool {
	to := l.cursor
	switch key {
	case fyne.KeyUp:
		to--
	case fyne.KeyDown:
		to++
	case fyne.KeyHome:
		to = 0
	case fyne.KeyEnd:
		to = len(l.rows) - 1
	default:
		return false
	}
	l.cursor = min(max(to, 0), max(len(l.rows)-1, 0))
	l.offset = l.offsetFor(l.cursor)
	l.Refresh()
	return true
}

// offsetFor is the offset nearest to the present one that shows a row whole.
func (l *list) offsetFor(i int) float32 {
	top := float32(i) * l.pitch
	return max(min(l.offset, top), top+l.pitch-l.Size().Height)
}

// reveal brings a row into view.
func (l *list) reveal(i int) {
	if offset := l.offsetFor(i); offset != l.offset && l.Size().Height > 0 {
		l.offset = offset
		l.Refresh()
	}
}
