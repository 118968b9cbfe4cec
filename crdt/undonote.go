package crdt

import (
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
	// longTyping is from how many characters on what is inserted at once is
	// undone alone: it was pasted.
	longTyping = 32
	// restoreMessage begins the message of a change that restores a version,
	// whose ID follows.
	restoreMessage = "restore "
)

// ownChange is one change of one's own and what it did to the text.
type ownChange struct {
	index   int // in the graph
	actor   uint32
	seq     uint32
	time    int64
	full    bool // as many operations as a change may have
	message string
	did     history.Work
}

// noteOwn enters one's own changes that are not entered yet.
func (d *Document) noteOwn() {
	fresh := d.ownChanges()
	if len(fresh) == 0 {
		return
	}
	d.workOf(fresh)
	for i := range fresh {
		d.noteChange(&fresh[i])
	}
}

// ownChanges are one's own changes that are not noted yet, in the order of the
// graph, which is one in which they may have been made.
func (d *Document) ownChanges() []ownChange {
	g := &d.groups
	if g.noted == nil {
		g.noted = map[uint32]uint32{}
	}
	var fresh []ownChange
	add := func(name ActorID) {
		actor, ok := d.actors.Find(string(name))
		if !ok {
			return
		}
		for seq := g.noted[actor] + 1; seq <= d.graph.Last(actor); seq++ {
			i, _ := d.graph.BySeq(actor, seq)
			fresh = append(fresh, ownChange{index: i, actor: actor, seq: seq, time: d.graph.Time(i)})
		}
		g.noted[actor] = d.graph.Last(actor)
	}
	add(d.actor)
	for _, name := range g.own {
		add(name)
	}
	slices.SortFunc(fresh, func(a, b ownChange) int { return a.index - b.index })
	return fresh
}

// workOf finds out what changes did to the text. Undos and redos say it in their
// messages.
func (d *Document) workOf(changes []ownChange) {
	var unknown []history.Stretch
	var of []*ownChange
	for i := range changes {
		c := &changes[i]
		c.message = d.graph.At(c.index).Message
		s := d.stretch(seqs{c.actor, c.seq, c.seq})
		c.full = s.To+1-s.From >= maxOpsPerChange
		if _, _, ok := d.parseRepair(c.message); !ok {
			unknown, of = append(unknown, s), append(of, c)
		}
	}
	if len(unknown) == 0 {
		return
	}
	for i, w := range history.Works(d.text, unknown) {
		of[i].did = w
	}
}

// noteChange enters one change.
func (d *Document) noteChange(c *ownChange) {
	g := &d.groups
	own := seqs{c.actor, c.seq, c.seq}
	if what, of, ok := d.parseRepair(c.message); ok {
		s := d.stretch(own)
		g.repairs.Add(s.Actor, s.From, s.To)
		g.joins = false
		if what == "undo" {
			move(&g.done, &g.undone, of, own)
		} else {
			move(&g.undone, &g.done, of, own)
		}
		return
	}
	if !c.did.Any() {
		return // not about the text
	}
	g.undone = nil
	if g.joins && joins(&g.open, c) {
		last := &g.done[len(g.done)-1]
		last.work.to, last.did.to = c.seq, c.seq
	} else {
		g.done = append(g.done, undoGroup{own, own})
	}
	g.open, g.joins = *c, true
}

// joins reports whether a change is undone together with the one before: if it
// is the rest of one that was too large, or goes on typing the same word or
// erasing, at the same place and without a pause.
func joins(before, c *ownChange) bool {
	if before.actor != c.actor || before.message != c.message {
		return false
	}
	if before.full && before.seq+1 == c.seq && before.time == c.time {
		return true
	}
	gap := c.time - before.time
	a, b := &before.did, &c.did
	if gap < 0 || gap > pauseSeconds || c.message != "" || a.Revived+b.Revived > 0 {
		return false
	}
	if b.Inserted == 0 {
		return a.Inserted == 0 && (b.To == a.From || b.From == a.To)
	}
	newWord := unicode.IsSpace(a.Last) && !unicode.IsSpace(b.First)
	return a.Inserted > 0 && b.Deleted == 0 && b.Origin == a.End && !newWord && !b.Break &&
		a.Inserted < longTyping && b.Inserted < longTyping
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
