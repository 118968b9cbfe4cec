package discovery

import (
	"strings"
	"testing"
	"time"
)

var (
	anna = hostConfig{annaTag, "Anna", 4001}
	ben  = hostConfig{benTag, "Ben 🐦", 4002}
)

func TestTwoHostsFindEachOther(t *testing.T) {
	net := newLAN(t)
	a, b := newHost(t, anna, nil), newHost(t, ben, nil)
	net.plug(a, "e0")
	net.plug(b, "e0")
	a.up("e0", "10.77.0.1/24")
	b.up("e0", "10.77.0.2/24")
	a.say("start")
	a.await("a status with an interface", statusOf(a, "e0[10.77.0.1]: <nil>"))
	began := b.say("start")
	atB := b.sees(annaTag, "10.77.0.1:4001")
	atA := a.sees(benTag, "10.77.0.2:4002")
	if atA.Event.Hint.Name != ben.Name || atA.Event.Hint.Version != Version {
		t.Errorf("got %+v", atA.Event.Hint)
	}
	t.Logf("found after %v by the newcomer, %v by the other", atB.At.Sub(began), atA.At.Sub(began))

	// The link goes and comes back with another address.
	b.run("ip", "link", "set", "e0", "down")
	b.await("no network", statusOf(b, "lo[127.0.0.1]: <nil>"))
	began = b.up("e0", "10.77.0.3/24")
	atA = a.sees(benTag, "10.77.0.3:4002")
	t.Logf("new address after %v", atA.At.Sub(began))

	// Only the address changes.
	began = b.up("e0", "10.77.0.4/24")
	atA = a.sees(benTag, "10.77.0.4:4002")
	t.Logf("changed address after %v", atA.At.Sub(began))

	// The interface is made anew under the old name.
	b.run("ip", "link", "del", "e0")
	net.plug(b, "e0")
	began = b.up("e0", "10.77.0.5/24")
	atA = a.sees(benTag, "10.77.0.5:4002")
	t.Logf("new interface after %v", atA.At.Sub(began))
}

// statusOf asks for the status again and again, once for each answer.
func statusOf(h *host, want string) func(hostLine) bool {
	h.say("status")
	return func(l hostLine) bool {
		if l.Status == nil {
			return false
		}
		if strings.Join(l.Status, " ") == want {
			return true
		}
		time.AfterFunc(10*time.Millisecond, func() { h.say("status") })
		return false
	}
}

func TestStartBeforeTheNetwork(t *testing.T) {
	net := newLAN(t)
	a, b := newHost(t, anna, nil), newHost(t, ben, nil)
	net.plug(a, "e0")
	net.plug(b, "e0")
	a.run("ip", "link", "set", "lo", "down")
	a.say("start")
	b.say("start")
	if got := a.status(); got != "" {
		t.Errorf("without a network the interfaces are %q", got)
	}
	a.up("e0", "10.77.0.1/24")
	began := b.up("e0", "10.77.0.2/24")
	atA := a.sees(benTag, "10.77.0.2:4002")
	atB := b.sees(annaTag, "10.77.0.1:4001")
	t.Logf("found %v and %v after the link came up", atA.At.Sub(began), atB.At.Sub(began))
}

func TestTwoProcessesWithNothingButLoopback(t *testing.T) {
	newLAN(t)
	a := newHost(t, anna, nil)
	b := newHost(t, ben, a)
	a.say("start")
	began := b.say("start")
	atA := a.sees(benTag, "127.0.0.1:4002")
	atB := b.sees(annaTag, "127.0.0.1:4001")
	t.Logf("found after %v and %v", atA.At.Sub(began), atB.At.Sub(began))
}

func TestTwoProcessesOnOneMachineOnANetwork(t *testing.T) {
	net := newLAN(t)
	a := newHost(t, anna, nil)
	b := newHost(t, ben, a)
	net.plug(a, "e0")
	a.up("e0", "10.77.0.1/24")
	a.say("start")
	b.say("start")
	a.sees(benTag, "10.77.0.1:4002")
	b.sees(annaTag, "10.77.0.1:4001")
}

