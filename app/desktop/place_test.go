package desktop

import "testing"

func TestParsePlace(t *testing.T) {
	for text, want := range map[string]Place{
		"960x800":       {Width: 960, Height: 800},
		"960x800+0+0":   {Width: 960, Height: 800, Fixed: true},
		"640x480+960+5": {640, 480, 960, 5, true},
		"640x480+-9+-5": {640, 480, -9, -5, true},
	} {
		if got, err := ParsePlace(text); err != nil || got != want {
			t.Errorf("%q is %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "960", "960x", "x800", "0x800", "-9x800", "960x800+", "960x800+1", "960x800+1+", "960x800+1+2+3", "960x800 ", "axb"} {
		if got, err := ParsePlace(text); err == nil || got != (Place{}) {
			t.Errorf("%q is taken as %+v", text, got)
		}
	}
}
