package desktop

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"starling/app/buffer"
	"starling/assets"
)

// doubleClick is the longest time between the clicks of a double click.
const doubleClick = 400 * time.Millisecond

// field is a line of text to fill in. Its caret doesn't blink, so that it costs
// nothing while it waits.
type field struct {
	widget.BaseWidget
	height      float32
	face        face
	placeholder string
	hint        string  // at the right, while it is empty and not in use
	icon        *glyph  // nil for none
	most        int     // code points that it takes
	spare       float32 // kept free at the right, for what lies there
	onChange    func(text string)
	onSubmit    func()
	// onKey is asked first about every key; it says whether it took it.
	onKey func(name fyne.KeyName) bool
	// onShortcut is the same for keys with modifiers that mean nothing in a text.
	onShortcut func(*desktop.CustomShortcut) bool

	content  *buffer.Buffer
	first    int // the first code point that is shown
	focused  bool
	hovered  bool
	shift    bool
	lastDown time.Time

	halo, frame, selection, caret *canvas.Rectangle
	text, tip                     *canvas.Text
}

func newField(placeholder string, height float32, f face) *field {
	w := &field{
		height: height, face: f, placeholder: placeholder, most: 200,
		content: buffer.New(&localText{}, "", 0),
		halo:    canvas.NewRectangle(color.Transparent), frame: canvas.NewRectangle(color.Transparent),
		selection: canvas.NewRectangle(color.Transparent), caret: canvas.NewRectangle(color.Transparent),
		text: &canvas.Text{}, tip: &canvas.Text{},
	}
	w.ExtendBaseWidget(w)
	return w
}

// Text is what was filled in.
func (w *field) Text() string { return w.content.Text() }

// SetText replaces what was filled in, and tells of it like of typing.
func (w *field) SetText(text string) {
	if text == w.Text() {
		return
	}
	w.content.SelectAll()
	w.enter(text)
	w.content.MoveTo(w.content.Len(), false)
	w.Refresh()
}

// fill replaces what was filled in and tells nobody.
func (w *field) fill(text string) {
	tell := w.onChange
	w.onChange = nil
	w.SetText(text)
	w.onChange = tell
}

// selectAll marks all of it, so that typing replaces it.
func (w *field) selectAll() {
	w.content.SelectAll()
	w.Refresh()
}

// setSpare keeps room free at the right.
func (w *field) setSpare(spare float32) {
	if w.spare != spare {
		w.spare = spare
		w.Refresh()
	}
}

// enter puts text over the selection, as far as there is room for it.
func (w *field) enter(text string) {
	runes := []rune(oneLine(text))
	from, to := w.content.Selection()
	room := max(w.most-w.content.Len()+(to-from), 0)
	runes = runes[:min(len(runes), room)]
	// The local document refuses nothing.
	if err := w.content.Paste(string(runes)); err != nil {
		fyne.LogError("Type into a field", err)
	}
	w.changed()
}

func (w *field) changed() {
	w.Refresh()
	if w.onChange != nil {
		w.onChange(w.Text())
	}
}

func (w *field) CreateRenderer() fyne.WidgetRenderer {
	w.face.apply(w.text)
	faceHint.apply(w.tip)
	objects := []fyne.CanvasObject{w.halo, w.frame, w.selection, w.text, w.tip, w.caret}
	if w.icon != nil {
		objects = append(objects, w.icon.Image)
	}
	return draw(piece{
		owner: w, objects: objects,
		min:    func() fyne.Size { return fyne.NewSize(4*w.height, w.height) },
		layout: w.layout, paint: w.paint,
	})
}

// inset is where the text starts.
func (w *field) inset() float32 {
	if w.icon != nil {
		return 31
	}
	return 13
}

func (w *field) layout(size fyne.Size) {
	place(w.halo, -ringWidth, -ringWidth, size.Width+2*ringWidth, size.Height+2*ringWidth)
	place(w.frame, 0, 0, size.Width, size.Height)
	if w.icon != nil {
		place(w.icon, 10, middle(size.Height, assets.SmallIcon), assets.SmallIcon, assets.SmallIcon)
	}
	tip := faceHint.measure(w.hint)
	w.tip.Text = w.hint
	w.tip.Hidden = w.focused || w.content.Len() > 0
	place(w.tip, size.Width-tip.Width-10, middle(size.Height, tip.Height), tip.Width, tip.Height)
	w.layoutText(size)
}

