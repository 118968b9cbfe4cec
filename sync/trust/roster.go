package trust

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"starling/sync/identity"
)

// MaxStatements is how many statements a roster holds. It is part of the
// protocol's version.
const MaxStatements = 4096

var (
	// ErrWrongSpace says that a statement belongs to another space.
	ErrWrongSpace = errors.New("the statement belongs to another space")
	// ErrNotOwner says that one who is no owner tried to admit someone.
	ErrNotOwner = errors.New("only an owner of the space may do that")
	// ErrFull says that a roster can't take more statements.
	ErrFull = errors.New("the roster is full")
)

// Member is what a roster says of a device.
type Member struct {
	ID   identity.DeviceID
	Name string // as the one who admitted it knew it
	Role Role
}

// Roster is a space's statements and what follows from them. It is not safe for
// concurrent use.
//
// A statement counts if all that it names as known count or are held, and its
// author was an owner by those alone. So whether it counts depends on itself
// and its ancestors, never on the order of arrival. Of several about one device
// those count that no other counting one about it knew; if there are still
// several, made apart, the lesser role holds.
type Roster struct {
	id       SpaceID
	founding *Statement
	held     map[StatementHash]*Statement
	counting map[StatementHash]*Statement
	// past holds for each counting statement the counting ones it knew, itself
	// included.
	past    map[StatementHash]map[StatementHash]struct{}
	members map[identity.DeviceID]Member
}

// FoundSpace begins a space of one member, the founder, who owns it.
func FoundSpace(id *identity.Identity, name string, now time.Time) (*Roster, error) {
	s, err := sign(id, Statement{Kind: Found, Name: name, Time: now.Unix()})
	if err != nil {
		return nil, fmt.Errorf("found a space: %w", err)
	}
	r := NewRoster(SpaceID(s.hash))
	_, err = r.Add(s)
	return r, err
}

// NewRoster makes the empty roster of a space, to be filled by [Roster.Add].
func NewRoster(id SpaceID) *Roster {
	return &Roster{
		id:       id,
		held:     make(map[StatementHash]*Statement),
		counting: make(map[StatementHash]*Statement),
		past:     make(map[StatementHash]map[StatementHash]struct{}),
		members:  make(map[identity.DeviceID]Member),
	}
}

// ID names the space.
func (r *Roster) ID() SpaceID { return r.id }

// Name is the space's name, or "" before the founding statement is here.
func (r *Roster) Name() string {
	if r.founding == nil {
		return ""
	}
	return r.founding.Name
}

// Add takes statements in any order and returns those that were new. All of
// them must belong to the space, or none is taken.
func (r *Roster) Add(statements ...*Statement) ([]*Statement, error) {
	var added []*Statement
	for _, s := range statements {
		if s.Kind == Found && SpaceID(s.hash) != r.id || s.Kind != Found && s.Space != r.id {
			return nil, fmt.Errorf("statement %v in space %v: %w", s.hash, r.id, ErrWrongSpace)
		}
		if _, ok := r.held[s.hash]; !ok && !slices.Contains(added, s) {
			added = append(added, s)
		}
	}
	if len(r.held)+len(added) > MaxStatements {
		return nil, fmt.Errorf("space %v: %w", r.id, ErrFull)
	}
	for _, s := range added {
		r.held[s.hash] = s
	}
	r.count()
	return added, nil
}

// count finds the statements that count, until there are no more.
func (r *Roster) count() {
	for changed := true; changed; {
		changed = false
		for hash, s := range r.held {
			if _, ok := r.counting[hash]; ok || !r.judge(s) {
				continue
			}
			r.counting[hash] = s
			changed = true
		}
	}
	r.members = r.view(r.counting)
}

