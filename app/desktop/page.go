package desktop

import (
	"slices"

	"fyne.io/fyne/v2"

	"starling/assets"
)

// page is the middle of the window: the text, at times with a bar above it and a
// notice below. One that comes or goes while somebody writes takes room where the
// text ends, so that no word moves.
type page struct {
	root   *ground
	bar    *ground // to find something; nil while there is none
	notice *notice
	// standing are notices that stay until they are answered: another one hides them
	// only while it is there.
	standing []*notice
	body     fyne.CanvasObject
	empty    *ground
	box      *fyne.Container
}

// newPage returns a page without a text.
func newPage(onCreate func()) *page {
	p := &page{empty: newEmptyPage(onCreate), box: &fyne.Container{}}
	p.root = newGround(inkPage,
		func() fyne.Size { return fyne.NewSize(280, 120) },
		func(size fyne.Size) {
			place(p.box, 0, 0, size.Width, size.Height)
			top, bottom := float32(0), size.Height
			if p.bar != nil {
				top = p.bar.MinSize().Height
				place(p.bar, 0, 0, size.Width, top)
			}
			if p.notice != nil {
				high := p.notice.fit(size.Width)
				bottom -= high
				place(p.notice.root, 0, bottom, size.Width, high)
			}
			if p.body != nil {
				place(p.body, 0, top, size.Width, bottom-top)
			}
		}, p.box)
	return p
}

// newEmptyPage is shown where no document is.
func newEmptyPage(onCreate func()) *ground {
	bird := newPicture(assets.IconFileText, 32, inkFaint)
	words := newLabel("Nothing here yet", faceName, inkText)
	words.centre = true
	below := newProse("Begin a document, or wait for what others share to arrive.", 300, faceText, inkDim).centred()
	create := newButton(primary, "New document", onCreate)
	return newMiddle(newCentredStack(12, bird, words, below, create))
}

// newMiddle is a page with something in the middle of it.
func newMiddle(content fyne.CanvasObject) *ground {
	return newGround(inkPage,
		func() fyne.Size { return fyne.NewSize(280, 120) },
		func(size fyne.Size) {
			own := content.MinSize()
			place(content, middle(size.Width, own.Width), middle(size.Height, own.Height), own.Width, own.Height)
		}, content)
}

// showBody puts a text on the page.
func (p *page) showBody(body fyne.CanvasObject) {
	p.body = body
	p.fill()
}

// showEmpty says that there is no document.
func (p *page) showEmpty() { p.showBody(p.empty) }

// showBar shows something above the text, or, for nil, nothing.
func (p *page) showBar(bar *ground) {
	p.bar = bar
	p.fill()
}

// showNotice shows a bar or, for nil, the last one that stands, if any.
func (p *page) showNotice(n *notice) {
	if last := len(p.standing) - 1; n == nil && last >= 0 {
		n = p.standing[last]
	}
	p.notice = n
	p.fill()
}

// stand shows a bar that stays until end.
func (p *page) stand(n *notice) {
	p.standing = append(p.standing, n)
	p.showNotice(n)
}

// raise shows a standing bar before the others that stand.
func (p *page) raise(n *notice) {
	if i := slices.Index(p.standing, n); i >= 0 {
		p.standing = append(slices.Delete(p.standing, i, i+1), n)
		p.showNotice(nil)
	}
}

// end takes a standing bar away.
func (p *page) end(n *notice) {
	p.standing = slices.DeleteFunc(p.standing, func(other *notice) bool { return other == n })
	if p.notice == n {
		p.showNotice(nil)
	}
}

func (p *page) fill() {
	p.box.Objects = nil
	if p.body != nil {
		p.box.Objects = append(p.box.Objects, p.body)
	}
	if p.bar != nil {
		p.box.Objects = append(p.box.Objects, p.bar)
	}
	if p.notice != nil {
		p.box.Objects = append(p.box.Objects, p.notice.root)
	}
	p.root.Refresh()
}
