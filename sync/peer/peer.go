package peer

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"starling/crdt"
	"starling/sync/identity"
	"starling/sync/names"
	"starling/sync/protocol"
)

// Settings in the store.
const (
	keyName   = "name"
	keyColour = "colour"
	keyPort   = "port"
)

// Peer is this device at work.
type Peer struct {
	config Config
	log    *slog.Logger
	id     *identity.Identity
	store  Storage
	hub    hub
	run    [16]byte // drawn at each start
	docs   registry
	upkeep upkeep
	// splits are the forks that were seen here, and forkWork what is to be done there.
	splits   splits
	forkWork forkWork
	behind   catcher
	room     room
	// reached and holdings have locks of their own.
	reached  reached
	hearsay  hearsay
	holdings holdings
	arriving arriving
	// bounds say with whom on the network the peer speaks.
	bounds bounds
	harm   harm
	// background are short tasks that touch the store, ended by Close.
	background sync.WaitGroup
	asides     asides

	claimStore rowLock // held while claims are stored; outside mu

	cursorMu sync.Mutex // outside mu and the documents' own
	cursors  map[crdt.DocID]map[DeviceID]*cursor

	mu       sync.Mutex
	named    bool
	me       Person
	spaces   map[SpaceID]*space
	people   map[DeviceID]*person
	pairings []*pairing // in the order in which they began
	lastKey  uint64     // of pairings
	joins    map[*joining]struct{}
	claims   map[DeviceID]*newDevice // of devices whose they are, by those
	asks     []*asking
	forms    map[string]names.Form // see formLocked
	// pairGuard slows down those whose attempts to pair fail.
	pairGuard pairGuard
	net       *network
}

// Open opens the home, and makes one if told to. It takes the home's lock; the
// peer has no network until Run.
func Open(ctx context.Context, c Config) (*Peer, error) {
	p := &Peer{
		config: c, log: c.Logger,
		spaces:  make(map[SpaceID]*space),
		people:  make(map[DeviceID]*person),
		cursors: make(map[crdt.DocID]map[DeviceID]*cursor),
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if _, err := rand.Read(p.run[:]); err != nil {
		return nil, fmt.Errorf("open the peer: %w", err)
	}
	if err := p.openStorage(ctx); err != nil {
		return nil, err
	}
	if err := p.load(ctx); err != nil {
		return nil, errors.Join(err, p.store.Close())
	}
	p.docs.init(p)
	p.upkeep.start(p)
	p.behind.start(p)
	return p, nil
}

// load reads what the store holds, under the home's lock.
func (p *Peer) load(ctx context.Context) error {
	var err error
	if p.id, err = p.loadIdentity(ctx); err != nil {
		return err
	}
	p.me.ID = p.id.ID()
	if err := p.loadMe(ctx); err != nil {
		return err
	}
	if err := p.loadBounds(ctx); err != nil {
		return err
	}
	if err := p.loadPeople(ctx); err != nil {
		return err
	}
	if err := p.loadClaims(ctx); err != nil {
		return err
	}
	if err := p.loadSplits(ctx); err != nil {
		return err
	}
	if err := p.loadSpaces(ctx); err != nil {
		return err
	}
	return p.loadDamage(ctx)
}

func (p *Peer) loadMe(ctx context.Context) error {
	name, err := p.store.Get(ctx, keyName)
	if err != nil {
		return err
	}
	colour, err := p.store.Get(ctx, keyColour)
	if err != nil {
		return err
	}
	p.named = len(name) > 0
	p.me.Name, p.me.Colour = string(name), string(colour)
	if p.named && p.me.Colour != "" {
		return nil
	}
	if p.me.Colour == "" {
		p.me.Colour = cleanColour(p.config.Colour)
	}
	if p.me.Colour == "" {
		p.me.Colour = colourFor(p.me.ID)
	}
	if p.named || p.config.Name == "" {
		return nil
	}
	return p.SetMe(ctx, p.config.Name, p.me.Colour)
}

// colours are those of the look, for a person who has not chosen one.
var colours = [...]string{
	"#1F6F78", "#3867B7", "#7A4FB5", "#B4436C", "#A23B3B", "#B2621B", "#5B6B1E", "#2E7D5B",
}

func colourFor(id DeviceID) string { return colours[int(id[0])%len(colours)] }

// now is what the machine's clock says, which may be wrong and jump.
func (p *Peer) now() time.Time {
	if p.config.Clock != nil {
		return p.config.Clock()
	}
	return time.Now()
}

// ID names this device.
func (p *Peer) ID() DeviceID { return p.id.ID() }

// Me is the person here.
func (p *Peer) Me() Person {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.me
}

// Named reports whether the person here has given a name.
func (p *Peer) Named() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.named
}

