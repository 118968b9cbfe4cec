package editor

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// keysText says which keys give which command, see there.
//
//go:embed keys.txt
var keysText string

// chord is a key with the modifiers held.
type chord struct {
	key fyne.KeyName
	mod fyne.KeyModifier
}

// keymap is the keys of one system.
type keymap struct {
	does map[chord]Command
	// first is the chord that menus show for a command.
	first map[Command]chord
}

// systems are the columns of the table, as runtime.GOOS names them.
var systems = []string{"linux", "windows", "darwin"}

var keymaps = mustKeys(keysText)

func mustKeys(text string) map[string]keymap {
	maps, err := parseKeys(text)
	if err != nil {
		panic(err) // the table is part of the program, and a test reads it
	}
	return maps
}

// keysOf returns the keys of a system; those of Linux for one that has none of
// its own.
func keysOf(system string) keymap {
	if m, ok := keymaps[system]; ok {
		return m
	}
	return keymaps["linux"]
}

var columns = regexp.MustCompile(` {2,}`)

// parseKeys reads the table.
func parseKeys(text string) (map[string]keymap, error) {
	maps := make(map[string]keymap)
	for _, system := range systems {
		maps[system] = keymap{make(map[chord]Command), make(map[Command]chord)}
	}
	for n, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := columns.Split(line, -1)
		if len(fields) != len(systems)+1 {
			return nil, fmt.Errorf("keys, line %d: %d columns", n+1, len(fields))
		}
		name, selects := strings.CutSuffix(fields[0], "*")
		for i, system := range systems {
			if err := maps[system].add(Command(name), selects, fields[i+1]); err != nil {
				return nil, fmt.Errorf("keys, line %d: %w", n+1, err)
			}
		}
	}
	return maps, nil
}

// add binds the chords of one field of the table.
func (m keymap) add(name Command, selects bool, field string) error {
	if field == "-" {
		return nil
	}
	for _, written := range strings.Split(field, " ") {
		chords, err := parseChord(written)
		if err != nil {
			return err
		}
		for _, c := range chords {
			if err := m.bind(c, name); err != nil {
				return err
			}
			if !selects {
				continue
			}
			if err := m.bind(chord{c.key, c.mod | fyne.KeyModifierShift}, selecting+name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m keymap) bind(c chord, name Command) error {
	if other, ok := m.does[c]; ok {
		return fmt.Errorf("%v stands for %s and for %s", c, other, name)
	}
	m.does[c] = name
	if _, ok := m.first[name]; !ok {
		m.first[name] = c
	}
	return nil
}

var modifiers = []struct {
	name string
	mod  fyne.KeyModifier
	mac  string // how macOS writes it
}{
	{"Ctrl", fyne.KeyModifierControl, "⌃"},
	{"Alt", fyne.KeyModifierAlt, "⌥"},
	{"Option", fyne.KeyModifierAlt, "⌥"},
	{"Shift", fyne.KeyModifierShift, "⇧"},
	{"Cmd", fyne.KeyModifierSuper, "⌘"},
}

// keyNames are those that people know by another name than Fyne does, and how
// macOS writes them.
var keyNames = []struct {
	name string
	key  fyne.KeyName
	mac  string
}{
	{"Enter", fyne.KeyReturn, "↩"},
	{"Enter", fyne.KeyEnter, "⌤"},
	{"Backspace", fyne.KeyBackspace, "⌫"},
	{"Delete", fyne.KeyDelete, "⌦"},
	{"Tab", fyne.KeyTab, "⇥"},
	{"Escape", fyne.KeyEscape, "⎋"},
	{"PageUp", fyne.KeyPageUp, "⇞"},
	{"PageDown", fyne.KeyPageDown, "⇟"},
	{"Home", fyne.KeyHome, "↖"},
	{"End", fyne.KeyEnd, "↘"},
	{"Left", fyne.KeyLeft, "←"},
	{"Right", fyne.KeyRight, "→"},
	{"Up", fyne.KeyUp, "↑"},
	{"Down", fyne.KeyDown, "↓"},
	{"Insert", fyne.KeyInsert, "Insert"},
	{"Menu", desktop.KeyMenu, "Menu"},
}

var plainKey = regexp.MustCompile(`^([A-Z0-9]|F[1-9]|F1[0-2]|[-+=.,;\[\]'/\\])$`)

// parseChord reads a chord as people write it. There are several where the
// keyboard has a key twice.
func parseChord(written string) ([]chord, error) {
	var mod fyne.KeyModifier
	rest := written
	for again := true; again; {
		again = false
		for _, m := range modifiers {
			if after, ok := strings.CutPrefix(rest, m.name+"+"); ok && after != "" {
				mod, rest, again = mod|m.mod, after, true
			}
		}
	}
	var out []chord
	for _, k := range keyNames {
		if k.name == rest {
			out = append(out, chord{k.key, mod})
		}
	}
	if plainKey.MatchString(rest) {
		out = append(out, chord{fyne.KeyName(rest), mod})
	}
	if out == nil {
		return nil, fmt.Errorf("%q is no key", written)
	}
	return out, nil
}

// String writes the chord as Linux and Windows do.
func (c chord) String() string { return c.write("linux") }

// write writes the chord as a system does.
func (c chord) write(system string) string {
	mac := system == "darwin"
	var out strings.Builder
	seen := fyne.KeyModifier(0)
	for _, m := range modifiers {
		if c.mod&m.mod&^seen == 0 {
			continue
		}
		seen |= m.mod
		if mac {
			out.WriteString(m.mac)
		} else {
			out.WriteString(m.name + "+")
		}
	}
	for _, k := range keyNames {
		if k.key == c.key {
			if mac {
				return out.String() + k.mac
			}
			return out.String() + k.name
		}
	}
	return out.String() + string(c.key)
}
