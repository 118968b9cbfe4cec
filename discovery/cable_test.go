package discovery

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"
)

// cable joins simulated hosts, in the time of a synctest bubble. A packet takes
// a millisecond and is lost by chance, for each hearer apart.
type cable struct {
	t     *testing.T
	began time.Time

	mu    sync.Mutex
	loss  float64
	walls bool // firewalls let in port 5353 alone
	ports map[*simPort]bool
	next  uint16
	diary []entry
}

// entry is a packet as it was sent.
type entry struct {
	at     time.Duration
	family family
	from   netip.AddrPort
	to     netip.AddrPort // the group, if it is invalid
	msg    *dns.Msg
	size   int
}

func (e entry) String() string {
	kind := "says"
	switch {
	case !e.msg.Response:
		kind = "asks"
	case len(e.msg.Answer) > 0 && e.msg.Answer[0].Header().Ttl == 0:
		kind = "takes back"
	}
	if e.to.IsValid() {
		kind += " alone"
	}
	return fmt.Sprintf("%v %s over %v", e.from.Addr(), kind, e.family)
}

// simHost is a machine on cables, with a Finder.
type simHost struct {
	*Finder
	cable  *cable
	mu     sync.Mutex
	ifaces []candidate
	fail   error // of open
	deaf   bool
	known  map[string]Hint
	events []string
	begun  time.Time
	seenAt map[string]time.Duration // since begun
	cancel context.CancelFunc
	done   chan struct{}
}

// simPort is a socket of a host's.
type simPort struct {
	host   *simHost
	id     portID
	family family
	group  netip.AddrPort // our address and 5353
	own    netip.AddrPort
	heard  chan<- datagram
}

// simulate runs script and checks that nothing stays behind.
func simulate(t *testing.T, script func(c *cable)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := &cable{t: t, began: time.Now(), ports: map[*simPort]bool{}, next: 40000}
		script(c)
		synctest.Wait()
		if len(c.ports) != 0 {
			t.Errorf("%d open sockets are left", len(c.ports))
		}
	})
}

// host makes a machine; it does nothing yet.
func (c *cable) host(cfg Config, ifaces ...candidate) *simHost {
	c.t.Helper()
	if cfg.Port == 0 {
		cfg.Port = 4000
	}
	f, err := New(cfg)
	if err != nil {
		c.t.Fatal(err)
	}
	h := &simHost{Finder: f, cable: c, ifaces: ifaces, known: map[string]Hint{}, seenAt: map[string]time.Duration{}}
	f.wire, f.scan = h, h.candidates
	return h
}

func (h *simHost) candidates() ([]candidate, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ifaces, nil
}

func (h *simHost) start() {
	ctx, cancel := context.WithCancel(context.Background())
	h.cancel, h.done, h.begun = cancel, make(chan struct{}), time.Now()
	go func() {
		defer close(h.done)
		if err := h.Run(ctx, h.note); err != nil {
			h.cable.t.Errorf("Run: %v", err)
		}
	}()
}

func (h *simHost) note(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	verb := "found"
	if e.Gone {
		verb = "gone"
		delete(h.known, e.Hint.Tag)
	} else {
		h.known[e.Hint.Tag] = e.Hint
		if _, old := h.seenAt[e.Hint.Tag]; !old {
			h.seenAt[e.Hint.Tag] = time.Since(h.begun)
		}
	}
	h.events = append(h.events, fmt.Sprintf("%s %s at %v", verb, e.Hint.Addrs[0].Addr(), time.Since(h.cable.began).Truncate(time.Second)))
}

func (h *simHost) stop() {
	h.cancel()
	<-h.done
}

// do changes the host while it runs.
func (h *simHost) do(change func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change()
}

func (h *simHost) told() string {
	synctest.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.events, ", ")
}

func (h *simHost) knows() int {
	synctest.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.known)
}

// vanish cuts a host off, so that its goodbyes are not heard.
func (h *simHost) vanish() {
	c := h.cable
	c.mu.Lock()
	for p := range c.ports {
		if p.host == h {
			delete(c.ports, p)
		}
	}
	c.mu.Unlock()
	h.stop()
}

func (h *simHost) open(_ context.Context, l link, f family, heard chan<- datagram) (socket, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fail != nil {
		return nil, h.fail
	}
	c := h.cable
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next++
	addr := l.addrs[f][0]
	p := &simPort{
		host: h, id: portID{l.iface.Index, f}, family: f, heard: heard,
		group: netip.AddrPortFrom(addr, mdnsPort), own: netip.AddrPortFrom(addr, c.next),
	}
	c.ports[p] = true
	return p, nil
}

func (p *simPort) close() {
	p.host.cable.mu.Lock()
	defer p.host.cable.mu.Unlock()
	delete(p.host.cable.ports, p)
}

func (p *simPort) send(k packet) error {
	c := p.host.cable
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ports[p] {
		return nil // cut off
	}
	from := p.group
	if k.oneShot {
		from = p.own
	}
	c.write(p.family, from, k.to, k.data, p)
	return nil
}

// write notes a packet and brings it to those who hear it. The lock is held.
func (c *cable) write(f family, from, to netip.AddrPort, data []byte, sender *simPort) {
	msg := new(dns.Msg)
	if err := msg.Unpack(data); err == nil {
		c.diary = append(c.diary, entry{time.Since(c.began), f, from, to, msg, len(data)})
	}
	for q := range c.ports {
		switch {
		case q.family != f || to.IsValid() && q.group != to && (q.own != to || c.walls):
		case q == sender && q.host.deaf:
		case q != sender && rand.Float64() < c.loss:
		default:
			time.AfterFunc(time.Millisecond, func() {
				select {
				case q.heard <- datagram{q.id, from, data}:
				default:
				}
			})
		}
	}
}

// say lets a stranger speak who is no Finder.
func (c *cable) say(from string, data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.write(overIPv4, netip.MustParseAddrPort(from), netip.AddrPort{}, data, nil)
}

// entries returns what was sent since a moment and fits, then forgets it.
func (c *cable) entries(fits string) []entry {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(c.diary), func(e entry) bool { return !strings.Contains(e.String(), fits) })
}

func (c *cable) forget() {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.diary = nil
}

// crowd are n hosts on one network.
func (c *cable) crowd(n int) []*simHost {
	var hosts []*simHost
	for i := range n {
		hosts = append(hosts, c.host(
			Config{Tag: fmt.Sprintf("%016x", i+1), Name: fmt.Sprint("Host ", i)},
			fakeCandidate(2, "e0", lan0, fmt.Sprintf("10.0.%d.%d/16", i/200, i%200+1)),
		))
	}
	return hosts
}

var errTaken = errors.New("port taken")
