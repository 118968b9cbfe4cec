package desktop

import (
	"fyne.io/fyne/v2"

	"starling/assets"
)

// versionsEvents are what a person does in the right column while it tells what
// was.
type versionsEvents struct {
	versionEvents
	onBringBack, onCopyText, onName func()
}

// versions is the right column while it tells what was: versions to choose
// from, and what to do with the one on the page.
type versions struct {
	root   *ground
	list   *versionList
	slider *slider
	back   *button
	copy   *button
	name   *link
	empty  *label
}

func newVersions(e versionsEvents) *versions {
	v := &versions{
		list: newVersionList(e.versionEvents), empty: newLabel("", faceSmall, inkDim),
		back: newButton(primary, "Bring back", e.onBringBack), copy: newButton(plain, "Copy", e.onCopyText),
		name: newLink("Name this version…", faceSmall, e.onName),
	}
	for _, b := range []*button{v.back, v.copy} {
		b.face, b.height, b.pad = faceButton, 30, 12
	}
	// The newest version is at the top of the list and at the right of the track.
	v.slider = newSlider(func(at int) { e.onSelect(v.slider.most - at) })
	v.root = newGround(inkNone,
		func() fyne.Size { return fyne.NewSize(assets.PeopleWidth-1, 240) },
		v.layout,
		v.list, v.slider, v.back, v.copy, v.name, v.empty)
	v.set(nil, -1)
	return v
}

// layout puts the tools below the list, at the column's foot if that is long.
func (v *versions) layout(size fyne.Size) {
	const tools = sliderHeight + 8 + 30 + 12 + 17 + 16 // below the list, with gaps
	high := min(v.list.height()+6, size.Height-tools)
	place(v.list, 12, 0, size.Width-16, high)
	y := max(high, 0)
	place(v.slider, 18, y, size.Width-36, sliderHeight)
	y += sliderHeight + 8
	back, text := v.back.MinSize(), v.copy.MinSize()
	place(v.back, 16, y, back.Width, back.Height)
	place(v.copy, 16+back.Width+8, y, text.Width, text.Height)
	y += 30 + 12
	name := v.name.MinSize()
	place(v.name, 17, y, name.Width, name.Height)
	place(v.empty, 20, 8, size.Width-36, 17)
}

// set replaces the versions; see [versionList.set].
func (v *versions) set(days []string, selected int) {
	v.list.set(days, selected)
	v.slider.set(len(days)-1-selected, max(len(days)-1, 0))
	any := len(days) > 0
	for _, o := range []fyne.CanvasObject{v.slider, v.back, v.copy, v.name} {
		setVisible(o, any)
	}
	setVisible(v.empty, !any)
	v.root.Refresh()
}

// choose selects a version.
func (v *versions) choose(i int) {
	v.list.selectRow(i)
	v.slider.set(v.slider.most-i, v.slider.most)
}

// allow says what can be done: bring the version back, and take its text.
func (v *versions) allow(back, text bool) {
	v.back.setDisabled(!back)
	v.copy.setDisabled(!text)
}
