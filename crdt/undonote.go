package crdt

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"starling/crdt/history"
)

const (
	// pauseSeconds is how long one may rest within what is undone at once. The
	// times of changes are whole seconds.
	pauseSeconds = 1
	// pasted is from how many characters on what is inserted at once is undone
	// alone: keys write one at a time.
	pasted = 2
	// restoreMessage begins the message of a change that restores a version,
	// whose ID follows.
	restoreMessage = "restore "
	// allMessage begins the message of the changes of [Document.EditAll]. The
	// number of the first of them follows, which tells them from those of another.
	allMessage = "all "
	// beginMessage is the message of changes with the text that a document
	// began with.
	beginMessage = "begin"
)

// ownChange is one change of one's own.
type ownChange struct {
	index, actor, seq uint32 // index in the graph
	message           string
}

// noteOwn enters one's own changes that are not entered yet.
func (d *Document) noteOwn() { d.groups.note(d.books()) }

// noteFirst does so the first time, which takes long in a long document: without
// keeping the lock, which it takes.
func (d *Document) noteFirst() {
	d.mu.Lock()
	if d.groups.noted != nil || d.text == nil {
		d.mu.Unlock()
		return
	}
	groups := undoGroups{own: d.groups.own}
	d.mu.Unlock()
	groups.note(d.freeze())
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.groups.noted == nil {
		d.groups = groups
	}
}

// note enters one's own changes in b that are not entered yet.
func (g *undoGroups) note(b books) {
	fresh := g.ownChanges(b)
	if len(fresh) == 0 {
		return
	}
	// What undos and redos did is said in their messages.
	of, unknown := make([]history.Stretch, len(fresh)), false
	for i, c := range fresh {
		if _, _, ok := g.parseRepair(b, c.message); !ok {
			of[i], unknown = b.stretch(c.seqs()), true
		} else {
			of[i].From = 1
		}
	}
	did := make([]history.Work, len(fresh))
	if unknown {
		did = history.Works(b.text, of)
	}
	for i := range fresh {
		g.noteChange(b, &fresh[i], &did[i])
	}
}

func (c *ownChange) seqs() seqs { return seqs{c.actor, c.seq, c.seq} }

// ownChanges are one's own changes that are not noted yet, in the order of the
// graph, which is one in which they may have been made. Now they are noted.
func (g *undoGroups) ownChanges(b books) []ownChange {
	if g.noted == nil {
		g.noted = map[uint32]uint32{}
	}
	n, actors := 0, g.ownActors(b)
	for _, actor := range actors {
		n += int(b.graph.Last(actor) - g.noted[actor])
	}
	fresh := make([]ownChange, 0, n)
	for _, actor := range actors {
		for seq := g.noted[actor] + 1; seq <= b.graph.Last(actor); seq++ {
			i, _ := b.graph.BySeq(actor, seq)
			fresh = append(fresh, ownChange{uint32(i), actor, seq, b.graph.Message(i)})
		}
		g.noted[actor] = b.graph.Last(actor)
	}
	slices.SortFunc(fresh, func(x, y ownChange) int { return cmp.Compare(x.index, y.index) })
	return fresh
}

// ownActors are the numbers of this device's actors, each once.
func (g *undoGroups) ownActors(b books) []uint32 {
	var all []uint32
	for _, name := range g.own {
		if n, ok := b.actors.Find(string(name)); ok && !slices.Contains(all, n) {
			all = append(all, n)
		}
	}
	return all
}

// noteChange enters one change, which did something to the text.
func (g *undoGroups) noteChange(b books, c *ownChange, did *history.Work) {
	if what, of, ok := g.parseRepair(b, c.message); ok {
		s := b.stretch(c.seqs())
		g.repairs.Add(s.Actor, s.From, s.To)
		g.joins = false
		if what == "undo" {
			move(&g.done, &g.undone, of, c.seqs())
		} else {
			move(&g.undone, &g.done, of, c.seqs())
		}
		return
	}
	if !did.Any() || c.message == beginMessage {
		return // not about the text, or not to be undone
	}
	g.undone = nil
	if g.joins && g.joined(b, c, did) {
		last := &g.done[len(g.done)-1]
		last.work.to, last.did.to = c.seq, c.seq
	} else {
		g.done = append(g.done, undoGroup{c.seqs(), c.seqs()})
	}
	g.last, g.lastDid, g.joins = *c, *did, true
}

