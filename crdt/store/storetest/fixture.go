package storetest

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"starling/crdt"
	"starling/crdt/store"
)

// ID makes a fixed 16-byte value out of a number.
func ID(n int) (id crdt.DocID) {
	copy(id[:], fmt.Sprintf("id %d", n))
	return id
}

// Key makes a fixed 32-byte value, such as a space or a device, out of a number.
func Key(n int) (k [32]byte) {
	copy(k[:], fmt.Sprintf("key %d", n))
	return k
}

// Author makes changes of one actor with random bytes. They are chunks to the
// store, which never looks inside, and to nobody else.
type Author struct {
	Actor crdt.ActorID
	Tip   crdt.Tip
	rand  *rand.Rand
}

// NewAuthor returns an author whose changes follow from the seed.
func NewAuthor(name string, seed uint64) *Author {
	return &Author{Actor: crdt.ActorID(name), rand: rand.New(rand.NewPCG(seed, 1))}
}

// Next makes the author's next change, on top of its last one and deps.
func (a *Author) Next(deps ...crdt.Hash) crdt.Change {
	if a.Tip.Seq > 0 {
		deps = append([]crdt.Hash{a.Tip.Hash}, deps...)
	}
	c := crdt.Change{
		Actor: a.Actor, Seq: a.Tip.Seq + 1, StartOp: a.Tip.Seq + 1, MaxOp: a.Tip.Seq + 1,
		Deps: deps, Time: 1700000000 + int64(a.Tip.Seq), Bytes: a.bytes(40 + a.rand.IntN(160)),
	}
	c.Hash = sha256.Sum256(c.Bytes[8:])
	a.Tip = crdt.Tip{Seq: c.Seq, Hash: c.Hash}
	return c
}

// Take makes the author's next n changes.
func (a *Author) Take(n int) []crdt.Change {
	changes := make([]crdt.Change, n)
	for i := range changes {
		changes[i] = a.Next()
	}
	return changes
}

func (a *Author) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(a.rand.UintN(256))
	}
	return b
}

// Seal makes a head for a change, as the device named by a number.
func Seal(device int) func(crdt.Change) store.Head {
	return func(c crdt.Change) store.Head {
		h := store.Head{Actor: c.Actor, Seq: c.Seq, Hash: c.Hash, Device: Key(device)}
		copy(h.Nonce[:], c.Actor)
		h.Sig = append([]byte("signed "), c.Hash[:]...)
		return h
	}
}

// packed is a change in a chunk. The actor is bytes, which need not be UTF-8.
type packed struct {
	Actor  []byte
	Change crdt.Change
}

// Pack makes a chunk of changes, which stands in for an Automerge document.
func Pack(changes []crdt.Change) []byte {
	all := make([]packed, len(changes))
	for i, c := range changes {
		all[i] = packed{[]byte(c.Actor), c}
		all[i].Change.Actor = ""
	}
	b, err := json.Marshal(all)
	if err != nil {
		panic(err) // plain values always marshal
	}
	return b
}

// Expand gives the changes of a chunk of [Pack].
func Expand(chunk []byte, yield func(crdt.Change) error) error {
	var all []packed
	if err := json.Unmarshal(chunk, &all); err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	for _, p := range all {
		p.Change.Actor = crdt.ActorID(p.Actor)
		if err := yield(p.Change); err != nil {
			return err
		}
	}
	return nil
}