// layoutText shows the part of the text that has the caret in it.
func (w *field) layoutText(size fyne.Size) {
	room := size.Width - w.inset() - 10 - w.spare
	if room <= 0 {
		return // it has no size yet
	}
	end := w.content.Len()
	w.first = min(w.first, w.content.Caret())
	if w.between(0, end) <= room {
		w.first = 0
	}
	for w.first < w.content.Caret() && w.between(w.first, w.content.Caret()) > room {
		w.first++
	}
	last := end
	for last > w.first && w.between(w.first, last) > room {
		last--
	}
	shown := w.content.Slice(w.first, last)
	if end == 0 {
		shown = w.placeholder
	}
	w.text.Text = shown
	own := w.face.measure(shown)
	top := middle(size.Height, own.Height)
	place(w.text, w.inset(), top, own.Width, own.Height)

	from, to := w.content.Selection()
	from, to = max(from, w.first), min(to, last)
	w.selection.Hidden = from >= to
	if from < to {
		x := w.between(w.first, from)
		place(w.selection, w.inset()+x, top-1, w.between(w.first, to)-x, own.Height+2)
	}
	w.caret.Hidden = !w.focused
	place(w.caret, w.inset()+w.between(w.first, w.content.Caret()), top-1, 1.5, own.Height+2)
}

// between is how wide the text between two places is.
func (w *field) between(from, to int) float32 {
	if from >= to {
		return 0
	}
	return w.face.width(w.content.Slice(from, to))
}

func (w *field) paint(t *assets.Tokens) {
	w.frame.CornerRadius, w.halo.CornerRadius = assets.FieldRadius, assets.FieldRadius+ringWidth
	w.frame.FillColor = t.Page
	w.frame.StrokeWidth, w.frame.StrokeColor = assets.HairlineSize, t.Line
	w.halo.FillColor = color.Transparent
	if w.focused {
		w.frame.StrokeColor, w.halo.FillColor = t.Accent, t.Halo
	} else if w.hovered {
		w.frame.StrokeColor = t.Faint
	}
	w.selection.FillColor, w.caret.FillColor = t.Selection, t.Text
	w.text.Color, w.tip.Color = t.Text, t.Dim
	if w.content.Len() == 0 {
		w.text.Color = t.Dim
	}
	if w.icon != nil {
		w.icon.ink(t.Dim)
	}
}

// Cursor is the mouse's over text.
func (w *field) Cursor() desktop.Cursor { return desktop.TextCursor }

// MouseIn, MouseMoved and MouseOut show that it can be filled in.
func (w *field) MouseIn(*desktop.MouseEvent)    { w.setHovered(true) }
func (w *field) MouseMoved(*desktop.MouseEvent) {}

// MouseOut ends what MouseIn began.
func (w *field) MouseOut() { w.setHovered(false) }

func (w *field) setHovered(hovered bool) {
	w.hovered = hovered
	w.Refresh()
}

// MouseDown puts the caret under the mouse.
func (w *field) MouseDown(event *desktop.MouseEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(w); c != nil {
		c.Focus(w)
	}
	at := w.at(event.Position.X)
	if now := time.Now(); now.Sub(w.lastDown) < doubleClick {
		w.content.SelectWord(at)
		w.lastDown = time.Time{}
	} else {
		w.content.MoveTo(at, event.Modifier&fyne.KeyModifierShift != 0)
		w.lastDown = now
	}
	w.Refresh()
}

// MouseUp does nothing.
func (w *field) MouseUp(*desktop.MouseEvent) {}

// Dragged selects.
func (w *field) Dragged(event *fyne.DragEvent) {
	w.content.MoveTo(w.at(event.Position.X), true)
	w.Refresh()
}

// DragEnd does nothing.
func (w *field) DragEnd() {}

// at is the place in the text that is nearest to x.
func (w *field) at(x float32) int {
	x -= w.inset()
	at := w.first
	for at < w.content.Len() && x > (w.between(w.first, at)+w.between(w.first, at+1))/2 {
		at++
	}
	return at
}
