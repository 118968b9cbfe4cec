package peer

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	"starling/crdt"
	"starling/sync/trust"
)

// A split is a fork that this peer has seen itself: both changes were here, and each
// was vouched for. It is noted in the store before a branch is made of it, so that
// the branch can be read again after a restart, whether the fork can be proved to
// others or not.

const (
	keySplits = "splits"
	// maxSplits is how many are noted of a space, and maxDeviceSplits of one device there.
	maxSplits       = 4096
	maxDeviceSplits = 256
	// storedSplit is the length of a stored split in bytes: space, document, device,
	// number, the two hashes, and the actor after its length.
	storedSplit = 32 + 16 + 32 + 8 + 32 + 32 + 1 + trust.MaxActor
)

// splits are those that are noted. It is safe for concurrent use; the zero value has
// none.
type splits struct {
	storing rowLock // held while they are stored; outside mu
	mu      sync.Mutex
	all     map[SpaceID][]trust.ForkInfo
}

// of lists those of a space.
func (s *splits) of(space SpaceID) []trust.ForkInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.all[space])
}

// add notes a split, and reports whether there was room for it.
func (s *splits) add(space SpaceID, f trust.ForkInfo) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = make(map[SpaceID][]trust.ForkInfo)
	}
	if slices.Contains(s.all[space], f) {
		return true
	}
	n := 0
	for _, other := range s.all[space] {
		if other.Device == f.Device {
			n++
		}
	}
	if n >= maxDeviceSplits || len(s.all[space]) >= maxSplits {
		return false
	}
	s.all[space] = append(s.all[space], f)
	return true
}

// drop forgets a split.
func (s *splits) drop(space SpaceID, f trust.ForkInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.all[space], f); i >= 0 {
		s.all[space] = slices.Delete(s.all[space], i, i+1)
	}
}

// prune forgets those of a space that its roster proves as well.
func (s *splits) prune(space SpaceID, proved []trust.ForkInfo) {
	proved = slices.DeleteFunc(proved, func(f trust.ForkInfo) bool { return f.Said })
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[space] = slices.DeleteFunc(s.all[space], func(f trust.ForkInfo) bool { return isProved(proved, f) })
}

// noteSplit notes a split in the store, too. It reports whether there was room.
func (p *Peer) noteSplit(ctx context.Context, space SpaceID, f trust.ForkInfo) (bool, error) {
	p.splits.storing.Lock() // so that the newest is stored last
	defer p.splits.storing.Unlock()
	if slices.Contains(p.splits.of(space), f) {
		return true, nil
	}
	if !p.splits.add(space, f) {
		if p.splits.prune(space, p.proved(space)); !p.splits.add(space, f) {
			return false, nil
		}
	}
	if err := p.store.Set(ctx, keySplits, p.splits.bytes()); err != nil {
		p.splits.drop(space, f) // so that it is stored when it is noted again
		return false, fmt.Errorf("note a fork of document %v: %w", crdt.DocID(f.Doc), err)
	}
	return true, nil
}

func (s *splits) bytes() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all [][]byte
	for space, forks := range s.all {
		for _, f := range forks {
			one := slices.Concat(space[:], f.Doc[:], f.Device[:], binary.BigEndian.AppendUint64(nil, f.Seq),
				f.Counts[:], f.Other[:], []byte{byte(len(f.Actor))}, []byte(f.Actor))
			all = append(all, append(one, make([]byte, storedSplit-len(one))...))
		}
	}
	slices.SortFunc(all, bytes.Compare)
	return slices.Concat(all...)
}

// loadSplits reads what noteSplit wrote, before the peer is shared.
func (p *Peer) loadSplits(ctx context.Context) error {
	raw, err := p.store.Get(ctx, keySplits)
	if err != nil {
		return err
	}
	for one := range slices.Chunk(raw, storedSplit) {
		if len(one) < storedSplit || one[152] > trust.MaxActor {
			p.log.Error("a noted fork cannot be read", "bytes", len(one))
			continue
		}
		p.splits.add(SpaceID(one[:32]), trust.ForkInfo{
			Doc: [16]byte(one[32:48]), Device: DeviceID(one[48:80]), Seq: binary.BigEndian.Uint64(one[80:88]),
			Counts: [32]byte(one[88:120]), Other: [32]byte(one[120:152]), Actor: string(one[153 : 153+int(one[152])]),
		})
	}
	return nil
}

// forks are what a space's roster proves, and what was seen here besides. Where it
// only says where two branches part, both must have been seen: else anybody could have
// parts of documents be branches.
func (p *Peer) forks(space SpaceID) []trust.ForkInfo {
	seen, all := p.splits.of(space), p.proved(space)
	all = slices.DeleteFunc(all, func(f trust.ForkInfo) bool {
		return f.Said && !slices.ContainsFunc(seen, func(s trust.ForkInfo) bool { return isProved([]trust.ForkInfo{s}, f) })
	})
	proved := slices.Clip(all)
	for _, f := range seen {
		if !isProved(proved, f) {
			all = append(all, f)
		}
	}
	return all
}

// proved are the forks that a space's roster proves.
func (p *Peer) proved(space SpaceID) []trust.ForkInfo {
	p.mu.Lock()
	defer p.mu.Unlock()
	if sp := p.spaces[space]; sp != nil {
		return sp.roster.Forks()
	}
	return nil
}

// isProved reports whether both sides of a split are among proved ones.
func isProved(proved []trust.ForkInfo, f trust.ForkInfo) bool {
	has := func(hash crdt.Hash) bool {
		return slices.ContainsFunc(proved, func(k trust.ForkInfo) bool {
			return k.Doc == f.Doc && k.Actor == f.Actor && k.Seq == f.Seq && (k.Counts == hash || k.Other == hash)
		})
	}
	return has(f.Counts) && has(f.Other)
}
