package simulation

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing/synctest"
	"time"

	"github.com/quic-go/quic-go/testutils/simnet"

	"starling/crdt"
	"starling/crdt/store"
	"starling/sync/peer"
	"starling/sync/transport"
)

// ether carries the packets of real QUIC endpoints, if the network that it belongs
// to is whole and the weather lets them pass.
type ether struct {
	simnet.PerfectRouter
	net  *network
	mu   sync.Mutex
	rng  *rand.Rand
	dead map[netip.AddrPort]bool // no packet of theirs is carried
}

func (e *ether) SendPacket(p simnet.Packet) error {
	from, to := p.From.(*net.UDPAddr).AddrPort(), p.To.(*net.UDPAddr).AddrPort()
	e.net.mu.Lock()
	loss := e.net.weather.loss
	e.net.mu.Unlock()
	ok, _ := e.net.reachable(from, to)
	e.mu.Lock()
	lost := e.rng.Float64() < loss || e.dead[from] || e.dead[to]
	e.mu.Unlock()
	if !ok || lost {
		return nil
	}
	_ = e.PerfectRouter.SendPacket(p) // to nobody: as on any network
	return nil
}

// silence has a host send and receive nothing any more, or again.
func (e *ether) silence(at netip.AddrPort, dead bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.dead == nil {
		e.dead = map[netip.AddrPort]bool{}
	}
	e.dead[at] = dead
}

// crashHome is the death of the process: what is in its files then is what is left,
// and nothing that it says later is heard.
func (p *person) crashHome() {
	synctest.Wait() // no file is half written
	p.w.ether.silence(p.addr, true)
	left := p.w.t.TempDir()
	for _, file := range []string{store.File, store.File + "-wal"} {
		data, err := os.ReadFile(filepath.Join(p.home, file))
		if err == nil {
			err = os.WriteFile(filepath.Join(left, file), data, 0o600)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			p.w.t.Fatalf("what a crash leaves: %v", err)
		}
	}
	_ = p.leave()
	p.home = left
	p.w.ether.silence(p.addr, false)
}

// everywhere has every address on this network.
type everywhere struct{}

func (everywhere) Local(netip.Addr) bool { return true }

func (everywhere) Own(netip.Addr) bool { return false }

// ground is the network of a seed with real QUIC, as one person's peer sees it.
type ground struct{ ether *ether }

func (g ground) Listen(c transport.Config, addr string) (peer.Endpoint, error) {
	at := net.UDPAddrFromAddrPort(netip.MustParseAddrPort(addr))
	g.ether.net.mu.Lock()
	latency := g.ether.net.weather.latency
	g.ether.net.mu.Unlock()
	links := &simnet.Simnet{Router: g.ether}
	socket := links.NewEndpoint(at, simnet.NodeBiDiLinkSettings{Latency: max(latency, time.Millisecond)})
	if err := links.Start(); err != nil {
		return nil, err
	}
	c.Links = everywhere{}
	e, err := transport.ListenOn(c, socket)
	if err != nil {
		return nil, errors.Join(err, socket.Close(), links.Close())
	}
	return &grounded{peer.QUIC(e), func() error {
		g.ether.RemoveNode(at)
		return links.Close()
	}}, nil
}

// grounded is an endpoint that takes its link away with it.
type grounded struct {
	peer.Endpoint
	after func() error
}

func (g *grounded) Close() error { return errors.Join(g.Endpoint.Close(), g.after()) }

// home is what a person's disk holds.
type home interface {
	Documents() []crdt.DocID
	Vector(crdt.DocID) crdt.Vector
	Changes(crdt.DocID) []crdt.Change
	Beside(crdt.DocID) []crdt.Change // a document: they do not count now
	Devices(crdt.DocID) map[crdt.ActorID][32]byte
	Statements(space [32]byte) []store.Statement
	Asides() []store.Aside
}

// sqlHome is an SQLite store that is open.
type sqlHome struct {
	w     *world
	store *store.Store
}

func (h sqlHome) must(err error) {
	if err != nil && !errors.Is(err, store.ErrNoDocument) {
		h.w.t.Errorf("read a store: %v", err)
	}
}

func (h sqlHome) Documents() []crdt.DocID {
	all, err := h.store.Documents(context.Background(), h.w.space)
	h.must(err)
	var ids []crdt.DocID
	for _, d := range all {
		ids = append(ids, d.ID)
	}
	return ids
}

func (h sqlHome) Vector(doc crdt.DocID) crdt.Vector { return h.store.Committed(doc) }

func (h sqlHome) Changes(doc crdt.DocID) (all []crdt.Change) {
	h.must(h.store.ChangesSince(context.Background(), doc, nil, func(c crdt.Change) error {
		all = append(all, c)
		return nil
	}))
	return all
}

func (h sqlHome) Beside(doc crdt.DocID) []crdt.Change {
	beside, _, err := h.store.Beside(context.Background(), doc)
	h.must(err)
	return beside
}

func (h sqlHome) Devices(doc crdt.DocID) map[crdt.ActorID][32]byte {
	devices, err := h.store.ActorDevices(context.Background(), doc)
	h.must(err)
	return devices
}

func (h sqlHome) Statements(space [32]byte) []store.Statement {
	all, err := h.store.Statements(context.Background(), space)
	h.must(err)
	return all
}

func (h sqlHome) Asides() []store.Aside {
	all, err := h.store.Asides(context.Background())
	h.must(err)
	return all
}