// A host on two networks must tell each of them its address there and no
// other.
func TestEachNetworkIsToldItsOwnAddress(t *testing.T) {
	one, two := newLAN(t), newLAN(t)
	a := newHost(t, anna, nil)
	b, c := newHost(t, ben, nil), newHost(t, hostConfig{cyTag, "Cy", 4003}, nil)
	one.plug(a, "e1")
	two.plug(a, "e2")
	one.plug(b, "e0")
	two.plug(c, "e0")
	a.up("e1", "10.77.1.1/24")
	a.up("e2", "10.77.2.1/24")
	b.up("e0", "10.77.1.2/24")
	c.up("e0", "10.77.2.2/24")
	for _, h := range []*host{a, b, c} {
		h.say("start")
	}
	atB := b.sees(annaTag, "10.77.1.1:4001")
	atC := c.sees(annaTag, "10.77.2.1:4001")
	for _, l := range []hostLine{atB, atC} {
		n := 0
		for _, ap := range l.Event.Hint.Addrs {
			if ap.Addr().Is4() {
				n++
			}
		}
		if n != 1 {
			t.Errorf("told of %v", l.Event.Hint.Addrs)
		}
	}
	seen := map[string]string{}
	a.await("Ben and Cy, whoever is first", func(l hostLine) bool {
		if hint := l.Event.Hint; len(hint.Addrs) > 0 && !l.Event.Gone {
			seen[hint.Tag] = hint.Addrs[0].String()
		}
		return seen[benTag] == "10.77.1.2:4002" && seen[cyTag] == "10.77.2.2:4003"
	})
}

// On a network without IPv4, link-local IPv6 carries a zone. Hosts that have
// no IPv6 at all must stay quiet about it: a host's standard error must be
// empty.
func TestOneFamilyOnly(t *testing.T) {
	t.Run("IPv6", func(t *testing.T) {
		net := newLAN(t)
		a, b := newHost(t, anna, nil), newHost(t, ben, nil)
		for _, h := range []*host{a, b} {
			net.plug(h, "e0")
			h.run("ip", "link", "set", "e0", "addrgenmode", "none")
		}
		a.run("ip", "addr", "add", "fe80::1/64", "dev", "e0", "nodad")
		b.run("ip", "addr", "add", "fe80::2/64", "dev", "e0", "nodad")
		a.run("ip", "link", "set", "e0", "up")
		b.run("ip", "link", "set", "e0", "up")
		a.say("start")
		b.say("start")
		a.sees(benTag, "[fe80::2%e0]:4002")
		b.sees(annaTag, "[fe80::1%e0]:4001")
	})
	t.Run("IPv4", func(t *testing.T) {
		net := newLAN(t)
		a, b := newHost(t, anna, nil), newHost(t, ben, nil)
		for i, h := range []*host{a, b} {
			h.run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
			net.plug(h, "e0")
			h.up("e0", []string{"10.77.0.1/24", "10.77.0.2/24"}[i])
			h.say("start")
		}
		a.sees(benTag, "10.77.0.2:4002")
		b.sees(annaTag, "10.77.0.1:4001")
	})
}

// A process that was killed said no goodbye; its successor's new port must
// still be reported at once, though neighbours remember the old one.
func TestRestartWithAnotherPort(t *testing.T) {
	net := newLAN(t)
	a, b := newHost(t, anna, nil), newHost(t, hostConfig{}, nil)
	net.plug(a, "e0")
	net.plug(b, "e0")
	a.up("e0", "10.77.0.1/24")
	b.up("e0", "10.77.0.2/24")
	a.say("start")
	first := newHost(t, ben, b)
	first.say("start")
	a.sees(benTag, "10.77.0.2:4002")
	first.kill()
	second := newHost(t, hostConfig{benTag, "Ben", 4009}, b)
	began := second.say("start")
	at := a.sees(benTag, "10.77.0.2:4009")
	t.Logf("new port after %v", at.At.Sub(began))
}

// Someone without IPv4 and those who have both find one another.
func TestAMixedNetwork(t *testing.T) {
	net := newLAN(t)
	a, b := newHost(t, anna, nil), newHost(t, ben, nil)
	for i, h := range []*host{a, b} {
		net.plug(h, "e0")
		h.run("ip", "link", "set", "e0", "addrgenmode", "none")
		h.run("ip", "addr", "add", []string{"fe80::1/64", "fe80::2/64"}[i], "dev", "e0", "nodad")
	}
	a.run("ip", "addr", "add", "10.77.0.1/24", "dev", "e0")
	a.run("ip", "link", "set", "e0", "up")
	b.run("ip", "link", "set", "e0", "up")
	a.say("start")
	b.say("start")
	a.sees(benTag, "[fe80::2%e0]:4002")
	b.sees(annaTag, "[fe80::1%e0]:4001")
}
