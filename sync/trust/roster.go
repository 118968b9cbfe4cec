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
// A statement counts if all that it names as known count, and its author was an
// owner by those alone. So whether it counts depends on itself and its
// ancestors, never on the order of arrival. One that can never count is not
// kept, so only owners can fill a roster. Of several about one device those
// hold that no other one about it knew; if there are still several, made apart,
// the lesser role holds.
type Roster struct {
	id SpaceID
	// counting are the statements that count, each after those it knows; the
	// founding one is the first.
	counting []*Statement
	index    map[StatementHash]int // of counting
	// past says for each counting statement which ones it knew.
	past    []set
	about   map[identity.DeviceID][]int // admissions of a device
	members map[identity.DeviceID]Member

	// waiting are statements by one that they know and that is not here yet.
	waiting map[StatementHash][]*Statement
	parked  map[StatementHash]struct{} // those in waiting
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
	r := &Roster{
		id:      id,
		index:   make(map[StatementHash]int),
		about:   make(map[identity.DeviceID][]int),
		members: make(map[identity.DeviceID]Member),
	}
	r.forget()
	return r
}

// ID names the space.
func (r *Roster) ID() SpaceID { return r.id }

// Name is the space's name, or "" before the founding statement is here.
func (r *Roster) Name() string {
	if len(r.counting) == 0 {
		return ""
	}
	return r.counting[0].Name
}

// Add takes statements in any order and returns those that count now and did
// not before, each after those it knows. All of them must belong to the space
// and have room, or none is taken. Some that count later, once what they know is
// here, are kept until then.
func (r *Roster) Add(statements ...*Statement) ([]*Statement, error) {
	fresh := make(map[StatementHash]*Statement, len(statements))
	for _, s := range statements {
		if s.Kind == Found && SpaceID(s.hash) != r.id || s.Kind != Found && s.Space != r.id {
			return nil, fmt.Errorf("statement %v in space %v: %w", s.hash, r.id, ErrWrongSpace)
		}
		if _, ok := r.index[s.hash]; !ok {
			fresh[s.hash] = s
		}
	}
	if len(r.counting)+len(fresh) > MaxStatements {
		return nil, fmt.Errorf("space %v: %w", r.id, ErrFull)
	}
	if len(r.parked)+len(fresh) > MaxStatements {
		r.forget() // whoever holds them will say them again
	}
	before := len(r.counting)
	for _, s := range fresh {
		if _, ok := r.parked[s.hash]; !ok {
			r.settle(s)
		}
	}
	return slices.Clone(r.counting[before:]), nil
}

// forget drops the statements that wait for others.
func (r *Roster) forget() {
	r.waiting = make(map[StatementHash][]*Statement)
	r.parked = make(map[StatementHash]struct{})
}

// settle judges a statement, and those that waited for it.
func (r *Roster) settle(s *Statement) {
	for open := []*Statement{s}; len(open) > 0; {
		s, open = open[len(open)-1], open[:len(open)-1]
		delete(r.parked, s.hash)
		if _, ok := r.index[s.hash]; ok {
			continue // it came again in the batch that brought what it waited for
		}
		past, missing := r.known(s)
		switch {
		case missing != nil:
			r.waiting[*missing] = append(r.waiting[*missing], s)
			r.parked[s.hash] = struct{}{}
		case r.mayState(s, past) && len(r.counting) < MaxStatements:
			r.count(s, past)
			open = append(open, r.waiting[s.hash]...)
			delete(r.waiting, s.hash)
		}
	}
}

// known returns the counting statements that the author knew, or one that is
// not here.
func (r *Roster) known(s *Statement) (past set, missing *StatementHash) {
	for _, k := range s.Known {
		i, ok := r.index[k]
		if !ok {
			return nil, &k
		}
		past = past.union(r.past[i]).with(i)
	}
	return past, nil
}

func (r *Roster) mayState(s *Statement, past set) bool {
	m, ok := r.view(s.Author, past)
	return s.Kind == Found || ok && m.Role == Owner
}

// count enters a statement.
func (r *Roster) count(s *Statement, past set) {
	i := len(r.counting)
	r.counting = append(r.counting, s)
	r.past = append(r.past, past)
	r.index[s.hash] = i
	who := s.Author
	if s.Kind != Found {
		who = s.Subject
		r.about[who] = append(r.about[who], i)
	}
	r.members[who], _ = r.view(who, r.everything())
}

func (r *Roster) everything() set {
	var all set
	for i := range r.counting {
		all = all.with(i)
	}
	return all
}

// view says what the given counting statements say of a device.
func (r *Roster) view(who identity.DeviceID, by set) (Member, bool) {
	var last *Statement
	for _, i := range r.newest(who, by) {
		s := r.counting[i]
		if last == nil || s.Role > last.Role || s.Role == last.Role && compareHashes(s.hash, last.hash) > 0 {
			last = s
		}
	}
	switch {
	case last != nil:
		return Member{ID: who, Name: last.Name, Role: last.Role}, true
	case by.has(0) && r.counting[0].Author == who:
		return Member{ID: who, Role: Owner}, true
	}
	return Member{}, false
}

// newest returns those of the given admissions of a device that no other one of
// it knew.
func (r *Roster) newest(who identity.DeviceID, by set) []int {
	var old set
	for _, i := range r.about[who] {
		if by.has(i) {
			old = old.union(r.past[i])
		}
	}
	return slices.DeleteFunc(slices.Clone(r.about[who]), func(i int) bool { return !by.has(i) || old.has(i) })
}

// Admit adds a device with a role and returns the statement that says so.
func (r *Roster) Admit(by *identity.Identity, subject identity.DeviceID, name string, role Role, now time.Time) (*Statement, error) {
	if r.members[by.ID()].Role != Owner {
		return nil, fmt.Errorf("admit %v to space %v: %w", subject, r.id, ErrNotOwner)
	}
	s, err := sign(by, Statement{
		Kind: Admit, Space: r.id, Known: r.frontier(by.ID(), subject), Time: now.Unix(),
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

// frontier is the counting statements that no other counting one knew. If there
// are more than a statement can name, those go first from which follows what is
// said of the given devices: a statement counts only if it knows what makes its
// author an owner, and replaces only what it knows.
func (r *Roster) frontier(about ...identity.DeviceID) []StatementHash {
	var old, first set
	for _, past := range r.past {
		old = old.union(past)
	}
	for _, who := range about {
		for _, i := range r.newest(who, r.everything()) {
			first = first.with(r.above(i))
		}
	}
	var top, rest []StatementHash
	for i, s := range r.counting {
		switch {
		case old.has(i):
		case first.has(i):
			top = append(top, s.hash)
		default:
			rest = append(rest, s.hash)
		}
	}
	top = append(top, rest...)
	top = top[:min(len(top), MaxKnown)]
	slices.SortFunc(top, compareHashes)
	return top
}

// above returns a statement that knew the given one, or is it, and that no
// other one knew: the last to be counted of those that knew it.
func (r *Roster) above(i int) int {
	for j := len(r.counting) - 1; j > i; j-- {
		if r.past[j].has(i) {
			return j
		}
	}
	return i
}

// Statements returns all that count, each after those it knows.
func (r *Roster) Statements() []*Statement { return slices.Clone(r.counting) }

// Digest is a hash of the set of statements that count: equal digests mean equal
// rosters.
func (r *Roster) Digest() [32]byte {
	h := sha256.New()
	for _, hash := range slices.SortedFunc(maps.Keys(r.index), compareHashes) {
		h.Write(hash[:])
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
