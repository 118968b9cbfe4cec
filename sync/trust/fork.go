package trust

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"time"

	"starling/sync/identity"
)

// ForkInfo is two changes of one actor with one number.
type ForkInfo struct {
	Statement StatementHash // which proves it
	Doc       [16]byte
	Actor     string
	Seq       uint64
	Device    identity.DeviceID
	// Counts is the change that counts: of all with this number the one with
	// the smallest hash, unless an owner chose. Other is one that doesn't.
	Counts, Other [32]byte
	// Chosen says that an owner chose what counts.
	Chosen bool
	// Said is true if the proof is of later changes, so that these are only said to
	// be where the branches part: anybody may say that.
	Said bool
}

// So many statements that only say where the branches of an actor in a document part
// are kept, and so many of the actors of one person's devices.
const (
	maxSaid   = 8
	maxSaidOf = 64
)

// saysOnly reports whether a fork's heads are above where it says that its branches
// part.
func (s *Statement) saysOnly() bool { return s.Parting.Seq != s.Heads[0].Seq }

// roomForFork reports whether one more fork of a person's actors may be kept. Those
// that prove where they part leave room for others, whatever is said besides.
func (r *Roster) roomForFork(s *Statement, person identity.DeviceID) bool {
	if len(r.forks) >= MaxForksInAll {
		return false
	}
	if !s.saysOnly() {
		return r.forksOf[person] < MaxForks
	}
	alike, of := 0, 0
	for _, f := range r.forks {
		k := r.kept[f]
		if !k.saysOnly() || r.root(k.Heads[0].Device) != person {
			continue
		}
		of++
		if k.Doc == s.Doc && k.Heads[0].Actor == s.Heads[0].Actor {
			alike++
		}
	}
	return alike < maxSaid && of < maxSaidOf
}

// Parting is the first number at which two branches of an actor differ, and their
// changes of that number.
type Parting struct {
	Seq    uint64
	Hashes [2][32]byte
}

// Fork takes the proof that an actor numbered two changes alike: two heads with one
// number that were verified. Where they are above the first number that differs, at
// says where the branches part, the change of a's side first; else it is zero. That
// is not proved, so it only names the branches. It gives the same bytes whoever makes
// it, and nothing if the roster has a proof of the two branches already. It fails
// with [ErrBadStatement] if the heads prove nothing.
func (r *Roster) Fork(doc [16]byte, a, b Head, at Parting) ([]*Statement, error) {
	if bytes.Compare(a.Hash[:], b.Hash[:]) > 0 {
		a, b = b, a
		at.Hashes[0], at.Hashes[1] = at.Hashes[1], at.Hashes[0]
	}
	body := forkBody{Kind: Fork, Space: r.id, Doc: doc, Heads: []forkHead{toForkHead(a), toForkHead(b)}}
	if at != (Parting{}) && at.Seq != a.Seq {
		body.Parting = &forkParting{Seq: at.Seq, One: at.Hashes[0], Other: at.Hashes[1]}
	} else {
		at = Parting{a.Seq, [2][32]byte{a.Hash, b.Hash}}
	}
	for _, f := range r.forks {
		if k := r.kept[f]; k.point() == (forkPoint{doc, a.Actor, at.Seq}) && k.chooses(at.Hashes[0]) && k.chooses(at.Hashes[1]) &&
			at.Hashes[0] != at.Hashes[1] && (body.Parting != nil || !k.saysOnly()) {
			return nil, nil
		}
	}
	s, err := makeEvidence(body)
	if err != nil {
		return nil, fmt.Errorf("fork of actor %x at %d: %w", a.Actor, a.Seq, err)
	}
	return r.Add(s)
}

// Choose says which change of a fork counts. Only an owner may.
func (r *Roster) Choose(by *identity.Identity, fork StatementHash, hash [32]byte, now time.Time) ([]*Statement, error) {
	if i, ok := r.index[fork]; !ok || !r.kept[i].chooses(hash) {
		return nil, fmt.Errorf("choose %x of fork %v: %w", hash, fork, ErrBadStatement)
	}
	return r.asOwner(by, Statement{Kind: Choose, Names: fork, Choice: hash}, now, "choose in")
}

// forkPoint is an actor's number in a document.
type forkPoint struct {
	doc   [16]byte
	actor string
	seq   uint64
}

func (k *record) point() forkPoint { return forkPoint{k.Doc, k.Heads[0].Actor, k.Parting.Seq} }

// Forks returns, for each number that was given to several changes, one entry
// for each change that doesn't count, in the order of document, actor, number
// and hash.
func (r *Roster) Forks() []ForkInfo {
	winners := r.winners()
	type other struct {
		forkPoint
		hash [32]byte
	}
	proofs := make(map[other]*record)
	for _, f := range r.forks {
		k := r.kept[f]
		for _, hash := range k.Parting.Hashes {
			o := other{k.point(), hash}
			if hash != winners[o.forkPoint].hash && k.better(proofs[o], winners[o.forkPoint]) {
				proofs[o] = k
			}
		}
	}
	out := make([]ForkInfo, 0, len(proofs))
	for o, k := range proofs {
		won := winners[o.forkPoint]
		out = append(out, ForkInfo{
			k.hash, o.doc, o.actor, o.seq, k.Heads[0].Device, won.hash, o.hash, won.chosen, !won.trusts(k) || !won.proved,
		})
	}
	slices.SortFunc(out, func(a, b ForkInfo) int {
		return cmp.Or(
			bytes.Compare(a.Doc[:], b.Doc[:]), cmp.Compare(a.Actor, b.Actor),
			cmp.Compare(a.Seq, b.Seq), bytes.Compare(a.Other[:], b.Other[:]),
		)
	})
	return out
}

// better reports whether a fork is to be named and not another one, nil for none, of
// the same change: one that is trusted, and of several the smallest.
func (k *record) better(other *record, won winner) bool {
	if other == nil || won.trusts(k) == won.trusts(other) {
		return other == nil || compareHashes(k.hash, other.hash) < 0
	}
	return won.trusts(k)
}

// winner is the change that counts of several with one number.
type winner struct {
	hash   [32]byte
	chosen bool          // by an owner
	proved bool          // to have that number, or an owner's word
	named  StatementHash // by that owner
}

// trusts reports whether a fork proves where it parts, or the owner who chose said so.
func (w winner) trusts(k *record) bool { return !k.saysOnly() || w.chosen && k.hash == w.named }

// winners are the changes that count where several have one number.
func (r *Roster) winners() map[forkPoint]winner {
	out := make(map[forkPoint]winner)
	for _, f := range r.forks {
		k := r.kept[f]
		for _, hash := range k.Parting.Hashes {
			least, ok := out[k.point()]
			if proved := !k.saysOnly(); !ok || proved && !least.proved ||
				proved == least.proved && bytes.Compare(hash[:], least.hash[:]) < 0 {
				out[k.point()] = winner{hash: hash, proved: proved}
			}
		}
	}
	choices := make(map[forkPoint][]int)
	for i, k := range r.kept {
		if k.Kind == Choose {
			at := r.kept[r.index[k.Names]].point()
			choices[at] = append(choices[at], i)
		}
	}
	for at, of := range choices {
		var chosen *record // of several made apart the smallest
		r.view().newest(of, func(k *record) {
			if chosen == nil || bytes.Compare(k.Choice[:], chosen.Choice[:]) < 0 {
				chosen = k
			}
		})
		if chosen != nil {
			out[at] = winner{chosen.Choice, true, true, chosen.Names}
		}
	}
	return out
}
