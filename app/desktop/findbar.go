package desktop

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"starling/assets"
)

// findEvents are what a person does in the bar.
type findEvents struct {
	onQuery      func(sought)
	onNext       func(back bool)
	onReplace    func(with string)
	onReplaceAll func(with string) (replaced int)
	onClose      func()
}

// sought is what is searched for, and how.
type sought struct {
	Text               string
	Case, Word, Regexp bool
}

// findBar is above the text while one searches in it. All of it works by keys:
// Enter and Shift+Enter go on and back, Tab goes through the rest, Escape ends.
type findBar struct {
	root    *ground
	events  findEvents
	text    *field
	count   *label
	wrong   *label // why it can't be searched for; "" for nothing
	with    *field
	letters *iconButton
	word    *iconButton
	regexp  *iconButton
	prev    *iconButton
	next    *iconButton
	close   *iconButton
	one     *button
	all     *button
	replace bool // the second row is shown
	query   sought
	asked   bool // for it, since the bar was opened
	// replaced says how many matches were replaced last, "" if something was
	// sought since.
	replaced string
}

const (
	findField   = 300 // at most, wide
	findRow     = 44
	findPitch   = 36
	findError   = 22
	findHeight  = 30
	findCount   = 104 // kept for the count in the field
	findPadding = 16
)

func newFindBar(e findEvents) *findBar {
	b := &findBar{
		events: e, text: newField("Find", findHeight, faceText), with: newField("Replace with", findHeight, faceText),
		count: newLabel("", faceHint, inkDim), wrong: newCutLabel("", faceSmall, inkText),
	}
	b.text.icon, b.text.most = newGlyph(assets.IconSearch), 1000
	b.text.onChange = func(string) { b.ask() }
	b.text.onKey = b.key(func() { b.step(b.text.shift) })
	b.text.onShortcut = b.shortcut
	b.with.onKey = b.key(func() { e.onReplace(b.with.Text()) })
	b.with.onShortcut = b.shortcut
	b.with.most = 1000
	b.letters = b.toggle(assets.IconCase, func(s *sought) *bool { return &s.Case })
	b.word = b.toggle(assets.IconWholeWord, func(s *sought) *bool { return &s.Word })
	b.regexp = b.toggle(assets.IconRegexp, func(s *sought) *bool { return &s.Regexp })
	b.prev = newIconButton(assets.IconArrowUp, func() { b.step(true) })
	b.next = newIconButton(assets.IconArrowDown, func() { b.step(false) })
	b.close = newIconButton(assets.IconX, e.onClose)
	b.one = newButton(plain, "Replace", func() { e.onReplace(b.with.Text()) }).small()
	b.all = newButton(plain, "Replace all", b.replaceAll).small()
	rule := newHairline()
	// The order is that of Tab.
	b.root = newGround(inkPage,
		func() fyne.Size { return fyne.NewSize(240, b.height()) },
		func(size fyne.Size) {
			place(rule, 0, size.Height-1, size.Width, 1)
			b.layout(size)
		},
		b.text, b.with, b.letters, b.word, b.regexp, b.prev, b.next, b.one, b.all, b.close, b.count, b.wrong, rule)
	b.setReplace(false)
	b.found(foundView{})
	return b
}

func (b *findBar) toggle(icon assets.Icon, of func(*sought) *bool) *iconButton {
	var t *iconButton
	t = newIconButton(icon, func() {
		on := of(&b.query)
		*on = !*on
		t.turn(*on)
		b.ask()
	})
	return t
}

// height is how high the bar is.
func (b *findBar) height() float32 {
	h := float32(findRow)
	if b.replace {
		h += findPitch
	}
	if b.wrong.words != "" {
		h += findError
	}
	return h
}

func (b *findBar) layout(size fyne.Size) {
	const side, gap = 28, 2
	tools := float32(3*side+2*gap) + 10 + 2*side + gap
	wide := min(findField, size.Width-2*findPadding-tools-side-20)
	top := middle(findRow, findHeight)
	place(b.text, findPadding, top, wide, findHeight)
	count := b.count.natural()
	place(b.count, findPadding+wide-count-10, top, count, findHeight)
	x := findPadding + wide + 10
	for _, o := range []*iconButton{b.letters, b.word, b.regexp} {
		place(o, x, top+1, side, side)
		x += side + gap
	}
	x += 8
	for _, o := range []*iconButton{b.prev, b.next} {
		place(o, x, top+1, side, side)
		x += side + gap
	}
	place(b.close, size.Width-side-11, top+1, side, side)
	y := float32(findRow)
	if b.replace {
		place(b.with, findPadding, y, wide, findHeight)
		x = findPadding + wide + 10
		for _, o := range []*button{b.one, b.all} {
			own := o.MinSize()
			place(o, x, y+middle(findHeight, own.Height), own.Width, own.Height)
			x += own.Width + 6
		}
		y += findPitch
	}
	place(b.wrong, findPadding+2, y-6, size.Width-2*findPadding, findError)
}

