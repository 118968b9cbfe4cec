package peer

import (
	"errors"
	"net/netip"
	"slices"
	"time"

	"starling/sync/protocol"
)

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
	// Skew is how far their clock is ahead of ours, if SkewKnown.
	Skew      time.Duration
	SkewKnown bool
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
