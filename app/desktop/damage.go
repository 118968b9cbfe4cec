package desktop

import (
	"starling/sync/peer"
)

// tellDamage tells once of damage of the file that holds everything.
func (w *window) tellDamage() {
	words := damageLine(w.world.Damage)
	if words == w.damage {
		return
	}
	w.damage = words
	if words != "" {
		w.page.showNotice(newNotice(true, words, "", nil, func() { w.page.showNotice(nil) }))
	}
}

// damageLine says what happened to the file and what that means, "" for nothing.
func damageLine(d peer.Damage) string {
	switch {
	case d.Found != nil:
		return "Part of the file with your documents can’t be read: the disk may be failing. Nothing was deleted. " +
			"Close Starling and open it again: it saves all that can be read, and asks the others for the rest."
	case d.Saved != "":
		return "The file with your documents was damaged. " + plainly(errorText(d.Saved)) +
			" The others are asked for what is missing."
	}
	return ""
}

// errorText is a message as [plainly] takes it.
type errorText string

func (e errorText) Error() string { return string(e) }
