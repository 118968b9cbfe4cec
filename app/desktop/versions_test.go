package desktop

import (
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"starling/assets"
)

func TestSlider(t *testing.T) {
	var told []int
	s := newSlider(func(at int) { told = append(told, at) })
	show(t, s, 200, sliderHeight)
	s.set(4, 4)
	for _, name := range []fyne.KeyName{fyne.KeyRight, fyne.KeyLeft, fyne.KeyDown, fyne.KeyHome, fyne.KeyLeft, fyne.KeyUp, fyne.KeyEnd} {
		s.TypedKey(key(name))
	}
	if want := []int{3, 2, 0, 1, 4}; !slices.Equal(told, want) {
		t.Errorf("keys told %v, want %v", told, want)
	}
	told = nil
	for _, x := range []float32{-50, 60, 100, 101, 500} {
		s.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, 9)}})
	}
	if want := []int{0, 1, 2, 4}; !slices.Equal(told, want) {
		t.Errorf("the mouse told %v, want %v", told, want)
	}
	told = nil
	s.set(0, 0)
	s.move(3)
	if len(told) != 0 {
		t.Errorf("where there is one version told %v", told)
	}
}

// sampleVersions is the column with some versions over three days.
func sampleVersions(n int, made *int, events versionsEvents) *versions {
	events.row = func(i int) versionRow {
		*made++
		who := author{"Grace", figureOf("Grace", grace.Colour)}
		return versionRow{Author: who, Time: "14:20", deed: deed{fmt.Sprint("version ", i), "+46 −3"}}
	}
	if events.onView == nil {
		events.onView = func(int, int) {}
	}
	v := newVersions(events)
	days := make([]string, n)
	for i := range days {
		days[i] = []string{"Today", "Yesterday", "20 November"}[i*3/n]
	}
	v.set(days, 0)
	return v
}

func TestVersionsLook(t *testing.T) {
	made := 0
	v := sampleVersions(5, &made, versionsEvents{})
	a := newAside(newGap(1, 1), newGap(1, 1), v.root, nil)
	a.show(sideHistory)
	win := show(t, a.root, assets.PeopleWidth, 480)
	test.AssertRendersToMarkup(t, "versions.xml", win.Canvas())
}

// Of a hundred thousand versions only those are made that are seen, and each
// can be reached.
func TestManyVersions(t *testing.T) {
	const n = 100_000
	made, from, to := 0, 0, 0
	var chosen []int
	var v *versions
	v = sampleVersions(n, &made, versionsEvents{versionEvents: versionEvents{
		onView:   func(a, b int) { from, to = a, b },
		onSelect: func(i int) { chosen = append(chosen, i); v.choose(i) },
	}})
	win := show(t, v.root, assets.PeopleWidth, 600)
	if to-from > 12 || made > 100 {
		t.Errorf("%d to %d are in view, %d were made", from, to, made)
	}
	win.Canvas().Focus(v.list)
	for _, name := range []fyne.KeyName{fyne.KeyUp, fyne.KeyDown, fyne.KeyDown, fyne.KeyEnd, fyne.KeyDown, fyne.KeyUp, fyne.KeyHome} {
		v.list.TypedKey(key(name))
		if i := v.list.selected; i < from || i >= to {
			t.Errorf("%d is chosen and %d to %d are in view", i, from, to)
		}
	}
	if want := []int{1, 2, n - 1, n - 2, 0}; !slices.Equal(chosen, want) {
		t.Errorf("chose %v, want %v", chosen, want)
	}
	v.slider.step(-3)
	if v.list.selected != 3 || v.slider.at != n-1-3 {
		t.Errorf("the slider chose %d and is at %d", v.list.selected, v.slider.at)
	}
	for y, want := range map[float32]int{5: -1, dayHeight + 5: 0, dayHeight + versionHeight + 5: 1} {
		v.list.offset = 0
		if got := v.list.at(y); got != want {
			t.Errorf("at %v is %d, want %d", y, got, want)
		}
	}
	if made > 1000 {
		t.Errorf("%d rows were made", made)
	}
}
