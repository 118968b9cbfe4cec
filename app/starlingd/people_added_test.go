package main

import (
	"testing"

	"starling/app/control"
)

func TestAddedNote(t *testing.T) {
	member := func(name, id string, connected bool) control.Member {
		m := control.Member{Devices: []control.Device{{ID: id}, {ID: "ffff" + id, Connected: connected}}}
		m.Name, m.ID, m.Role = name, id, "editor"
		return m
	}
	gone := member("Cleo", "9999aaaa", false)
	gone.Removed = true
	all := []control.Member{gone, member("Ada", "1111aaaa", true), member("Cleo", "2222bbbb", false)}
	const told = "Cleo is added, and will see it as soon as their computer is near"
	for person, want := range map[string]string{
		"Cleo": told, "2222": told, "2222BBBB": told, "ffff2222": told, "Ada": "", "1111": "", "9999": "", "Grace": "",
	} {
		if got := addedNote(all, person, "editor"); got != want {
			t.Errorf("%s: %q", person, got)
		}
	}
}
