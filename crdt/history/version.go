package history

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"starling/crdt/graph"
	"starling/crdt/opid"
)

// ID names a version: a hash over its heads, by actor and seq. So every peer
// gives the same version the same name, whether or not it knows the hashes of
// its changes.
type ID [16]byte

// idLabel begins what is hashed into an [ID].
const idLabel = "starling version 1\n"

func (id ID) String() string { return hex.EncodeToString(id[:]) }

// IDOf names the version with some changes as heads, given by index. Without
// any it is the empty one, before the first change.
func IDOf(g *graph.Graph, names *opid.Actors, heads []int) ID {
	n := namer{g: g, names: names}
	return n.id(heads)
}

// namer makes IDs and keeps its memory for the next one.
type namer struct {
	g     *graph.Graph
	names *opid.Actors
	buf   []byte
}

func (n *namer) id(heads []int) ID {
	if len(heads) > 1 {
		heads = slices.SortedFunc(slices.Values(heads), n.compare)
	}
	n.buf = append(n.buf[:0], idLabel...)
	for _, h := range heads {
		actor, seq := n.g.Author(h)
		name := n.names.Name(actor)
		n.buf = append(n.buf, byte(len(name)))
		n.buf = append(n.buf, name...)
		n.buf = binary.BigEndian.AppendUint32(n.buf, seq)
	}
	sum := sha256.Sum256(n.buf)
	return ID(sum[:])
}

// compare orders changes by their actors' bytes, then by seq.
func (n *namer) compare(a, b int) int {
	actorA, seqA := n.g.Author(a)
	actorB, seqB := n.g.Author(b)
	return cmp.Or(strings.Compare(n.names.Name(actorA), n.names.Name(actorB)), cmp.Compare(seqA, seqB))
}

// Version is a stretch of one actor's work, and the text as its author had it in
// the end.
type Version struct {
	ID    ID
	Actor uint32 // its number
	// First and Last are the first and the last change of the stretch, by index.
	// The version has all that Last builds on, and Last: that is its only head.
	First, Last int
	Changes     int // how many the stretch has
	// From and To are the times of First and of the latest, by the author's
	// clock, in seconds since 1970.
	From, To int64
}

// Options say how changes are grouped into versions. Zero values stand for the
// defaults.
type Options struct {
	Pause   time.Duration // a longer one ends a version; 5 minutes
	Longest time.Duration // from its first change to its last; 30 minutes
	Most    int           // changes; 10,000
	// Aside says by its message that a change belongs to no version, because it
	// only tells something about others. nil says so of none.
	Aside func(message string) bool
}

func (o Options) orDefaults() Options {
	return Options{
		Pause:   cmp.Or(o.Pause, 5*time.Minute),
		Longest: cmp.Or(o.Longest, 30*time.Minute),
		Most:    cmp.Or(o.Most, 10_000),
		Aside:   o.Aside,
	}
}

// Versions groups the changes of each actor by its pauses, and returns the
// versions in the order of [graph.Graph.Order], which is the same on all peers.
//
// An actor's versions depend on its own changes alone: what others did or do,
// and when it arrives, changes none of them. A further change of the actor
// extends its last version, which then has another ID, or begins one. That work
// of others comes to stand in between does not end a version, or two people who
// write at once would end each other's with every key.
func Versions(g *graph.Graph, names *opid.Actors, o Options) []Version {
	o = o.orDefaults()
	var all []Version
	open := make([]int, names.Len()) // by actor, the place of its last version plus 1
	for i := range g.Len() {
		if o.Aside != nil && o.Aside(g.Message(i)) {
			continue
		}
		actor, _ := g.Author(i)
		at := g.Time(i)
		if k := open[actor] - 1; k >= 0 && all[k].goesOn(at, o) {
			all[k].extend(i, at)
			continue
		}
		all = append(all, Version{Actor: actor, First: i, Last: i, Changes: 1, From: at, To: at})
		open[actor] = len(all)
	}
	n := namer{g: g, names: names}
	for k := range all {
		all[k].ID = n.id([]int{all[k].Last})
	}
	return inOrder(g, all)
}

// goesOn reports whether a change of that time belongs to the version. Clocks
// may be set back.
func (v *Version) goesOn(at int64, o Options) bool {
	pause, longest := int64(o.Pause/time.Second), int64(o.Longest/time.Second)
	return v.Changes < o.Most && at-v.To <= pause && v.To-at <= pause && at-v.From <= longest
}

func (v *Version) extend(i int, at int64) {
	v.Last, v.To = i, max(v.To, at)
	v.Changes++
}

// inOrder sorts versions by where their last changes are in the graph's order.
func inOrder(g *graph.Graph, all []Version) []Version {
	ends := make(map[int]int, len(all))
	for k := range all {
		ends[all[k].Last] = k
	}
	sorted := make([]Version, 0, len(all))
	for _, i := range g.Order() {
		if k, ok := ends[i]; ok {
			sorted = append(sorted, all[k])
		}
	}
	return sorted
}

// Before is the version that the author of v began with: the heads on which its
// first change builds.
func (v Version) Before(g *graph.Graph) []int {
	deps := g.At(v.First).Deps
	heads := make([]int, len(deps))
	for i, d := range deps {
		heads[i] = int(d)
	}
	return heads
}
