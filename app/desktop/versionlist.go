package desktop

import (
	"image/color"
	"sort"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"starling/assets"
)

// versionEvents are what a person does in the list of versions.
type versionEvents struct {
	// onSelect is told which version is wanted, by its place in the list.
	onSelect func(i int)
	// onEnter is Enter on the selected version, onCopy a wish for its text.
	onEnter func()
	onCopy  func()
	// onPage scrolls the text by pages.
	onPage func(pages int)
	// row makes the row of a version that is in view.
	row func(i int) versionRow
	// onView is told which versions are in view.
	onView func(from, to int)
}

// versionList is versions by day, the newest first. Only those that are seen
// are made and drawn, so it may have many thousands.
type versionList struct {
	widget.BaseWidget
	events versionEvents
	days   []string  // the day above a version, "" if it is that of the one before
	tops   []float32 // where each version begins; one more, where the last ends

	offset   float32
	hover    int // -1 for none
	selected int // -1 for none
	focused  bool
	// plain says that the keyboard was given to it, and not brought to it by
	// keys: then what is selected needs no ring.
	plain  bool
	cells  []*versionCell
	titles []*canvas.Text
	box    *fyne.Container
	bar    *canvas.Rectangle
}

func newVersionList(e versionEvents) *versionList {
	l := &versionList{
		events: e, hover: -1, selected: -1, tops: []float32{0},
		box: &fyne.Container{}, bar: canvas.NewRectangle(color.Transparent),
	}
	l.bar.CornerRadius = 2
	l.ExtendBaseWidget(l)
	return l
}

// set replaces the versions, which days name the days of.
func (l *versionList) set(days []string, selected int) {
	l.days, l.tops = make([]string, len(days)), make([]float32, 0, len(days)+1)
	y, last := float32(0), ""
	for i, day := range days {
		if day != last {
			l.days[i], last = day, day
			y += dayHeight
		}
		l.tops = append(l.tops, y)
		y += versionHeight
	}
	l.tops = append(l.tops, y)
	l.hover, l.selected = -1, selected
	l.Refresh()
}

// selectRow lights a version and brings it into view.
func (l *versionList) selectRow(i int) {
	l.selected = i
	if i >= 0 {
		top := l.tops[i]
		if l.days[i] != "" {
			top -= dayHeight
		}
		l.offset = max(min(l.offset, top), l.tops[i]+versionHeight-l.Size().Height)
	}
	l.Refresh()
}

// height is how high all of it is.
func (l *versionList) height() float32 { return l.tops[len(l.tops)-1] }

// most is the largest offset.
func (l *versionList) most() float32 { return max(l.height()-l.Size().Height, 0) }

func (l *versionList) CreateRenderer() fyne.WidgetRenderer {
	return draw(piece{
		owner: l, objects: []fyne.CanvasObject{l.box, l.bar},
		min:    func() fyne.Size { return fyne.NewSize(40, versionHeight) },
		layout: l.layout,
		paint:  func(t *assets.Tokens) { l.bar.FillColor = t.Line },
	})
}

// seen are the versions in view.
func (l *versionList) seen(height float32) (from, to int) {
	n := len(l.days)
	from = sort.Search(n, func(i int) bool { return l.tops[i]+versionHeight > l.offset })
	to = from
	for to < n && l.tops[to]-dayHeight < l.offset+height {
		to++
	}
	return from, to
}

func (l *versionList) layout(size fyne.Size) {
	l.offset = min(max(l.offset, 0), l.most())
	l.box.Resize(size)
	l.box.Objects = l.box.Objects[:0]
	t := look()
	from, to := l.seen(size.Height)
	titles := 0
	for i := from; i < to; i++ {
		y := l.tops[i] - l.offset
		if l.days[i] != "" {
			l.title(titles, l.days[i], y-dayHeight, t)
			titles++
		}
		if i-from == len(l.cells) {
			l.cells = append(l.cells, newVersionCell())
		}
		cell := l.cells[i-from]
		chosen := i == l.selected
		cell.show(l.events.row(i), versionState{chosen, i == l.hover, chosen && l.focused && !l.plain}, t)
		cell.layout(fyne.NewPos(0, y), fyne.NewSize(size.Width-versionMargin, versionHeight))
		l.box.Objects = append(l.box.Objects, cell.objects...)
	}
	l.layoutBar(size)
	l.events.onView(from, to)
}