// setReplace shows the row for replacing, or takes it away.
func (b *findBar) setReplace(replace bool) {
	b.replace = replace
	for _, o := range []fyne.CanvasObject{b.with, b.one, b.all} {
		setVisible(o, replace)
	}
}

// recall sets what was sought and put in its place before.
func (b *findBar) recall(s sought, with string) {
	b.letters.turn(s.Case)
	b.word.turn(s.Word)
	b.regexp.turn(s.Regexp)
	b.query = s
	b.text.fill(s.Text)
	b.with.fill(with)
}

// begin starts a search for a text, for what was sought before if it is "".
func (b *findBar) begin(text string, replace bool) {
	b.setReplace(b.replace || replace)
	if text != "" {
		b.text.fill(text)
	}
	b.text.selectAll()
	if !b.asked || b.text.Text() != b.query.Text {
		b.ask()
	}
}

func (b *findBar) ask() {
	b.asked, b.replaced = true, ""
	b.query.Text = b.text.Text()
	b.events.onQuery(b.query)
}

func (b *findBar) step(back bool) {
	if b.query.Text != "" {
		b.events.onNext(back)
	}
}

// replaceAll says how many it has replaced, until something else is to be said.
func (b *findBar) replaceAll() {
	if n := b.events.onReplaceAll(b.with.Text()); n > 0 {
		b.replaced = grouped(n) + " replaced"
		b.found(foundView{Count: b.replaced})
	}
}

// found says how the search stands.
func (b *findBar) found(v foundView) {
	if b.replaced != "" && v.Count == noMatch {
		v.Count = b.replaced // says more
	}
	b.count.set(v.Count)
	b.text.setSpare(min(findCount, b.count.natural()))
	some := b.query.Text != "" && v.Error == "" && v.Count != noMatch && v.Count != b.replaced
	for _, o := range []*iconButton{b.prev, b.next} {
		o.setDisabled(!some)
	}
	for _, o := range []*button{b.one, b.all} {
		o.setDisabled(!some)
	}
	b.wrong.set(v.Error)
	b.root.Refresh()
}

// key does what keys do in both fields.
func (b *findBar) key(enter func()) func(fyne.KeyName) bool {
	return func(name fyne.KeyName) bool {
		switch name {
		case fyne.KeyReturn, fyne.KeyEnter:
			enter()
		case fyne.KeyEscape:
			b.events.onClose()
		case fyne.KeyUp:
			b.step(true)
		case fyne.KeyDown:
			b.step(false)
		default:
			return false
		}
		return true
	}
}

// shortcut turns the ways of searching on and off, and replaces all.
func (b *findBar) shortcut(s *desktop.CustomShortcut) bool {
	more := fyne.KeyModifier(0)
	if fyne.KeyModifierShortcutDefault == fyne.KeyModifierSuper {
		more = fyne.KeyModifierSuper // Option alone types letters there
	}
	if s.Modifier != fyne.KeyModifierAlt|more {
		return false
	}
	switch s.KeyName {
	case fyne.KeyC:
		b.letters.Tapped(nil)
	case fyne.KeyW:
		b.word.Tapped(nil)
	case fyne.KeyR:
		b.regexp.Tapped(nil)
	case fyne.KeyA:
		if b.replace && !b.all.disabled {
			b.replaceAll()
		}
	default:
		return false
	}
	return true
}

// lineBar is above the text while one asks for a line of it.
type lineBar struct {
	root  *ground
	text  *field
	close *iconButton
}

// newLineBar returns the bar; goTo is given the number of a line.
func newLineBar(goTo func(n int), onClose func()) *lineBar {
	b := &lineBar{text: newField("Line number", findHeight, faceText), close: newIconButton(assets.IconX, onClose)}
	b.text.most = 12
	b.text.onSubmit = func() {
		if n, ok := lineAsked(b.text.Text()); ok {
			goTo(n)
		}
	}
	b.text.onKey = func(name fyne.KeyName) bool {
		if name == fyne.KeyEscape {
			onClose()
		}
		return name == fyne.KeyEscape
	}
	words := newLabel("Go to line", faceText, inkDim)
	rule := newHairline()
	b.root = newGround(inkPage,
		func() fyne.Size { return fyne.NewSize(240, findRow) },
		func(size fyne.Size) {
			top := middle(findRow, findHeight)
			place(words, findPadding, top, words.natural(), findHeight)
			place(b.text, findPadding+words.natural()+10, top, 140, findHeight)
			place(b.close, size.Width-28-11, top+1, 28, 28)
			place(rule, 0, size.Height-1, size.Width, 1)
		}, b.text, b.close, words, rule)
	return b
}
