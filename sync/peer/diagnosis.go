package peer

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"starling/crdt/store"
	"starling/sync/protocol"
)

// ErrFileDamaged says that the home's file is damaged, so that part of it can't be
// read: the next start saves the rest. See [Peer.Damage].
var ErrFileDamaged = store.ErrCorrupt

// ErrFileMended is the [ErrFileDamaged] of a file that is whole again.
var ErrFileMended = store.ErrMended

// Lacking reports whether some of the document was found to be damaged here and has
// not come again: its text is what can be read without that. It looks at the disk.
func (d *Doc) Lacking(ctx context.Context) (bool, error) {
	ever, err := d.p.store.HasLost(ctx, d.id)
	if err == nil && ever { // it may have come again
		_, err = d.p.store.LoadForm(ctx, d.id, noForm)
	}
	if errors.Is(err, store.ErrDamaged) {
		return true, nil
	}
	if err != nil {
		err = fmt.Errorf("what document %v lacks: %w", d.id, err)
	}
	return false, err
}

// Interface is one on which we announce ourselves, or would.
type Interface struct {
	Name  string
	Addrs []netip.Addr
	// Sent counts our multicast packets there, and Heard those of others.
	Sent, Heard uint64
	LastHeard   time.Time // zero: never
	Err         error     // why it can't be used just now, nil if it can
}

// Loopback reports whether it joins this machine with itself alone, which is used
// where there is no network.
func (i Interface) Loopback() bool {
	return len(i.Addrs) > 0 && !slices.ContainsFunc(i.Addrs, func(a netip.Addr) bool { return !a.IsLoopback() })
}

// networksOf are the names of those that lead to other machines, and what is wrong
// with one of them, "" if nothing.
func networksOf(all []Interface) (names []string, problem string) {
	for _, i := range all {
		if i.Loopback() {
			continue
		}
		names = append(names, i.Name)
		if i.Err != nil {
			problem = i.Err.Error()
		}
	}
	return names, problem
}

// Trouble is what is known of why somebody can't be reached.
type Trouble struct {
	// Addrs are where they say that they are, or where they last were; Refused
	// are those among them that are not on this network and not allowed.
	Addrs, Refused []netip.AddrPort
	// Err is how the last attempt ended, nil if well or there was none.
	Err error
	// TooOld and TooNew say that their protocol is older or newer than ours.
	TooOld, TooNew bool
	// Was is the name of a space of ours to which they belonged once and no longer do,
	// "" if there is none, or if they are in another one of ours.
	Was string
	// Skew is how far their clock is ahead of ours, if SkewKnown.
	Skew      time.Duration
	SkewKnown bool
}

// storing says that the disk does not take what was written in a document that is
// open, "" if it takes everything.
func (r *registry) storing() (problem string) {
	for _, d := range r.all() {
		switch err := d.stopped(ErrStopped); {
		case errors.Is(err, ErrDiskFull):
			return "the disk is full: what was written last is kept as long as Starling runs, and stored as soon as there is room"
		case err != nil:
			problem = "the disk does not take what was written last: it is kept as long as Starling runs, and stored as soon as the disk takes it"
		}
	}
	return problem
}

// interfacesLocked are those of discovery.
func (n *network) interfacesLocked() []Interface {
	if n.finder == nil {
		return nil
	}
	var out []Interface
	for _, i := range n.finder.Interfaces() {
		out = append(out, Interface{i.Name, i.Addrs, i.Sent, i.Heard, i.LastHeard, i.Err})
	}
	return out
}

// failed notes how an attempt to reach a device ended; under mu.
func (t *target) failed(err error) {
	switch {
	case err == nil:
		t.trouble, t.version = nil, 0
	case errors.Is(err, protocol.ErrDuplicate) || duplicateCode(err):
		// another connection stays
	case errors.Is(err, context.DeadlineExceeded): // of an attempt that was to be short
		t.trouble = ErrUnreachable
	default:
		t.trouble = err
		if other, ok := errors.AsType[*protocol.VersionError](err); ok {
			t.version = other.Theirs
		}
	}
}

// Trouble says why a device, by its tag, may not be reached.
func (p *Peer) Trouble(tag string) Trouble {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out Trouble
	n := p.net
	if n == nil {
		return out
	}
	if near := n.nearby[tag]; near != nil {
		out.Addrs = slices.Clone(near.addrs)
	}
	for id, who := range p.people {
		if id.Tag() == tag {
			out.add(who.address)
			out.add(who.typed)
			out.Was = p.formerLocked(id)
		}
	}
	out.Refused = out.refused(n.endpoint)
	if t := n.targets[tag]; t != nil {
		out.Err = t.trouble
		out.TooOld = t.version != 0 && t.version < protocol.Version
		out.TooNew = t.version > protocol.Version
	}
	for id, l := range n.links {
		if id.Tag() == tag {
			out.Skew, out.SkewKnown = l.session.Skew()
			out.Err = nil
		}
	}
	return out
}

// formerLocked is the name of a space of ours in which a device was and is no longer,
// the first one by its ID; "" if we share one with it.
func (p *Peer) formerLocked(id DeviceID) string {
	if len(p.sharedLocked(id)) > 0 {
		return ""
	}
	var first *space
	for _, sp := range p.spaces {
		if _, gone := sp.roster.RemovedBy(id); gone && (first == nil || sp.id.Compare(first.id) < 0) {
			first = sp
		}
	}
	if first == nil {
		return ""
	}
	return first.roster.Name()
}

// add adds an address that is no name.
func (t *Trouble) add(addr string) {
	if a, err := netip.ParseAddrPort(addr); err == nil && !slices.Contains(t.Addrs, a) {
		t.Addrs = append(t.Addrs, a)
	}
}

// refused are the addresses that an endpoint does not speak with.
func (t *Trouble) refused(e Endpoint) []netip.AddrPort {
	gate, ok := e.(gated)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(t.Addrs), func(a netip.AddrPort) bool { return gate.Passes(a.Addr()) })
}
