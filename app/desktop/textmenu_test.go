package desktop

import (
	"slices"
	"strings"
	"testing"

	"starling/app/editor"
)

func TestTextMenuOffersWhatCanBeDone(t *testing.T) {
	rows := func(m editor.Menu, ours, writes bool, suggest ...string) string {
		var all []string
		for _, item := range textMenu(m, ours, writes, suggest, func(editor.Command) {}, menuActions{}) {
			switch {
			case item.rule:
				all = append(all, "-")
			case item.off:
				all = append(all, "("+item.words+")")
			default:
				all = append(all, item.words)
			}
		}
		return strings.Join(all, ", ")
	}
	for _, c := range []struct {
		got, want string
	}{
		{
			rows(editor.Menu{}, true, true),
			"(Cut), (Copy), Paste, Paste as plain text, Select all, -, Find…, Who wrote this",
		},
		{
			rows(editor.Menu{HasSelection: true, URL: "https://example.org"}, true, true),
			"Open link, -, Cut, Copy, Paste, Paste as plain text, Select all, -, Find…, Who wrote this",
		},
		{
			rows(editor.Menu{Word: "gul"}, true, true, "gull", "gulf"),
			"gull, gulf, Add “gul” to my words, -, (Cut), (Copy), Paste, Paste as plain text, Select all, -, Find…, Who wrote this",
		},
		{
			rows(editor.Menu{Word: "qqqq", HasSelection: true}, true, false),
			"Add “qqqq” to my words, -, Copy, Select all, -, Find…, Who wrote this",
		},
		{rows(editor.Menu{HasSelection: true}, false, true), "Copy, Select all, -, Find…"},
	} {
		if c.got != c.want {
			t.Errorf("offers\n%s, want\n%s", c.got, c.want)
		}
	}
}

// Every command in the menu is one of the editor's.
func TestMenuCommandsExist(t *testing.T) {
	all := editor.Commands()
	for _, c := range []editor.Command{
		cmdCut, cmdCopy, cmdPaste, cmdPastePlain, cmdSelectAll, cmdOpenLink,
		cmdFindNext, cmdFindPrevious, editor.ShowFind, editor.AddWord,
	} {
		if !slices.ContainsFunc(all, func(i editor.CommandInfo) bool { return i.Name == c }) {
			t.Errorf("there is no command %q", c)
		}
	}
}

// A text comes from other people: what it names is opened only if it leads to
// the web or to mail.
func TestLinksThatAreOpened(t *testing.T) {
	for address, want := range map[string]bool{
		"https://example.org/a?b#c": true, "http://192.168.0.1": true, "mailto:ada@example.org": true,
		"HTTPS://example.org": true,
		"file:///etc/passwd":  false, "javascript:alert(1)": false, "smb://host/share": false, "https:": false,
		"/bin/sh": false, "example.org": false, "": false, "http://[": false, "-option": false, "#here": false,
	} {
		if _, got := mayOpen(address); got != want {
			t.Errorf("%q is opened: %v", address, got)
		}
	}
}