// judge decides about a statement whose known ones all count. One whose author
// was no owner by them never counts, nor does what builds on it.
func (r *Roster) judge(s *Statement) bool {
	if s.Kind == Found {
		r.founding = s
		r.past[s.hash] = map[StatementHash]struct{}{s.hash: {}}
		return true
	}
	past := map[StatementHash]struct{}{s.hash: {}}
	known := make(map[StatementHash]*Statement)
	for _, k := range s.Known {
		if _, ok := r.counting[k]; !ok {
			return false
		}
		for h := range r.past[k] {
			past[h] = struct{}{}
			known[h] = r.counting[h]
		}
	}
	if r.view(known)[s.Author].Role != Owner {
		return false
	}
	r.past[s.hash] = past
	return true
}

// view says who belongs by the given counting statements.
func (r *Roster) view(statements map[StatementHash]*Statement) map[identity.DeviceID]Member {
	members := make(map[identity.DeviceID]Member)
	newest := make(map[identity.DeviceID][]*Statement)
	for _, s := range statements {
		if s.Kind == Found {
			members[s.Author] = Member{ID: s.Author, Role: Owner}
			continue
		}
		newest[s.Subject] = append(newest[s.Subject], s)
	}
	for subject, about := range newest {
		last := slices.DeleteFunc(slices.Clone(about), func(s *Statement) bool {
			return slices.ContainsFunc(about, func(t *Statement) bool {
				_, known := r.past[t.hash][s.hash]
				return t != s && known
			})
		})
		s := slices.MaxFunc(last, func(a, b *Statement) int {
			if a.Role != b.Role {
				return int(a.Role) - int(b.Role)
			}
			return compareHashes(a.hash, b.hash)
		})
		members[subject] = Member{ID: subject, Name: s.Name, Role: s.Role}
	}
	return members
}

// Admit adds a device with a role and returns the statement that says so.
func (r *Roster) Admit(by *identity.Identity, subject identity.DeviceID, name string, role Role, now time.Time) (*Statement, error) {
	if r.members[by.ID()].Role != Owner {
		return nil, fmt.Errorf("admit %v to space %v: %w", subject, r.id, ErrNotOwner)
	}
	s, err := sign(by, Statement{
		Kind: Admit, Space: r.id, Known: r.frontier(), Time: now.Unix(),
		Name: name, Subject: subject, Role: role,
	})
	if err != nil {
		return nil, fmt.Errorf("admit %v to space %v: %w", subject, r.id, err)
	}
	if _, err := r.Add(s); err != nil {
		return nil, err
	}
	return s, nil
}

// frontier is the counting statements that no other counting one knew.
func (r *Roster) frontier() []StatementHash {
	top := maps.Clone(r.counting)
	for _, s := range r.counting {
		for _, k := range s.Known {
			delete(top, k)
		}
	}
	hashes := slices.SortedFunc(maps.Keys(top), compareHashes)
	return hashes[:min(len(hashes), MaxKnown)]
}

// Statements returns all that are held, in the order of their hashes.
func (r *Roster) Statements() []*Statement {
	return slices.SortedFunc(maps.Values(r.held), func(a, b *Statement) int {
		return compareHashes(a.hash, b.hash)
	})
}

// Digest is a hash of the set: equal digests mean equal rosters.
func (r *Roster) Digest() [32]byte {
	h := sha256.New()
	for _, s := range r.Statements() {
		h.Write(s.hash[:])
	}
	return [32]byte(h.Sum(nil))
}

// Members returns who belongs, in the order of their IDs.
func (r *Roster) Members() []Member {
	return slices.SortedFunc(maps.Values(r.members), func(a, b Member) int {
		return a.ID.Compare(b.ID)
	})
}

// Role is what a device may do; false if it does not belong.
func (r *Roster) Role(id identity.DeviceID) (Role, bool) {
	m, ok := r.members[id]
	return m.Role, ok
}

// MayWrite reports whether the device's changes count.
func (r *Roster) MayWrite(id identity.DeviceID) bool {
	role, ok := r.Role(id)
	return ok && (role == Owner || role == Editor)
}