// SetMe gives the person here a name and a colour ("#RRGGBB") and tells the
// neighbours.
func (p *Peer) SetMe(ctx context.Context, name, colour string) error {
	name, colour = CleanName(name), cleanColour(colour)
	if name == "" {
		return fmt.Errorf("set the name: %w", ErrBadName)
	}
	if colour == "" {
		colour = p.Me().Colour
	}
	if err := p.store.Set(ctx, keyName, []byte(name)); err != nil {
		return err
	}
	if err := p.store.Set(ctx, keyColour, []byte(colour)); err != nil {
		return err
	}
	p.mu.Lock()
	p.me.Name, p.me.Colour, p.named = name, colour, true
	n := p.net
	p.mu.Unlock()
	if n != nil {
		n.renamed()
	}
	p.hub.emit(PeersChanged{})
	return nil
}

// Profile is what sessions say of us.
func (p *Peer) Profile() protocol.Profile {
	me := p.Me()
	return protocol.Profile{Name: me.Name, Colour: me.Colour, Run: p.run}
}

// Close commits everything, marks the clean stop and leaves the home. Run must
// have returned. What the disk does not take is lost, and named by the error.
func (p *Peer) Close() error {
	p.behind.stop()
	p.upkeep.stop()
	lost := p.docs.close()
	p.background.Wait()
	if err := errors.Join(lost, p.store.Close()); err != nil {
		return fmt.Errorf("close the peer: %w", err)
	}
	return nil
}

// Status says how the peer is.
func (p *Peer) Status(ctx context.Context) (Status, error) {
	p.mu.Lock()
	st := Status{
		ID: p.me.ID, Name: p.me.Name, Home: p.config.Home,
		Running: p.net != nil, Spaces: len(p.spaces),
	}
	n := p.net
	var spaces []SpaceID
	for id := range p.spaces {
		spaces = append(spaces, id)
	}
	p.mu.Unlock()
	for _, id := range spaces {
		docs, err := p.store.Documents(ctx, id)
		if err != nil {
			return Status{}, err
		}
		st.Documents += len(docs)
	}
	behind, err := p.store.Behind(ctx)
	if err != nil {
		return Status{}, err
	}
	st.Behind = len(behind) + len(p.behind.remaining(behind))
	st.Far, st.Invisible = p.Allowed(), p.Invisible()
	if n != nil {
		n.describe(&st)
	}
	if full := p.docs.storing(); full != "" {
		st.Problem = full // before what concerns the network: words may be lost
	}
	return st, nil
}

// upkeep does what comes round: search texts, idle documents, stopped ones.
type upkeep struct {
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{}
	wake   chan struct{}
}

const upkeepInterval = time.Second

func (u *upkeep) start(p *Peer) {
	ctx, cancel := context.WithCancel(context.Background())
	u.ctx, u.cancel = ctx, cancel
	u.done, u.wake = make(chan struct{}), make(chan struct{}, 1)
	go func() {
		defer close(u.done)
		tick := time.NewTicker(upkeepInterval)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			case <-u.wake:
			}
			p.docs.tend(ctx)
			p.tendForks(ctx)
			p.storeOwed(ctx)
		}
	}()
}

// nudge has the work done now.
func (u *upkeep) nudge() {
	select {
	case u.wake <- struct{}{}:
	default:
	}
}

func (u *upkeep) stop() {
	u.cancel()
	<-u.done
}
