package window

import (
	"image"
	"testing"

	"starling/assets"
)

// Selecting, cutting, pasting, undoing and redoing by keys and mouse.
func TestKeys(t *testing.T) {
	p := newPerson(t, "Ada")
	const text = "one two three\nfour five six\n"
	_, doc := p.settleIn(text)
	p.open()
	p.awaitTitle("one two three - Starling")

	p.into()
	for _, step := range []struct {
		name string
		keys []string
		want string
	}{
		{"cut a selected line", []string{"ctrl+Home", "shift+End", "ctrl+x"}, "\nfour five six\n"},
		{"paste at the end", []string{"ctrl+End", "ctrl+v"}, "\nfour five six\none two three"},
		{"undo the paste", []string{"ctrl+z"}, "\nfour five six\n"},
		{"undo the cut", []string{"ctrl+z"}, text},
		{"redo both", []string{"ctrl+shift+z", "ctrl+y"}, "\nfour five six\none two three"},
		{"undo both", []string{"ctrl+z", "ctrl+z"}, text},
		{"delete a word", []string{"ctrl+Home", "ctrl+shift+Right", "Delete"}, " two three\nfour five six\n"},
		{"undo", []string{"ctrl+z"}, text},
		{"type over a selection", []string{"ctrl+Home", "shift+Right", "shift+Right", "shift+Right", "x"}, "x two three\nfour five six\n"},
		{"copy all and paste it twice", []string{"ctrl+a", "ctrl+c", "ctrl+v", "ctrl+v"}, "x two three\nfour five six\nx two three\nfour five six\n"},
		{"cut all", []string{"ctrl+a", "ctrl+x"}, ""},
	} {
		p.keys(step.keys...)
		t.Log(step.name)
		p.awaitText(doc, step.want)
	}

	p.keys("ctrl+v")
	p.awaitText(doc, "x two three\nfour five six\nx two three\nfour five six\n")
	// The first row of text, from its left edge to beyond its end.
	left := (assets.PlacesWidth + full.Max.X - assets.PeopleWidth - assets.PageWidth) / 2
	y := assets.BarHeight + assets.PageTop + 12
	p.drag(image.Pt(left-20, y), image.Pt(left+assets.PageWidth-10, y))
	p.shot("keys-selected")
	p.keys("BackSpace", "h", "i")
	p.awaitText(doc, "hi\nfour five six\nx two three\nfour five six\n")
	p.close()
}

// What the window offers by keys works while one writes, and none of it gets
// into the text.
func TestShortcuts(t *testing.T) {
	p := newPerson(t, "Ada")
	const text = "# Gulls\n\nforty of them\n"
	_, doc := p.settleIn(text)
	p.open()
	p.awaitTitle("Gulls - Starling")
	p.into()
	p.keys("ctrl+n")
	p.awaitTitle("Untitled - Starling")
	p.write("# Terns\ntwo")
	p.awaitTitle("Terns - Starling")
	p.keys("ctrl+p")
	p.write("forty")
	p.shot("search")
	p.keys("Return")
	p.awaitTitle("Gulls - Starling")
	p.awaitText(doc, text)
	p.keys("ctrl+End")
	p.write("and one")
	p.awaitText(doc, text+"and one")
	p.close()
}
