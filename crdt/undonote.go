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
func (d *Document) noteOwn() {
	fresh := d.ownChanges()
	if len(fresh) == 0 {
		return
	}
	// What undos and redos did is said in their messages.
	of, unknown := make([]history.Stretch, len(fresh)), false
	for i, c := range fresh {
		if _, _, ok := d.parseRepair(c.message); !ok {
			of[i], unknown = d.stretch(c.seqs()), true
		} else {
			of[i].From = 1
		}
	}
	did := make([]history.Work, len(fresh))
	if unknown {
		did = history.Works(d.text, of)
	}
	for i := range fresh {
		d.noteChange(&fresh[i], &did[i])
	}
}

func (c *ownChange) seqs() seqs { return seqs{c.actor, c.seq, c.seq} }

// ownChanges are one's own changes that are not noted yet, in the order of the
// graph, which is one in which they may have been made. Now they are noted.
func (d *Document) ownChanges() []ownChange {
	g := &d.groups
	if g.noted == nil {
		g.noted = map[uint32]uint32{}
	}
	n := 0
	for _, actor := range d.ownActors() {
		n += int(d.graph.Last(actor) - g.noted[actor])
	}
	fresh := make([]ownChange, 0, n)
	for _, actor := range d.ownActors() {
		for seq := g.noted[actor] + 1; seq <= d.graph.Last(actor); seq++ {
			i, _ := d.graph.BySeq(actor, seq)
			fresh = append(fresh, ownChange{uint32(i), actor, seq, d.graph.At(i).Message})
		}
		g.noted[actor] = d.graph.Last(actor)
	}
	slices.SortFunc(fresh, func(a, b ownChange) int { return cmp.Compare(a.index, b.index) })
	return fresh
}

// ownActors are the numbers of this device's actors, each once.
func (d *Document) ownActors() []uint32 {
	all := []uint32{d.me}
	for _, name := range d.groups.own {
		if n, ok := d.actors.Find(string(name)); ok && !slices.Contains(all, n) {
			all = append(all, n)
		}
	}
	return all
}

// noteChange enters one change, which did something to the text.
func (d *Document) noteChange(c *ownChange, did *history.Work) {
	g := &d.groups
	if what, of, ok := d.parseRepair(c.message); ok {
		s := d.stretch(c.seqs())
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
	if g.joins && d.joined(c, did) {
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
func (d *Document) joined(c *ownChange, did *history.Work) bool {
	before := &d.groups.last
	if before.actor != c.actor || before.message != c.message {
		return false
	}
	gap := d.graph.Time(int(c.index)) - d.graph.Time(int(before.index))
	if s := d.stretch(before.seqs()); s.To+1-s.From >= maxOpsPerChange && before.seq+1 == c.seq && gap == 0 {
		return true
	}
	return c.message == "" && 0 <= gap && gap <= pauseSeconds && goesOn(&d.groups.lastDid, did)
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
func (d *Document) parseRepair(message string) (what string, of seqs, ok bool) {
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
	actor, ok := d.actors.Find(string(raw))
	if !ok || string(raw) != string(d.actor) && !slices.Contains(d.groups.own, ActorID(raw)) {
		return "", of, false
	}
	first, err1 := strconv.ParseUint(from, 10, 32)
	last, err2 := strconv.ParseUint(to, 10, 32)
	if err1 != nil || err2 != nil || first == 0 || first > last {
		return "", of, false
	}
	return what, seqs{actor, uint32(first), uint32(last)}, true
}