// joined reports whether a change is undone together with the one before: if it
// is the rest of one that was too large, or goes on typing the same word or
// erasing, at the same place and without a pause.
func (g *undoGroups) joined(b books, c *ownChange, did *history.Work) bool {
	before := &g.last
	if before.actor != c.actor || before.message != c.message {
		return false
	}
	gap := b.graph.Time(int(c.index)) - b.graph.Time(int(before.index))
	if before.seq+1 == c.seq && gap == 0 {
		// Only what restores a version, or edits many places, has a message here.
		if s := b.stretch(before.seqs()); s.To+1-s.From >= maxOpsPerChange || c.message != "" {
			return true
		}
	}
	return c.message == "" && 0 <= gap && gap <= pauseSeconds && goesOn(&g.lastDid, did)
}

// goesOn reports whether what b did goes on with what a did.
func goesOn(a, b *history.Work) bool {
	if a.Revived+b.Revived > 0 {
		return false
	}
	if b.Inserted == 0 {
		return a.Inserted == 0 && (b.To == a.From || b.From == a.To)
	}
	newWord := unicode.IsSpace(a.Last) && !unicode.IsSpace(b.First)
	return a.Inserted > 0 && b.Deleted == 0 && b.Origin == a.End && !newWord && !b.Break &&
		a.Inserted < pasted && b.Inserted < pasted
}

// move takes what by undid or redid from one stack to the other, with all groups
// above it, which had nothing to be taken back. A group may have been made of
// other changes when it was undone than those that it is made of after a restart;
// the ones named count. What is not there changes nothing.
func move(from, to *[]undoGroup, of, by seqs) {
	if n := len(*to); n > 0 {
		top := &(*to)[n-1]
		if top.work == of && top.did.actor == by.actor && top.did.to+1 == by.from {
			top.did.to = by.to // the rest of one that was too large for a change
			return
		}
	}
	at := -1
	for i, g := range slices.Backward(*from) {
		if g.work.actor == of.actor && g.work.from <= of.from && of.from <= g.work.to {
			at = i
			break
		}
	}
	if at < 0 {
		return
	}
	above := (*from)[at+1:]
	for _, g := range slices.Backward(above) {
		if g.work.actor != of.actor || g.work.from > of.to {
			*to = append(*to, undoGroup{g.work, seqs{g.did.actor, 1, 0}})
		}
	}
	g := (*from)[at]
	*from = (*from)[:at]
	if g.work == g.did && g.work.from < of.from {
		rest := seqs{g.work.actor, g.work.from, of.from - 1}
		*from = append(*from, undoGroup{rest, rest})
	}
	if g.work.to > of.to {
		*to = append(*to, undoGroup{seqs{of.actor, of.to + 1, g.work.to}, seqs{of.actor, 1, 0}})
	}
	*to = append(*to, undoGroup{of, by})
}

// repairMessage is the message of a change that undoes or redoes changes:
//
//	undo 6f1c…:12-19
//
// with the actor in hex and the seqs of the first and the last change. If it is
// too large for one change, the next one says the same. Only messages of one's
// own changes about one's own changes mean anything.
func (d *Document) repairMessage(what string, of seqs) string {
	return fmt.Sprintf("%s %x:%d-%d", what, d.actors.Name(of.actor), of.from, of.to)
}

// parseRepair reads what [Document.repairMessage] wrote.
func (g *undoGroups) parseRepair(b books, message string) (what string, of seqs, ok bool) {
	what, rest, _ := strings.Cut(message, " ")
	if what != "undo" && what != "redo" {
		return "", of, false
	}
	name, rest, _ := strings.Cut(rest, ":")
	from, to, _ := strings.Cut(rest, "-")
	raw, err := hex.DecodeString(name)
	if err != nil {
		return "", of, false
	}
	actor, ok := b.actors.Find(string(raw))
	if !ok || !slices.Contains(g.own, ActorID(raw)) {
		return "", of, false
	}
	first, err1 := strconv.ParseUint(from, 10, 32)
	last, err2 := strconv.ParseUint(to, 10, 32)
	if err1 != nil || err2 != nil || first == 0 || first > last {
		return "", of, false
	}
	return what, seqs{actor, uint32(first), uint32(last)}, true
}
