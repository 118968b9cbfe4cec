package transport

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"starling/sync/identity"
)

// host is an address of a small network; 0 is this machine.
func host(n int) netip.Addr { return netip.MustParseAddr(fmt.Sprintf("10.0.%d.%d", n/250, n%250)) }

func ownHost(a netip.Addr) bool { return a == host(0) }

// deviceConn is a connection of device n.
func deviceConn(n byte) *Conn { return &Conn{peer: identity.DeviceID{n}} }

// come lets a visitor in who has said whom it wants, or not.
func come(d *door, from int, said bool) (v, leaves *visit) {
	v, leaves = d.enter(host(from))
	if v != nil && said {
		v.end = func(Code, string) {}
	}
	return v, leaves
}

func TestHandshakesGiveWay(t *testing.T) {
	t.Run("at one address, to the newest", func(t *testing.T) {
		d := newDoor(ownHost)
		first, _ := come(d, 1, true)
		come(d, 1, true)
		come(d, 2, true)
		if _, leaves := come(d, 1, true); leaves != first {
			t.Error("the oldest stays")
		}
	})
	t.Run("at one address, not those who have said nothing", func(t *testing.T) {
		d := newDoor(ownHost)
		come(d, 1, false)
		come(d, 1, false)
		if v, _ := come(d, 1, true); v != nil {
			t.Error("a third comes in")
		}
		if v, leaves := come(d, 2, true); v == nil || leaves != nil {
			t.Error("another address does not")
		}
	})
	t.Run("in all, to the newest", func(t *testing.T) {
		d := newDoor(ownHost)
		first, _ := come(d, 1, true)
		for i := range maxOpening - 1 {
			if _, leaves := come(d, 2+i, true); leaves != nil {
				t.Fatalf("number %d takes a place", i+2)
			}
		}
		if _, leaves := come(d, 200, true); leaves != first {
			t.Error("the oldest stays")
		}
		if all, _ := d.opening(host(1)); all != maxOpening {
			t.Errorf("%d are open", all)
		}
	})
	t.Run("in all, when nobody can", func(t *testing.T) {
		d := newDoor(ownHost)
		for i := range maxSilent {
			if v, _ := come(d, 1+i, false); v == nil {
				t.Fatalf("number %d finds no place", i+1)
			}
		}
		if v, _ := come(d, 5000, false); v != nil {
			t.Error("there is no end")
		}
	})
	t.Run("on this machine, in all only", func(t *testing.T) {
		d := newDoor(ownHost)
		for i := range maxOpening {
			if v, leaves := come(d, 0, true); v == nil || leaves != nil {
				t.Fatalf("number %d", i+1)
			}
		}
	})
}

func TestWhoMustShowThatItHears(t *testing.T) {
	d := newDoor(ownHost)
	if d.mustCheck(host(1)) || d.crowded() {
		t.Error("the first must")
	}
	come(d, 0, true)
	come(d, 1, true)
	if !d.mustCheck(host(1)) || d.mustCheck(host(2)) || d.mustCheck(host(0)) {
		t.Error("not the second of an address, or another")
	}
	for i := range checkAddress - 2 {
		come(d, 10+i, true)
	}
	if !d.mustCheck(host(2)) || !d.mustCheck(host(0)) || !d.crowded() {
		t.Errorf("%d are open, and the next need not", checkAddress)
	}
}

func TestPlacesOfStrangers(t *testing.T) {
	meet := func(d *door, from int, device byte, known bool) (v *visit, stays bool, leaves *visit) {
		v, _ = come(d, from, true)
		stays, leaves = d.introduce(v, deviceConn(device), known)
		if !stays {
			d.leave(v)
		}
		return v, stays, leaves
	}
	d := newDoor(ownHost)
	for i, want := range []bool{true, true, false} {
		if _, stays, _ := meet(d, 1, byte(i), false); stays != want {
			t.Errorf("number %d of an address stays: %t", i+1, stays)
		}
	}
	if _, stays, _ := meet(d, 1, 9, true); !stays {
		t.Error("someone known finds no place where two strangers are")
	}
	for i := range maxStrangers - 2 {
		if _, stays, _ := meet(d, 0, byte(10+i), false); !stays { // all on this machine
			t.Fatalf("stranger %d finds no place", i+3)
		}
	}
	last, stays, _ := meet(d, 77, 1, false)
	if stays {
		t.Errorf("there are more than %d strangers", maxStrangers)
	}
	for i := range 3 * maxOfDevice {
		_, stays, leaves := meet(d, 77, 2, true)
		if !stays || (leaves != nil) != (i >= maxOfDevice) {
			t.Errorf("connection %d of someone known stays: %t, another leaves: %t", i+1, stays, leaves != nil)
		}
	}
	if stays, _ := d.introduce(last, deviceConn(1), true); stays {
		t.Error("one that was shown out comes in")
	}
}

