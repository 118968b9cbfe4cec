package crdt

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
)

// Tip is the last change of one actor that a document holds.
type Tip struct {
	Seq  uint64
	Hash Hash
}

// Vector says, for each actor of a document, the highest seq held and that
// change's hash. An actor that is not in it has no changes. The zero Vector is
// that of an empty document and may be read, not written.
//
// A Vector is not safe for concurrent use; [Vector.Clone] before handing one
// to another goroutine.
type Vector map[ActorID]Tip

// Clone returns a copy that shares nothing.
func (v Vector) Clone() Vector {
	if v == nil {
		return Vector{}
	}
	return maps.Clone(v)
}

// Advance notes that the changes of actor are held up to tip. A tip that is
// not newer than the one held changes nothing.
func (v Vector) Advance(actor ActorID, tip Tip) {
	if v[actor].Seq < tip.Seq {
		v[actor] = tip
	}
}

// Merge advances v to everything that other holds.
func (v Vector) Merge(other Vector) {
	for actor, tip := range other {
		v.Advance(actor, tip)
	}
}

// Has reports whether the change numbered seq of actor is held.
func (v Vector) Has(actor ActorID, seq uint64) bool { return v[actor].Seq >= seq }

// Covers reports whether everything that other holds is held, by seq alone.
func (v Vector) Covers(other Vector) bool {
	for actor, tip := range other {
		if v[actor].Seq < tip.Seq {
			return false
		}
	}
	return true
}

// Apart lessens what another one holds, v, by what may be changes of another branch
// than ours: numbers alone do not tell those apart that an actor gave twice. It does
// so for actors of which both hold the same number and not the same change, and
// where they differ at all for those that are known to have forked. v is not
// written to.
func (v Vector) Apart(ours Vector, forked []ActorID) Vector {
	out := v
	less := func(a ActorID) {
		tip, own := v[a], ours[a]
		if tip.Seq <= 1 || own.Seq == 0 || tip == own {
			return
		}
		if tip.Seq = 1; out[a].Seq > 1 {
			out = out.Clone()
			out[a] = tip
		}
	}
	for a, tip := range ours {
		if v[a].Seq == tip.Seq {
			less(a)
		}
	}
	for _, a := range forked {
		less(a)
	}
	return out
}

// Equal reports whether both hold the same changes.
func (v Vector) Equal(other Vector) bool { return maps.Equal(v, other) }

// Actors returns the actors in the order of their bytes.
func (v Vector) Actors() []ActorID { return slices.Sorted(maps.Keys(v)) }

// Digest is a hash of the whole vector: equal digests mean equal vectors.
func (v Vector) Digest() Hash {
	h := sha256.New()
	h.Write([]byte("starling/vector/1"))
	var n [8]byte
	for _, actor := range v.Actors() {
		tip := v[actor]
		binary.BigEndian.PutUint64(n[:], uint64(len(actor)))
		h.Write(n[:])
		h.Write([]byte(actor))
		binary.BigEndian.PutUint64(n[:], tip.Seq)
		h.Write(n[:])
		h.Write(tip.Hash[:])
	}
	return Hash(h.Sum(nil))
}
