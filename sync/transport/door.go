package transport

import "net/netip"

const (
	// checkAddress is from how many open handshakes on a dialler must first
	// show that it can hear us (RFC 9000, 8.1.2), so that forged addresses fill
	// nothing. One whose address has an open handshake already must do so, too.
	checkAddress = 16
	// maxOpening is how many handshakes may be open; the next one takes the
	// place of the oldest. Some can't be ended from outside, because they have
	// not said who they want: of those there may be maxSilent.
	maxOpening = 128
	maxSilent  = 1024
	// maxStrangers is how many strangers may be connected, and maxAtAddress how
	// many from one address, open handshakes counted apart. Those on this
	// machine share its addresses, so they count in all only. An IPv6 network is
	// anybody's on it, who can take as many addresses in it as they like: from one
	// there are maxOfNetwork at most, so that there is room for other ones and IPv4.
	maxStrangers = 32
	maxAtAddress = 2
	maxOfNetwork = 16
	// maxOfDevice is how many connections one known device may have open to us;
	// the next one takes the place of the oldest.
	maxOfDevice = 8
)

// visit is a connection that another device has begun, until it ends. Its fields
// are under Endpoint.mu.
type visit struct {
	from   netip.Addr
	number uint64
	// end asks the connection to end; it does not wait, and must be called
	// before Close waits for all work. It is nil while nobody can.
	end func(Code, string)
	// conn is the connection once the handshake has ended.
	conn  *Conn
	known bool
}

// door counts those who come in. It knows no network and no clock.
//
// Invariants: at most maxStrangers visits are connected and not known, and at
// most maxAtAddress of them from one address and maxOfNetwork from one IPv6
// network; at most maxSilent handshakes are
// open, and more than maxOpening only if some came while none could be ended.
type door struct {
	visits map[*visit]struct{}
	last   uint64
	own    func(netip.Addr) bool
}

func newDoor(own func(netip.Addr) bool) *door {
	return &door{visits: make(map[*visit]struct{}), own: own}
}

// mustCheck reports whether a new dialler has to show that it hears us.
func (d *door) mustCheck(from netip.Addr) bool {
	all, here := d.opening(from)
	return all >= checkAddress || here > 0 && !d.own(from)
}

// crowded reports whether so many handshakes are open that each gets less time.
func (d *door) crowded() bool {
	all, _ := d.opening(netip.Addr{})
	return all >= checkAddress
}

// opening counts the open handshakes, in all and from one address.
func (d *door) opening(from netip.Addr) (all, here int) {
	for v := range d.visits {
		if v.conn == nil {
			all++
			if v.from == from {
				here++
			}
		}
	}
	return all, here
}

// enter lets a handshake begin. It returns nil if there is no place, and who
// has to leave for it, or nil.
func (d *door) enter(from netip.Addr) (v, leaves *visit) {
	all, here := d.opening(from)
	switch {
	case here >= maxAtAddress && !d.own(from):
		if leaves = d.oldest(func(v *visit) bool { return v.conn == nil && v.from == from }); leaves == nil {
			return nil, nil
		}
	case all >= maxOpening:
		leaves = d.oldest(func(v *visit) bool { return v.conn == nil })
		if leaves == nil && all >= maxSilent {
			return nil, nil
		}
	}
	if leaves != nil {
		delete(d.visits, leaves)
	}
	d.last++
	v = &visit{from: from, number: d.last}
	d.visits[v] = struct{}{}
	return v, leaves
}

// oldest finds the first of the visits that can be ended and fit.
func (d *door) oldest(fits func(*visit) bool) *visit {
	var first *visit
	for v := range d.visits {
		if v.end != nil && fits(v) && (first == nil || v.number < first.number) {
			first = v
		}
	}
	return first
}

// leave forgets a visit.
func (d *door) leave(v *visit) { delete(d.visits, v) }

// introduce notes whose connection a visit has become. It reports whether there
// is a place for it, and who has to leave for it, or nil. A visit that was shown
// out in the meantime has no place.
func (d *door) introduce(v *visit, c *Conn, known bool) (stays bool, leaves *visit) {
	if _, here := d.visits[v]; !here {
		return false, nil
	}
	if known {
		leaves = d.tooMany(c)
	} else if all, here, near := d.strangers(v.from); all >= maxStrangers || !d.own(v.from) && (here >= maxAtAddress || near >= maxOfNetwork) {
		return false, nil
	}
	if leaves != nil {
		delete(d.visits, leaves)
	}
	v.conn, v.known = c, known
	return true, leaves
}

// tooMany finds the connection that gives way to another of the same device.
func (d *door) tooMany(c *Conn) *visit {
	same := func(v *visit) bool { return v.conn != nil && v.conn.peer == c.peer }
	count := 0
	for v := range d.visits {
		if same(v) {
			count++
		}
	}
	if count < maxOfDevice {
		return nil
	}
	return d.oldest(same)
}

// strangers counts those who are connected: in all, from one address, and from an
// IPv6 network, 0 for an IPv4 address.
func (d *door) strangers(from netip.Addr) (all, here, near int) {
	of := networkOf(from)
	for v := range d.visits {
		if v.conn == nil || v.known {
			continue
		}
		all++
		if v.from == from {
			here++
		}
		if of != (network{}) && networkOf(v.from) == of {
			near++
		}
	}
	return all, here, near
}

// network is an IPv6 network. A link-local one is named by its interface too, as each
// interface has the same prefix (RFC 4007, 6).
type network struct {
	prefix netip.Prefix
	zone   string
}

// networkOf is the IPv6 network of an address, of 64 bits as all are in which
// hosts make addresses for themselves (RFC 4291, 2.5.4). It is the zero value for
// IPv4 addresses, which are given out one by one.
func networkOf(a netip.Addr) (of network) {
	if !a.Is6() || a.Is4In6() {
		return of
	}
	if a.IsLinkLocalUnicast() {
		of.zone = a.Zone()
	}
	of.prefix, _ = a.WithZone("").Prefix(64)
	return of
}