// One who makes itself addresses leaves room for others.
func TestAnIPv6NetworkDoesNotFillTheHouse(t *testing.T) {
	d := newDoor(ownHost)
	meet := func(from string) bool {
		v, _ := d.enter(netip.MustParseAddr(from))
		v.end = func(Code, string) {}
		stays, _ := d.introduce(v, deviceConn(1), false)
		if !stays {
			d.leave(v)
		}
		return stays
	}
	for i := range 2 * maxStrangers {
		if stays := meet(fmt.Sprintf("2001:db8::%x", i+1)); stays != (i < maxOfNetwork) {
			t.Errorf("number %d of a network stays: %t", i+1, stays)
		}
	}
	for _, from := range []string{"fe80::1%eth0", "2001:db8:0:1::1", "10.0.0.1", "::ffff:10.0.0.2"} {
		if !meet(from) {
			t.Errorf("%s finds no place", from)
		}
	}
	d = newDoor(ownHost)
	for i := range maxOfNetwork + 1 { // two links have one prefix
		if stays := meet(fmt.Sprintf("fe80::%x%%eth0", i+1)); stays != (i < maxOfNetwork) {
			t.Errorf("number %d of a link stays: %t", i+1, stays)
		}
	}
	if !meet("fe80::1%eth1") {
		t.Error("a full link leaves no room for another one")
	}
}

// Whatever happens, the invariants hold.
func TestDoorKeepsItsInvariants(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 0))
		d := newDoor(ownHost)
		var live []*visit
		for range 1000 {
			switch r.IntN(4) {
			case 0, 1:
				if v, _ := come(d, r.IntN(40), r.IntN(3) > 0); v != nil {
					live = append(live, v)
				}
			case 2:
				if len(live) > 0 {
					if v := live[r.IntN(len(live))]; v.conn == nil {
						v.end = func(Code, string) {}
						if stays, _ := d.introduce(v, deviceConn(byte(r.IntN(9))), r.IntN(3) == 0); !stays {
							d.leave(v)
						}
					}
				}
			case 3:
				if len(live) > 0 && r.IntN(2) == 0 {
					d.leave(live[r.IntN(len(live))])
				}
			}
			if problem := unsound(d); problem != "" {
				t.Fatalf("seed %d: %s", seed, problem)
			}
		}
	}
}

// unsound says which invariant of a door is broken.
func unsound(d *door) string {
	opening, strangers, known := map[netip.Addr]int{}, map[netip.Addr]int{}, map[identity.DeviceID]int{}
	var allOpening, allStrangers int
	for v := range d.visits {
		switch {
		case v.conn == nil:
			opening[v.from]++
			allOpening++
		case v.known:
			known[v.conn.peer]++
		default:
			strangers[v.from]++
			allStrangers++
		}
	}
	if allOpening > maxSilent {
		return fmt.Sprintf("%d open handshakes", allOpening)
	}
	if allStrangers > maxStrangers {
		return fmt.Sprintf("%d strangers", allStrangers)
	}
	for a := range d.visits {
		if a := a.from; !ownHost(a) && (opening[a] > maxAtAddress || strangers[a] > maxAtAddress) {
			return fmt.Sprintf("%d open handshakes and %d strangers at %s", opening[a], strangers[a], a)
		}
	}
	for id, n := range known {
		if n > maxOfDevice {
			return fmt.Sprintf("%d connections of %s", n, id)
		}
	}
	return ""
}
