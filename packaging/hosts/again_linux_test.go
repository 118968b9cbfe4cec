package hosts

import (
	"strings"
	"testing"
	"time"

	"starling/packaging/lab"
)

// two is two hosts that come to share a space with one document.
type two struct {
	t    *testing.T
	a, b *host
	doc  string
	text string
}

func newTwo(t *testing.T, n *network) *two {
	t.Helper()
	return &two{t: t, a: n.newHost("Anna", lab.Program(t), 1), b: n.newHost("Bo", lab.Program(t), 2)}
}

func (w *two) serve() {
	w.t.Helper()
	w.a.serve()
	w.b.serve()
}

// pair makes them share a space.
func (w *two) pair() {
	w.t.Helper()
	space := w.a.Line("space", "new", "Notes")
	w.doc = w.a.Line("doc", "new", space, "--title", "Plan")
	w.text = "# Plan\n"
	lab.Pair(w.a.Home, w.b.Home, space)
	w.arrives(w.b)
}

// arrives waits until h has the text, and returns how long.
func (w *two) arrives(h *host) time.Duration {
	w.t.Helper()
	return lab.Eventually(w.t, "the text arrives at "+h.Name, func() bool {
		text, _ := h.Cat(w.doc)
		return text == w.text
	})
}

// connected waits until both say that they are connected, and that edits of
// both arrive. It returns how long the former took.
func (w *two) connected() time.Duration {
	w.t.Helper()
	took := lab.Eventually(w.t, "both are connected", func() bool {
		return w.a.ConnectedTo(w.b.Home) && w.b.ConnectedTo(w.a.Home)
	})
	w.edit(w.a, w.b)
	w.edit(w.b, w.a)
	return took
}

// edit writes on one and waits until it is on the other. It returns how long
// that took.
func (w *two) edit(from, to *host) time.Duration {
	w.t.Helper()
	line := from.Name + " writes\n"
	from.Must("edit", w.doc, "--at", "0", "--insert", line)
	w.text = line + w.text
	return w.arrives(to)
}

func TestAKilledPeerIsFoundAgain(t *testing.T) {
	need(t)
	t.Parallel()
	w := newTwo(t, newNetwork(t))
	w.serve()
	w.pair()
	w.connected()
	w.b.peer.Kill()
	w.edit(w.a, w.a)
	w.b.serve()
	t.Logf("connected %v after it served again", w.connected().Round(time.Millisecond))
}

// A computer gets another address while its peer runs, and while it does not.
func TestAChangedAddressIsFound(t *testing.T) {
	need(t)
	t.Parallel()
	w := newTwo(t, newNetwork(t))
	w.a.withoutIPv6()
	w.b.withoutIPv6()
	w.serve()
	w.pair()
	w.connected()
	for i, h := range []*host{w.a, w.b} { // one of them dialled the other
		h.address(7 + i)
		took := w.edit(w.a, w.b) + w.edit(w.b, w.a)
		t.Logf("edits arrive %v after %s's address changed", took.Round(time.Millisecond), h.Name)
	}

	w.b.peer.Stop()
	w.b.address(9)
	w.edit(w.a, w.a)
	w.b.serve()
	t.Logf("connected %v after a start at another address", w.connected().Round(time.Millisecond))
	if at := w.a.Peers()["Bo"].Address; !strings.HasPrefix(at, "10.77.0.9:") {
		t.Errorf("Anna has Bo at %s", at)
	}
}

// Where the network carries no multicast, an address that a person types
// brings two together, and it is dialled again later.
func TestTypedAddressWithoutMulticast(t *testing.T) {
	need(t, "nft")
	t.Parallel()
	w := newTwo(t, newNetwork(t))
	for _, h := range []*host{w.a, w.b} {
		h.space.feed(dropMulticast, "nft", "-f", "-")
	}
	w.serve()
	address := w.b.peer.Listen[0]
	if !strings.HasPrefix(address, "10.77.0.2:") {
		t.Fatalf("Bo listens on %q", w.b.peer.Listen)
	}
	w.a.Must("connect", address)
	for _, h := range []*host{w.a, w.b} {
		for name, n := range h.Peers() {
			if n.Nearby {
				t.Fatalf("%s finds %s without multicast", h.Name, name)
			}
		}
	}
	w.pair()
	w.connected()

	w.b.peer.Kill()
	w.edit(w.a, w.a)
	w.b.serve()
	if w.b.peer.Listen[0] != address {
		t.Fatalf("Bo listened on %s and listens on %s", address, w.b.peer.Listen[0])
	}
	t.Logf("connected %v after Bo served again", w.connected().Round(time.Millisecond))

	w.a.peer.Stop()
	w.edit(w.b, w.b)
	w.a.serve()
	t.Logf("connected %v after Anna served again", w.connected().Round(time.Millisecond))
}

// dropMulticast leaves only packets for one receiver.
const dropMulticast = `
table inet quiet {
	chain in { type filter hook input priority 0; ip daddr 224.0.0.0/4 drop; ip6 daddr ff00::/8 udp dport 5353 drop; }
	chain out { type filter hook output priority 0; ip daddr 224.0.0.0/4 drop; ip6 daddr ff00::/8 udp dport 5353 drop; }
}
`
