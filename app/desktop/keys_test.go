package desktop

import (
	"testing"

	"fyne.io/fyne/v2"
)

func TestHints(t *testing.T) {
	for _, c := range []struct {
		key          windowKey
		linux, macOS string
	}{
		{windowKey{key: fyne.KeyN}, "Ctrl N", "⌘N"},
		{windowKey{key: fyne.KeyH, more: fyne.KeyModifierShift}, "Ctrl Shift H", "⇧⌘H"},
		{windowKey{key: fyne.KeyF1, bare: true}, "F1", "F1"},
	} {
		if got := c.key.hint("linux"); got != c.linux {
			t.Errorf("on Linux %q, want %q", got, c.linux)
		}
		if got := c.key.hint("darwin"); got != c.macOS {
			t.Errorf("on macOS %q, want %q", got, c.macOS)
		}
	}
}

// Every one of the window's keys does something, once.
func TestWindowKeysAreKnown(t *testing.T) {
	names := map[string]bool{}
	for _, k := range windowKeys {
		if names[k.name] || k.title == "" {
			t.Errorf("%+v is there twice, or has no title", k)
		}
		names[k.name] = true
	}
	if hintOf(keyNew) == "" || hintOf("nothing") != "" {
		t.Error("hints are of other keys")
	}
}
