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

// Limits of a roster. They are part of the protocol's version.
const (
	// MaxStatements is how many statements a roster holds, pages included.
	MaxStatements = 4096
	// MaxRoster is how many bytes these have.
	MaxRoster = 48 << 20
	// MaxForks is how many forks of actors of one person's devices it holds, and
	// MaxForksInAll of all persons'.
	MaxForks      = 256
	MaxForksInAll = 1024
	// MaxMinor is how many statements by those who are no owners it holds, so
	// that there is always room for what owners say, and MaxMinorOf how many
	// removals, and how many others, by one such person, so that nobody takes the
	// room of the rest. Everyone's removals of themselves and their devices are
	// kept even if there are MaxMinor. More are kept only if an owner's statement
	// names them.
	MaxMinor   = 1024
	MaxMinorOf = 64
	// maxParked is how many bytes of statements wait for others.
	maxParked = 16 << 20
)

var (
	// ErrWrongSpace says that a statement belongs to another space.
	ErrWrongSpace = errors.New("the statement belongs to another space")
	// ErrNotOwner says that one who is no owner tried what only owners may.
	ErrNotOwner = errors.New("only an owner of the space may do that")
	// ErrFull says that a roster can't take more statements.
	ErrFull = errors.New("the roster is full")
)

// Roster is a space's statements and what follows from them. It is not safe for
// concurrent use.
//
// A statement is kept if everything it names is here and its author had the
// right by what it names alone. So whether it is kept depends on itself and its
// ancestors, never on the order of arrival, unless more of those who are no
// owners have come than any honest use brings ([MaxMinor]).
// Which of the kept statements count, and what they say together, is evaluated
// anew from the whole set; see evaluation.
type Roster struct {
	id SpaceID
	// kept are the statements, each after those it names; the founding one is
	// the first.
	kept  []*record
	index map[StatementHash]int // of kept
	all   set                   // of kept

	about    map[identity.DeviceID][]int // admissions and removals of a person
	admits   map[identity.DeviceID][]int // admissions of exactly this one
	links    map[identity.DeviceID][]int // links of a device
	linksTo  map[identity.DeviceID][]int // links to a person
	revokes  map[identity.DeviceID][]int // removals of a device alone
	forksOf  map[identity.DeviceID]int   // how many forks of a person's actors are kept
	owners   []identity.DeviceID         // who was ever made an owner, the founder first
	said     set                         // statements that someone signed
	items    set                         // statements that can take something away
	spotted  set                         // statements that knew one that did not count
	forks    []int
	minor    int // how many statements are not by owners
	minorOf  map[minorKey]int
	size     int // of kept, in bytes
	invites  []int
	renewals []int // of the secret

	resolved map[string]set // what does not count, by what a statement knew
	now      *lens          // of everything kept; nil after a change
	standing map[string]*standing
	digest   struct { // of the first so many, 0 for none
		of  int
		sum [32]byte
	}

	parking
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
		id:       id,
		index:    make(map[StatementHash]int),
		about:    make(map[identity.DeviceID][]int),
		admits:   make(map[identity.DeviceID][]int),
		links:    make(map[identity.DeviceID][]int),
		linksTo:  make(map[identity.DeviceID][]int),
		revokes:  make(map[identity.DeviceID][]int),
		forksOf:  make(map[identity.DeviceID]int),
		minorOf:  make(map[minorKey]int),
		resolved: make(map[string]set),
	}
	r.forget()
	return r
}

// ID names the space.
func (r *Roster) ID() SpaceID { return r.id }

// Name is the space's name, or "" before the founding statement is here.
func (r *Roster) Name() string {
	if len(r.kept) == 0 {
		return ""
	}
	return r.kept[0].Name
}

// Add takes statements in any order and returns those that are kept now and
// were not before, each after those it names: they are to be stored, then told.
// All of them must belong to the space, or none is taken. Some that are kept
// later, once what they name is here, wait until then; those for which there is no
// room are passed over.
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
	if len(fresh) > MaxStatements {
		return nil, fmt.Errorf("space %v: %w", r.id, ErrFull)
	}
	r.makeRoom(fresh)
	before := len(r.kept)
	for _, s := range fresh {
		if _, ok := r.parked[s.hash]; !ok {
			r.settle(s)
		}
	}
	added := make([]*Statement, 0, len(r.kept)-before)
	for _, k := range r.kept[before:] {
		added = append(added, k.Statement)
	}
	return added, nil
}

// Statements returns all that are kept, each after those it names.
func (r *Roster) Statements() []*Statement {
	out := make([]*Statement, len(r.kept))
	for i, k := range r.kept {
		out[i] = k.Statement
	}
	return out
}

// Digest is a hash of the set of kept statements: equal digests mean equal
// rosters.
func (r *Roster) Digest() [32]byte {
	if len(r.kept) > 0 && r.digest.of == len(r.kept) {
		return r.digest.sum
	}
	h := sha256.New()
	for _, hash := range slices.SortedFunc(maps.Keys(r.index), compareHashes) {
		h.Write(hash[:])
	}
	r.digest.of, r.digest.sum = len(r.kept), [32]byte(h.Sum(nil))
	return r.digest.sum
}

// Has reports whether a statement is kept.
func (r *Roster) Has(h StatementHash) bool {
	_, ok := r.index[h]
	return ok
}

// view is what all kept statements say.
func (r *Roster) view() *lens {
	if r.now == nil {
		r.now = r.lens(r.all, r.resolveAll())
	}
	return r.now
}