// title draws the name of a day.
func (l *versionList) title(n int, day string, y float32, t *assets.Tokens) {
	if n == len(l.titles) {
		text := &canvas.Text{}
		faceSection.apply(text)
		l.titles = append(l.titles, text)
	}
	text := l.titles[n]
	text.Text, text.Color = day, t.Dim
	own := faceSection.measure(day)
	place(text, 8, y+8, own.Width, own.Height)
	l.box.Objects = append(l.box.Objects, text)
}

// layoutBar shows how much of the list is seen, if not all is.
func (l *versionList) layoutBar(size fyne.Size) {
	whole := l.height()
	l.bar.Hidden = whole <= size.Height
	if !l.bar.Hidden {
		length := max(size.Height*size.Height/whole, 24)
		place(l.bar, size.Width-3, l.offset/l.most()*(size.Height-length), 3, length)
	}
}

// at is the version at a height, -1 if there is none.
func (l *versionList) at(y float32) int {
	y += l.offset
	i := sort.Search(len(l.days), func(i int) bool { return l.tops[i]+versionHeight > y })
	if i < len(l.days) && y >= l.tops[i] {
		return i
	}
	return -1
}

// Scrolled moves the list.
func (l *versionList) Scrolled(event *fyne.ScrollEvent) {
	offset := min(max(l.offset-event.Scrolled.DY, 0), l.most())
	if offset != l.offset {
		l.offset = offset
		l.hover = l.at(event.Position.Y)
		l.Refresh()
	}
}

// MouseIn lights the row under the mouse.
func (l *versionList) MouseIn(event *desktop.MouseEvent) { l.MouseMoved(event) }

// MouseMoved lights the row under the mouse.
func (l *versionList) MouseMoved(event *desktop.MouseEvent) { l.setHover(l.at(event.Position.Y)) }

// MouseOut lights none.
func (l *versionList) MouseOut() { l.setHover(-1) }

func (l *versionList) setHover(i int) {
	if l.hover != i {
		l.hover = i
		l.Refresh()
	}
}

// Cursor is the pointer of the mouse over it.
func (l *versionList) Cursor() desktop.Cursor { return desktop.PointerCursor }

// Tapped selects the version under the mouse.
func (l *versionList) Tapped(event *fyne.PointEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(l); c != nil {
		l.take(c)
	}
	if i := l.at(event.Position.Y); i >= 0 {
		l.events.onSelect(i)
	}
}

// take gives it the keyboard.
func (l *versionList) take(c fyne.Canvas) {
	if c.Focused() != l {
		l.plain = true
		c.Focus(l)
	}
}

// FocusGained shows which version the keys are at.
func (l *versionList) FocusGained() {
	l.focused = true
	l.Refresh()
}

// FocusLost hides it.
func (l *versionList) FocusLost() {
	l.focused, l.plain = false, false
	l.Refresh()
}

// TypedRune does nothing.
func (l *versionList) TypedRune(rune) {}

// TypedShortcut copies, and leaves the rest to the window.
func (l *versionList) TypedShortcut(s fyne.Shortcut) {
	if _, ok := s.(*fyne.ShortcutCopy); ok {
		l.events.onCopy()
		return
	}
	if c, ok := fyne.CurrentApp().Driver().CanvasForObject(l).(fyne.Shortcutable); ok {
		c.TypedShortcut(s)
	}
}

// TypedKey moves through the versions.
func (l *versionList) TypedKey(event *fyne.KeyEvent) {
	to := l.selected
	switch event.Name {
	case fyne.KeyUp:
		to--
	case fyne.KeyDown:
		to++
	case fyne.KeyHome:
		to = 0
	case fyne.KeyEnd:
		to = len(l.days) - 1
	case fyne.KeyPageUp:
		l.events.onPage(-1)
		return
	case fyne.KeyPageDown:
		l.events.onPage(1)
		return
	case fyne.KeyReturn, fyne.KeyEnter:
		l.events.onEnter()
		return
	default:
		passKeyOn(l, event)
		return
	}
	if to = min(max(to, 0), len(l.days)-1); to >= 0 && to != l.selected {
		l.events.onSelect(to)
	}
}
