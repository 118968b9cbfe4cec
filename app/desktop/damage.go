package desktop

import (
	"errors"
	"slices"
	"strings"

	"starling/sync/peer"
)

// tellDamage tells once of damage of the file that holds everything, and of what else
// is wrong with the home, in place of what it told before, and while it is so.
func (w *window) tellDamage() {
	damage := damageLine(w.world.Damage)
	if errors.Is(w.desk.State.Err, peer.ErrFileDamaged) {
		damage = damagedLine + unsavedLine
	}
	words := strings.TrimSpace(damage + " " + troubleLine(w.world.Status))
	if words == w.damage {
		return
	}
	w.damage = words
	if w.damaged != nil {
		w.page.end(w.damaged)
		w.damaged = nil
	}
	if words != "" {
		w.damaged = w.announce(true, words, "OK", func() {})
	}
}

// damagedLine says that the file was found damaged, and what to do.
const damagedLine = "Part of the file with your documents can’t be read: the disk may be failing. Nothing was deleted. " +
	"Close Starling and open it again: it saves all that can be read, and asks the others for the rest."

// emptiedLine says that nothing is left of the file, and how to get back what was in it.
const emptiedLine = "The file with your documents was missing or empty. Starling begins anew in its place and has overwritten nothing. " +
	"What you had can come from others: pair with them again. Or close Starling, move its folder away, and restore a backup."

// mendedLine says that a fault of the file was found and undone.
const mendedLine = "A part of the file with your documents had changed by itself, and was put right. Nothing is lost. " +
	"If that happens again, the disk may be failing: make a backup."

// unsavedLine is said where something was written into a file that is damaged.
const unsavedLine = " What you wrote last here is not saved: copy it before you close."

// lackingLine is said of a text some of which was lost here.
const lackingLine = "Not all of this document is here: part of it was damaged on this disk. " +
	"What is missing comes by itself from others who have it, as soon as they are near."

// tellLacking says it below the text, while that is there.
func (w *window) tellLacking() {
	w.notify(lackingLine, "", nil)
	w.refusal = w.page.notice
}

// damageLine says what happened to the file and what that means, "" for nothing.
func damageLine(d peer.Damage) string {
	switch {
	case errors.Is(d.Found, peer.ErrFileMended):
		return mendedLine
	case d.Found != nil:
		return damagedLine
	case d.Emptied:
		return emptiedLine
	case d.Saved != "":
		return "The file with your documents was damaged. " + plainly(errorText(d.Saved)) +
			" The others are asked for what is missing."
	}
	return ""
}

// troubleLine says what is wrong with this installation, such as that a copy of it
// runs, "" for nothing. What is wrong with an interface is for the page on who is
// missing.
func troubleLine(s peer.Status) string {
	of := func(i peer.Interface) bool { return i.Err != nil && i.Err.Error() == s.Problem }
	if s.Problem == "" || slices.ContainsFunc(s.Interfaces, of) {
		return ""
	}
	return plainly(errorText(s.Problem))
}

// errorText is a message as [plainly] takes it.
type errorText string

func (e errorText) Error() string { return string(e) }
