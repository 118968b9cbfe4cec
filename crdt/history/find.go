package history

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"starling/crdt/graph"
	"starling/crdt/opid"
)

var (
	// ErrNoVersion says that an ID names no version of the document.
	ErrNoVersion = errors.New("there is no such version")
	// ErrAmbiguous says that the beginning of an ID names several versions.
	ErrAmbiguous = errors.New("several versions are called so; give more of its ID")
)

// minPrefix is how many hex digits name a version that is not listed.
const minPrefix = 8

// Find returns the heads of the version whose ID begins with prefix, in hex. A
// listed version comes first. Then any ID that the document ever had is found,
// by eight digits or more: each change alone is a version, so are the heads that
// somebody once went on from, the present ones, and none. That takes a hash for
// each change.
func Find(g *graph.Graph, names *opid.Actors, listed []Version, prefix string) ([]int, error) {
	var hit [][]int
	for _, v := range listed {
		if startsWith(v.ID, prefix) {
			hit = append(hit, []int{v.Last})
		}
	}
	if len(hit) == 0 && len(prefix) >= minPrefix {
		hit = search(g, names, prefix)
	}
	switch {
	case len(hit) == 0:
		return nil, fmt.Errorf("version %q: %w", prefix, ErrNoVersion)
	case len(hit) > 1:
		return nil, fmt.Errorf("version %q: %w", prefix, ErrAmbiguous)
	}
	return hit[0], nil
}

// search returns all versions whose ID begins so, each once.
func search(g *graph.Graph, names *opid.Actors, prefix string) (hit [][]int) {
	n := namer{g: g, names: names}
	look := func(heads []int) {
		same := func(h []int) bool { return slices.Equal(h, heads) }
		if startsWith(n.id(heads), prefix) && !slices.ContainsFunc(hit, same) {
			hit = append(hit, slices.Clone(heads))
		}
	}
	look(nil)
	look(g.Heads())
	one := make([]int, 1)
	for i := range g.Len() {
		one[0] = i
		look(one)
		if deps := g.At(i).Deps; len(deps) > 1 {
			heads := make([]int, len(deps))
			for k, d := range deps {
				heads[k] = int(d)
			}
			look(heads)
		}
	}
	return hit
}

// startsWith reports whether an ID in hex begins with prefix, which is not
// empty.
func startsWith(id ID, prefix string) bool {
	if prefix == "" || len(prefix) > hex.EncodedLen(len(id)) {
		return false
	}
	var digits [2 * len(id)]byte
	hex.Encode(digits[:], id[:])
	return string(digits[:len(prefix)]) == prefix
}
