package peer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"starling/crdt/store"
	"starling/sync/protocol"
	"starling/sync/trust"
)

// space is a space of ours; all of it is read and written under Peer.mu.
type space struct {
	id     SpaceID
	roster *trust.Roster
	joined time.Time
	left   bool // we have left it
	// secrets are all that we know, the newest first. offered are those of which a
	// member has said that they are new: they count once the roster says so.
	secrets, offered []trust.Secret
	renewing         bool // a new one is being drawn after somebody left
	// renewAt is when that may be tried again after it failed, and renewPause how
	// long that was to wait.
	renewAt    time.Time
	renewPause time.Duration
	// writing is held while the row is stored, so that the last one written is the
	// newest. Nobody who has Peer.mu waits for it.
	writing rowLock
	// owed are statements in roster that are not stored yet. They are told to
	// nobody before they are.
	owed []*trust.Statement
	// late says that some of them could not be stored, so that it is tried again.
	// Else whoever has added them is about to, and returns when all has followed.
	late bool
	// unsettled says that it is yet to be looked which documents some that are stored
	// change.
	unsettled bool
}

// owe notes what the roster has taken, and err if nobody goes on to store it; under mu.
func (sp *space) owe(fresh []*trust.Statement, err error) {
	sp.owed = append(sp.owed, fresh...)
	sp.late = sp.late || err != nil && len(fresh) > 0
}

// has reports whether a device belongs.
func (sp *space) has(device DeviceID) bool {
	_, ok := sp.roster.Role(device)
	return ok
}

// notYet is why a device can't do a thing in a space that it has out of a backup without a
// key: nobody has taken it out.
type notYet struct{ err error }

func (e notYet) Error() string {
	return "this device is not in the space yet; link it with another device of yours, or have it invited"
}

func (e notYet) Unwrap() error { return e.err }

// row is the space as it is stored.
func (sp *space) row() store.Space {
	row := store.Space{ID: sp.id, Name: sp.roster.Name(), Joined: sp.joined, Left: sp.left}
	for _, s := range sp.secrets {
		row.Secrets = append(row.Secrets, slices.Clone(s[:]))
	}
	return row
}

// memberLocked finds a person in a space by the start of their ID, which is that of their
// first device though it was taken out, or of the ID of one of their devices, or by the
// name under which they are shown; under mu.
func (p *Peer) memberLocked(sp *space, named string) (trust.Member, error) {
	found := func(all []trust.Member) (out []trust.Member) {
		for _, m := range all {
			match := startsID(m.ID, named) || p.whoLocked(m.ID).Name == named
			for _, d := range m.Devices {
				match = match || startsID(d, named)
			}
			if match {
				out = append(out, m)
			}
		}
		return out
	}
	switch all := found(sp.roster.Members()); len(all) {
	case 0:
		return trust.Member{}, fmt.Errorf("%q in %q: %w", named, sp.roster.Name(), ErrNoMember)
	case 1:
		return all[0], nil
	default:
		return trust.Member{}, fmt.Errorf("%q in %q: %w", named, sp.roster.Name(), ErrAmbiguous)
	}
}

// amend changes a roster by statements of ours, stores them and tells everyone.
// change is called under mu.
func (p *Peer) amend(ctx context.Context, id SpaceID, change func(*space) ([]*trust.Statement, error)) error {
	p.mu.Lock()
	sp := p.spaces[id]
	if sp == nil {
		p.mu.Unlock()
		return fmt.Errorf("space %v: %w", id, ErrNoSpace)
	}
	if !sp.has(p.me.ID) {
		err := error(ErrRemoved)
		if !sp.tells(p.me.ID) {
			err = notYet{ErrRemoved}
		}
		p.mu.Unlock()
		return fmt.Errorf("space %q: %w", sp.roster.Name(), err)
	}
	fresh, err := change(sp)
	sp.owe(fresh, err)
	p.learnMembers(sp)
	p.mu.Unlock()
	if err != nil {
		return err
	}
	return p.spread(ctx, sp, DeviceID{})
}

// linesOf are what we hold of the changes of some devices in a space, as a
// removal draws them. All that is shown here is stored before, so that nothing
// of it is cut off.
func (p *Peer) linesOf(ctx context.Context, id SpaceID, devices []DeviceID) ([]trust.Line, error) {
	if err := p.store.Flush(ctx); err != nil {
		return nil, err
	}
	ids := make([][32]byte, 0, len(devices))
	for _, d := range devices {
		ids = append(ids, d)
	}
	held, err := p.store.ActorsOf(ctx, id, ids)
	if err != nil {
		return nil, fmt.Errorf("look up what %d devices wrote in space %v: %w", len(devices), id, err)
	}
	lines := make([]trust.Line, 0, len(held))
	for _, l := range held {
		lines = append(lines, trust.Line{Doc: l.Doc, Actor: string(l.Actor), Seq: l.Seq})
	}
	return lines, nil
}

// farewell is from which statements a peer sees that it or we have left a space:
// those that say so and what their authors knew.
func (p *Peer) farewell(id SpaceID, device DeviceID) [][]byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	sp := p.spaces[id]
	if sp == nil {
		return nil
	}
	gone := device
	if !sp.has(p.me.ID) {
		gone = p.me.ID
	}
	all := sp.roster.Statements()
	about := map[DeviceID]bool{gone: true}
	for _, m := range sp.roster.Removed() {
		if slices.Contains(m.Devices, gone) {
			about[m.ID] = true
		}
	}
	told := make(map[trust.StatementHash]bool)
	for _, s := range slices.Backward(all) { // each is before those that name it
		if !told[s.Hash()] && !(s.Kind == trust.Remove && about[s.Subject]) {
			continue
		}
		told[s.Hash()] = true
		for _, h := range slices.Concat(s.Known, s.Pages, []trust.StatementHash{s.Names}) {
			told[h] = true
		}
	}
	var raw [][]byte
	for _, s := range all {
		if told[s.Hash()] && !slices.Contains(sp.owed, s) {
			raw = append(raw, s.Bytes())
		}
	}
	return raw
}

// spacesFor is what a session with a peer must know of our spaces.
func (p *Peer) spacesFor(device DeviceID) []protocol.Space {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]protocol.Space, 0, len(p.spaces))
	for _, sp := range p.spaces {
		mine, theirs := sp.has(p.me.ID), sp.has(device)
		_, removed := sp.roster.RemovedBy(device)
		out = append(out, protocol.Space{
			ID: sp.id, Secrets: sp.shown(), Member: mine && theirs,
			Removed: removed, Out: !mine, Unsaved: len(sp.owed) > 0, Bring: p.bringsLocked(sp, device),
		})
	}
	slices.SortFunc(out, func(a, b protocol.Space) int { return a.ID.Compare(b.ID) })
	return out
}
