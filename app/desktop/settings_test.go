package desktop

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestSettingsAreKept(t *testing.T) {
	home := t.TempDir()
	got, err := readSettings(home)
	if err != nil || !reflect.DeepEqual(got, usualSettings()) {
		t.Fatalf("an empty home gives %+v, %v", got, err)
	}
	want := settings{
		Face: faceOfMono, Width: widthWide, Zoom: 125, HideMarks: true, Typewriter: true, Focus: true,
		Invisibles: true, Authors: true, Deleted: true, NoSpelling: true, Languages: []string{"de_AT"},
	}
	if err := writeSettings(home, want); err != nil {
		t.Fatal(err)
	}
	if got, err = readSettings(home); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v, %v", got, err)
	}
	if left, err := os.ReadDir(home); err != nil || len(left) != 1 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestBadSettingsAreTheUsualOnes(t *testing.T) {
	for text, bad := range map[string]bool{
		``: true, `[]`: true, `{"Zoom":"big"}`: true,
		`{}`: false, `{"Face":"runes","Width":"sea","Zoom":0}`: false, `{"Other":1}`: false,
	} {
		home := t.TempDir()
		if err := os.WriteFile(filepath.Join(home, settingsFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readSettings(home)
		if (err != nil) != bad || !reflect.DeepEqual(got, usualSettings()) {
			t.Errorf("%q gives %+v, %v", text, got, err)
		}
	}
	if got := (settings{Zoom: 9000}).sane().Zoom; got != 300 {
		t.Errorf("a zoom of 9000 is %d", got)
	}
	if got := (settings{Zoom: -9}).sane().Zoom; got != 50 {
		t.Errorf("a zoom of -9 is %d", got)
	}
}

func TestZoomSteps(t *testing.T) {
	for _, c := range []struct{ from, by, want int }{
		{100, 1, 110}, {100, -1, 90}, {300, 1, 300}, {50, -1, 50}, {103, 1, 110}, {103, -1, 100},
	} {
		if got := zoomed(c.from, c.by); got != c.want {
			t.Errorf("%d by %d is %d, want %d", c.from, c.by, got, c.want)
		}
	}
}

func TestEveryWidthIsWider(t *testing.T) {
	last := float32(0)
	for _, w := range pageWidths {
		got := settings{Width: w}.page().Column
		if got <= last {
			t.Errorf("%s is %v wide after %v", w, got, last)
		}
		last = got
	}
}

// What goes to the editor comes back from it.
func TestEditorSettingsComeBack(t *testing.T) {
	for _, want := range []settings{
		usualSettings(),
		{Face: faceOfMono, Width: widthFull, Zoom: 67, HideMarks: true, Focus: true, Authors: true, NoSpelling: true},
		{Face: faceOfSans, Width: widthWide, Zoom: 300, Typewriter: true, Invisibles: true, Deleted: true},
	} {
		got := want
		got.Zoom, got.HideMarks, got.Typewriter, got.Focus = 100, false, false, false
		got.Invisibles, got.Authors, got.Deleted = false, false, false
		if got = got.with(want.page()); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v came back as %+v", want, got)
		}
	}
}
