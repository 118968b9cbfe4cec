package protocol

import (
	"crypto/sha256"
	"encoding/binary"
	"iter"
	"maps"
	"slices"

	"starling/crdt"
)

// Parts is into how many parts a space is cut, by the first byte of the
// document's ID, to find what differs.
const Parts = 256

// Holding is what is committed of a space's documents at one moment. It is never
// written to, so that all sessions share it, and a later one shares with it
// every part in which nothing happened. A nil Holding holds nothing.
type Holding struct {
	parts  [Parts]*part
	n      int // documents
	digest [32]byte
}

// part is the documents of a part, by ID, and the sum of their hashes.
type part struct {
	sum  sum
	docs []heldDoc
}

type heldDoc struct {
	id     crdt.DocID
	vector crdt.Vector
	hash   sum
}

// sum is a sum of hashes: four numbers of 64 bits, each modulo 2^64. What is
// taken out and put in changes it alike in any order, so a commit costs the
// hash of one vector. Who may write could make two sets of equal sums, and so
// hide documents from nobody but the one who asks him.
type sum [4]uint64

func (s sum) plus(o sum) sum {
	for i := range s {
		s[i] += o[i]
	}
	return s
}

func (s sum) minus(o sum) sum {
	for i := range s {
		s[i] -= o[i]
	}
	return s
}

// hashOf is the hash of a document and its vector; empty ones are as good as none.
func hashOf(id crdt.DocID, v crdt.Vector) sum {
	d := v.Digest()
	h := sha256.Sum256(append(append([]byte("starling/holding/2"), id[:]...), d[:]...))
	var s sum
	for i := range s {
		s[i] = binary.BigEndian.Uint64(h[8*i:])
	}
	return s
}

// With is what is held when the vectors of some documents are those given, which
// must not be written to afterwards. An empty vector says that nothing is held
// of a document, or nothing any more.
func (h *Holding) With(vectors map[crdt.DocID]crdt.Vector) *Holding {
	if len(vectors) == 0 && h != nil {
		return h
	}
	next := &Holding{}
	if h != nil {
		*next = *h
	}
	byPart := make(map[byte][]crdt.DocID)
	for id := range vectors {
		byPart[id[0]] = append(byPart[id[0]], id)
	}
	for n, ids := range byPart {
		next.n -= len(next.part(n).docs)
		next.parts[n] = next.part(n).with(ids, vectors)
		next.n += len(next.parts[n].docs)
	}
	next.digest = next.digestOf()
	return next
}

func (h *Holding) part(n byte) *part {
	if h == nil || h.parts[n] == nil {
		return &part{}
	}
	return h.parts[n]
}

func (p *part) with(ids []crdt.DocID, vectors map[crdt.DocID]crdt.Vector) *part {
	next := &part{sum: p.sum, docs: make([]heldDoc, 0, len(p.docs)+len(ids))}
	for _, d := range p.docs {
		if _, ok := vectors[d.id]; ok {
			next.sum = next.sum.minus(d.hash)
			continue
		}
		next.docs = append(next.docs, d)
	}
	for _, id := range ids {
		v := vectors[id]
		if len(v) == 0 {
			continue
		}
		d := heldDoc{id, v, hashOf(id, v)}
		next.sum = next.sum.plus(d.hash)
		next.docs = append(next.docs, d)
	}
	slices.SortFunc(next.docs, func(a, b heldDoc) int { return a.id.Compare(b.id) })
	return next
}

func (h *Holding) digestOf() [32]byte {
	b := make([]byte, 0, Parts*32)
	for n := range h.parts {
		for _, word := range h.part(byte(n)).sum {
			b = binary.BigEndian.AppendUint64(b, word)
		}
	}
	return sha256.Sum256(b)
}

// Len is of how many documents something is held.
func (h *Holding) Len() int {
	if h == nil {
		return 0
	}
	return h.n
}

// Digest is equal for two that hold the same, and for no others.
func (h *Holding) Digest() [32]byte {
	if h == nil {
		return (&Holding{}).digestOf()
	}
	return h.digest
}

// sums are what is told of each part: half of its sum. Where all of them agree
// and the digests do not, everything is compared.
func (h *Holding) sums() [][16]byte {
	out := make([][16]byte, Parts)
	for n := range out {
		s := h.part(byte(n)).sum
		binary.BigEndian.PutUint64(out[n][:8], s[0])
		binary.BigEndian.PutUint64(out[n][8:], s[1])
	}
	return out
}

// Vector is what is held of a document, nil for nothing. It must not be written
// to.
func (h *Holding) Vector(id crdt.DocID) crdt.Vector {
	docs := h.part(id[0]).docs
	n, ok := slices.BinarySearchFunc(docs, id, func(d heldDoc, id crdt.DocID) int { return d.id.Compare(id) })
	if !ok {
		return nil
	}
	return docs[n].vector
}

// All gives every document of which something is held, by ID, with its vector,
// which must not be written to.
func (h *Holding) All() iter.Seq2[crdt.DocID, crdt.Vector] {
	return func(yield func(crdt.DocID, crdt.Vector) bool) {
		for n := range Parts {
			for _, d := range h.part(byte(n)).docs {
				if !yield(d.id, d.vector) {
					return
				}
			}
		}
	}
}

// View is what a peer holds of a space, as a session has learned it: what Same
// says, but of the documents in Other what stands there, nil for nothing.
type View struct {
	Same  *Holding
	Other map[crdt.DocID]crdt.Vector
}

// Vector is what the peer holds of a document. It must not be written to.
func (v View) Vector(id crdt.DocID) crdt.Vector {
	if other, ok := v.Other[id]; ok {
		return other
	}
	return v.Same.Vector(id)
}

// All gives all documents of which the peer holds something, in no order.
func (v View) All() iter.Seq2[crdt.DocID, crdt.Vector] {
	return func(yield func(crdt.DocID, crdt.Vector) bool) {
		for id, vector := range v.Same.All() {
			if _, ok := v.Other[id]; !ok && !yield(id, vector) {
				return
			}
		}
		for id, vector := range maps.All(v.Other) {
			if len(vector) > 0 && !yield(id, vector) {
				return
			}
		}
	}
}
