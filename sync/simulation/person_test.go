package simulation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"starling/crdt"
	"starling/crdt/store"
	"starling/crdt/store/memory"
	"starling/sync/identity"
	"starling/sync/peer"
	"starling/sync/transport"
)

// person is one device and who sits at it.
type person struct {
	w    *world
	name string
	id   *identity.Identity
	addr netip.AddrPort
	disk *memory.Disk
	home string // of an SQLite store
	// ahead is how much the clock is, in nanoseconds.
	ahead atomic.Int64
	// image is what the disk held at some time, nil for none.
	image *memory.Disk

	// while it is up
	*peer.Peer
	store *memory.Store
	sql   *store.Store // in place of it, with real QUIC
	where *place
	stop  context.CancelFunc
	ran   chan error
	docs  map[crdt.DocID]*peer.Doc // those that are on a screen
}

// place is a network as one person's peer sees it: the endpoint that it opened
// can be killed.
type place struct {
	*network
	mu   sync.Mutex
	open *endpoint // nil before it was
}

func (pl *place) Listen(c transport.Config, addr string) (peer.Endpoint, error) {
	e, err := pl.listen(c, addr)
	if err != nil {
		return nil, err
	}
	pl.mu.Lock()
	defer pl.mu.Unlock()
	pl.open = e
	return e, nil
}

func (pl *place) kill() {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	if pl.open != nil {
		pl.open.kill()
	}
}

// newPerson makes one more person, with a device of their own.
func (w *world) newPerson() *person {
	id, err := identity.New()
	if err != nil {
		w.t.Fatal(err)
	}
	n := len(w.people)
	p := &person{
		w: w, name: fmt.Sprintf("P%d", n), id: id, disk: &memory.Disk{},
		addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(n / 250), byte(1 + n%250)}), 7000),
	}
	w.people = append(w.people, p)
	return p
}

// holds is what is committed on the person's disk.
func (p *person) holds() home {
	if p.w.ether != nil {
		return sqlHome{p.w, p.sql}
	}
	return p.disk.Committed()
}

func (p *person) up() bool { return p.Peer != nil }

// now is what the clock says. It can jump, and measures nothing.
func (p *person) now() time.Time { return time.Now().Round(0).Add(time.Duration(p.ahead.Load())) }

// open opens the peer, without the network.
func (p *person) open() {
	p.w.t.Helper()
	c := peer.Config{
		Name: p.name, Listen: p.addr.String(), NoDiscovery: true,
		Identity: p.id, Logger: slog.New(p.w.journal.of(p.name)), Clock: p.now,
	}
	var err error
	if p.w.ether != nil {
		p.sql, err = store.Open(context.Background(), p.home, store.Options{Expand: crdt.Expand})
		c.Storage, c.Network = p.sql, ground{p.w.ether}
	} else {
		p.store, err = p.disk.Open(crdt.Expand)
		p.where = &place{network: p.w.net}
		c.Storage, c.Network = p.store, p.where
	}
	if err != nil {
		p.w.t.Fatalf("%s: %v", p.name, err)
	}
	p.Peer, err = peer.Open(context.Background(), c)
	if err != nil {
		p.w.t.Fatalf("%s: %v", p.name, err)
	}
	p.docs = map[crdt.DocID]*peer.Doc{}
}

// come opens the peer and puts it on the network.
func (p *person) come() {
	p.w.t.Helper()
	p.open()
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	p.stop, p.ran = cancel, ran
	go func(own *peer.Peer) { ran <- own.Run(ctx) }(p.Peer)
}

// leave is a clean stop. On a full disk it is none, and says so.
func (p *person) leave() error {
	for _, d := range p.docs {
		d.Close()
	}
	p.stop()
	err := errors.Join(<-p.ran, p.Close())
	p.Peer, p.docs = nil, nil
	return err
}

// crash is the death of the process, or of the power. The goroutines of the dead
// are ended, as the system would; whatever they say of it means nothing.
func (p *person) crash(power bool) {
	if p.w.ether != nil {
		p.crashHome()
		return
	}
	p.where.kill()
	p.store.Crash(power)
	_ = p.leave()
}

// write makes a random edit in a document, if it is here and may be written to.
func (p *person) write(id crdt.DocID) error {
	d := p.docs[id]
	if d == nil {
		var err error
		if d, err = p.OpenDocument(context.Background(), id); err != nil {
			return err
		}
		if p.w.rng.IntN(2) == 0 {
			p.docs[id] = d
		} else {
			defer d.Close()
		}
	}
	text, seen := d.Snapshot()
	length := len([]rune(text))
	if p.w.rng.IntN(12) == 0 {
		_, _, err := d.Undo(seen)
		return err
	}
	e := crdt.Edit{Seen: seen, At: p.w.rng.IntN(length + 1), Insert: p.w.words()}
	if p.w.rng.IntN(3) == 0 {
		e.Delete = p.w.rng.IntN(min(length-e.At, 12) + 1)
	}
	_, _, err := d.Edit(e)
	return err
}

// meet dials another person's address, as somebody who types it does.
func (p *person) meet(other *person) {
	own, w := p.Peer, p.w
	w.tasks.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if _, err := own.Connect(ctx, other.addr.String()); err != nil {
			w.log("%s does not meet %s: %v", p.name, other.name, err) // the other may be gone
		}
	})
}
