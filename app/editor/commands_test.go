package editor

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
)

func TestEachKeyHasACommand(t *testing.T) {
	bound := make(map[Command]bool)
	for _, system := range systems {
		for c, name := range keysOf(system).does {
			if _, ok := actionOf[name]; !ok {
				t.Errorf("%s: %v stands for %q, which is no command", system, c, name)
			}
			bound[name] = true
		}
	}
	for _, a := range actions {
		if a.title == "" || a.do == nil && a.effect != passed {
			t.Errorf("%s has no title or does nothing", a.name)
		}
		if view := strings.HasPrefix(string(a.name), "view."); !bound[a.name] && !view && a.name != "heading.none" {
			t.Errorf("no key for %s", a.name)
		}
	}
	if len(actionOf) != len(actions) {
		t.Errorf("%d commands have %d names", len(actions), len(actionOf))
	}
}

// What makes a letter on some keyboard must not be a command, or both come: a
// letter or sign alone or with Shift, with Ctrl and Alt on Windows, where AltGr
// is both, and with Option on macOS.
func TestNoKeyThatTypes(t *testing.T) {
	const ctrl, alt, shift, super = fyne.KeyModifierControl, fyne.KeyModifierAlt, fyne.KeyModifierShift, fyne.KeyModifierSuper
	types := map[string][]fyne.KeyModifier{
		"linux": {0, super}, "windows": {0, ctrl | alt}, "darwin": {0, alt, ctrl | alt},
	}
	for _, system := range systems {
		for c := range keysOf(system).does {
			for _, mod := range types[system] {
				if len(c.key) == 1 && c.mod&^shift == mod {
					t.Errorf("%s: %v also types", system, c)
				}
			}
		}
	}
}

func TestKeysAreParsed(t *testing.T) {
	for text, want := range map[string]string{
		"a  Ctrl+A  -  -\nb  Ctrl+A  -  -":    "stands for a and for b",
		"a*  Left  -  -\nb  Shift+Left  -  -": "stands for select.a and for b",
		"a  Ctrl+Nope  -  -":                  "is no key",
		"a  Ctrl+A  -":                        "3 columns",
		"a  Ctrl+  -  -":                      "is no key",
	} {
		if _, err := parseKeys(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, not %q", text, err, want)
		}
	}
	for _, written := range []string{"Ctrl++", "Ctrl+-", "Ctrl+Shift+=", "Ctrl+Alt+Shift+PageUp", "F12", "Ctrl+Backspace", "Shift+Tab"} {
		c, err := parseChord(written)
		if err != nil || c[0].String() != written {
			t.Errorf("%q is read as %v, %v", written, c, err)
		}
	}
}

func TestCommandsAreListed(t *testing.T) {
	for system, want := range map[string]string{"linux": "Ctrl+Shift+V", "windows": "Ctrl+Shift+V", "darwin": "⇧⌘V"} {
		for _, c := range commandsOn(system) {
			if c.Name == "paste.plain" && (c.Keys != want || !c.Writes || c.Title != "Paste as plain text") {
				t.Errorf("%s: %+v, not %s", system, c, want)
			}
		}
	}
	if len(Commands()) < 80 {
		t.Errorf("%d commands", len(Commands()))
	}
}

func TestZoom(t *testing.T) {
	s := startAt(t, "a|b")
	var told []float32
	s.config.OnSettings = func(set Settings) { told = append(told, set.Zoom) }
	s.do("Ctrl+Shift+= Ctrl++ Ctrl+- Ctrl+-")
	if len(told) != 4 || told[0] != 1.1 || told[3] != 1 || s.Settings().Zoom != 1 {
		t.Errorf("told of %v", told)
	}
	for range 40 {
		s.do("Ctrl+=")
	}
	if s.Settings().Zoom != MaxZoom {
		t.Errorf("zoomed to %v", s.Settings().Zoom)
	}
	if s.do("Ctrl+0"); s.Settings().Zoom != 1 {
		t.Errorf("reset to %v", s.Settings().Zoom)
	}
	if s.Do("view.focus"); !s.Settings().Focus {
		t.Error("no focus")
	}
}

func TestGoToLine(t *testing.T) {
	s := startAt(t, "|a\nbc\nd")
	for n, want := range map[int]int{1: 0, 2: 2, 3: 5, 9: 5, -1: 0} {
		if s.GoToLine(n); s.buf.Caret() != want {
			t.Errorf("line %d at %d, not %d", n, s.buf.Caret(), want)
		}
	}
	s.ReplaceRange(2, 4, "xyz")
	if s.Select(3, 1); s.marked() != "a«|\nx»yz\nd" {
		t.Error(s.marked())
	}
}
